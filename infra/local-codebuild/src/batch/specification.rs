//! The buildspec of a batch, which is read without unpacking the source.

use std::io::Cursor;

use crate::buildspec::{Batch, parse_for_batch};
use crate::model::{BatchConfiguration, PhaseContext, ProjectSource};
use crate::names::parse_object;
use crate::run::is_buildspec_text;
use crate::service_state::ServiceState;

const DEFAULT_BUILDSPEC: &str = "buildspec.yml";

/// A larger file is no buildspec.
const MAX_BYTES: u64 = 1024 * 1024;

const ERROR: &str = "YAML_FILE_ERROR";

/// The batch that the buildspec of `source` asks for, if the project allows it.
pub async fn specification(
    service: &ServiceState,
    source: &ProjectSource,
    configuration: &BatchConfiguration,
) -> Result<Batch, PhaseContext> {
    let given = source.buildspec.as_deref().unwrap_or(DEFAULT_BUILDSPEC);
    let text = read(service, source, given).await.map_err(|message| PhaseContext::new(ERROR, message))?;
    let name = if is_buildspec_text(given) { "the buildspec of the batch" } else { given };
    let batch =
        parse_for_batch(&text).map_err(|error| PhaseContext::new(ERROR, format!("{name}: {error}")))?;
    check(&batch, configuration).map_err(|message| PhaseContext::new("BATCH_RESTRICTION_ERROR", message))?;
    Ok(batch)
}

async fn read(service: &ServiceState, source: &ProjectSource, given: &str) -> Result<String, String> {
    if is_buildspec_text(given) {
        return Ok(given.to_owned());
    }
    let (location, is_object) = match given.strip_prefix("arn:") {
        Some(_) => (given, true),
        None => (source.location.as_deref().unwrap_or_default(), false),
    };
    let (bucket, key) = parse_object(location).ok_or_else(|| format!("there is no source with {given}"))?;
    let bytes = service.objects.get(bucket, key).await;
    let bytes = bytes.map_err(|error| format!("cannot read s3://{bucket}/{key}: {error}"))?;
    let bytes = match is_object {
        true => bytes,
        false => archive::read_entry(Cursor::new(bytes), given.trim_start_matches("./"), MAX_BYTES)
            .map_err(|error| format!("cannot read the buildspec {given} in the source: {error}"))?
            .ok_or_else(|| format!("there is no buildspec {given} in the source"))?,
    };
    String::from_utf8(bytes).map_err(|_| format!("the buildspec {given} is no text"))
}

fn check(batch: &Batch, configuration: &BatchConfiguration) -> Result<(), String> {
    let restrictions = configuration.restrictions.clone().unwrap_or_default();
    if let Some(most) = restrictions.maximum_builds_allowed.filter(|most| batch.tasks.len() > *most) {
        return Err(format!("the batch has {} builds; the project allows {most}", batch.tasks.len()));
    }
    let Some(allowed) = restrictions.compute_types_allowed else { return Ok(()) };
    let wanted = batch.tasks.iter().filter_map(|task| task.environment.compute_type.as_ref());
    match wanted.into_iter().find(|wanted| !allowed.contains(wanted)) {
        None => Ok(()),
        Some(other) => Err(format!("the project does not allow the compute type {other}")),
    }
}
