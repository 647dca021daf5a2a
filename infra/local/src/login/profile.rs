//! A profile as the AWS CLI and the SDKs read it.

use std::path::Path;

/// Which service, and where keys for it come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub name: String,
    pub region: String,
    pub endpoint: String,
    /// The program that prints keys, with its arguments.
    pub credential_process: Vec<String>,
    /// On this machine every service of AWS is embedded; elsewhere only CodePipeline is the service.
    pub is_for_all_services: bool,
}

impl Profile {
    /// Uploads to S3 are signed as a whole: see `request_checksum_calculation` in the AWS SDKs and Tools reference
    /// guide.
    pub fn lines(&self) -> String {
        let Self { name, region, endpoint, .. } = self;
        let words: Vec<_> = self.credential_process.iter().map(|word| quoted(word)).collect();
        let process = words.join(" ");
        if self.is_for_all_services {
            return format!(
                "[profile {name}]\nregion = {region}\nendpoint_url = {endpoint}\ncredential_process = {process}\n\
                 request_checksum_calculation = when_required\n"
            );
        }
        format!(
            "[profile {name}]\nregion = {region}\nservices = {name}\ncredential_process = {process}\n\n\
             [services {name}]\ncodepipeline =\n  endpoint_url = {endpoint}\n"
        )
    }

    /// Whether all that reads the lines reads the same in them.
    ///
    /// # Errors
    /// What is not as it has to be.
    pub fn check(&self) -> Result<(), String> {
        let name = &self.name;
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.@+".contains(letter);
        if name == "default" {
            return Err("the profile default is every tool's; choose another name with --profile".to_owned());
        }
        if name.is_empty() || !name.chars().all(is_allowed) {
            return Err(format!("'{name}' is no name for a profile: it has A-Z a-z 0-9 and -_.@+"));
        }
        // One reader takes a word apart like a shell, another one is a shell, and a third knows comments.
        let harmful = |word: &&String| word.contains(['"', '\\', '$', '`', '#', ';', '\n', '\r']);
        match self.credential_process.iter().find(harmful) {
            Some(word) => {
                Err(format!("'{word}' cannot be written into a profile: it has one of \" \\ $ ` # ; in it"))
            }
            None => Ok(()),
        }
    }
}

/// What prints keys of the service that has its data in `data`.
pub(crate) fn of_data(program: &Path, data: &Path) -> Vec<String> {
    let words = [&program.display().to_string(), "credentials", "--data", &data.display().to_string()];
    words.map(str::to_owned).into()
}

/// As the AWS CLI and a shell both read it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain =
        word.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.+:=@".contains(c)) && !word.is_empty();
    if is_plain { word.to_owned() } else { format!("\"{word}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(name: &str, data: &str) -> Profile {
        Profile {
            name: name.to_owned(),
            region: "eu-west-1".to_owned(),
            endpoint: "https://pipelines.example".to_owned(),
            credential_process: of_data(Path::new("/usr/bin/pipewright"), Path::new(data)),
            is_for_all_services: false,
        }
    }

    #[test]
    fn elsewhere_only_codepipeline_is_the_service() {
        let expected = "[profile team]\n\
                        region = eu-west-1\n\
                        services = team\n\
                        credential_process = /usr/bin/pipewright credentials --data \"/home/me/my data\"\n\
                        \n\
                        [services team]\n\
                        codepipeline =\n  endpoint_url = https://pipelines.example\n";
        assert_eq!(profile("team", "/home/me/my data").lines(), expected);
    }

    #[test]
    fn what_is_read_in_two_ways_is_not_written() {
        assert_eq!(profile("team-1.a_b@c+d", "/data").check(), Ok(()));
        for name in ["", "default", "a b", "a]", "a\nb", "ä"] {
            assert!(profile(name, "/data").check().is_err(), "{name:?}");
        }
        for data in ["/a\"b", "/a$b", "/a`b`", "/a\\b", "/a #b", "/a;b", "/a\n[profile default]"] {
            assert!(profile("team", data).check().is_err(), "{data:?}");
        }
    }
}
