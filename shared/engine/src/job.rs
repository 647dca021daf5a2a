//! The job of a custom action on its way to a worker, and back when it is not finished.
//!
//! A poll hands a job to one worker, with a nonce of its own; nobody else is given it for a minute. The worker that
//! acknowledges it with that nonce works on it. Each step counts, so that of two writers one finds out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Rejection;
use crate::catalog::{CLIENT_ID, CustomActionType};
use crate::declaration::ActionTypeId;
use crate::declaration::is_uuid;
use crate::execution::Timestamp;

/// A worker that was given a job has so long to acknowledge it; CodePipeline does not say how long.
pub const ACKNOWLEDGE_WITHIN_MS: i64 = 60_000;
/// A job that is not finished comes again after so long (user guide, "Integration models").
pub const CONTINUE_AFTER_MS: i64 = 30_000;

/// Words of the service model's `JobStatus`. A job that has ended is none any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobStatus {
    Queued,
    Dispatched,
    InProgress,
}

impl JobStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Dispatched => "Dispatched",
            Self::InProgress => "InProgress",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub action_type_id: ActionTypeId,
    pub status: JobStatus,
    /// What the worker was given that it was dispatched to last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// No worker is given it before.
    pub due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuation_token: Option<String>,
    /// How long it may take, if that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// When that is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times_out_at: Option<Timestamp>,
    /// How many steps it has made.
    #[serde(default)]
    pub revision: u64,
}

impl Job {
    /// A job that may take so long: of each job of an action the time begins anew.
    pub fn queued(action_type_id: ActionTypeId, timeout_seconds: Option<u32>, now: Timestamp) -> Self {
        Self {
            action_type_id,
            status: JobStatus::Queued,
            nonce: None,
            due_at: now,
            continuation_token: None,
            timeout_seconds,
            times_out_at: times_out_at(timeout_seconds, now),
            revision: 0,
        }
    }

    /// The job in the hands of a worker that polls; `None` while another has it.
    #[must_use]
    pub fn dispatched(&self, nonce: String, now: Timestamp) -> Option<Self> {
        match self.status {
            JobStatus::Queued | JobStatus::Dispatched if self.due_at <= now && !self.is_timed_out(now) => {
                Some(Self {
                    status: JobStatus::Dispatched,
                    nonce: Some(nonce),
                    due_at: Timestamp(now.0 + ACKNOWLEDGE_WITHIN_MS),
                    ..self.next()
                })
            }
            JobStatus::Queued | JobStatus::Dispatched | JobStatus::InProgress => None,
        }
    }

    /// The job after its worker said that it has it. Whoever repeats that hears the same.
    ///
    /// # Errors
    /// `InvalidNonce` for a nonce that is not of the last dispatch.
    pub fn acknowledged(&self, nonce: &str) -> Result<Self, Rejection> {
        if self.nonce.as_deref() != Some(nonce) {
            return Err(Rejection::InvalidNonce(
                "The nonce is not the one that the job was given out with last: another worker has the job, or it \
                 waits to be polled again."
                    .to_owned(),
            ));
        }
        Ok(match self.status {
            JobStatus::InProgress => self.clone(),
            JobStatus::Queued | JobStatus::Dispatched => {
                Self { status: JobStatus::InProgress, ..self.next() }
            }
        })
    }

    /// Whether a result may be reported.
    ///
    /// # Errors
    /// `InvalidJobState` for a job that nobody acknowledged.
    pub fn may_be_reported(&self) -> Result<(), Rejection> {
        match self.status {
            JobStatus::InProgress => Ok(()),
            JobStatus::Queued | JobStatus::Dispatched => Err(Rejection::InvalidJobState(format!(
                "The job is {} and not InProgress. Acknowledge it with AcknowledgeJob first.",
                self.status.as_str()
            ))),
        }
    }

    /// Whether its time is over.
    pub fn is_timed_out(&self, now: Timestamp) -> bool {
        self.times_out_at.is_some_and(|at| at <= now)
    }

    /// Whether it is of a provider's worker, which has to say whose client the job is of.
    pub fn is_third_party(&self) -> bool {
        self.action_type_id.owner == "ThirdParty"
    }

    /// The next job of an action whose worker was not finished.
    #[must_use]
    pub fn continued(&self, token: String, now: Timestamp) -> Self {
        let due_at = Timestamp(now.0 + CONTINUE_AFTER_MS);
        Self {
            status: JobStatus::Queued,
            nonce: None,
            due_at,
            times_out_at: times_out_at(self.timeout_seconds, due_at),
            continuation_token: Some(token),
            ..self.next()
        }
    }

