//! Where a value would be read as a program although it is quoted.

use crate::variables::Reference;

use super::rewrite::Refusal;
use super::scan::{Command, IN_A_SCRIPT, Line, REFERENCE, Word, refusal};

/// Programs that run their standard input, or an argument behind one of these options.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("sh", &["c"]),
    ("bash", &["c"]),
    ("dash", &["c"]),
    ("ash", &["c"]),
    ("zsh", &["c"]),
    ("ksh", &["c"]),
    ("fish", &["c"]),
    ("python", &["c"]),
    ("perl", &["e", "E"]),
    ("ruby", &["e"]),
    ("node", &["e", "p", "-eval", "-print"]),
    ("php", &["r"]),
    ("lua", &["e"]),
    ("pwsh", &["c", "C", "-command", "-Command"]),
    ("Rscript", &["e"]),
];

/// Programs and builtins whose arguments are programs, wherever they stand.
const ALWAYS: &[&str] = &[
    "eval",
    "trap",
    "alias",
    "source",
    ".",
    "let",
    "declare",
    "typeset",
    "local",
    "unset",
    "read",
    "mapfile",
    "readarray",
    "getopts",
    "integer",
    "ssh",
    "watch",
    "parallel",
    "expect",
    "awk",
    "gawk",
    "mawk",
    "nawk",
    "sed",
    "gsed",
    "ed",
    "vi",
    "vim",
    "osascript",
    "bc",
    "dc",
    "m4",
];

/// Programs that take a program after `-c`.
const WITH_COMMAND_OPTION: &[&str] = &["su", "runuser", "script", "flock", "npx"];

/// Variables that a shell reads as a program, or whose value names a file that it runs.
const RUNNING_VARIABLES: &[&str] =
    &["BASH_ENV", "ENV", "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS3", "PS4", "LD_PRELOAD", "PATH", "IFS"];

/// Words after which a command begins.
const KEYWORDS: &[&str] = &["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"];

pub(super) fn judge(line: &Line, references: &[Reference]) -> Result<(), Refusal> {
    for (position, command) in line.commands.iter().enumerate() {
        for (index, word) in command.words.iter().enumerate() {
            for reference in word.references.iter().map(|index| &references[*index]) {
                in_word(command, index, word, reference)?;
                in_command(command, index, reference)?;
                into_pipe(&line.commands[position + 1..], reference)?;
            }
        }
    }
    evaluated_later(line, references)
}

/// The place of a reference inside its word.
fn in_word(command: &Command, index: usize, word: &Word, reference: &Reference) -> Result<(), Refusal> {
    let before = word.text.split(REFERENCE).next().unwrap_or_default();
    let in_command_position = !word.redirection && is_command_word(command, index);
    if let Some((name, _)) = assignment(before).filter(|_| in_command_position || is_export(command, index)) {
        if RUNNING_VARIABLES.contains(&name) {
            let place = format!("in the value of {name}, which decides what the shell runs");
            return Err(refusal(reference, &place, "give it a fixed value"));
        }
        return Ok(());
    }
    if in_command_position && is_identifier(before.trim_end_matches(|c| c != '[').trim_end_matches('[')) {
        let place = "in the index of an array, where a value is read as an expression";
        return Err(refusal(reference, place, "use a fixed index"));
    }
    if in_command_position {
        let place = "where the name of a command is: a value would choose what runs";
        return Err(refusal(reference, place, "write the name of the command"));
    }
    Ok(())
}

