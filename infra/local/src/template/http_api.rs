//! `AWS::ApiGatewayV2::…`, and the `AWS::Lambda::Permission` that lets API Gateway or EventBridge in: which requests
//! go to which function.
//!
//! API Gateway looks for the parts of an API by their ids when a request comes. Here they are put together when
//! the template is read, and a route that would lead nowhere on AWS is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::TemplateError;
use super::properties::Properties;
use super::resolve::Resource;
use super::stack::{Function, Route, RouteKey};

const PREFIX: &str = "AWS::ApiGatewayV2::";
const PERMISSION: &str = "AWS::Lambda::Permission";

pub(super) fn is_part(kind: &str) -> bool {
    kind.starts_with(PREFIX) || kind == PERMISSION
}

/// The parts of HTTP APIs as the template declares them. What is known of an API is kept by the API's id.
#[derive(Debug, Default)]
pub(super) struct HttpApis {
    apis: BTreeSet<String>,
    staged: BTreeSet<String>,
    integrations: BTreeMap<String, Integration>,
    routes: Vec<Declared>,
    /// Names and ARNs of functions that API Gateway may invoke, each with the ARNs that it may do so for.
    permissions: Vec<(String, String)>,
}

#[derive(Debug)]
struct Integration {
    api: String,
    function_arn: String,
}

#[derive(Debug)]
struct Declared {
    /// Where it is in the template.
    path: String,
    api: String,
    key: RouteKey,
    integration: String,
}

impl HttpApis {
    pub fn add(&mut self, kind: &str, resource: Resource) -> Result<(), TemplateError> {
        let path = format!("Resources.{}", resource.logical_id);
        match kind.strip_prefix(PREFIX) {
            Some("Api") => self.add_api(resource),
            Some("Integration") => self.add_integration(resource),
            Some("Route") => self.add_route(resource, path),
            Some("Stage") => self.add_stage(resource),
            None => self.add_permission(resource),
            Some(_) => Err(TemplateError::unsupported(path, kind)),
        }
    }

    fn add_api(&mut self, resource: Resource) -> Result<(), TemplateError> {
        let Resource { reference, mut properties, .. } = resource;
        properties.without_effect(&["Name", "Description"]);
        exactly(&mut properties, "ProtocolType", "HTTP")?;
        self.apis.insert(reference.value);
        properties.finish()
    }

    fn add_integration(&mut self, resource: Resource) -> Result<(), TemplateError> {
        let Resource { reference, mut properties, .. } = resource;
        exactly(&mut properties, "IntegrationType", "AWS_PROXY")?;
        exactly(&mut properties, "PayloadFormatVersion", "2.0")?;
        let integration =
            Integration { api: properties.text("ApiId")?, function_arn: properties.text("IntegrationUri")? };
        self.integrations.insert(reference.value, integration);
        properties.finish()
    }

    fn add_route(&mut self, resource: Resource, path: String) -> Result<(), TemplateError> {
        let mut properties = resource.properties;
        properties.only("AuthorizationType", "NONE")?;
        let key = properties.text("RouteKey")?;
        let target = properties.text("Target")?;
        let integration = target.strip_prefix("integrations/").map(str::to_owned);
        let declared = Declared {
            api: properties.text("ApiId")?,
            key: route_key(&key).map_err(|problem| properties.error("RouteKey", problem))?,
            integration: integration
                .ok_or_else(|| properties.error("Target", "must be integrations/<id>"))?,
            path,
        };
        self.routes.push(declared);
        properties.finish()
    }

    /// Throttling is left to AWS: one machine is its own limit.
    fn add_stage(&mut self, resource: Resource) -> Result<(), TemplateError> {
        let mut properties = resource.properties;
        properties.without_effect(&["Description", "DefaultRouteSettings", "AccessLogSettings"]);
        exactly(&mut properties, "StageName", "$default")?;
        exactly(&mut properties, "AutoDeploy", "true")?;
        self.staged.insert(properties.text("ApiId")?);
        properties.finish()
    }

    fn add_permission(&mut self, resource: Resource) -> Result<(), TemplateError> {
        let mut properties = resource.properties;
        exactly(&mut properties, "Action", "lambda:InvokeFunction")?;
        let principal = properties.text("Principal")?;
        let permission = (properties.text("FunctionName")?, properties.text("SourceArn")?);
        match principal.as_str() {
            "apigateway.amazonaws.com" => self.permissions.push(permission),
            // Of rules that are not the template's.
            "events.amazonaws.com" => {}
            _ => {
                let problem = "must be apigateway.amazonaws.com or events.amazonaws.com";
                return Err(properties.error("Principal", problem));
            }
        }
        properties.finish()
    }

    /// The routes, in the order of their logical ids.
    ///
    /// # Errors
    /// A route that would not lead to a function of the stack.
    pub fn routes(self, functions: &[Function]) -> Result<Vec<Route>, TemplateError> {
        self.routes.iter().map(|declared| self.route(declared, functions)).collect()
    }

    fn route(&self, declared: &Declared, functions: &[Function]) -> Result<Route, TemplateError> {
        let wrong = |problem: String| TemplateError::new(&declared.path, problem);
        let api = &declared.api;
        if !self.apis.contains(api) {
            return Err(wrong(format!("there is no API {api}")));
        }
        if !self.staged.contains(api) {
            return Err(wrong(format!("the API {api} has no stage, so nobody reaches it")));
        }
        let integration = self.integrations.get(&declared.integration).filter(|i| i.api == *api);
        let integration = integration
            .ok_or_else(|| wrong(format!("the API {api} has no integration {}", declared.integration)))?;
        let function = functions.iter().find(|function| function.arn == integration.function_arn);
        let function =
            function.ok_or_else(|| wrong(format!("there is no function {}", integration.function_arn)))?;
        let may_invoke = self.permissions.iter().any(|(name, source)| {
            (*name == function.name || *name == function.arn) && source.contains(&format!(":{api}/"))
        });
        if !may_invoke {
            let name = &function.logical_id;
            return Err(wrong(format!("no {PERMISSION} lets the API {api} invoke {name}")));
        }
        Ok(Route { key: declared.key.clone(), function: function.arn.clone() })
    }
}

/// Required, and no other value is understood.
fn exactly(properties: &mut Properties, field: &str, supported: &str) -> Result<(), TemplateError> {
    let value = properties.text(field)?;
    if value == supported {
        return Ok(());
    }
    Err(TemplateError::unsupported(properties.path_of(field), format!("{value} (only {supported})")))
}

fn route_key(text: &str) -> Result<RouteKey, String> {
    match text.split_once(' ') {
        None if text == "$default" => Ok(RouteKey::Default),
        Some((method, path))
            if path.starts_with('/') && path.split('/').all(is_segment) && method != "ANY" =>
        {
            Ok(RouteKey::Path { method: method.to_owned(), path: path.to_owned() })
        }
        _ => Err(format!(
            "{text} is not supported locally: a route is $default, or METHOD /path, with variables like {{id}} for \
             whole segments"
        )),
    }
}

/// Text, or a variable. One that stands for several segments is written with a plus.
fn is_segment(segment: &str) -> bool {
    let variable = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    variable.map_or(!segment.contains(['{', '}']), is_name)
}
