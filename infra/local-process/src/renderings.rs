//! The forms in which a secret may come out of a program. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A text without newlines and its renderings: as it is, percent-encoded, in base64 at each of the
/// three alignments, in hexadecimal, escaped as in JSON, and quoted as in a shell.
pub fn renderings(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut forms = vec![text.to_owned()];
    forms.extend([percent_encoded(text, false), percent_encoded(text, true)]);
    forms.extend([percent_encoded(text, false).replace("%20", "+")]);
    for engine in [&STANDARD, &URL_SAFE] {
        forms.push(engine.encode(bytes));
        forms.extend((0..3).map(|offset| base64_within(engine, bytes, offset)));
    }
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    forms.push(hexadecimal.to_uppercase());
    forms.push(hexadecimal);
    forms.push(json_escaped(text));
    forms.push(text.replace('\'', r"'\''"));
    forms.push(text.replace('\'', r#"'"'"'"#));
    forms.push(backslashed(text, "\\\"$`"));
    forms.push(backslashed(text, " \\\"$`'&|;<>()*?[]{}#~!^"));
    forms.sort();
    forms.dedup();
    forms
}

fn percent_encoded(text: &str, is_lower: bool) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| match (is_plain(byte), is_lower) {
        (true, _) => char::from(byte).to_string(),
        (false, true) => format!("%{byte:02x}"),
        (false, false) => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The characters that depend on `bytes` alone when `offset` other bytes stand before them.
fn base64_within(engine: &impl base64::Engine, bytes: &[u8], offset: usize) -> String {
    let mut shifted = vec![0; offset];
    shifted.extend_from_slice(bytes);
    let encoded = engine.encode(&shifted);
    let (start, end) = ((offset * 8).div_ceil(6), shifted.len() * 8 / 6);
    encoded.get(start..end).unwrap_or_default().to_owned()
}

fn json_escaped(text: &str) -> String {
    let escape = |character: char| match character {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        other if other.is_control() => format!("\\u{:04x}", u32::from(other)),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

fn backslashed(text: &str, special: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if special.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_rendered() {
        let forms = renderings(r#"pa ss'w"ord/+\é"#);
        let expected = [
            r#"pa ss'w"ord/+\é"#,
            "pa%20ss%27w%22ord%2F%2B%5C%C3%A9",
            "pa%20ss%27w%22ord%2f%2b%5c%c3%a9",
            "pa+ss%27w%22ord%2F%2B%5C%C3%A9",
            r#"pa ss'w\"ord/+\\é"#,
            r#"pa ss'\''w"ord/+\é"#,
            r#"pa\ ss\'w\"ord/+\\é"#,
            "70612073732777226f72642f2b5cc3a9",
        ];
        for form in expected {
            assert!(forms.iter().any(|rendered| rendered == form), "{form} is not in {forms:?}");
        }
    }

    #[test]
    fn base64_is_found_after_any_number_of_other_bytes() {
        let secret = "correct horse";
        let forms = renderings(secret);
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "x", "yz", "!!!"] {
                let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
                assert!(forms.iter().any(|form| form.len() > 12 && encoded.contains(form)), "{encoded}");
            }
        }
    }
}
