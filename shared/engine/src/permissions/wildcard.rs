//! IAM's wildcards.

/// `*` stands for any number of characters (also none, also `/` and `:`), `?` for one.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Where to resume when the characters after the last `*` turn out not to match: one further.
    let mut resume: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                resume = Some((at + 1, read));
                at += 1;
            }
            Some(&expected) if expected == b'?' || expected == text[read] => {
                at += 1;
                read += 1;
            }
            _ => match resume {
                None => return false,
                Some((after_star, from)) => {
                    resume = Some((after_star, from + 1));
                    at = after_star;
                    read = from + 1;
                }
            },
        }
    }
    pattern[at..].iter().all(|&rest| rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_and_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "arn:aws:s3:::b/k", true),
            ("arn:aws:s3:::*/*", "arn:aws:s3:::b/k/l", true),
            ("arn:aws:s3:::*/*", "arn:aws:s3:::b", false),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("s3:?etObject", "s3:GetObject", true),
            ("s3:?etObject", "s3:etObject", false),
            ("a*b*c", "axxbxxbxxc", true),
            ("a*b*c", "axxbxxbxx", false),
            ("table/a", "table/ab", false),
            ("table/ab", "table/a", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} against {text}");
        }
    }
}
