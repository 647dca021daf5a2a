//! The `Authorization` header, taken apart.

use crate::{Scope, SignatureError};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

/// `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, SignedHeaders=a;b, Signature=<hex>`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authorization<'a> {
    pub access_key_id: &'a str,
    /// `YYYYMMDD`
    pub date: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    /// In the order of the header, which is the alphabet's.
    pub signed_headers: Vec<&'a str>,
    /// In hexadecimal.
    pub signature: &'a str,
}

impl<'a> Authorization<'a> {
    pub fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let (algorithm, parameters) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(SignatureError::Unsupported(format!(
                "the Authorization header begins with '{algorithm}'"
            )));
        }
        let [mut credential, mut signed_headers, mut signature] = [None; 3];
        for parameter in parameters.split(',').map(|parameter| parameter.trim_matches(' ')) {
            let (name, value) = parameter.split_once('=').ok_or_else(|| malformed("a part has no '='"))?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(malformed("it has a parameter of an unknown name")),
            };
            if place.replace(value).is_some() {
                return Err(malformed("a parameter stands there twice"));
            }
        }
        let credential = credential.ok_or_else(|| malformed("it requires the parameter 'Credential'"))?;
        let signed_headers =
            signed_headers.ok_or_else(|| malformed("it requires the parameter 'SignedHeaders'"))?;
        let signature = signature.ok_or_else(|| malformed("it requires the parameter 'Signature'"))?;
        Self::of_parameters(algorithm, credential, signed_headers, signature)
    }

    /// Of the parts, which a presigned request has in its query.
    pub fn of_parameters(
        algorithm: &str,
        credential: &'a str,
        signed_headers: &'a str,
        signature: &'a str,
    ) -> Result<Self, SignatureError> {
        if algorithm != ALGORITHM {
            return Err(SignatureError::Unsupported(format!("The algorithm is '{algorithm}'")));
        }
        let parts: Vec<_> = credential.split('/').collect();
        let [access_key_id, date, region, service, TERMINATOR] = parts[..] else {
            return Err(malformed("'Credential' is not <key>/<date>/<region>/<service>/aws4_request"));
        };
        let signed_headers = names(signed_headers)?;
        Ok(Self { access_key_id, date, region, service, signed_headers, signature })
    }

    /// # Errors
    /// It is for another Region, or for a service that is not meant.
    pub fn check_scope(&self, scope: Scope<'_>) -> Result<(), SignatureError> {
        if self.region != scope.region {
            let (found, expected) = (self.region.to_owned(), scope.region.to_owned());
            return Err(SignatureError::WrongRegion { found, expected });
        }
        if !scope.services.contains(&self.service) {
            let (found, expected) = (self.service.to_owned(), scope.services.join("' or '"));
            return Err(SignatureError::WrongService { found, expected });
        }
        Ok(())
    }

    /// What the key that signs is derived for.
    pub fn scope(&self) -> String {
        format!("{}/{}/{}/{TERMINATOR}", self.date, self.region, self.service)
    }

    pub fn signs(&self, header: &str) -> bool {
        self.signed_headers.binary_search(&header).is_ok()
    }
}

fn names(signed_headers: &str) -> Result<Vec<&str>, SignatureError> {
    let names: Vec<_> = signed_headers.split(';').collect();
    if names.is_sorted_by(|a, b| a < b) {
        Ok(names)
    } else {
        Err(malformed("'SignedHeaders' is not in alphabetical order, each name once"))
    }
}

fn malformed(problem: &'static str) -> SignatureError {
    SignatureError::Malformed(problem)
}
