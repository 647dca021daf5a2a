//! Where the command writes: results to standard output, complaints to standard error.

use crate::cli::Exit;

#[expect(clippy::print_stdout, reason = "the one place of this command that writes to standard output")]
pub(crate) fn say(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "the one place of this command that writes to standard error")]
pub(crate) fn complain(exit: Exit, text: &str) -> Exit {
    eprint!("{text}");
    exit
}

pub(crate) fn complain_of(exit: Exit, message: &str) -> Exit {
    complain(exit, &format!("error: {message}\n"))
}
