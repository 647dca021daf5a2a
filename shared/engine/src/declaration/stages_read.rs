//! Where what an action reads was made: so that nothing else has to be looked up before it starts.

use std::collections::BTreeSet;

use super::{ActionDeclaration, PipelineDeclaration};
use crate::variables::references;

impl PipelineDeclaration {
    /// The stages, by index, with an action that makes an input artifact of `action`, or whose output variables
    /// `action` refers to.
    pub fn stages_read_by(&self, action: &ActionDeclaration) -> BTreeSet<usize> {
        let references = references(action).into_iter().filter_map(|(_, reference)| reference.ok());
        let namespaces: BTreeSet<String> = references.map(|reference| reference.namespace).collect();
        let inputs: BTreeSet<&str> = action.input_artifacts().iter().map(|input| &*input.name).collect();
        let is_read = |made: &ActionDeclaration| {
            made.namespace.as_ref().is_some_and(|namespace| namespaces.contains(namespace))
                || made.output_artifacts().iter().any(|output| inputs.contains(&*output.name))
        };
        let stages = self.stages.iter().enumerate();
        stages.filter(|(_, stage)| stage.actions.iter().any(is_read)).map(|(index, _)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_stages_whose_artifacts_or_variables_are_named_are_read() {
        let source = json!({ "name": "Source", "actions": [
            { "name": "Fetch", "namespace": "Fetched", "outputArtifacts": [{ "name": "Code" }],
              "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "S3", "version": "1" } }] });
        let approval = json!({ "name": "Approve", "actions": [
            { "name": "Ask", "namespace": "Asked",
              "actionTypeId": { "category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1" } }] });
        let reads = |inputs: &[&str], configuration: serde_json::Value, commands: &[&str]| {
            let inputs: Vec<_> = inputs.iter().map(|name| json!({ "name": name })).collect();
            let read = json!({
                "name": "Read", "inputArtifacts": inputs, "configuration": configuration, "commands": commands,
                "actionTypeId": { "category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1" } });
            let pipeline = json!({ "name": "p", "roleArn": "r", "stages": [
                source, approval, { "name": "Read", "actions": [read] }] });
            let pipeline: PipelineDeclaration = serde_json::from_value(pipeline).expect("a declaration");
            let stages = pipeline.stages_read_by(&pipeline.stages[2].actions[0]);
            stages.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(reads(&[], json!({}), &["echo #{variables.A}"]), [] as [usize; 0]);
        assert_eq!(reads(&["Code"], json!({}), &[]), [0]);
        assert_eq!(reads(&[], json!({}), &["echo #{Fetched.CommitId}"]), [0]);
        assert_eq!(reads(&["Code"], json!({ "Message": "#{Asked.Summary}" }), &[]), [0, 1]);
    }
}
