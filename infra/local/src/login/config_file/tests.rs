use super::*;

fn profile(region: &str) -> Profile {
    Profile {
        name: "pipewright".to_owned(),
        region: region.to_owned(),
        endpoint: "https://pipelines.example".to_owned(),
        credential_process: vec!["pipewright".to_owned(), "credentials".to_owned()],
        is_for_all_services: false,
    }
}

fn block(region: &str) -> String {
    Marks::of("pipewright").around(&profile(region).lines())
}

/// Comments, blanks, line ends, an indented value and no line end at the end: all of it stays.
const OF_SOMEBODY: &str =
    "; mine\r\n[default]\r\nregion=us-west-2 # near\n\n\n[profile work]\n  s3 =\n    max = 3\n\n# the end";

#[test]
fn a_profile_is_added_behind_everything_that_is_there() {
    for (text, before) in [
        ("", String::new()),
        ("[default]\n", "[default]\n\n".to_owned()),
        (OF_SOMEBODY, format!("{OF_SOMEBODY}\n\n")),
    ] {
        assert_eq!(with_profile(text, &profile("a"), false), Ok(before + &block("a")), "{text:?}");
    }
}

#[test]
fn what_was_written_before_is_replaced_where_it_stands() {
    let around = |block: &str| format!("{OF_SOMEBODY}\n{block}\n# more\n[profile last]\nregion = b\n\n");
    let changed =
        around(&block("a")).replace("[services pipewright]\n", "# a note of mine\n[services pipewright]\n");
    for text in [around(&block("a")), changed] {
        assert_eq!(with_profile(&text, &profile("c"), false), Ok(around(&block("c"))));
    }
    let again = with_profile(&around(&block("a")), &profile("a"), false);
    assert_eq!(again, Ok(around(&block("a"))), "nothing changes");
}

#[test]
fn a_profile_of_somebody_else_is_replaced_only_when_that_is_asked_for() {
    let theirs = "[profile pipewright]\nregion = x\n# inside\nservices = pipewright\n";
    let services = "[services pipewright]\ncodepipeline =\n  endpoint_url = http://x\n";
    for (text, header, expected) in [
        (theirs.to_owned(), "profile pipewright", block("a")),
        (
            format!("# one\n{theirs}\n# of work\n[profile work]\na = b\n"),
            "profile pipewright",
            format!("# one\n{}\n# of work\n[profile work]\na = b\n", block("a")),
        ),
        (
            format!("{services}\n[default]\n{theirs}"),
            "services pipewright",
            format!("{}\n[default]\n", block("a")),
        ),
        (format!("{theirs}{}", block("b")), "profile pipewright", block("a")),
        ("[profile 'pipewright' ]".to_owned(), "profile pipewright", block("a")),
    ] {
        let refused = with_profile(&text, &profile("a"), false);
        assert_eq!(refused, Err(Conflict::NotOurs { header: header.to_owned() }), "{text}");
        assert_eq!(with_profile(&text, &profile("a"), true), Ok(expected), "{text}");
    }
}

#[test]
fn other_profiles_are_nobodys_business() {
    let mut other = profile("a");
    other.name = "pipewright-2".to_owned();
    let text = format!("[pipewright]\na = b\n[profile pipewright-3]\n\n{}", block("x"));
    let both = with_profile(&text, &other, false).expect("no conflict");
    assert!(both.starts_with(&text), "{both}");
    assert_eq!(with_profile(&both, &profile("y"), false), Ok(both.replace(&block("x"), &block("y"))));
}

#[test]
fn marks_that_were_touched_are_not_guessed_at() {
    let (whole, marks) = (block("a"), Marks::of("pipewright"));
    let broken = Err(Conflict::Marks { begin: marks.begin.clone(), end: marks.end.clone() });
    for text in [
        whole.replace(&marks.end, ""),
        whole.replace(&marks.begin, ""),
        format!("{whole}{whole}"),
        format!("{}\n{}\n", marks.end, marks.begin),
    ] {
        assert_eq!(with_profile(&text, &profile("b"), true), broken, "{text}");
    }
    let between = whole.replace("[services", "[profile mine]\na = b\n[services");
    let refused = Err(Conflict::Between { header: "profile mine".to_owned() });
    assert_eq!(with_profile(&between, &profile("b"), true), refused);
}

#[test]
fn keys_in_the_credentials_file_are_found() {
    assert!(has_keys("[default]\na = b\n[pipewright]\naws_access_key_id = AKIA\n", "pipewright"));
    assert!(!has_keys("[profile pipewright]\n# [pipewright]\n", "pipewright"));
}
