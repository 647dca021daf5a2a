//! Jobs of a provider's action type, for which the provider's worker polls. A poll tells only which client each job is
//! of. The worker looks up the token that it has of this client, and nothing about the job is told without it: the
//! token is a secret of the action's configuration (`ClientToken`), and nothing shows it.

use std::collections::BTreeMap;

use engine::Rejection;
use engine::catalog::{CLIENT_ID, CLIENT_TOKEN, ProvidedActionType};
use engine::declaration::ActionTypeId;

use super::worker::{Claimant, job_id};
use crate::store::OutsideWork;
use crate::{Platform, StoreError, artifacts};

/// A job as a poll tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThirdPartyJob {
    pub client_id: String,
    pub job_id: String,
}

impl Platform {
    /// Gives out jobs of a provider's action type, the oldest first: each to one worker.
    ///
    /// # Errors
    /// `ActionTypeNotFound`, also for a type for whose jobs nobody of this account may poll.
    pub async fn dispatch_third_party_jobs(
        &self,
        id: &ActionTypeId,
        jobs_max: usize,
    ) -> Result<Vec<ThirdPartyJob>, StoreError> {
        let found = self.store.provided_action_type(id).await?;
        let account = &self.config.account_id;
        if !found.as_ref().is_some_and(|found: &ProvidedActionType| found.is_polled_from(account)) {
            let shown = format!(
                "category '{}', provider '{}' and version '{}'",
                id.category, id.provider, id.version
            );
            return Err(Rejection::ActionTypeNotFound(format!(
                "There is no action type of the owner ThirdParty, {shown}, for whose jobs the account {account} may poll."
            ))
            .into());
        }
        let given = self.dispatch_up_to(id, &BTreeMap::new(), jobs_max).await?;
        let told = given.iter().map(|work| {
            let client_id = configured(work, CLIENT_ID).unwrap_or_default().to_owned();
            ThirdPartyJob { client_id, job_id: job_id(work) }
        });
        Ok(told.collect())
    }
}

fn configured<'a>(work: &'a OutsideWork, key: &str) -> Option<&'a str> {
    work.task.as_ref()?.configuration.get(key).map(String::as_str)
}

/// Whether the worker of a provider has the token of the client that the job is of.
///
/// # Errors
/// `InvalidClientToken`
pub(super) fn check_client(work: &OutsideWork, claimant: Claimant<'_>) -> Result<(), Rejection> {
    let Claimant::Client(token) = claimant else { return Ok(()) };
    // Of digests, how long it takes to find a difference tells nothing.
    let digest = |token: &str| artifacts::sha256(token.as_bytes());
    match configured(work, CLIENT_TOKEN) {
        Some(expected) if digest(expected) == digest(token) => Ok(()),
        _ => Err(Rejection::InvalidClientToken(
            "The clientToken is not the one that the client's action has. Look up the token by the clientId of the job."
                .to_owned(),
        )),
    }
}