    fn next(&self) -> Self {
        Self { revision: self.revision + 1, ..self.clone() }
    }
}

fn times_out_at(timeout_seconds: Option<u32>, begin: Timestamp) -> Option<Timestamp> {
    timeout_seconds.map(|seconds| Timestamp(begin.0 + i64::from(seconds) * 1000))
}

/// Whether workers may ask for jobs of this type so.
///
/// # Errors
/// `Validation`: who asks names the queryable property, or nothing where there is none.
pub fn check_query(
    action_type: &CustomActionType,
    query: &BTreeMap<String, String>,
) -> Result<(), Rejection> {
    let names: Vec<_> = query.keys().map(String::as_str).collect();
    match (action_type.queryable(), &names[..]) {
        (None, []) => Ok(()),
        (Some(property), [name]) if property.name == *name => Ok(()),
        (None, _) => Err(Rejection::Validation(
            "The action type has no queryable property: queryParam must be empty.".to_owned(),
        )),
        (Some(property), _) => Err(Rejection::Validation(format!(
            "queryParam must have a value for '{}', the queryable property of the action type, and nothing else.",
            property.name
        ))),
    }
}

/// Whether an action with this configuration is what workers asked for.
pub fn is_asked_for(configuration: &BTreeMap<String, String>, query: &BTreeMap<String, String>) -> bool {
    query.iter().all(|(name, value)| configuration.get(name) == Some(value))
}

