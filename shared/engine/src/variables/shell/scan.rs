//! Reading one command line as a shell does, as far as it takes to know in which quotes and in which command
//! each reference stands.
//!
//! A misreading cannot make a value run: whatever the quotes, an expansion is data. It would only give a wrong
//! text; what is not understood for certain is refused.

use crate::variables::Reference;

use super::rewrite::Refusal;

/// The quotes around a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    None,
    Double,
    Single,
}

/// A word of a command.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// Without quotes; a reference is one `REFERENCE`.
    pub text: String,
    /// Which references stand in it, by their position in the line.
    pub references: Vec<usize>,
    /// Whether it is what `<`, `>` or `<<<` reads or writes.
    pub redirection: bool,
}

/// Stands for a reference in the text of a word: no character of a command that a shell can read.
pub(super) const REFERENCE: char = '\0';

const ARITHMETIC: &str = "in arithmetic, where a value is read as an expression";

/// The way out where a value must not be read again.
pub(super) const IN_A_SCRIPT: &str =
    "put the command into a script, and call the script with the variable as argument";

/// Words up to the next `;`, `&`, `|`, `(` or `)`.
#[derive(Debug, Default)]
pub(super) struct Command {
    pub words: Vec<Word>,
    /// Whether it reads what the command before it writes.
    pub piped: bool,
    /// Whether it reads a here-string.
    pub here_string: bool,
}

/// A whole line.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub commands: Vec<Command>,
    /// The quotes of each reference.
    pub quoting: Vec<Quoting>,
}

pub(super) fn scan(text: &str, references: &[Reference]) -> Result<Line, Refusal> {
    let mut scanner =
        Scanner { text, references, at: 0, line: Line::default(), word: None, redirected: false };
    scanner.line.commands.push(Command::default());
    scanner.run()?;
    Ok(scanner.line)
}

