//! If-Match, If-None-Match and their relatives: may this request go on?

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};

/// What a writer demands of the object that is there.
#[derive(Debug, Default)]
pub(crate) struct WriteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// `current`: the ETag of the latest version, unless there is none or it is a delete marker.
    pub(crate) fn check(&self, current: Option<&str>) -> S3Result<()> {
        match &self.if_none_match {
            None => {}
            Some(ETagCondition::Any) if current.is_none() => {}
            Some(ETagCondition::Any) => return Err(failed()),
            // As S3: only the asterisk is known here.
            Some(ETagCondition::ETag(_)) => {
                return Err(s3_error!(NotImplemented, "If-None-Match of a write takes only *"));
            }
        }
        match (&self.if_match, current) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(s3_error!(NoSuchKey)),
            (Some(condition), Some(current)) if matches(condition, current) => Ok(()),
            (Some(_), Some(_)) => Err(failed()),
        }
    }
}

/// What a reader demands.
#[derive(Debug, Default)]
pub(crate) struct ReadConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

impl ReadConditions {
    /// In the order of RFC 9110 (13.2.2): an ETag condition makes the date beside it irrelevant.
    pub(crate) fn check(&self, etag: &str, modified: &Timestamp) -> S3Result<()> {
        match &self.if_match {
            Some(condition) if !matches(condition, etag) => return Err(failed()),
            Some(_) => {}
            None if self.if_unmodified_since.as_ref().is_some_and(|since| modified > since) => {
                return Err(failed());
            }
            None => {}
        }
        match &self.if_none_match {
            Some(condition) if matches(condition, etag) => Err(s3_error!(NotModified)),
            Some(_) => Ok(()),
            None if self.if_modified_since.as_ref().is_some_and(|since| modified <= since) => {
                Err(s3_error!(NotModified))
            }
            None => Ok(()),
        }
    }
}

fn matches(condition: &ETagCondition, current: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.strong_cmp(&ETag::Strong(current.into())),
    }
}

fn failed() -> s3s::S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn etag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.into())))
    }

    fn code(result: S3Result<()>) -> String {
        result.map_or_else(|error| error.code().as_str().to_string(), |()| "goes on".into())
    }

    #[test]
    fn a_write_goes_on_only_over_what_it_expects() {
        let any = Some(ETagCondition::Any);
        let cases = [
            (None, None, None, "goes on"),
            (None, any.clone(), None, "goes on"),
            (None, any.clone(), Some("a"), "PreconditionFailed"),
            (etag("a"), None, Some("a"), "goes on"),
            (etag("a"), None, Some("b"), "PreconditionFailed"),
            (etag("a"), None, None, "NoSuchKey"),
            (None, etag("a"), None, "NotImplemented"),
        ];
        for (if_match, if_none_match, current, expected) in cases {
            let conditions = WriteConditions { if_match, if_none_match };
            assert_eq!(code(conditions.check(current)), expected, "{conditions:?} over {current:?}");
        }
    }

    #[test]
    fn a_read_goes_on_only_when_the_object_is_what_it_asks_for() {
        let at = |seconds| Timestamp::from(UNIX_EPOCH + Duration::from_secs(seconds));
        let none = ReadConditions::default;
        let cases = [
            (none(), "goes on"),
            (ReadConditions { if_match: etag("a"), ..none() }, "goes on"),
            (ReadConditions { if_match: etag("b"), ..none() }, "PreconditionFailed"),
            (ReadConditions { if_none_match: etag("a"), ..none() }, "NotModified"),
            (ReadConditions { if_none_match: etag("b"), ..none() }, "goes on"),
            (ReadConditions { if_modified_since: Some(at(100)), ..none() }, "NotModified"),
            (ReadConditions { if_modified_since: Some(at(99)), ..none() }, "goes on"),
            (ReadConditions { if_unmodified_since: Some(at(99)), ..none() }, "PreconditionFailed"),
            (ReadConditions { if_match: etag("a"), if_unmodified_since: Some(at(1)), ..none() }, "goes on"),
            (
                ReadConditions { if_none_match: etag("b"), if_modified_since: Some(at(200)), ..none() },
                "goes on",
            ),
        ];
        for (conditions, expected) in cases {
            assert_eq!(code(conditions.check("a", &at(100))), expected, "{conditions:?}");
        }
    }
}
