//! Tags of a resource: what they may be, and what adding and removing makes of them.
//!
//! Source: user guide, "Quotas in AWS CodePipeline": 50 on a resource, of letters, numbers, spaces and some
//! signs, none that begins with `aws:`. Their lengths are the service model's, which also takes an empty value.

use std::collections::{BTreeMap, BTreeSet};

use crate::Rejection;

/// The values of a resource's tags by their keys.
pub type Tags = BTreeMap<String, String>;

/// The limit of tags on a resource.
pub const TAGS_MAX: usize = 50;

/// Beside letters, numbers and spaces.
const SIGNS: &str = "+-=._:/@";

/// The tags of a resource after `added` was given to it; a key that it has gets its new value.
///
/// # Errors
/// `TooManyTags` when there would be more than [`TAGS_MAX`], `InvalidTags` for a key or value that cannot be one
/// and for a key that is given twice.
pub fn tagged(before: &Tags, added: impl IntoIterator<Item = (String, String)>) -> Result<Tags, Rejection> {
    let added: Vec<_> = added.into_iter().collect();
    check_count(added.len())?;
    let mut keys = BTreeSet::new();
    for (key, value) in &added {
        check_key(key)?;
        check_characters("value", value)?;
        if !keys.insert(key) {
            return Err(invalid(format!("the key '{key}' is given twice.")));
        }
    }
    let mut after = before.clone();
    after.extend(added);
    check_count(after.len())?;
    Ok(after)
}

/// The tags of a resource after those of `keys` were taken from it; a key that it does not have is passed over.
///
/// # Errors
/// `InvalidTags` for a key that cannot be one.
pub fn untagged(before: &Tags, keys: &[String]) -> Result<Tags, Rejection> {
    keys.iter().try_for_each(|key| check_key(key))?;
    let stays = |key: &&String| !keys.contains(key);
    Ok(before.iter().filter(|(key, _)| stays(key)).map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn check_count(count: usize) -> Result<(), Rejection> {
    match count <= TAGS_MAX {
        true => Ok(()),
        false => Err(Rejection::TooManyTags(format!(
            "The tags limit for a resource has been exceeded: it would have {count} tags, {TAGS_MAX} are allowed."
        ))),
    }
}

fn check_key(key: &str) -> Result<(), Rejection> {
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(invalid(format!("the key '{key}' begins with aws:, which AWS keeps for itself.")));
    }
    check_characters("key", key)
}

fn check_characters(what: &str, text: &str) -> Result<(), Rejection> {
    let is_space = |c: char| c.is_whitespace() && !c.is_control();
    let is_allowed = |c: char| c.is_alphanumeric() || is_space(c) || SIGNS.contains(c);
    match text.chars().find(|c| !is_allowed(*c)) {
        None => Ok(()),
        Some(c) => Err(invalid(format!(
            "the {what} '{text}' has the character {c:?}; letters, numbers, spaces and {SIGNS} are allowed."
        ))),
    }
}

fn invalid(why: String) -> Rejection {
    Rejection::InvalidTags(format!("The specified resource tags are invalid: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn numbered(numbers: std::ops::Range<usize>) -> Vec<(String, String)> {
        numbers.map(|number| (format!("k{number}"), String::new())).collect()
    }

    #[test]
    fn tags_are_added_changed_and_taken_away() {
        let before: Tags = pairs(&[("team", "shop"), ("stage", "test")]).into_iter().collect();
        let after = tagged(&before, pairs(&[("stage", "live"), ("Kosten stelle", "Süd/1+2=3@x_y.z:0-")]));
        let after = after.expect("they are allowed");
        let expected = pairs(&[("team", "shop"), ("stage", "live"), ("Kosten stelle", "Süd/1+2=3@x_y.z:0-")]);
        assert_eq!(after, expected.into_iter().collect());
        let keys = ["stage", "Kosten stelle", "Team"].map(str::to_owned);
        assert_eq!(untagged(&after, &keys).expect("fine"), pairs(&[("team", "shop")]).into_iter().collect());
    }

    #[test]
    fn fifty_tags_are_the_limit_of_a_request_and_of_a_resource() {
        let too_many = |tags: Result<Tags, Rejection>| matches!(tags, Err(Rejection::TooManyTags(_)));
        let full = tagged(&Tags::new(), numbered(0..50)).expect("as many as there may be");
        assert!(too_many(tagged(&Tags::new(), numbered(0..51))));
        assert!(too_many(tagged(&full, numbered(50..51))));
        assert!(too_many(tagged(&full, numbered(0..51))));
        assert_eq!(tagged(&full, numbered(10..60).into_iter().take(40)).expect("known keys"), full);
    }

    #[test]
    fn what_cannot_be_a_tag_is_told() {
        for (tags, why) in [
            (pairs(&[("aws:x", "")]), "the key 'aws:x' begins with aws:"),
            (pairs(&[("AWS:x", "")]), "the key 'AWS:x' begins with aws:"),
            (pairs(&[("a", "1"), ("b", ""), ("a", "2")]), "the key 'a' is given twice"),
            (pairs(&[("a?", "1")]), "the key 'a?' has the character '?'"),
            (pairs(&[("a", "1\n2")]), "the value '1\n2' has the character '\\n'"),
            (pairs(&[("🚀", "")]), "the key '🚀' has the character '🚀'"),
        ] {
            let refused = tagged(&Tags::new(), tags).expect_err(why);
            assert_eq!(refused.code(), "InvalidTagsException");
            assert!(refused.message().contains(why), "{refused}");
        }
        let refused = untagged(&Tags::new(), &["Aws:x".to_owned()]).expect_err("it is AWS's");
        assert_eq!(refused.code(), "InvalidTagsException");
    }
}
