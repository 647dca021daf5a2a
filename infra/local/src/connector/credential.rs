//! Who is calling, from a request's Signature Version 4.

/// The parts of `Credential=<key id>/<date>/<region>/<service>/aws4_request` that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Credential<'a> {
    pub access_key_id: &'a str,
    /// The service that the request was signed for: `dynamodb`, `s3`, `states`.
    pub service: &'a str,
}

pub(super) fn of_request<B>(request: &http::Request<B>) -> Option<Credential<'_>> {
    let header = request.headers().get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = header.split_once("Credential=")?;
    let mut parts = scope.split(',').next()?.trim().split('/');
    let (access_key_id, _date, _region, service) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(Credential { access_key_id, service })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_id_and_service_are_read_from_the_scope() {
        let request = |authorization: &str| {
            http::Request::post("/").header("authorization", authorization).body(()).expect("a request")
        };
        let signed = "AWS4-HMAC-SHA256 Credential=ApiFunction/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
        assert_eq!(
            of_request(&request(signed)),
            Some(Credential { access_key_id: "ApiFunction", service: "dynamodb" })
        );
        assert_eq!(of_request(&request("Bearer x")), None);
        assert_eq!(of_request(&http::Request::new(())), None);
    }
}
