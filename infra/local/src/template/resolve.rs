//! From the text of the template to the [`Stack`].

use std::collections::BTreeMap;

use serde_json::Value;

use super::conditions;
use super::http_api::{self, HttpApis};
use super::intrinsics::{Reference, Scope};
use super::policies::{self, ManagedPolicies};
use super::properties::Properties;
use super::stack::{Stack, Surroundings};
use super::{
    TemplateError, bucket, function, globals, names, only_on_aws, parse, project, secret, state_machine,
    table,
};

/// A resource of the template, its intrinsic functions resolved.
pub(super) struct Resource {
    pub logical_id: String,
    pub reference: Reference,
    pub properties: Properties,
    pub metadata: Value,
}

/// A resource before its properties are resolved.
struct Declared {
    logical_id: String,
    kind: String,
    properties: Value,
    metadata: Value,
}

/// Understands the whole template or says what is not understood.
pub fn load(text: &str, surroundings: &Surroundings) -> Result<Stack, TemplateError> {
    let mut document = Properties::new("", parse::parse(text)?)?;
    document.only("Transform", "AWS::Serverless-2016-10-31")?;
    document.without_effect(&["AWSTemplateFormatVersion", "Description"]);
    let parameters = conditions::parameters(document.object("Parameters")?, surroundings)?;
    let mut scope = Scope { parameters, conditions: BTreeMap::new(), references: BTreeMap::new() };
    let condition_section = document.take("Conditions").unwrap_or_default();
    scope.conditions = conditions::conditions(&condition_section, &scope)?;
    let mut globals = document.object("Globals")?;
    let function_globals = globals.take("Function").unwrap_or_default();
    globals.finish()?;
    let declared = declared(document.object("Resources")?, &scope, &function_globals)?;
    scope.references = declared
        .iter()
        .map(|Declared { logical_id, kind, properties, .. }| {
            let reference = names::reference(logical_id, kind, properties, &scope, surroundings)?;
            Ok((logical_id.clone(), reference))
        })
        .collect::<Result<_, TemplateError>>()?;
    // Outputs are for people; they still must not refer to what is not there.
    scope.resolve(&document.take("Outputs").unwrap_or_default(), "Outputs")?;
    document.finish()?;
    stack(declared, &scope, surroundings)
}

/// The resources whose condition holds, with the globals in the functions.
fn declared(
    section: Properties,
    scope: &Scope,
    function_globals: &Value,
) -> Result<Vec<Declared>, TemplateError> {
    let mut resources = Vec::new();
    for (logical_id, mut resource) in section.into_objects()? {
        let kind = resource.text("Type")?;
        let own = resource.take("Properties").unwrap_or_default();
        let properties = match kind.as_str() {
            "AWS::Serverless::Function" => globals::merged(function_globals, &own),
            _ => own,
        };
        let metadata = resource.take("Metadata").unwrap_or_default();
        let exists = match resource.optional_text("Condition")? {
            None => true,
            Some(name) => *scope
                .conditions
                .get(&name)
                .ok_or_else(|| resource.error("Condition", format!("there is no condition {name}")))?,
        };
        resource.without_effect(&["DeletionPolicy", "DependsOn", "UpdateReplacePolicy"]);
        resource.finish()?;
        if exists {
            resources.push(Declared { logical_id, kind, properties, metadata });
        }
    }
    Ok(resources)
}

fn stack(
    declared: Vec<Declared>,
    scope: &Scope,
    surroundings: &Surroundings,
) -> Result<Stack, TemplateError> {
    let mut managed = ManagedPolicies::new();
    let mut resources = Vec::new();
    for Declared { logical_id, kind, properties, metadata } in declared {
        let path = format!("Resources.{logical_id}");
        let properties = scope.resolve(&properties, &format!("{path}.Properties"))?;
        let mut properties = Properties::new(format!("{path}.Properties"), properties)?;
        let reference = scope.references[&logical_id].clone();
        if kind == "AWS::IAM::ManagedPolicy" {
            let document_path = properties.path_of("PolicyDocument");
            let document = properties.require("PolicyDocument")?;
            managed.insert(reference.value, policies::document_statements(document, &document_path)?);
            properties.without_effect(&["Description", "ManagedPolicyName"]);
            properties.finish()?;
        } else {
            resources.push((kind, Resource { logical_id, reference, properties, metadata }));
        }
    }
    let mut stack = Stack {
        name: surroundings.stack_name.clone(),
        account: surroundings.account.clone(),
        functions: Vec::new(),
        state_machines: Vec::new(),
        tables: Vec::new(),
        buckets: Vec::new(),
        projects: Vec::new(),
        rules: Vec::new(),
        schedules: Vec::new(),
        streams: Vec::new(),
        routes: Vec::new(),
        secrets: Vec::new(),
    };
    let mut http_apis = HttpApis::default();
    for (kind, resource) in resources {
        if http_api::is_part(&kind) {
            http_apis.add(&kind, resource)?;
        } else {
            add(&mut stack, &kind, resource, &managed)?;
        }
    }
    stack.routes = http_apis.routes(&stack.functions)?;
    Ok(stack)
}

fn add(
    stack: &mut Stack,
    kind: &str,
    resource: Resource,
    managed: &ManagedPolicies,
) -> Result<(), TemplateError> {
    match kind {
        "AWS::Serverless::Function" => {
            let (function, triggers) = function::read(resource, managed)?;
            stack.functions.push(function);
            stack.rules.extend(triggers.rules);
            stack.schedules.extend(triggers.schedules);
            stack.streams.extend(triggers.streams);
        }
        "AWS::Serverless::StateMachine" => {
            stack.state_machines.push(state_machine::read(resource, managed)?);
        }
        "AWS::DynamoDB::Table" => stack.tables.push(table::read(resource)?),
        "AWS::S3::Bucket" => stack.buckets.push(bucket::read(resource)?),
        "AWS::CodeBuild::Project" => stack.projects.push(project::read(resource)?),
        "AWS::SecretsManager::Secret" => stack.secrets.push(secret::read(resource)?),
        kind if only_on_aws::is_resource(kind) => {}
        kind => {
            let path = format!("Resources.{}", resource.logical_id);
            return Err(TemplateError::unsupported(path, kind));
        }
    }
    Ok(())
}
