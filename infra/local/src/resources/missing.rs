//! What a pipeline names and the file does not have, found before anything runs.

use std::collections::BTreeSet;

use engine::declaration::{ActionDeclaration, PipelineDeclaration};

use super::read::Resources;

/// A block for the file for each missing resource, in words that only need their values; empty when
/// nothing is missing. Values that hold variables are known only when the action runs.
pub fn missing(declaration: &PipelineDeclaration, resources: &Resources) -> BTreeSet<String> {
    let actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    actions.filter_map(|action| missing_of(action, resources)).collect()
}

fn missing_of(action: &ActionDeclaration, resources: &Resources) -> Option<String> {
    let value = |key: &str| action.configuration(key).filter(|value| !value.contains("#{"));
    match action.action_type_id.provider.as_str() {
        "CodeStarSourceConnection" => {
            let arn = value("ConnectionArn")?;
            let is_known = resources.connections.iter().any(|connection| connection.arn == arn);
            (!is_known).then(|| format!("connections:\n  - arn: {arn}\n    url: <a git URL or directory>"))
        }
        "CodeCommit" => {
            let name = value("RepositoryName")?;
            let is_known = resources.repositories.iter().any(|repository| repository.name == name);
            (!is_known).then(|| format!("repositories:\n  - name: {name}\n    url: <a git URL or directory>"))
        }
        "S3" => {
            let name = value("S3Bucket").or_else(|| value("BucketName"))?;
            let is_known = resources.buckets.iter().any(|bucket| bucket.name == name);
            (!is_known).then(|| format!("buckets:\n  - name: {name}\n    versioned: true"))
        }
        "CodeBuild" => {
            let name = value("ProjectName")?;
            let is_known = resources.projects.iter().any(|project| project["name"] == name);
            (!is_known)
                .then(|| format!("projects:\n  - name: {name}\n    source: {{ buildspec: buildspec.yml }}"))
        }
        "CodeDeploy" => {
            let (application, group) = (value("ApplicationName")?, value("DeploymentGroupName")?);
            let is_known = resources.applications.iter().any(|known| {
                known.name == application && known.deployment_groups.iter().any(|known| known.name == group)
            });
            (!is_known).then(|| {
                format!(
                    "applications:\n  - name: {application}\n    deploymentGroups:\n      - name: {group}\n        \
                     directories: [<a directory of this host>]"
                )
            })
        }
        "Lambda" => {
            let given = value("FunctionName")?;
            let name = given.rsplit_once(":function:").map_or(given, |(_, name)| name);
            let is_known = resources.functions.iter().any(|function| function.function_name == name);
            (!is_known).then(|| {
                format!("functions:\n  - FunctionName: {name}\n    Command: [<a program>, <its arguments>]")
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_that_nobody_declared_is_shown_as_a_block_to_paste() {
        let declaration: PipelineDeclaration = serde_json::from_value(serde_json::json!({
            "name": "p",
            "stages": [{ "name": "Build", "actions": [{
                "name": "Compile",
                "actionTypeId": { "category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1" },
                "configuration": { "ProjectName": "app" },
            }] }],
        }))
        .expect("a declaration");
        let blocks: Vec<_> = missing(&declaration, &Resources::default()).into_iter().collect();
        assert_eq!(blocks, ["projects:\n  - name: app\n    source: { buildspec: buildspec.yml }"]);
        let resources =
            Resources { projects: vec![serde_json::json!({ "name": "app" })], ..Resources::default() };
        assert!(missing(&declaration, &resources).is_empty());
    }
}
