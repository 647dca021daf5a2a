//! Which names an entry may have.
//!
//! A name is accepted only when every reader agrees about what it means, on Linux as on Windows.

use crate::{Limits, Refusal};

/// The path's components without `.` and empty ones; empty for the archive's root (`./`).
pub(crate) fn components<'n>(name: &'n str, limits: &Limits) -> Result<Vec<&'n str>, Refusal> {
    if name.is_empty() {
        return Err(Refusal::NameEmpty);
    }
    if name.contains('\0') {
        return Err(Refusal::NulByte);
    }
    if name.contains('\\') {
        return Err(Refusal::Backslash);
    }
    if name.starts_with('/') {
        return Err(Refusal::AbsolutePath);
    }
    if has_drive_letter(name) {
        return Err(Refusal::DriveLetter);
    }
    if name.len() > limits.max_path_bytes {
        return Err(Refusal::PathTooLong { limit_bytes: limits.max_path_bytes });
    }
    let components: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if components.contains(&"..") {
        return Err(Refusal::ParentDirectory);
    }
    if components.len() > limits.max_depth {
        return Err(Refusal::TooDeep { limit: limits.max_depth });
    }
    // Also behind `./`, where a reader that drops the dot would meet it first.
    if components.first().is_some_and(|first| has_drive_letter(first)) {
        return Err(Refusal::DriveLetter);
    }
    Ok(components)
}

fn has_drive_letter(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic()) && characters.next() == Some(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unambiguous_relative_names_are_accepted() {
        let limits = Limits { max_depth: 3, max_path_bytes: 20, ..Limits::default() };
        let accepted: [(&str, &[&str]); 6] = [
            ("a/b.txt", &["a", "b.txt"]),
            ("./a//b/", &["a", "b"]),
            ("./", &[]),
            ("..a/b..", &["..a", "b.."]),
            ("grüße/日本", &["grüße", "日本"]),
            ("a/c:d", &["a", "c:d"]),
        ];
        for (name, parts) in accepted {
            assert_eq!(components(name, &limits).as_deref(), Ok(parts), "{name:?}");
        }
        let refused = [
            ("", Refusal::NameEmpty),
            ("a\0b", Refusal::NulByte),
            ("/etc/passwd", Refusal::AbsolutePath),
            ("//host/share", Refusal::AbsolutePath),
            ("C:evil", Refusal::DriveLetter),
            ("./C:/evil", Refusal::DriveLetter),
            ("..\\evil", Refusal::Backslash),
            ("../evil", Refusal::ParentDirectory),
            ("a/../../evil", Refusal::ParentDirectory),
            ("a/..", Refusal::ParentDirectory),
            ("a/b/c/d", Refusal::TooDeep { limit: 3 }),
            ("aaaaaaaaaaaaaaaaaaaaa", Refusal::PathTooLong { limit_bytes: 20 }),
        ];
        for (name, refusal) in refused {
            assert_eq!(components(name, &limits), Err(refusal), "{name:?}");
        }
    }
}
