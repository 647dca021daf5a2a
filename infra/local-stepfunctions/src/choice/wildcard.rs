//! `StringMatches`: `*` stands for any characters, `\*` for a star, `\\` for a backslash.

/// Whether the whole of `text` fits `pattern`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pieces = pieces(pattern);
    let (Some((first, rest)), text) = (pieces.split_first(), text) else { return false };
    let Some((last, middle)) = rest.split_last() else { return text == first };
    let Some(mut remaining) = text.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        match remaining.find(piece.as_str()) {
            Some(position) => remaining = &remaining[position + piece.len()..],
            None => return false,
        }
    }
    remaining.ends_with(last.as_str())
}

/// The literal text between the stars.
fn pieces(pattern: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '*' => {
                pieces.push(String::new());
                continue;
            }
            '\\' => characters.next().unwrap_or('\\'),
            _ => character,
        };
        if let Some(piece) = pieces.last_mut() {
            piece.push(literal);
        }
    }
    pieces
}
