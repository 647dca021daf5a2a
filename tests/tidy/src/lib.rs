//! The rules of the house, as tests: which crate may know which, how files look, what two places must agree on.
//!
//! Rules that only people remember are forgotten. Each test is one rule, named as a sentence; what it prints
//! says which file breaks it and what to do. None of them compiles or runs anything of the project, so all
//! of them take a few seconds: `cargo test -p test-tidy`.
//!
//! The rules are about the files of the repository that git does not ignore, as they are now.

#![cfg(test)]

mod crates;
mod dependencies;
mod documents;
mod faults;
mod functions;
mod headers;
mod leftovers;
mod manifests;
mod markdown;
mod names;
mod repository;
mod rust_text;
mod sizes;
mod template;
mod vocabulary;
