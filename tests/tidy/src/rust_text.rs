//! Rust as text: enough of its grammar to tell code, comments and strings apart, and to measure functions.

use regex::Regex;

/// A source file in layers of the same lines and columns: what is not in a layer is a space. The contents
/// of strings are in none.
pub struct RustText {
    pub code: String,
    /// The code without the modules that are compiled for tests only.
    pub product: String,
    pub comments: String,
}

pub struct FunctionText {
    pub name: String,
    /// Counted from 1.
    pub line: usize,
    pub lines: usize,
    /// Not in a module of tests.
    pub is_product: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Layer {
    Code,
    Comment,
    String,
}

impl RustText {
    pub fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let mut layers = Self { code: String::new(), product: String::new(), comments: String::new() };
        let mut at = 0;
        while at < characters.len() {
            let (layer, end) = token(&characters, at);
            layers.push(&characters[at..end], layer);
            at = end;
        }
        layers.product = without_tests(&layers.code);
        layers
    }

    fn push(&mut self, characters: &[char], layer: Layer) {
        for &character in characters {
            match (character, layer) {
                ('\n', _) => {
                    self.code.push('\n');
                    self.comments.push('\n');
                }
                (_, Layer::String) => {}
                (_, Layer::Code) => {
                    self.code.push(character);
                    self.comments.push(' ');
                }
                (_, Layer::Comment) => {
                    self.code.push(' ');
                    self.comments.push(character);
                }
            }
        }
        if layer == Layer::String {
            self.code.push_str("\"\"");
            self.comments.push_str("  ");
        }
    }

    /// Every function with a body.
    pub fn functions(&self) -> Vec<FunctionText> {
        let product: Vec<&str> = self.product.lines().collect();
        let code = &self.code;
        let name = Regex::new(r"\bfn\s+(\w+)").expect("a regular expression");
        let functions = name.captures_iter(code).filter_map(|found| {
            let whole = found.get(0)?;
            let body = body_of(code, whole.end())?;
            let lines = code[whole.start()..end_of_block(code, body)].lines().count();
            let line = code[..whole.start()].matches('\n').count() + 1;
            let is_product = product.get(line - 1).is_some_and(|line| line.contains(whole.as_str()));
            Some(FunctionText { name: found[1].to_owned(), line, lines, is_product })
        });
        functions.collect()
    }

    /// Characters of the longest layer of each line, strings not counted.
    pub fn line_lengths(&self) -> impl Iterator<Item = usize> {
        let length = |line: &str| line.trim_end().chars().count();
        self.code.lines().zip(self.comments.lines()).map(move |(a, b)| length(a).max(length(b)))
    }
}

/// The layer of what begins at `at`, and where it ends.
fn token(characters: &[char], at: usize) -> (Layer, usize) {
    let next = characters.get(at + 1).copied();
    match (characters[at], next) {
        ('/', Some('/')) => (Layer::Comment, find(characters, at, "\n")),
        ('/', Some('*')) => (Layer::Comment, (find(characters, at, "*/") + 2).min(characters.len())),
        ('"', _) => (Layer::String, end_of_string(characters, at + 1)),
        ('r', Some('"' | '#')) if !follows_name(characters, at) => raw_string(characters, at),
        ('\'', Some('\\')) => (Layer::String, find(characters, at + 3, "'") + 1),
        ('\'', Some(_)) if characters.get(at + 2) == Some(&'\'') => (Layer::String, at + 3),
        _ => (Layer::Code, at + 1),
    }
}

fn follows_name(characters: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| characters[before]);
    before.is_some_and(|before| (before.is_alphanumeric() && before != 'b') || before == '_')
}

fn raw_string(characters: &[char], at: usize) -> (Layer, usize) {
    let hashes = characters[at + 1..].iter().take_while(|character| **character == '#').count();
    match characters.get(at + 1 + hashes) {
        Some('"') => {
            let close = format!("\"{}", "#".repeat(hashes));
            (Layer::String, find(characters, at + 2 + hashes, &close) + close.len())
        }
        _ => (Layer::Code, at + 1),
    }
}

fn end_of_string(characters: &[char], mut at: usize) -> usize {
    while at < characters.len() && characters[at] != '"' {
        at += if characters[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(characters.len())
}

/// Where `wanted` is next, or the end.
fn find(characters: &[char], from: usize, wanted: &str) -> usize {
    let wanted: Vec<char> = wanted.chars().collect();
    let rest = characters.get(from..).unwrap_or_default();
    let found = rest.windows(wanted.len()).position(|window| window == wanted);
    found.map_or(characters.len(), |offset| from + offset)
}

fn without_tests(code: &str) -> String {
    let mut product = code.to_owned();
    while let Some(start) = product.find("#[cfg(test)]\nmod ") {
        let end = match product[start..].find(['{', ';']) {
            Some(offset) if product[start + offset..].starts_with('{') => {
                end_of_block(&product, start + offset)
            }
            Some(offset) => start + offset + 1,
            None => product.len(),
        };
        let blank: String = product[start..end].chars().filter(|character| *character == '\n').collect();
        product.replace_range(start..end, &blank);
    }
    product
}

/// Where the body begins of the function whose name ends at `from`; a method of a trait may have none.
fn body_of(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0;
    for (offset, character) in code[from..].char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(from + offset),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn end_of_block(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (offset, character) in code[open..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + offset + 1;
        }
    }
    code.len()
}

#[test]
fn code_comments_and_strings_are_told_apart() {
    let text =
        "let a = \"// no\\\" {\"; // yes \"x\"\nlet b = r#\"{\"\"#; let c = '{'; fn f<'a>() /* { */ {}\n";
    let rust = RustText::of(text);
    assert_eq!(rust.code.lines().next().map(str::trim_end), Some("let a = \"\";"));
    assert!(rust.comments.lines().next().is_some_and(|line| line.ends_with("// yes \"x\"")));
    assert_eq!(rust.code.matches('{').count(), 1);
    assert!(rust.code.contains("fn f<'a>()"));
}

#[test]
fn functions_are_measured_from_their_name_to_their_last_brace() {
    let text =
        "trait T { fn none(&self, a: [u8; 2]); }\n\nfn two() -> u8 {\n    if true { 1 } else { 2 } }\n";
    let functions = RustText::of(text).functions();
    let measured: Vec<_> = functions.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
    assert_eq!(measured, [("two", 3, 2)]);
}

#[test]
fn modules_of_tests_are_left_out() {
    let rust = RustText::of("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
    let code = &rust.product;
    assert!(code.contains("fn a") && code.contains("fn c") && !code.contains("fn b"));
    assert_eq!(code.lines().count(), 6);
    assert_eq!(rust.functions().iter().map(|f| f.is_product).collect::<Vec<_>>(), [true, false, true]);
}
