//! Rewritten commands run in a real shell with hostile values; refused ones name the place.

use std::process::Command;

use super::*;

/// What a branch name, a commit message or an answer to an approval may hold.
const HOSTILE: &[&str] = &[
    "zzz\";echo${IFS}\"hello\";#",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "a b  c",
    "*",
    "~",
    "-n",
    "\\",
    "\\\"",
    "${HOME}",
    "a\nb; touch pwned",
    "a[$(touch pwned)]",
    "| touch pwned",
    "> pwned",
    "#{Other.Reference}",
    "",
    "ünïcode \u{1f980}",
];

fn in_shell(shell: &str, rewritten: &RewrittenCommand, value: &str) -> Option<String> {
    let directory = std::env::temp_dir().join(format!("pipewright-shell-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    #[expect(clippy::disallowed_methods, reason = "only a real shell shows what a real shell does")]
    let mut command = Command::new(shell);
    command.current_dir(&directory).args(["-c", &rewritten.text]);
    for binding in &rewritten.environment {
        command.env(&binding.name, value);
    }
    let output = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        output => output.unwrap(),
    };
    assert!(!directory.join("pwned").exists(), "{shell}: {} ran {value:?}", rewritten.text);
    assert!(
        output.status.success(),
        "{shell}: {}: {}",
        rewritten.text,
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_value_arrives_whole_in_every_quoting_and_never_runs() {
    for (command, expected) in [
        ("printf '[%s]' #{V.x}", "[VALUE]"),
        ("printf '[%s]' a#{V.x}b", "[aVALUEb]"),
        ("printf '[%s]' \"#{V.x}\"", "[VALUE]"),
        ("printf '[%s]' \"it's #{V.x}!\"", "[it's VALUE!]"),
        ("printf '[%s]' \"a\\\"#{V.x}\\\"b\"", "[a\"VALUE\"b]"),
        ("printf '[%s]' '#{V.x}'", "[VALUE]"),
        ("printf '[%s]' 'say \"#{V.x}\" and $HOME'", "[say \"VALUE\" and $HOME]"),
        ("printf '[%s]' #{V.x}#{V.x}", "[VALUEVALUE]"),
        ("value=#{V.x}; printf '[%s]' \"$value\"", "[VALUE]"),
        ("export A=#{V.x} && printf '[%s]' \"$A\"", "[VALUE]"),
        ("A=#{V.x} sh -c 'printf \"[%s]\" \"$A\"'", "[VALUE]"),
        ("if [ #{V.x} != nothing ]; then printf '[%s]' #{V.x}; fi", "[VALUE]"),
        ("for v in #{V.x}; do printf '[%s]' \"$v\"; done", "[VALUE]"),
        ("printf '[%s]' \"$(printf 'a)b')\" #{V.x}", "[a)b][VALUE]"),
        ("printf '[%s]' #{V.x} | cat", "[VALUE]"),
        ("(printf '[%s]' #{V.x}) 2>&1 # about #{V.x}", "[VALUE]"),
        ("case #{V.x} in nothing) false;; *) printf '[%s]' #{V.x};; esac", "[VALUE]"),
    ] {
        let rewritten = rewrite(command).unwrap_or_else(|refusal| panic!("{command}: {refusal}"));
        for value in HOSTILE {
            for shell in ["sh", "bash"] {
                if let Some(output) = in_shell(shell, &rewritten, value) {
                    assert_eq!(output, expected.replace("VALUE", value), "{shell}: {}", rewritten.text);
                }
            }
        }
    }
}

#[test]
fn each_variable_has_one_environment_variable_of_its_own() {
    let rewritten = rewrite("deploy #{Source.CommitId} '#{build-1.TAG}' \"#{Source.CommitId}\"").unwrap();
    expect_test::expect![[r#"
        RewrittenCommand {
            text: "deploy \"${PIPEWRIGHT_VAR_Source_CommitId}\" ''\"${PIPEWRIGHT_VAR__build_1_TAG_b0c8b26e4899}\"'' \"${PIPEWRIGHT_VAR_Source_CommitId}\"",
            environment: [
                Binding {
                    name: "PIPEWRIGHT_VAR_Source_CommitId",
                    namespace: "Source",
                    key: "CommitId",
                },
                Binding {
                    name: "PIPEWRIGHT_VAR__build_1_TAG_b0c8b26e4899",
                    namespace: "build-1",
                    key: "TAG",
                },
            ],
        }
    "#]]
    .assert_debug_eq(&rewritten);
    let names = [("a", "b_c"), ("a_b", "c"), ("a-b", "c"), ("a", "b-c"), ("a@b", "c"), ("ab", "c")];
    let distinct: std::collections::BTreeSet<String> =
        names.iter().map(|(namespace, key)| environment_name(namespace, key)).collect();
    assert_eq!(distinct.len(), names.len(), "{distinct:?}");
}

#[test]
fn a_command_without_references_is_left_alone_whatever_it_is() {
    for command in ["eval \"$X\"", "echo 'open", "cat <<EOF", "echo #{not a reference}", "echo #{open"] {
        assert_eq!(rewrite(command).map(|rewritten| rewritten.text).as_deref(), Ok(command));
    }
}

#[test]
fn a_place_where_a_value_would_be_a_program_is_refused_with_the_place() {
    let refused: Vec<String> = [
        "echo $(git log #{V.x})",
        "echo \"$(git log '#{V.x}')\"",
        "echo `git log #{V.x}`",
        "diff <(echo #{V.x}) other",
        "echo $((1 + #{V.x}))",
        "(( n = #{V.x} ))",
        "let n=#{V.x}",
        "echo ${NAME:-#{V.x}}",
        "echo $'#{V.x}'",
        "cat <<EOF #{V.x}",
        "eval echo #{V.x}",
        "v=#{V.x}; eval \"$v\"",
        "declare -i n; n=#{V.x}",
        "sh -c 'echo #{V.x}'",
        "sudo /bin/bash -ec \"echo #{V.x}\"",
        "$SHELL -c 'echo #{V.x}'",
        "timeout 5 bash -lc 'echo #{V.x}'",
        "python3 -c 'print(\"#{V.x}\")'",
        "perl -pe 's/x/#{V.x}/' file",
        "node --eval 'console.log(\"#{V.x}\")'",
        "awk '{print \"#{V.x}\"}' file",
        "sed -i \"s/TAG/#{V.x}/\" file",
        "ssh host deploy #{V.x}",
        "su app -c 'deploy #{V.x}'",
        "echo #{V.x} | sh",
        "echo #{V.x} | tee log | sudo bash",
        "bash <<< \"#{V.x}\"",
        "#{V.x} --help",
        "A=1 #{V.x}",
        "if #{V.x}; then true; fi",
        "true && #{V.x}",
        "list[#{V.x}]=1",
        "[[ #{V.x} -eq 1 ]]",
        "test -v #{V.x}",
        "PATH=#{V.x} make",
        "export BASH_ENV=#{V.x}",
        ". #{V.x}",
        "echo \\#{V.x}",
        "echo 'open #{V.x}",
        "echo \"open #{V.x}",
    ]
    .into_iter()
    .map(|command| match rewrite(command) {
        Ok(rewritten) => panic!("{command} became {}", rewritten.text),
        Err(refusal) => format!("{command}\n  {refusal}\n  {}", refusal.fix),
    })
    .collect();
    expect_test::expect_file!["refusals.txt"].assert_eq(&(refused.join("\n") + "\n"));
}

mod any_command {
    //! Whatever the shape of a command: if it is accepted, no value in it runs.

    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&str] = &[
        "#{V.x}",
        "#{V.x}",
        "#{V.x}",
        "\"",
        "'",
        "\\",
        " ",
        " ",
        ";",
        "|",
        "&",
        "&&",
        "(",
        ")",
        "((",
        "))",
        "$(",
        "`",
        "${y:-",
        "}",
        "$'",
        "<",
        "<<<",
        "<<",
        "#",
        "=",
        "y=",
        "$y",
        "a[",
        "]",
        "[[",
        "]]",
        "-eq 1",
        "1",
        "printf %s",
        "echo",
        "true",
        "test",
        "[",
        "if",
        "then",
        "fi",
        "case",
        "in",
        "esac",
        "*)",
        "for y in",
        "do",
        "done",
        "{",
        "eval",
        "sh -c",
        "bash -c",
        "export",
        "declare -i",
        "let",
        "unset",
        "read",
        "exec",
        "env",
        "!",
        "x",
    ];

    fn commands() -> impl Strategy<Value = String> {
        let pieces = prop::collection::vec((prop::sample::select(PIECES), any::<bool>()), 1..12);
        pieces.prop_map(|pieces| {
            pieces
                .into_iter()
                .map(|(piece, space)| format!("{piece}{}", if space { " " } else { "" }))
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, max_global_rejects: 100_000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_accepted_never_runs_a_value(command in commands()) {
            let Ok(rewritten) = rewrite(&command) else { return Err(TestCaseError::reject("refused")) };
            prop_assume!(!rewritten.environment.is_empty());
            // `$y` without quotes is split into words by the command's own author.
            for value in ["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "\"; touch pwned; \"",
                          "\n touch pwned \n", "a[$(touch pwned)]", ") touch pwned", "} ; touch pwned #"] {
                for shell in ["sh", "bash"] {
                    ran(shell, &rewritten, value);
                }
            }
        }
    }

    /// Runs a command that may be nonsense, and fails if its value ran.
    fn ran(shell: &str, rewritten: &RewrittenCommand, value: &str) {
        let directory = std::env::temp_dir().join(format!("pipewright-any-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        #[expect(clippy::disallowed_methods, reason = "only a real shell shows what a real shell does")]
        let mut command = Command::new(shell);
        command.current_dir(&directory).args(["-c", &rewritten.text]).stdin(std::process::Stdio::null());
        for binding in &rewritten.environment {
            command.env(&binding.name, value);
        }
        if let Ok(output) = command.output() {
            assert!(
                !directory.join("pwned").exists(),
                "{shell}: {} ran {value:?}: {}",
                rewritten.text,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
