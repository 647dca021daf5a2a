//! Lists in pages of 100, as CodeBuild answers them.

use local_service::ApiError;
use serde::Deserialize;

use crate::error;

const PAGE_SIZE: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SortOrder {
    Ascending,
    Descending,
}

/// The page after the item that `next_token` names, and the token of the page after it.
pub fn page(items: Vec<String>, next_token: Option<&str>) -> Result<(Vec<String>, Option<String>), ApiError> {
    let start = match next_token.filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => {
            let last = items.iter().position(|item| item == token);
            last.ok_or_else(|| error::invalid("nextToken is not one of this list; start from its beginning"))?
                + 1
        }
    };
    let page: Vec<String> = items.iter().skip(start).take(PAGE_SIZE).cloned().collect();
    let has_more = items.len() > start + page.len();
    let next = page.last().filter(|_| has_more).cloned();
    Ok((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gaps() {
        let items: Vec<String> = (0..250).map(|number| format!("item-{number}")).collect();
        let mut seen = Vec::new();
        let mut token = None;
        loop {
            let (page, next) = page(items.clone(), token.as_deref()).unwrap();
            seen.extend(page);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, items);
        assert!(page(items, Some("unknown")).is_err());
    }
}
