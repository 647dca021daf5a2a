//! What the terminal says when the service is ready: where it is, and how to use it.

use std::path::Path;

use super::service_file::ServiceFile;
use crate::login::{Profile, of_data, quoted};

/// `program` is this binary, as other programs start it.
pub(super) fn greeting(service: &ServiceFile, data: &Path, program: &Path) -> String {
    let ServiceFile { endpoint, region, pid, version } = service;
    let profile = profile(service, data, program);
    let option = if data.ends_with(".pipewright/data") { String::new() } else { data_option(data) };
    format!(
        "pipewright {version} listens on {endpoint} (region {region}, process {pid})\n\
         data: {}\n\n\
         Create a pipeline:   pipewright create FILE{option}\n\
         Look at all of them: pipewright list{option}\n\n\
         With the AWS CLI and the SDKs, after `pipewright login{option}`, which writes to ~/.aws/config:\n\n{profile}\n\
         \x20 aws --profile pipewright codepipeline list-pipelines\n\n\
         Ctrl-C stops the service.\n\n",
        data.display(),
    )
}

fn data_option(data: &Path) -> String {
    format!(" --data {}", quoted(&data.display().to_string()))
}

/// A profile whose credentials renew themselves.
fn profile(service: &ServiceFile, data: &Path, program: &Path) -> String {
    let ServiceFile { endpoint, region, .. } = service.clone();
    let credential_process = of_data(program, data);
    let name = "pipewright".to_owned();
    let profile = Profile { name, region, endpoint, credential_process, is_for_all_services: true };
    profile.lines().lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_names_the_service_and_the_command_that_makes_its_credentials() {
        let service = ServiceFile {
            endpoint: "http://127.0.0.1:8787".to_owned(),
            region: "eu-west-1".to_owned(),
            pid: 7,
            version: "0.1.0".to_owned(),
        };
        let text = greeting(&service, Path::new("/home/me/my data"), Path::new("/usr/bin/pipewright"));
        for line in [
            "pipewright 0.1.0 listens on http://127.0.0.1:8787 (region eu-west-1, process 7)",
            "  endpoint_url = http://127.0.0.1:8787",
            "  credential_process = /usr/bin/pipewright credentials --data \"/home/me/my data\"",
            "  region = eu-west-1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
