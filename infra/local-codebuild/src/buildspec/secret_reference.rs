//! How a buildspec and a variable of a project name a secret of Secrets Manager.

use super::SecretReference;

/// `secret-id:json-key:version-stage:version-id`, where the id is a name or an ARN, and all after it
/// may be missing or empty. `None`: there is no id.
pub fn secrets_manager_reference(text: &str) -> Option<SecretReference> {
    // An ARN has six colons of its own: arn:aws:secretsmanager:<region>:<account>:secret:<name>.
    let colons_of_id = if text.starts_with("arn:") { 6 } else { 0 };
    let end = text.match_indices(':').nth(colons_of_id).map_or(text.len(), |(at, _)| at);
    let (secret_id, rest) = text.split_at(end);
    let mut parts = rest.strip_prefix(':').unwrap_or(rest).split(':');
    let mut part = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
    let (json_key, version_stage, version_id) = (part(), part(), part());
    (!secret_id.is_empty()).then(|| SecretReference::SecretsManager {
        secret_id: secret_id.to_owned(),
        json_key,
        version_stage,
        version_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_an_id_and_up_to_three_parts() {
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:Db-aBc123";
        let cases = [
            ("Db", "Db", [None, None, None]),
            ("a/b:key", "a/b", [Some("key"), None, None]),
            ("Db:key:AWSPREVIOUS:v1", "Db", [Some("key"), Some("AWSPREVIOUS"), Some("v1")]),
            ("Db::AWSCURRENT", "Db", [None, Some("AWSCURRENT"), None]),
            ("Db:::v1", "Db", [None, None, Some("v1")]),
            (arn, arn, [None, None, None]),
            (&format!("{arn}:key::v1"), arn, [Some("key"), None, Some("v1")]),
        ];
        for (text, id, [key, stage, version]) in cases {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let expected = SecretReference::SecretsManager {
                secret_id: id.into(),
                json_key: owned(key),
                version_stage: owned(stage),
                version_id: owned(version),
            };
            assert_eq!(secrets_manager_reference(text), Some(expected), "{text}");
        }
        assert_eq!(secrets_manager_reference(":key"), None);
    }
}
