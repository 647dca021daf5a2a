//! Printing and asking. Nothing else in this crate writes to the outputs or reads the input.

use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::addressed::Addressed;
use super::environment::Environment;
use super::look::Look;
use crate::exit::Exit;
use crate::failure::Failure;

/// In which form a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
    /// Only what a script needs.
    Quiet,
}

impl Form {
    pub fn of(json: bool, quiet: bool) -> Self {
        match (json, quiet) {
            (true, _) => Self::Json,
            (false, true) => Self::Quiet,
            (false, false) => Self::Text,
        }
    }
}

type Output = Mutex<Box<dyn Write + Send>>;

pub(crate) struct Terminal {
    pub form: Form,
    pub look: Look,
    pub look_of_errors: Look,
    /// Lines may be drawn over.
    pub is_live: bool,
    /// Somebody is there to answer questions.
    pub can_ask: bool,
    /// Completes the commands that messages name.
    pub addressed: Addressed,
    output: Output,
    errors: Output,
    is_gone: AtomicBool,
}

impl Terminal {
    pub fn of_process(form: Form, addressed: Addressed) -> Self {
        let environment = Environment::of_process();
        Self {
            form,
            look: environment.look(),
            look_of_errors: environment.look_of_errors(),
            is_live: environment.is_live() && form == Form::Text,
            can_ask: environment.can_ask() && form != Form::Json,
            addressed,
            output: Mutex::new(Box::new(std::io::stdout())),
            errors: Mutex::new(Box::new(std::io::stderr())),
            is_gone: AtomicBool::new(false),
        }
    }

    /// Writes a result to standard output.
    pub fn say(&self, text: &str) {
        if write(&self.output, text).is_err() {
            // Whoever read it has had enough, as `head` does.
            self.is_gone.store(true, Ordering::Relaxed);
        }
    }

    /// Writes a value as a document of its own.
    pub fn say_json(&self, value: &Value) {
        self.say(&format!("{value:#}\n"));
    }

    /// Writes a value on one line, as one of many.
    pub fn say_json_line(&self, value: &Value) {
        self.say(&format!("{value}\n"));
    }

    /// Says on standard error what is no result; not in the quiet and the machine's form.
    pub fn note(&self, text: &str) {
        if self.form == Form::Text {
            let _ = write(&self.errors, &self.addressed.complete(text));
        }
    }

    /// Writes a result that names commands to standard output.
    pub fn say_with_commands(&self, text: &str) {
        self.say(&self.addressed.complete(text));
    }

    /// Nobody reads the output any more.
    pub fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }

    /// Tells an error on standard error.
    pub fn fail(&self, failure: &Failure) -> Exit {
        let failure = failure.clone().complete(&self.addressed);
        let text = match self.form {
            Form::Json => format!("{:#}\n", failure.to_json()),
            Form::Text | Form::Quiet => failure.render(self.look_of_errors),
        };
        let _ = write(&self.errors, &text);
        failure.exit
    }

    /// Asks on the terminal; what was typed, none if the input has ended.
    pub async fn ask(&self, question: &str) -> Option<String> {
        let _ = write(&self.errors, question);
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            matches!(read, Ok(1..)).then_some(line)
        });
        answer.await.ok().flatten()
    }

    /// Goes on only with a yes: `--yes`, or one on the terminal.
    pub async fn confirm(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !self.can_ask {
            return Err(Failure::usage("nobody can be asked: there is no terminal")
                .help("look at what would happen, then give --yes"));
        }
        let answer = self.ask(&format!("{question} [y/N] ")).await.unwrap_or_default();
        match is_yes(&answer) {
            true => Ok(()),
            false => Err(Failure::new(Exit::Failed, "not done: the answer was not yes")),
        }
    }
}

pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

fn write(output: &Output, text: &str) -> std::io::Result<()> {
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    output.write_all(text.as_bytes())?;
    output.flush()
}

#[cfg(test)]
mod recorded {
    //! A terminal that remembers what was written, for tests.

    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        pub fn text(&self) -> String {
            String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Terminal {
        pub fn recorded(form: Form, look: Look) -> (Self, Written, Written) {
            let (output, errors) = (Written::default(), Written::default());
            let terminal = Self {
                form,
                look,
                look_of_errors: look,
                is_live: false,
                can_ask: false,
                addressed: Addressed::default(),
                output: Mutex::new(Box::new(output.clone())),
                errors: Mutex::new(Box::new(errors.clone())),
                is_gone: AtomicBool::new(false),
            };
            (terminal, output, errors)
        }
    }
}
