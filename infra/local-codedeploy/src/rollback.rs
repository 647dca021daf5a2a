//! When a deployment that did not succeed is rolled back, and to what.
//!
//! CodeDeploy rolls back by deploying the group's last successful revision again, as a new deployment.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html>

use serde::{Deserialize, Serialize};

use crate::record::{Creator, Deployment, DeploymentStatus, LastDeployment};

/// `autoRollbackConfiguration` of a group or of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AutoRollback {
    pub(crate) enabled: bool,
    pub(crate) events: Vec<RollbackEvent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RollbackEvent {
    #[serde(rename = "DEPLOYMENT_FAILURE")]
    Failure,
    /// There are no alarms here, so it never comes.
    #[serde(rename = "DEPLOYMENT_STOP_ON_ALARM")]
    StopOnAlarm,
    #[serde(rename = "DEPLOYMENT_STOP_ON_REQUEST")]
    StopOnRequest,
}

/// `rollbackInfo` of a deployment: of one that was rolled back, or of one that rolls back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RollbackInfo {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rollback_deployment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rollback_triggering_deployment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rollback_message: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rollback {
    No,
    /// It is wanted, and there is nothing to go back to.
    Impossible(String),
    To(LastDeployment),
}

impl AutoRollback {
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.enabled && self.events.is_empty() {
            return Err("automatic rollback is enabled, but no event that triggers it is listed".into());
        }
        Ok(())
    }

    fn is_triggered_by(&self, event: RollbackEvent) -> bool {
        self.enabled && self.events.contains(&event)
    }
}

/// For a deployment that has ended. A rollback that fails is not rolled back.
pub(crate) fn decide(ended: &Deployment, last_successful: Option<&LastDeployment>) -> Rollback {
    let configured = |event| ended.auto_rollback.is_triggered_by(event);
    let is_wanted = match ended.status {
        DeploymentStatus::Failed => configured(RollbackEvent::Failure),
        DeploymentStatus::Stopped => {
            ended.rollback_on_stop.unwrap_or_else(|| configured(RollbackEvent::StopOnRequest))
        }
        DeploymentStatus::Created | DeploymentStatus::InProgress | DeploymentStatus::Succeeded => false,
    };
    if !is_wanted || ended.creator == Creator::CodeDeployRollback {
        return Rollback::No;
    }
    match last_successful {
        Some(last) => Rollback::To(last.clone()),
        None => Rollback::Impossible(format!(
            "The deployment {} cannot be rolled back: no deployment of the group {} has succeeded before it.",
            ended.id, ended.group
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::deployment;

    fn ended(status: DeploymentStatus, events: &[RollbackEvent], on_stop: Option<bool>) -> Deployment {
        Deployment {
            status,
            auto_rollback: AutoRollback { enabled: !events.is_empty(), events: events.to_vec() },
            rollback_on_stop: on_stop,
            ..deployment()
        }
    }

    #[test]
    fn a_deployment_is_rolled_back_when_its_end_is_one_of_the_events() {
        use DeploymentStatus::{Failed, Stopped, Succeeded};
        let last = LastDeployment::of(&deployment());
        let failure: &[RollbackEvent] = &[RollbackEvent::Failure];
        let request: &[RollbackEvent] = &[RollbackEvent::StopOnRequest];
        for (what, ended, expected) in [
            ("a success stays", ended(Succeeded, failure, None), false),
            ("a failure without a configuration stays", ended(Failed, &[], None), false),
            ("a failure goes back", ended(Failed, failure, None), true),
            ("a failure is no request", ended(Failed, request, None), false),
            ("a stop goes back", ended(Stopped, request, None), true),
            ("a stop is no failure", ended(Stopped, failure, None), false),
            ("who stops it may say so", ended(Stopped, &[], Some(true)), true),
            ("or not", ended(Stopped, request, Some(false)), false),
        ] {
            assert_eq!(decide(&ended, Some(&last)) == Rollback::To(last.clone()), expected, "{what}");
        }
        let nothing_before = decide(&ended(Failed, failure, None), None);
        assert!(matches!(nothing_before, Rollback::Impossible(_)), "{nothing_before:?}");
        let rollback =
            Deployment { creator: Creator::CodeDeployRollback, ..ended(Failed, failure, Some(true)) };
        assert_eq!(decide(&rollback, Some(&last)), Rollback::No, "a rollback is not rolled back");
    }

    #[test]
    fn enabled_without_events_is_refused() {
        assert!(AutoRollback { enabled: true, events: vec![] }.check().is_err());
        assert!(AutoRollback { enabled: false, events: vec![] }.check().is_ok());
    }
}
