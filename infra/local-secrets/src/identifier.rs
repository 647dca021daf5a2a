//! How secrets and parameters are named: names, ARNs and versions.

use local_service::ApiError;

use crate::Account;

/// The one version that there is. AWS makes an id for each; ours need only be of the right form.
pub(crate) const VERSION_ID: &str = "00000000-0000-4000-8000-000000000001";
pub(crate) const VERSION_STAGE: &str = "AWSCURRENT";

/// The characters that an ARN has after a secret's name, of which AWS draws six.
const ARN_SUFFIX: &str = "-local0";

pub(crate) fn secret_arn(account: &Account, name: &str) -> String {
    let Account { id, region } = account;
    format!("arn:aws:secretsmanager:{region}:{id}:secret:{name}{ARN_SUFFIX}")
}

pub(crate) fn parameter_arn(account: &Account, name: &str) -> String {
    let Account { id, region } = account;
    let slash = if name.starts_with('/') { "" } else { "/" };
    format!("arn:aws:ssm:{region}:{id}:parameter{slash}{name}")
}

/// The name in an id, which is a name or an ARN, complete or without its suffix.
pub(crate) fn secret_name(id: &str, is_known: impl Fn(&str) -> bool) -> Option<&str> {
    let name = id.strip_prefix("arn:").and_then(|arn| arn.splitn(6, ':').nth(5)).unwrap_or(id);
    [Some(name), name.strip_suffix(ARN_SUFFIX)].into_iter().flatten().find(|name| is_known(name))
}

/// # Errors
/// For every version but the one that there is; what is not asked for fits.
pub(crate) fn check_version(stage: Option<&str>, id: Option<&str>) -> Result<(), ApiError> {
    let missing = match (stage, id) {
        (Some(stage), _) if stage != VERSION_STAGE => format!("staging label: {stage}"),
        (_, Some(id)) if id != VERSION_ID => format!("VersionId: {id}"),
        _ => return Ok(()),
    };
    Err(ApiError::client(
        "ResourceNotFoundException",
        format!(
            "Secrets Manager can't find the specified secret value for {missing}. On this machine a secret has \
             one version, {VERSION_STAGE}"
        ),
    ))
}

/// `name`, `name:version` or `name:label`, where the name may be an ARN.
pub(crate) struct SelectedParameter<'a> {
    pub name: &'a str,
    /// With its colon, as answers have it.
    pub selector: &'a str,
}

impl<'a> SelectedParameter<'a> {
    pub fn parse(text: &'a str) -> Self {
        let text = text.trim();
        // arn:aws:ssm:<region>:<account>:parameter/<name>, where the slash is the name's when it has one.
        let arn = text.strip_prefix("arn:").and_then(|arn| arn.splitn(5, ':').nth(4));
        let text = match arn.and_then(|resource| resource.strip_prefix("parameter")) {
            Some(path) if path.matches('/').count() > 1 => path,
            Some(name) => name.trim_start_matches('/'),
            None => text,
        };
        let (name, selector) = text.split_at(text.find(':').unwrap_or(text.len()));
        Self { name, selector }
    }

    pub fn check_version(&self) -> Result<(), ApiError> {
        if ["", ":1"].contains(&self.selector) {
            return Ok(());
        }
        Err(ApiError::client(
            "ParameterVersionNotFound",
            format!(
                "Systems Manager could not find version {} of {}. On this machine a parameter has one version, 1",
                &self.selector[1..],
                self.name
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { id: "111122223333".into(), region: "eu-west-1".into() }
    }

    #[test]
    fn a_secret_is_known_by_its_name_and_its_arn_with_or_without_suffix() {
        let arn = secret_arn(&account(), "shop/database");
        for id in ["shop/database", &arn, arn.strip_suffix(ARN_SUFFIX).unwrap()] {
            assert_eq!(secret_name(id, |name| name == "shop/database"), Some("shop/database"), "{id}");
        }
        for id in ["database", "shop", "", "arn:aws:secretsmanager", &format!("{arn}x")] {
            assert_eq!(secret_name(id, |name| name == "shop/database"), None, "{id}");
        }
    }

    #[test]
    fn a_parameter_is_selected_by_name_arn_and_version() {
        for (text, name, selector) in [
            ("/shop/licence", "/shop/licence", ""),
            (" licence ", "licence", ""),
            ("/shop/licence:1", "/shop/licence", ":1"),
            ("licence:prod", "licence", ":prod"),
            ("arn:aws:ssm:eu-west-1:111122223333:parameter/shop/licence", "/shop/licence", ""),
            ("arn:aws:ssm:eu-west-1:111122223333:parameter/licence:2", "licence", ":2"),
        ] {
            let selected = SelectedParameter::parse(text);
            assert_eq!((selected.name, selected.selector), (name, selector), "{text}");
        }
        assert_eq!(
            parameter_arn(&account(), "/shop/licence"),
            "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/licence"
        );
        assert_eq!(
            parameter_arn(&account(), "licence"),
            "arn:aws:ssm:eu-west-1:111122223333:parameter/licence"
        );
    }
}
