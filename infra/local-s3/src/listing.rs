//! One page of a listing: prefix, delimiter, where to go on, how much.

/// Where a page begins: after this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum After {
    #[default]
    Nothing,
    Key(String),
    /// After all keys that are summed up in this common prefix.
    CommonPrefix(String),
}

#[derive(Debug)]
pub(crate) struct Query<'q> {
    pub(crate) prefix: &'q str,
    pub(crate) delimiter: Option<&'q str>,
    pub(crate) after: After,
    /// Items and common prefixes together.
    pub(crate) limit: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) common_prefixes: Vec<String>,
    /// Where the next page begins; `None` when this is the last one.
    pub(crate) next: Option<After>,
}

/// `entries` are in the order of their keys; a key may come several times (its versions).
pub(crate) fn page<'e, T>(entries: impl Iterator<Item = (&'e str, T)>, query: &Query<'_>) -> Page<T> {
    let mut page = Page { items: Vec::new(), common_prefixes: Vec::<String>::new(), next: None };
    let mut last = After::Nothing;
    for (key, item) in entries {
        if !key.starts_with(query.prefix) || is_before(key, &query.after) {
            continue;
        }
        let common = common_prefix(key, query);
        if common.is_some_and(|common| page.common_prefixes.last().is_some_and(|seen| seen == common)) {
            continue;
        }
        if page.items.len() + page.common_prefixes.len() >= query.limit {
            page.next = (query.limit > 0).then_some(last);
            return page;
        }
        match common {
            Some(common) => {
                page.common_prefixes.push(common.into());
                last = After::CommonPrefix(common.into());
            }
            None => {
                page.items.push(item);
                last = After::Key(key.into());
            }
        }
    }
    page
}

fn is_before(key: &str, after: &After) -> bool {
    match after {
        After::Nothing => false,
        After::Key(last) => key <= last.as_str(),
        After::CommonPrefix(last) => key.starts_with(last.as_str()) || key <= last.as_str(),
    }
}

fn common_prefix<'k>(key: &'k str, query: &Query<'_>) -> Option<&'k str> {
    let delimiter = query.delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let rest = &key[query.prefix.len()..];
    let end = query.prefix.len() + rest.find(delimiter)? + delimiter.len();
    Some(&key[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 7] = ["a", "a/1", "a/2", "b/x/1", "b/x/2", "b/y", "c"];

    fn pages(prefix: &str, delimiter: Option<&str>, limit: usize) -> Vec<String> {
        let mut after = After::Nothing;
        let mut shown = Vec::new();
        loop {
            let query = Query { prefix, delimiter, after, limit };
            let found = page(KEYS.iter().map(|key| (*key, *key)), &query);
            shown.push(format!("{} | {}", found.items.join(" "), found.common_prefixes.join(" ")));
            match found.next {
                Some(next) => after = next,
                None => return shown,
            }
        }
    }

    #[test]
    fn pages_join_to_the_whole_list_without_gaps_or_repetitions() {
        let cases: [(&str, Option<&str>, usize, &[&str]); 7] = [
            ("", None, 100, &["a a/1 a/2 b/x/1 b/x/2 b/y c | "]),
            ("", None, 3, &["a a/1 a/2 | ", "b/x/1 b/x/2 b/y | ", "c | "]),
            ("", Some("/"), 100, &["a c | a/ b/"]),
            ("", Some("/"), 1, &["a | ", " | a/", " | b/", "c | "]),
            ("b/", Some("/"), 1, &[" | b/x/", "b/y | "]),
            ("b/", None, 2, &["b/x/1 b/x/2 | ", "b/y | "]),
            ("nothing", Some("/"), 2, &[" | "]),
        ];
        for (prefix, delimiter, limit, expected) in cases {
            assert_eq!(pages(prefix, delimiter, limit), expected, "{prefix:?} {delimiter:?} {limit}");
        }
    }
}
