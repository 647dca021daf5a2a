//! Intrinsic functions: `States.Format('{} of {}', $.done, $.all)`.

mod arrays;
mod encoding;
mod evaluate;
mod numbers;
mod parse;
mod strings;
#[cfg(test)]
mod tests;

pub(crate) use parse::Call;
