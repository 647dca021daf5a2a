//! Rules of users: schedules that start pipelines, in the words of PutRule and PutTargets.
//!
//! They are kept in a file, so a service goes on with them after its next start. What comes due while no service
//! runs is not made up for, as EventBridge has no start for a minute that is over.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use local_service::{OpenError, read_record, write_declared};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinHandle;

use super::timer::{each_time, event_id};
use super::{Delivery, Schedule};
use crate::template::Account;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScheduleRule {
    pub name: String,
    /// `rate(…)` or `cron(…)`, in UTC.
    pub schedule_expression: String,
    #[serde(default)]
    pub state: RuleState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub targets: Vec<RuleTarget>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleState {
    #[default]
    Enabled,
    Disabled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RuleTarget {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of a pipeline, or its name.
    pub arn: String,
}

/// PutRule's limit, and that of the targets of a rule (EventBridge quotas).
const NAME_CHARACTERS_MAX: usize = 64;
const TARGETS_MAX: usize = 5;

/// The rules, and what waits for their times.
pub struct ScheduleRules {
    file: PathBuf,
    account: Account,
    /// The ARN of the function that starts a pipeline.
    function: String,
    delivery: Delivery,
    running: Mutex<BTreeMap<String, Running>>,
}

struct Running {
    rule: ScheduleRule,
    waiting: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(waiting) = &self.waiting {
            waiting.abort();
        }
    }
}

impl ScheduleRules {
    /// Goes on with the rules of the file, if there is one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(
        file: PathBuf,
        account: Account,
        function: String,
        delivery: Delivery,
    ) -> Result<Self, OpenError> {
        let kept: Vec<ScheduleRule> = read_record(&file)?.unwrap_or_default();
        let rules = Self { file, account, function, delivery, running: Mutex::default() };
        for rule in kept {
            let schedule = schedule_of(&rule)
                .map_err(|reason| OpenError::Unreadable { path: rules.file.clone(), reason })?;
            rules.wait_for(rule, schedule);
        }
        Ok(rules)
    }

    /// Makes a rule, or takes the place of the one with its name.
    ///
    /// # Errors
    /// What is wrong with it, or the disk.
    pub fn put(&self, rule: ScheduleRule) -> Result<(), String> {
        let schedule = schedule_of(&rule)?;
        // A rate goes on counting when nothing is new.
        if self.running().get(&rule.name).is_some_and(|running| running.rule == rule) {
            return Ok(());
        }
        self.wait_for(rule, schedule);
        let kept: Vec<_> = self.running().values().map(|running| running.rule.clone()).collect();
        write_declared(&self.file, &kept).map_err(|error| format!("{}: {error}", self.file.display()))
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for(&self, rule: ScheduleRule, schedule: Schedule) {
        let waiting = (rule.state == RuleState::Enabled).then(|| {
            let (name, delivery, function) =
                (rule.name.clone(), self.delivery.clone(), self.function.clone());
            let from = delivery.clock().now();
            let arn = self.account.arn("events", &format!("rule/{name}"));
            let pipelines: Vec<_> = rule.targets.iter().map(|target| target.arn.clone()).collect();
            tokio::spawn(async move {
                let call = |time| {
                    for pipeline in &pipelines {
                        let id = event_id(&name, time);
                        let event = json!({ "pipeline": pipeline, "id": id, "rule": arn });
                        delivery.start(&name, &function, event);
                    }
                };
                each_time(&schedule, delivery.clock(), from, call).await;
            })
        });
        self.running().insert(rule.name.clone(), Running { rule, waiting });
    }
}

/// Its schedule; everything else of it is checked too.
fn schedule_of(rule: &ScheduleRule) -> Result<Schedule, String> {
    let is_name = !rule.name.is_empty()
        && rule.name.len() <= NAME_CHARACTERS_MAX
        && rule.name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    if !is_name {
        return Err(format!("a rule's Name has 1 to {NAME_CHARACTERS_MAX} letters, digits and .-_"));
    }
    if rule.targets.is_empty() || rule.targets.len() > TARGETS_MAX {
        return Err(format!("a rule has 1 to {TARGETS_MAX} Targets"));
    }
    if let Some(target) = rule.targets.iter().find(|target| !is_pipeline(&target.arn)) {
        return Err(format!("the target {} is no pipeline: give the ARN of one, or its name", target.arn));
    }
    Schedule::parse(&rule.schedule_expression)
}

fn is_pipeline(target: &str) -> bool {
    let name = match target.split(':').collect::<Vec<_>>()[..] {
        [name] => name,
        ["arn", _, "codepipeline", _, _, name] => name,
        _ => return false,
    };
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".@-_".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_starts_no_pipeline_is_refused_with_what_to_change() {
        let rule = |name: &str, expression: &str, targets: &[&str]| ScheduleRule {
            name: name.into(),
            schedule_expression: expression.into(),
            state: RuleState::Enabled,
            description: None,
            targets: targets.iter().map(|arn| RuleTarget { id: None, arn: (*arn).into() }).collect(),
        };
        let arn = "arn:aws:codepipeline:eu-west-1:123456789012:shop";
        for fine in [rule("nightly", "cron(0 2 * * ? *)", &[arn]), rule("a.b-c_d", "rate(1 hour)", &["shop"])]
        {
            assert!(schedule_of(&fine).is_ok(), "{fine:?}");
        }
        for (rule, expected) in [
            (rule("", "rate(1 hour)", &["shop"]), "Name has"),
            (rule("every hour", "rate(1 hour)", &["shop"]), "Name has"),
            (rule("n", "rate(1 hour)", &[]), "1 to 5 Targets"),
            (rule("n", "rate(1 hours)", &["shop"]), "in the plural"),
            (rule("n", "rate(1 hour)", &["arn:aws:lambda:eu-west-1:1:function:f"]), "is no pipeline"),
            (rule("n", "rate(1 hour)", &["a shop"]), "is no pipeline"),
        ] {
            let problem = schedule_of(&rule).expect_err("it is refused");
            assert!(problem.contains(expected), "{problem}");
        }
    }
}