/// What the command does with its arguments.
fn in_command(command: &Command, index: usize, reference: &Reference) -> Result<(), Refusal> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let before = &words[..index];
    if words.contains(&"[[") {
        let place = "in [[ ]], where a value can be read as an expression";
        return Err(refusal(reference, place, "use [ ] instead of [[ ]]"));
    }
    if before.last() == Some(&"-v") && ["test", "[", "printf"].iter().any(|name| before.contains(name)) {
        let place = "where the name of a variable is, which is read as an expression";
        return Err(refusal(reference, place, "write the name of the variable"));
    }
    if let Some(name) = before.iter().map(|word| program(word)).find(|name| ALWAYS.contains(name)) {
        let place = format!("in an argument of {name}, which reads it as a program");
        return Err(refusal(reference, &place, through_environment(name, reference)));
    }
    let has_command_option = |options: &[&str]| words.iter().any(|word| is_option(word, options));
    for (position, word) in before.iter().enumerate() {
        let name = program(word);
        let dynamic = word.starts_with('$') && position == 0;
        let options = match interpreter(name) {
            Some(options) => options,
            None if dynamic || WITH_COMMAND_OPTION.contains(&name) => &["c"],
            None => continue,
        };
        if has_command_option(options) {
            let place = format!("in a program that {name} is given as text");
            let fix = through_environment(name, reference);
            return Err(refusal(reference, &place, fix));
        }
    }
    if command.here_string && words.iter().any(|word| interpreter(program(word)).is_some()) {
        let place = "in the input of an interpreter";
        return Err(refusal(reference, place, IN_A_SCRIPT));
    }
    Ok(())
}

/// Whether what the command writes is read by an interpreter in the same pipeline.
fn into_pipe(after: &[Command], reference: &Reference) -> Result<(), Refusal> {
    for command in after.iter().take_while(|command| command.piped) {
        let programs = || command.words.iter().map(|word| program(&word.text));
        if let Some(name) =
            programs().find(|name| interpreter(name).is_some() || ["ssh", "xargs"].contains(name))
        {
            let place = format!("before a pipe into {name}, which would run what the value says");
            return Err(refusal(reference, &place, IN_A_SCRIPT));
        }
    }
    Ok(())
}

/// `eval` and integer variables read again what was assigned before them in the line.
fn evaluated_later(line: &Line, references: &[Reference]) -> Result<(), Refusal> {
    let words = || line.commands.iter().flat_map(|command| &command.words).map(|word| word.text.as_str());
    let evaluating = words().find(|word| ["eval", "declare", "typeset", "integer"].contains(word));
    match (evaluating, references.first()) {
        (Some(name), Some(reference)) => {
            let place = format!("in a line with {name}, which reads values as programs");
            Err(refusal(reference, &place, format!("write the line without {name}")))
        }
        _ => Ok(()),
    }
}

/// Whether a word is the one that names the command: the first that is no assignment, redirection or keyword.
fn is_command_word(command: &Command, index: usize) -> bool {
    let earlier = command.words[..index].iter().filter(|word| !word.redirection);
    earlier.map(|word| word.text.as_str()).all(|text| assignment(text).is_some() || KEYWORDS.contains(&text))
}

fn is_export(command: &Command, index: usize) -> bool {
    command.words[..index].iter().any(|word| ["export", "readonly", "env"].contains(&word.text.as_str()))
}

/// `name=value` or `name+=value`.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    is_identifier(name).then_some((name, value))
}

fn is_identifier(text: &str) -> bool {
    text.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The name of a program without its folder.
fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The options of an interpreter that take a program; a version in its name does not matter (`python3.12`).
fn interpreter(name: &str) -> Option<&'static [&'static str]> {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.iter().find(|(known, _)| *known == plain).map(|(_, options)| *options)
}

/// `-c`, also among other letters (`-lc`) and with its value attached (`-c…` is not one for shells, but it is
/// for others); `--eval` and `--eval=…`.
fn is_option(word: &str, options: &[&str]) -> bool {
    let Some(option) = word.strip_prefix('-') else { return false };
    options.iter().any(|known| match known.strip_prefix('-') {
        Some(_) => option == *known || option.starts_with(&format!("{known}=")),
        None => !option.starts_with('-') && option.contains(known),
    })
}

/// Programs can read the environment themselves; the shell's own builtins cannot do better than a variable.
fn through_environment(name: &str, reference: &Reference) -> String {
    let text = reference.text();
    match name {
        "awk" | "gawk" | "mawk" | "nawk" => {
            format!("give it in the environment: VALUE=#{{{text}}} {name} '… ENVIRON[\"VALUE\"] …'")
        }
        "sed" | "gsed" => {
            format!("give it in the environment to another program: VALUE=#{{{text}}} envsubst < in > out")
        }
        _ if interpreter(name).is_some() => {
            format!("give it in the environment: VALUE=#{{{text}}} {name} …, and read VALUE in the program")
        }
        _ => IN_A_SCRIPT.to_string(),
    }
}
