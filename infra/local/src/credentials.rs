//! Keys for a service: of a data directory for whoever may read its signing key, of another one for whomever it gives
//! them.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError as ProviderError;
use aws_credential_types::provider::{ProvideCredentials, future};
use client::{ServiceAddress, service_endpoint, service_keys};
use engine::permissions::ADMINISTRATOR;
use local_service::{AdjustableClock, Clock};
use signature::{MasterKey, Validity, issue_as};

use crate::cli::{CredentialsArguments, Exit};
use crate::run::{complain, complain_of, say};
use crate::stack::PRINCIPAL;

/// AWS's temporary keys live as long; clients ask for new ones before.
const LIFETIME_MS: i64 = 3600 * 1000;

/// Why there are no keys, in words for the person at the keyboard.
#[derive(Debug)]
pub struct CredentialsError(String);

impl Display for CredentialsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CredentialsError {}

/// `pipewright credentials`: what a `credential_process` prints.
pub async fn credentials(arguments: CredentialsArguments) -> Exit {
    let CredentialsArguments { endpoint, region, source_profile, .. } = &arguments;
    if let (Some(url), Some(region), Some(source_profile)) = (endpoint, region, source_profile) {
        return of_endpoint(url, region, source_profile).await;
    }
    if arguments.name.starts_with("arn:") {
        return complain_of(
            Exit::Usage,
            "names that begin with arn: are of those who have proved them; give another one",
        );
    }
    match issued(&arguments.data, &arguments.name, arguments.role.as_deref()) {
        Ok(issued) => {
            say(&(issued.to_process_json() + "\n"));
            Exit::Succeeded
        }
        Err(error) => complain_of(Exit::NotAllowed, &error.to_string()),
    }
}

async fn of_endpoint(url: &str, region: &str, source_profile: &str) -> Exit {
    let endpoint = match service_endpoint(url) {
        Ok(endpoint) => endpoint,
        Err(problem) => return complain_of(Exit::Usage, &problem),
    };
    let (region, source_profile) = (region.to_owned(), source_profile.to_owned());
    match service_keys(&ServiceAddress { endpoint, region, source_profile }).await {
        Ok(keys) => {
            say(&(keys.process_json + "\n"));
            Exit::Succeeded
        }
        Err(none) => complain(none.exit(), &none.text()),
    }
}

/// What signs the requests of the commands on this machine.
///
/// # Errors
/// The service never ran on these data, or its key cannot be read.
pub fn of_owner(data: &Path) -> Result<Credentials, CredentialsError> {
    let issued = issued(data, PRINCIPAL, None)?;
    let signature::Credentials { access_key_id, secret_access_key, session_token, validity } = issued;
    let until =
        u64::try_from(validity.not_after_ms).ok().map(|until| UNIX_EPOCH + Duration::from_millis(until));
    Ok(Credentials::new(access_key_id, secret_access_key, Some(session_token), until, "pipewright"))
}

/// Issues keys for a client whenever the ones that it has are about to expire.
#[derive(Debug)]
pub struct OwnersCredentials {
    pub data: PathBuf,
}

impl ProvideCredentials for OwnersCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(of_owner(&self.data).map_err(ProviderError::provider_error))
    }
}

/// The key that everything which a service issues is made of.
///
/// # Errors
/// As [`of_owner`].
pub fn master_key(data: &Path) -> Result<MasterKey, CredentialsError> {
    let said = |error: &dyn Display| CredentialsError(error.to_string());
    let secret = local_secrets::master_key(data).map_err(|error| said(&error))?;
    MasterKey::from_secret(secret.expose()).map_err(|error| said(&error))
}

/// Keys under which `principal` is known, for an hour; without a role they are an administrator's.
pub(crate) fn issued(
    data: &Path,
    principal: &str,
    role: Option<&str>,
) -> Result<signature::Credentials, CredentialsError> {
    let master = master_key(data)?;
    let now = AdjustableClock::default().now();
    let validity = Validity { issued_at_ms: now, not_after_ms: now + LIFETIME_MS };
    // Who may do everything needs no role: so keys of a newer command are good for an older service.
    Ok(issue_as(&master, principal, role.filter(|role| *role != ADMINISTRATOR), validity))
}
