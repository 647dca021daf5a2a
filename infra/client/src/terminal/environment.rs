//! What the environment says about showing things: the one place where these commands read its variables.

use std::io::IsTerminal;

use super::look::Look;

/// Variables and terminals as they were found.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    pub no_color: Option<String>,
    pub clicolor_force: Option<String>,
    pub term: Option<String>,
    pub columns: Option<String>,
    /// The width of the terminal that standard output is.
    pub terminal_columns: Option<usize>,
    pub input_is_terminal: bool,
    pub output_is_terminal: bool,
    pub errors_are_terminal: bool,
}

impl Environment {
    pub fn of_process() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the variables about showing things are read here only"
        )]
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let output = std::io::stdout();
        Self {
            no_color: variable("NO_COLOR"),
            clicolor_force: variable("CLICOLOR_FORCE"),
            term: variable("TERM"),
            columns: variable("COLUMNS"),
            terminal_columns: terminal_size::terminal_size_of(&output).map(|(width, _)| usize::from(width.0)),
            input_is_terminal: std::io::stdin().is_terminal(),
            output_is_terminal: output.is_terminal(),
            errors_are_terminal: std::io::stderr().is_terminal(),
        }
    }

    fn is_dumb(&self) -> bool {
        self.term.as_deref() == Some("dumb")
    }

    fn colour(&self, is_terminal: bool) -> bool {
        if self.clicolor_force.as_deref().is_some_and(|value| value != "0") {
            return true;
        }
        is_terminal && self.no_color.is_none() && !self.is_dumb()
    }

    /// How results look. Without a terminal lines are as long as they are, unless `COLUMNS` says otherwise.
    pub fn look(&self) -> Look {
        let asked = self.columns.as_deref().and_then(|columns| columns.parse().ok());
        let width = asked.filter(|width| *width > 0).or(self.terminal_columns);
        Look { colour: self.colour(self.output_is_terminal), width }
    }

    pub fn look_of_errors(&self) -> Look {
        Look { colour: self.colour(self.errors_are_terminal), width: None }
    }

    /// Whether lines may be drawn over.
    pub fn is_live(&self) -> bool {
        self.output_is_terminal && self.errors_are_terminal && !self.is_dumb()
    }

    /// Whether somebody is there to answer a question.
    pub fn can_ask(&self) -> bool {
        self.input_is_terminal && self.errors_are_terminal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn colours_are_for_terminals_that_have_not_said_no() {
        let terminal = Environment { output_is_terminal: true, ..Environment::default() };
        for (environment, colour) in [
            (Environment::default(), false),
            (terminal.clone(), true),
            (Environment { no_color: text("1"), ..terminal.clone() }, false),
            (Environment { term: text("dumb"), ..terminal.clone() }, false),
            (Environment { term: text("xterm"), ..terminal.clone() }, true),
            (Environment { clicolor_force: text("1"), ..Environment::default() }, true),
            (Environment { clicolor_force: text("0"), ..Environment::default() }, false),
            (Environment { clicolor_force: text("1"), no_color: text("1"), ..terminal }, true),
        ] {
            assert_eq!(environment.look().colour, colour, "{environment:?}");
        }
    }

    #[test]
    fn columns_goes_before_the_terminal_and_a_pipe_has_no_width() {
        let terminal = Environment { terminal_columns: Some(80), ..Environment::default() };
        for (environment, width) in [
            (Environment::default(), None),
            (terminal.clone(), Some(80)),
            (Environment { columns: text("60"), ..terminal.clone() }, Some(60)),
            (Environment { columns: text("wide"), ..terminal.clone() }, Some(80)),
            (Environment { columns: text("0"), ..terminal }, Some(80)),
            (Environment { columns: text("60"), ..Environment::default() }, Some(60)),
        ] {
            assert_eq!(environment.look().width, width, "{environment:?}");
        }
    }

    #[test]
    fn nobody_is_asked_whose_input_is_a_pipe() {
        let here =
            Environment { input_is_terminal: true, errors_are_terminal: true, ..Environment::default() };
        assert!(here.can_ask());
        assert!(!Environment { input_is_terminal: false, ..here.clone() }.can_ask());
        assert!(!Environment { errors_are_terminal: false, ..here }.can_ask());
    }
}
