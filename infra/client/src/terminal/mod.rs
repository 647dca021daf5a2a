//! The edge to the person or script that called: what is printed, where, in which form, and what is asked.

mod addressed;
mod environment;
mod look;
mod print;

pub(crate) use addressed::Addressed;
pub(crate) use look::{BLUE, BOLD, DIM, GREEN, Look, RED, YELLOW};
pub(crate) use print::{Form, Terminal, is_yes};
