//! ListProjects.

use local_service::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::parse;
use super::page::{SortOrder, page};
use crate::service_state::ServiceState;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    #[serde(default)]
    sort_by: SortBy,
    sort_order: Option<SortOrder>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SortBy {
    #[default]
    Name,
    CreatedTime,
    LastModifiedTime,
}

pub fn run(service: &ServiceState, input: Value) -> Result<Value, ApiError> {
    let Input { sort_by, sort_order, next_token } = parse(input)?;
    let records = service.records();
    let mut projects: Vec<_> = records.projects.values().collect();
    match sort_by {
        SortBy::Name => {}
        SortBy::CreatedTime => projects.sort_by_key(|project| project.created),
        SortBy::LastModifiedTime => projects.sort_by_key(|project| project.last_modified),
    }
    if sort_order == Some(SortOrder::Descending) {
        projects.reverse();
    }
    let names = projects.iter().map(|project| project.settings.name.clone()).collect();
    let (names, next_token) = page(names, next_token.as_deref())?;
    let mut output = json!({ "projects": names });
    if let Some(token) = next_token {
        output["nextToken"] = json!(token);
    }
    Ok(output)
}
