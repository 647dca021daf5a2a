//! Reading a declaration from a file, with every error that is in it.

use std::path::Path;

use aws_sdk_codepipeline::types::{PipelineDeclaration, Tag};
use engine::declaration::{Circumstances, CustomActionTypes};
use pipeline_file::{MAXIMUM_BYTES, check};

use crate::failure::Failure;
use crate::json::from_json;

/// A file without errors, as the API takes it.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub declaration: PipelineDeclaration,
    pub tags: Vec<Tag>,
}

/// Reads and checks a file; the report of its errors is coloured where errors are.
pub(crate) fn read(path: &Path, colour: bool) -> Result<File, Failure> {
    let name = path.display();
    let unreadable = |error: std::io::Error| Failure::usage(format!("{name} cannot be read: {error}"));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAXIMUM_BYTES as u64 {
        return Err(Failure::usage(format!("{name} is larger than {MAXIMUM_BYTES} bytes")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::usage(format!("{name} is not UTF-8 text (byte {at})"))
    })?;
    // The service knows its action types, and checks the declaration again.
    let circumstances =
        Circumstances { custom_action_types: CustomActionTypes::Elsewhere, ..Circumstances::default() };
    let checked = check(&name.to_string(), &text, &circumstances).map_err(|report| Failure {
        report: Some(report.render(colour).into()),
        ..Failure::usage(report.render(false))
    })?;
    let value = serde_json::to_value(&checked.declaration)
        .map_err(|error| Failure::usage(format!("{name} cannot be written as JSON: {error}")))?;
    let declaration = from_json(&value, PipelineDeclaration::deserialize)
        .map_err(|error| Failure::usage(format!("{name} is no declaration of the API: {error}")))?;
    let tags = checked.tags.iter().map(|tag| Tag::builder().key(&tag.key).value(&tag.value).build());
    let tags = tags.collect::<Result<_, _>>().map_err(|error| Failure::usage(error.to_string()))?;
    Ok(File { declaration, tags })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::json::to_json;

    fn written(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipeline.yaml");
        std::fs::write(&path, text).unwrap();
        (directory, path)
    }

    #[test]
    fn a_file_keeps_all_it_says_on_its_way_to_the_api() {
        let (_directory, path) = written(crate::tests::fixtures::DEMO);
        let file = read(&path, false).unwrap();
        let (again, path) =
            written(&serde_json::json!({ "pipeline": to_json(&file.declaration) }).to_string());
        assert_eq!(read(&path, false).unwrap().declaration, file.declaration, "{again:?}");
        let text = to_json(&file.declaration).to_string();
        for part in ["executionMode", "QUEUED", "runOrder", "#{variables.who}", "BranchName"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn errors_of_a_file_are_reported_with_their_lines() {
        let (_directory, path) = written("pipeline:\n  name: demo\n  stages: []\n");
        let failure = read(&path, false).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.report.unwrap().contains("pipeline.yaml:3"));
        assert_eq!(read(Path::new("no-such-file"), false).unwrap_err().exit, Exit::Usage);
    }
}
