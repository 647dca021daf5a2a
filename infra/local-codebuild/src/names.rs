//! Names, ids and ARNs of projects and builds. Pure.

use local_service::ApiError;

use crate::error;

/// What CodeBuild allows: 2 to 150 letters, digits, `-` and `_`. So a name is also a safe file name.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=150;

pub fn check_project_name(name: &str) -> Result<(), ApiError> {
    let is_start = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    let is_rest = |other: char| other.is_ascii_alphanumeric() || other == '-' || other == '_';
    if is_start && name.chars().all(is_rest) && NAME_LENGTH.contains(&name.len()) {
        return Ok(());
    }
    Err(error::invalid(format!(
        "Project name {name:?} is not valid: use 2 to 150 letters, digits, - and _, starting with a letter \
         or digit"
    )))
}

/// The parts of `project:uuid`, or of the ARN of a build or a batch. `None`: no such id can exist.
pub fn parse_build_id(text: &str) -> Option<(&str, &str)> {
    let id = if text.starts_with("arn:") { text.split_once('/')?.1 } else { text };
    let (project, uuid) = id.split_once(':')?;
    let is_uuid = uuid.len() == 36 && uuid.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    (is_uuid && check_project_name(project).is_ok()).then_some((project, uuid))
}

/// `bucket/key`, or the same as an ARN (`arn:aws:s3:::bucket/key`).
pub fn parse_object(location: &str) -> Option<(&str, &str)> {
    let plain = location.strip_prefix("arn:aws:s3:::").unwrap_or(location);
    let (bucket, key) = plain.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

/// The artifact or source identifier that becomes part of a variable's name and a directory's. CodeBuild takes no
/// hyphens; CodePipeline's artifacts have them in their names, and builds of pipelines are identified by those.
pub fn check_identifier(identifier: &str) -> Result<(), ApiError> {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !identifier.is_empty() && identifier.len() < 128 && identifier.chars().all(is_valid) {
        return Ok(());
    }
    Err(error::invalid(format!("Identifier {identifier:?} is not valid: use letters, digits, _ and -")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_can_exist_are_taken_apart() {
        let uuid = "8745a7a9-c340-456a-9166-edf953571bee";
        let id = format!("my-project:{uuid}");
        let arn = format!("arn:aws:codebuild:us-east-1:000000000000:build/{id}");
        assert_eq!(parse_build_id(&id), Some(("my-project", uuid)));
        assert_eq!(parse_build_id(&arn), Some(("my-project", uuid)));
        let wrong = ["", "x", "my-project", "my-project:1", "../../etc:8745a7a9", &format!("../x:{uuid}")];
        for text in wrong {
            assert_eq!(parse_build_id(text), None, "{text}");
        }
        let wrong = format!("my-project:{}", uuid.replace('8', "/"));
        assert_eq!(parse_build_id(&wrong), None);
    }

    #[test]
    fn an_object_is_a_bucket_and_a_key() {
        assert_eq!(parse_object("b/k/e.zip"), Some(("b", "k/e.zip")));
        assert_eq!(parse_object("arn:aws:s3:::b/k"), Some(("b", "k")));
        for wrong in ["", "b", "b/", "/k"] {
            assert_eq!(parse_object(wrong), None, "{wrong}");
        }
    }
}
