//! The command: finds the service, tries what it will write, and writes it.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use client::{ServiceAddress, configured_region, region_of_endpoint, service_endpoint, service_keys};

use super::LoginArguments;
use super::config_file::{has_keys, with_profile};
use super::home::{Files, profile_of_process};
use super::profile::{Profile, of_data};
use super::write::Found;
use crate::cli::Exit;
use crate::credentials;
use crate::data_directory::is_open;
use crate::run::{complain, say};
use crate::up::ServiceFile;

/// Why nothing was written.
struct Refused(Exit, String);

impl Refused {
    fn new(exit: Exit, why: impl Display) -> Self {
        Self(exit, format!("error: {why}\n"))
    }
}

/// A profile, and who has it, in words.
struct Login {
    profile: Profile,
    who: String,
}

/// `pipewright login`
pub async fn login(arguments: LoginArguments) -> Exit {
    match written(&arguments).await {
        Ok(text) => {
            say(&text);
            Exit::Succeeded
        }
        Err(Refused(exit, text)) => complain(exit, &text),
    }
}

async fn written(arguments: &LoginArguments) -> Result<String, Refused> {
    let login = match &arguments.endpoint {
        Some(url) => elsewhere(arguments, url).await?,
        None => here(arguments)?,
    };
    let Login { profile, who } = login;
    let name = &profile.name;
    profile.check().map_err(|problem| Refused::new(Exit::Usage, problem))?;
    let files = Files::of_process();
    let files =
        files.ok_or_else(|| Refused::new(Exit::Usage, "there is no home; set HOME or AWS_CONFIG_FILE"))?;
    check_credentials(&files.credentials, name)?;
    let path = files.config.display();
    let io = |error: io::Error| Refused::new(Exit::Failed, format!("{path}: {error}"));
    let found = Found::at(&files.config).map_err(io)?;
    let text = with_profile(found.text().map_err(io)?, &profile, arguments.replace);
    let text = text.map_err(|conflict| Refused::new(Exit::Usage, format!("{path}: {conflict}")))?;
    found.replace(&text).map_err(io)?;
    Ok(format!(
        "the profile {name} is in {path}: {who}\n\n  aws --profile {name} codepipeline list-pipelines\n"
    ))
}

/// The service that has these data open.
fn here(arguments: &LoginArguments) -> Result<Login, Refused> {
    let data = &arguments.data;
    let missing = || {
        let message = format!(
            "no service runs with the data directory {}; start it with `pipewright up`, or say where it is with --data or \
             --endpoint",
            data.display()
        );
        Refused::new(Exit::Unreachable, message)
    };
    let service = ServiceFile::read(data).map_err(|error| Refused::new(Exit::Unreachable, error))?;
    let service = service.filter(|_| is_open(data)).ok_or_else(missing)?;
    credentials::master_key(data).map_err(|error| Refused::new(Exit::NotAllowed, error))?;
    let absolute = fs::canonicalize(data).map_err(|error| Refused::new(Exit::Failed, error))?;
    let mut credential_process = of_data(&program(), &absolute);
    for (option, value) in [("--name", &arguments.name), ("--role", &arguments.role)] {
        credential_process.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
    }
    let who = arguments.name.as_deref().unwrap_or(crate::stack::PRINCIPAL);
    let role = arguments.role.as_deref().unwrap_or(engine::permissions::ADMINISTRATOR);
    let who = format!("{who} is {role} at {}", service.endpoint);
    let profile = Profile {
        name: arguments.profile.clone(),
        region: service.region,
        endpoint: service.endpoint,
        credential_process,
        is_for_all_services: true,
    };
    Ok(Login { profile, who })
}

/// A service that gives keys to whoever has keys of AWS: it is asked for one before anything is written.
async fn elsewhere(arguments: &LoginArguments, url: &str) -> Result<Login, Refused> {
    let endpoint = service_endpoint(url).map_err(|problem| Refused::new(Exit::Usage, problem))?;
    let source_profile = arguments.source_profile.clone().unwrap_or_else(profile_of_process);
    let name = &arguments.profile;
    if source_profile == *name {
        let message = format!(
            "the profile {name} would ask itself for keys; name one that has keys of AWS with --source-profile"
        );
        return Err(Refused::new(Exit::Usage, message));
    }
    let region = match arguments.region.clone().or_else(|| region_of_endpoint(&endpoint)) {
        Some(region) => Some(region),
        None => configured_region(&source_profile).await,
    };
    let region = region
        .ok_or_else(|| Refused::new(Exit::Usage, "the service's Region is not known; give --region"))?;
    let address = ServiceAddress { endpoint, region, source_profile };
    let keys = service_keys(&address).await.map_err(|none| Refused(none.exit(), none.text()))?;
    let ServiceAddress { endpoint, region, source_profile } = address;
    let who = format!("{} is {} at {endpoint}", keys.principal, keys.role);
    let program = program().display().to_string();
    let words =
        ["credentials", "--endpoint", &endpoint, "--region", &region, "--source-profile", &source_profile];
    let credential_process = [program.as_str()].iter().chain(&words).map(|word| (*word).to_owned()).collect();
    let profile =
        Profile { name: name.clone(), region, endpoint, credential_process, is_for_all_services: false };
    Ok(Login { profile, who })
}

/// Keys there go before a `credential_process`, so the profile would not work.
fn check_credentials(path: &Path, name: &str) -> Result<(), Refused> {
    let has_keys = match fs::read(path) {
        Ok(bytes) => has_keys(&String::from_utf8_lossy(&bytes), name),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(Refused::new(Exit::Failed, format!("{}: {error}", path.display()))),
    };
    if !has_keys {
        return Ok(());
    }
    let message = format!(
        "{} has keys for the profile {name}, which the tools take before those of a service. Choose another name with \
         --profile, or remove them",
        path.display()
    );
    Err(Refused::new(Exit::Usage, message))
}

/// This binary, as other programs start it.
fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| "pipewright".into())
}