/// Why no worker would ever be given the job.
pub fn why_not_offered(
    id: &ActionTypeId,
    found: Option<&CustomActionType>,
    configuration: &BTreeMap<String, String>,
) -> Option<String> {
    let Some(found) = found else {
        return Some(format!(
            "The {} action type {} {}, version '{}', is not there any more. Make it again, or name another in the \
             pipeline.",
            id.owner, id.category, id.provider, id.version
        ));
    };
    let value = |key: &str| configuration.get(key).map(String::as_str).unwrap_or_default();
    if id.owner == "ThirdParty" && found.property(CLIENT_ID).is_some() && !is_uuid(value(CLIENT_ID)) {
        return Some(format!(
            "The provider's workers are told the configuration '{CLIENT_ID}': its value '{}' is not a UUID.",
            value(CLIENT_ID)
        ));
    }
    let property = found.queryable()?;
    let value = value(&property.name);
    (!CustomActionType::is_queryable_value(value)).then(|| {
        format!(
            "Workers ask for jobs by the configuration '{}': its value '{value}' is not 1 to 20 letters, digits, _ and -.",
            property.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn later(ms: i64) -> Timestamp {
        Timestamp(NOW.0 + ms)
    }

    fn dispatched(job: &Job, nonce: &str, now: Timestamp) -> Job {
        job.dispatched(nonce.to_owned(), now).expect("it waits for a worker")
    }

    #[test]
    fn a_job_is_given_to_one_worker_and_to_another_after_a_minute_of_silence() {
        let queued = Job::queued(ActionTypeId::default(), None, NOW);
        let first = dispatched(&queued, "a", NOW);
        assert_eq!(first.dispatched("b".into(), later(ACKNOWLEDGE_WITHIN_MS - 1)), None);
        let second = dispatched(&first, "b", later(ACKNOWLEDGE_WITHIN_MS));
        assert!(matches!(second.acknowledged("a"), Err(Rejection::InvalidNonce(_))), "too late");
        let working = second.acknowledged("b").expect("its nonce");
        assert_eq!(working.status, JobStatus::InProgress);
        assert_eq!(working.dispatched("c".into(), later(i64::from(u32::MAX))), None, "it is worked on");
        assert_eq!([&queued, &first, &second, &working].map(|job| job.revision), [0, 1, 2, 3]);
    }

    #[test]
    fn an_acknowledgement_may_be_repeated_and_nobody_else_has_the_nonce() {
        let first = dispatched(&Job::queued(ActionTypeId::default(), None, NOW), "a", NOW);
        let working = first.acknowledged("a").expect("its nonce");
        assert_eq!(working.acknowledged("a"), Ok(working.clone()));
        assert!(matches!(working.acknowledged("b"), Err(Rejection::InvalidNonce(_))));
        let queued = Job::queued(ActionTypeId::default(), None, NOW);
        assert!(matches!(queued.acknowledged("a"), Err(Rejection::InvalidNonce(_))), "nobody polled it");
    }

    #[test]
    fn only_what_is_acknowledged_is_reported_and_what_goes_on_comes_again() {
        let queued = Job::queued(ActionTypeId::default(), None, NOW);
        let first = dispatched(&queued, "a", NOW);
        for job in [&queued, &first] {
            assert!(matches!(job.may_be_reported(), Err(Rejection::InvalidJobState(_))));
        }
        let working = first.acknowledged("a").expect("its nonce");
        assert_eq!(working.may_be_reported(), Ok(()));
        let next = working.continued("half".into(), NOW);
        assert_eq!(next.dispatched("b".into(), later(CONTINUE_AFTER_MS - 1)), None);
        let again = dispatched(&next, "b", later(CONTINUE_AFTER_MS));
        assert_eq!(again.continuation_token.as_deref(), Some("half"));
        assert!(matches!(again.acknowledged("a"), Err(Rejection::InvalidNonce(_))), "that was the last one");
    }

    #[test]
    fn a_job_with_a_timeout_is_over_after_it_and_its_successor_has_the_time_anew() {
        let queued = Job::queued(ActionTypeId::default(), Some(60), NOW);
        assert!(!queued.is_timed_out(later(59_999)) && queued.is_timed_out(later(60_000)));
        assert_eq!(queued.dispatched("a".into(), later(60_000)), None, "nobody is given it any more");
        let working = dispatched(&queued, "a", NOW).acknowledged("a").expect("its nonce");
        let next = working.continued("half".into(), later(50_000));
        let anew = 50_000 + CONTINUE_AFTER_MS + 60_000;
        assert!(!next.is_timed_out(later(anew - 1)) && next.is_timed_out(later(anew)));
        assert!(!Job::queued(ActionTypeId::default(), None, NOW).is_timed_out(later(i64::from(u32::MAX))));
    }

    #[test]
    fn workers_ask_by_the_queryable_property_and_by_nothing_else() {
        let query = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let plain = CustomActionType::default();
        let mut queried = CustomActionType::default();
        queried.action_configuration_properties.push(crate::catalog::ConfigurationProperty {
            name: "Project".into(),
            queryable: Some(true),
            ..Default::default()
        });
        for (action_type, asked, is_fine) in [
            (&plain, query(&[]), true),
            (&plain, query(&[("Project", "app")]), false),
            (&queried, query(&[("Project", "app")]), true),
            (&queried, query(&[("Other", "app")]), false),
            (&queried, query(&[]), false),
        ] {
            assert_eq!(check_query(action_type, &asked).is_ok(), is_fine, "{asked:?}");
        }
        let configuration = query(&[("Project", "app"), ("Level", "3")]);
        assert!(is_asked_for(&configuration, &query(&[])));
        assert!(is_asked_for(&configuration, &query(&[("Project", "app")])));
        assert!(!is_asked_for(&configuration, &query(&[("Project", "shop")])));
        assert!(!is_asked_for(&query(&[]), &query(&[("Project", "app")])));
    }

    #[test]
    fn a_job_that_no_worker_would_be_given_is_not_offered() {
        let id = ActionTypeId::default();
        let mut found = CustomActionType::default();
        assert_eq!(why_not_offered(&id, Some(&found), &BTreeMap::new()), None);
        assert!(
            why_not_offered(&id, None, &BTreeMap::new())
                .is_some_and(|why| why.contains("is not there any more"))
        );
        found.action_configuration_properties.push(crate::catalog::ConfigurationProperty {
            name: "Project".into(),
            queryable: Some(true),
            ..Default::default()
        });
        let configured = |value: &str| BTreeMap::from([("Project".to_owned(), value.to_owned())]);
        assert_eq!(why_not_offered(&id, Some(&found), &configured("shop-1")), None);
        let third_party = ActionTypeId { owner: "ThirdParty".into(), ..id.clone() };
        let mut provided = CustomActionType::default();
        provided
            .action_configuration_properties
            .push(crate::catalog::ConfigurationProperty { name: CLIENT_ID.into(), ..Default::default() });
        for (value, is_told) in [("me", true), ("", true), ("5c1a3d2e-0b7f-4e7e-9d53-6f1f2a1b3c4d", false)] {
            let configuration = BTreeMap::from([(CLIENT_ID.to_owned(), value.to_owned())]);
            let why = why_not_offered(&third_party, Some(&provided), &configuration);
            assert_eq!(why.is_some_and(|why| why.contains("is not a UUID")), is_told, "{value}");
        }
        for value in ["", "with spaces", "more-than-twenty-letters"] {
            assert!(why_not_offered(&id, Some(&found), &configured(value)).is_some(), "{value}");
        }
    }
}
