//! The checks as lines for a person, or as JSON for a program.

use serde_json::json;

use super::checks::Check;

pub(super) fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for Check { name, ok, found, what_to_do } in checks {
        let mark = if *ok { '✔' } else { '✖' };
        text += &format!("{mark} {name}: {found}\n");
        if let Some(what_to_do) = what_to_do {
            text += &format!("    {what_to_do}\n");
        }
    }
    text
}

pub(super) fn json(checks: &[Check]) -> String {
    let ok = checks.iter().all(|check| check.ok);
    format!("{:#}\n", json!({ "ok": ok, "checks": checks }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_line_and_what_to_do_is_below_it() {
        let good = Check { name: "disk", ok: true, found: "much".to_owned(), what_to_do: None };
        let bad = Check {
            name: "sh",
            ok: false,
            found: "not there".to_owned(),
            what_to_do: Some("install it".to_owned()),
        };
        let checks = [good, bad];
        assert_eq!(text(&checks), "✔ disk: much\n✖ sh: not there\n    install it\n");
        let read: serde_json::Value = serde_json::from_str(&json(&checks)).expect("JSON");
        assert_eq!(read["ok"], false);
        assert_eq!(read["checks"][1]["whatToDo"], "install it");
    }
}
