//! S3, where the action follows from the method, the path and the query.

use bytes::Bytes;
use http::Method;

use super::{Permission, UnknownRequest};

pub(super) fn permissions(request: &http::Request<Bytes>) -> Result<Vec<Permission>, UnknownRequest> {
    let path = percent_decoded(request.uri().path().trim_start_matches('/'));
    let query = Query(request.uri().query().unwrap_or_default());
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let needed = if bucket.is_empty() {
        (*request.method() == Method::GET).then(|| vec![Permission::new("s3:ListAllMyBuckets", "*")])
    } else if key.is_empty() && *request.method() == Method::POST && query.has("delete") {
        // The keys are in the body; whoever may delete any object may delete these.
        Some(vec![Permission::new("s3:DeleteObject", format!("arn:aws:s3:::{bucket}/*"))])
    } else if key.is_empty() {
        on_bucket(request.method(), &query)
            .map(|action| vec![Permission::new(action, format!("arn:aws:s3:::{bucket}"))])
    } else {
        on_object(request, &query, &format!("arn:aws:s3:::{bucket}/{key}"))
    };
    needed.ok_or_else(|| UnknownRequest(format!("S3 {} {}", request.method(), request.uri())))
}

fn on_bucket(method: &Method, query: &Query<'_>) -> Option<&'static str> {
    let action = match (method.as_str(), query.subresource()) {
        ("GET", Some("versions")) => "s3:ListBucketVersions",
        ("GET", Some("versioning")) => "s3:GetBucketVersioning",
        ("GET", Some("location")) => "s3:GetBucketLocation",
        ("GET", Some("uploads")) => "s3:ListBucketMultipartUploads",
        ("GET" | "HEAD", None) => "s3:ListBucket",
        ("PUT", Some("versioning")) => "s3:PutBucketVersioning",
        ("PUT", None) => "s3:CreateBucket",
        ("DELETE", None) => "s3:DeleteBucket",
        _ => return None,
    };
    Some(action)
}

fn on_object(request: &http::Request<Bytes>, query: &Query<'_>, object: &str) -> Option<Vec<Permission>> {
    let action = match (request.method().as_str(), query.subresource()) {
        ("GET" | "HEAD", None) if query.has("versionId") => "s3:GetObjectVersion",
        ("GET" | "HEAD", None) => "s3:GetObject",
        ("GET", Some("uploadId")) => "s3:ListMultipartUploadParts",
        ("PUT", None | Some("uploadId")) => return Some(of_put(request, object)),
        ("POST", Some("uploads" | "uploadId")) => "s3:PutObject",
        ("DELETE", Some("uploadId")) => "s3:AbortMultipartUpload",
        ("DELETE", None) if query.has("versionId") => "s3:DeleteObjectVersion",
        ("DELETE", None) => "s3:DeleteObject",
        _ => return None,
    };
    Some(vec![Permission::new(action, object)])
}

/// A copy reads its source, and an object that is written with an ACL needs the ACL's permission.
fn of_put(request: &http::Request<Bytes>, object: &str) -> Vec<Permission> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let mut needed = Vec::new();
    if let Some(source) = header("x-amz-copy-source") {
        let (path, query) = source.split_once('?').unwrap_or((source, ""));
        let action = if Query(query).has("versionId") { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let source = percent_decoded(path.trim_start_matches('/'));
        needed.push(Permission::new(action, format!("arn:aws:s3:::{source}")));
    }
    needed.push(Permission::new("s3:PutObject", object));
    if header("x-amz-acl").is_some() {
        needed.push(Permission::new("s3:PutObjectAcl", object));
    }
    needed
}

struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|candidate| candidate == name)
    }

    /// The parameter that makes it another operation, if there is one: all but those that only
    /// refine reading, listing or uploading.
    fn subresource(&self) -> Option<&'a str> {
        const REFINEMENTS: [&str; 12] = [
            "versionId",
            "partNumber",
            "x-id",
            "list-type",
            "prefix",
            "delimiter",
            "max-keys",
            "start-after",
            "continuation-token",
            "encoding-type",
            "fetch-owner",
            "marker",
        ];
        self.names().find(|name| !REFINEMENTS.contains(name) && !name.starts_with("response-"))
    }
}

/// `a%20b` to `a b`; what is not valid stays as it is.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
