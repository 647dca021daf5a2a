//! `Events` of a function: EventBridge rules and schedules.

use super::TemplateError;
use super::properties::Properties;
use super::stack::{Rule, ScheduledCall};
use crate::events::{Pattern, Schedule};

pub(super) fn read(
    logical_id: &str,
    function_arn: &str,
    events: Properties,
) -> Result<(Vec<Rule>, Vec<ScheduledCall>), TemplateError> {
    let mut rules = Vec::new();
    let mut schedules = Vec::new();
    for (event, mut fields) in events.into_objects()? {
        let kind = fields.text("Type")?;
        let type_path = fields.path_of("Type");
        let mut properties = fields.object("Properties")?;
        fields.finish()?;
        // As SAM names the rule that it makes of an event.
        let name = format!("{logical_id}{event}");
        match kind.as_str() {
            "EventBridgeRule" => {
                let pattern = properties.require("Pattern")?;
                let pattern =
                    Pattern::parse(&pattern).map_err(|problem| properties.error("Pattern", problem))?;
                rules.push(Rule { name, pattern, function: function_arn.to_owned() });
            }
            "Schedule" => {
                let expression = properties.text("Schedule")?;
                let schedule =
                    Schedule::parse(&expression).map_err(|problem| properties.error("Schedule", problem))?;
                properties.without_effect(&["Description"]);
                schedules.push(ScheduledCall { name, schedule, function: function_arn.to_owned() });
            }
            kind => return Err(TemplateError::unsupported(type_path, format!("the event type {kind}"))),
        }
        properties.finish()?;
    }
    Ok((rules, schedules))
}
