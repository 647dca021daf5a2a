//! Greets somebody: `greeting NAME`.

mod answer;

use std::process::ExitCode;

use answer::{Answer, answer};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match answer(&arguments) {
        Answer::Print(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Answer::Refuse(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}
