//! The `artifacts` section and its secondary artifacts.

use super::node::Node;
use super::value::{flag, mapping, notice, text, texts};
use super::{ArtifactFiles, Buildspec, BuildspecError};

pub(super) fn parse_artifacts(node: &Node, buildspec: &mut Buildspec) -> Result<(), BuildspecError> {
    let artifact = parse_files(node, buildspec)?;
    for (key, node) in mapping(node)? {
        if key == "secondary-artifacts" {
            for (identifier, node) in mapping(node)? {
                let secondary = parse_files(node, buildspec)?;
                if secondary.files.is_empty() {
                    return Err(node.error("files is missing: which files are in the artifact?"));
                }
                buildspec.secondary_artifacts.push((identifier.clone(), secondary));
            }
        }
    }
    if !artifact.files.is_empty() {
        buildspec.artifacts = Some(artifact);
    } else if buildspec.secondary_artifacts.is_empty() {
        return Err(node.error("files is missing: which files are in the artifact?"));
    }
    Ok(())
}

fn parse_files(node: &Node, buildspec: &mut Buildspec) -> Result<ArtifactFiles, BuildspecError> {
    let mut artifact = ArtifactFiles::default();
    for (key, node) in mapping(node)? {
        match key.as_str() {
            "files" => artifact.files = texts(node)?,
            "exclude-paths" => artifact.exclude_paths = texts(node)?,
            "base-directory" => artifact.base_directory = Some(text(node)?).filter(|text| !text.is_empty()),
            "discard-paths" => artifact.discard_paths = flag(node)?,
            "enable-symlinks" => artifact.enable_symlinks = flag(node)?,
            "name" => artifact.name = Some(text(node)?).filter(|text| !text.is_empty()),
            "secondary-artifacts" => {}
            "s3-prefix" => artifact.s3_prefix = Some(text(node)?).filter(|text| !text.is_empty()),
            _ => notice(buildspec, node, "is not known to CodeBuild; it is ignored"),
        }
    }
    Ok(artifact)
}