struct Scanner<'a> {
    text: &'a str,
    references: &'a [Reference],
    /// The next byte to read.
    at: usize,
    line: Line,
    word: Option<Word>,
    /// The next word belongs to a redirection.
    redirected: bool,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        while let Some(next) = self.rest().chars().next() {
            if self.reference(Quoting::None) {
                continue;
            }
            match next {
                '\'' => self.single_quotes()?,
                '"' => self.double_quotes()?,
                '\\' => self.escape()?,
                '$' | '`' => self.expansion()?,
                '#' if self.word.is_none() => self.comment(),
                ' ' | '\t' | '\n' => {
                    self.end_word();
                    self.at += 1;
                }
                '<' | '>' => self.redirection()?,
                '&' if self.rest().starts_with("&>") => self.redirection()?,
                '(' if self.rest().starts_with("((") => {
                    self.skip("((", "))", ARITHMETIC)?;
                }
                ';' | '&' | '|' | '(' | ')' => self.operator(next),
                other => self.push(other),
            }
        }
        self.end_word();
        Ok(())
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, character: char) {
        self.at += character.len_utf8();
        self.word.get_or_insert_default().text.push(character);
    }

    /// Takes the reference that starts here, if one does.
    fn reference(&mut self, quoting: Quoting) -> bool {
        let Some(index) = self.references.iter().position(|reference| reference.range.start == self.at)
        else {
            return false;
        };
        let word = self.word.get_or_insert_default();
        word.text.push(REFERENCE);
        word.references.push(index);
        self.line.quoting.push(quoting);
        self.at = self.references[index].range.end;
        true
    }

    fn end_word(&mut self) {
        let Some(mut word) = self.word.take() else { return };
        word.redirection = std::mem::take(&mut self.redirected);
        if let Some(command) = self.line.commands.last_mut() {
            command.words.push(word);
        }
    }

    fn operator(&mut self, operator: char) {
        self.end_word();
        self.redirected = false;
        self.at += 1;
        let doubled = self.rest().starts_with(operator);
        let piped = operator == '|' && !doubled;
        if doubled || (piped && self.rest().starts_with('&')) {
            self.at += 1;
        }
        self.line.commands.push(Command { piped, ..Command::default() });
    }

    fn redirection(&mut self) -> Result<(), Refusal> {
        self.end_word();
        let operators = ["<<<", "&>>", "<<-", "<<", ">>", "<&", ">&", ">|", "&>", "<>", "<(", ">(", "<", ">"];
        let Some(operator) = operators.into_iter().find(|operator| self.rest().starts_with(operator)) else {
            return Ok(());
        };
        match operator {
            "<(" | ">(" => return self.substitution(operator, "in a process substitution"),
            "<<" | "<<-" => {
                return self
                    .refuse_all("in a line with a here-document, whose text is read by its own rules");
            }
            "<<<" => {
                if let Some(command) = self.line.commands.last_mut() {
                    command.here_string = true;
                }
            }
            _ => {}
        }
        self.at += operator.len();
        self.redirected = true;
        Ok(())
    }

    fn single_quotes(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        self.word.get_or_insert_default();
        loop {
            if self.reference(Quoting::Single) {
                continue;
            }
            match self.rest().chars().next() {
                None => return self.refuse_all("in a line whose single quotes are not closed"),
                Some('\'') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(other) => self.push(other),
            }
        }
    }

    fn double_quotes(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        self.word.get_or_insert_default();
        loop {
            if self.reference(Quoting::Double) {
                continue;
            }
            match self.rest().chars().next() {
                None => return self.refuse_all("in a line whose double quotes are not closed"),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => self.escape()?,
                // In double quotes `$'` is two ordinary characters.
                Some('$') if self.rest().starts_with("$'") => self.push('$'),
                Some('$' | '`') => self.expansion()?,
                Some(other) => self.push(other),
            }
        }
    }

    /// A backslash and the character after it.
    fn escape(&mut self) -> Result<(), Refusal> {
        self.at += 1;
        if let Some(reference) = self.references.iter().find(|reference| reference.range.start == self.at) {
            let fix = format!("remove the backslash before #{{{}}}", reference.text());
            return Err(refusal(
                reference,
                "after a backslash, which would escape the quote before the value",
                fix,
            ));
        }
        match self.rest().chars().next() {
            Some(escaped) => self.push(escaped),
            None => self.push_raw('\\'),
        }
        Ok(())
    }

    fn push_raw(&mut self, character: char) {
        self.word.get_or_insert_default().text.push(character);
    }

    /// `$name`, `${…}`, `$(…)`, `$((…))`, `$[…]`, `$'…'`, `` `…` ``.
    fn expansion(&mut self) -> Result<(), Refusal> {
        let rest = self.rest();
        if rest.starts_with('`') {
            self.skip("`", "`", "in backquotes, which are read twice")
        } else if rest.starts_with("$((") {
            self.skip("$((", "))", ARITHMETIC)
        } else if rest.starts_with("$[") {
            self.skip("$[", "]", ARITHMETIC)
        } else if rest.starts_with("$(") {
            self.substitution("$(", "in a command substitution")
        } else if rest.starts_with("${") {
            self.skip("${", "}", "in a parameter expansion")
        } else if rest.starts_with("$'") {
            self.skip("$'", "'", "in $'…' quotes, which not every shell knows")
        } else {
            self.push('$');
            Ok(())
        }
    }

    fn comment(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            if !self.reference(Quoting::None) {
                self.push(next);
            }
        }
        // What is commented out is no word of a command.
        self.word = None;
    }

    /// Steps over a construct that may hold no reference, to its end.
    fn skip(&mut self, open: &str, close: &str, place: &str) -> Result<(), Refusal> {
        let start = self.at;
        self.at += open.len();
        self.word.get_or_insert_default().text.push_str(open);
        loop {
            let rest = self.rest();
            if let Some(reference) = self.references.iter().find(|reference| reference.range.start == self.at)
            {
                let fix = if place == ARITHMETIC { IN_A_SCRIPT.to_string() } else { assign_first(reference) };
                return Err(refusal(reference, place, fix));
            }
            if rest.starts_with(close) {
                self.at += close.len();
                return Ok(());
            }
            match rest.chars().next() {
                None => return self.refuse_all("in a line with a construct that does not end"),
                Some('\\') => self.escape()?,
                Some('$') if rest.starts_with("${") || rest.starts_with("$(") => self.expansion()?,
                Some(other) => self.at += other.len_utf8(),
            }
            debug_assert!(self.at > start, "every step goes forward");
        }
    }

    /// Steps over `$(…)` or `<(…)`, minding quotes and nested ones.
    fn substitution(&mut self, open: &str, place: &str) -> Result<(), Refusal> {
        self.at += open.len();
        self.word.get_or_insert_default().text.push_str(open);
        let mut depth = 1usize;
        loop {
            if let Some(reference) = self.references.iter().find(|reference| reference.range.start == self.at)
            {
                return Err(refusal(reference, place, assign_first(reference)));
            }
            match self.rest().chars().next() {
                None => return self.refuse_all("in a line with a construct that does not end"),
                Some('\\') => self.escape()?,
                Some('\'') => self.skip("'", "'", place)?,
                Some('"') => self.skip("\"", "\"", place)?,
                Some('`') => self.skip("`", "`", place)?,
                Some('(') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(')') => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                Some(other) => self.at += other.len_utf8(),
            }
        }
    }

    /// Refuses the first reference of the line.
    fn refuse_all(&self, place: &str) -> Result<(), Refusal> {
        let Some(first) = self.references.first() else { return Ok(()) };
        Err(refusal(first, place, IN_A_SCRIPT))
    }
}

pub(super) fn refusal(reference: &Reference, place: &str, fix: impl Into<String>) -> Refusal {
    Refusal {
        range: reference.range.clone(),
        character: 0,
        reference: format!("#{{{}}}", reference.text()),
        reason: format!("stands {place}"),
        fix: fix.into(),
    }
}

/// The way out of most places: the value in a shell variable, which the rest of the line can use.
pub(super) fn assign_first(reference: &Reference) -> String {
    format!("assign it first, and use \"$value\" here: value=#{{{}}}; …", reference.text())
}
