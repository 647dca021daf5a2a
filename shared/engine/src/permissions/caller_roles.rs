//! Which role somebody has whom AWS knows by an ARN.
//!
//! A text of `<ARN>=<role>`, separated by commas, of which the first that matches counts. `*` and `?` stand for what
//! they do in IAM, but not in the account: nobody lets other accounts in by a wildcard. Nothing behind the `=` is
//! nobody.

use super::wildcard_matches;

/// The text, understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallerRoles(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    arn: String,
    /// None keeps out whom a later rule would let in.
    role: Option<String>,
}

impl CallerRoles {
    /// The error says what is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(|rule| {
            // Names of roles and of sessions may have a `=`; those of our roles may, too, but then not of both.
            let (arn, role) =
                rule.rsplit_once('=').ok_or_else(|| format!("'{rule}' is not written as <ARN>=<role>"))?;
            let (arn, role) = (arn.trim().to_owned(), role.trim());
            check(&arn)?;
            Ok(Rule { arn, role: (!role.is_empty()).then(|| role.to_owned()) })
        });
        rules.collect::<Result<_, String>>().map(Self)
    }

    /// The role of whoever STS says has this ARN.
    pub fn role_of(&self, arn: &str) -> Option<&str> {
        let of_role = assumed_role(arn);
        let is_meant = |rule: &&Rule| {
            wildcard_matches(&rule.arn, arn)
                || of_role.as_ref().is_some_and(|of_role| wildcard_matches(&rule.arn, of_role))
        };
        self.0.iter().find(is_meant)?.role.as_deref()
    }
}

/// `arn:aws:iam::<12 digits>:<something>`, or `sts`.
fn check(arn: &str) -> Result<(), String> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let is_understood = match parts[..] {
        ["arn", partition, "iam" | "sts", "", account, resource] => {
            let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            is_account && !partition.is_empty() && !partition.contains(['*', '?']) && !resource.is_empty()
        }
        _ => false,
    };
    match is_understood {
        true => Ok(()),
        false => Err(format!(
            "'{arn}' is not the ARN of a user or a role with its account, like arn:aws:iam::123456789012:role/Developers"
        )),
    }
}

/// The role itself of a session of it. Its path is not in the session's ARN (IAM user guide, "IAM identifiers"), so it
/// is not in this one.
fn assumed_role(arn: &str) -> Option<String> {
    let (begins, session) = arn.split_once(":assumed-role/")?;
    let (role, _) = session.split_once('/')?;
    Some(format!("{}:role/{role}", begins.replacen(":sts:", ":iam:", 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "arn:aws:iam::123456789012:user/web/ann";
    const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/Developers/bob@example.com";
    const IDENTITY_CENTER: &str =
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Release_0123456789abcdef/eve";

    #[test]
    fn the_first_rule_that_matches_says_the_role() {
        let rule = |arn: &str, role: &str| format!("{arn}={role}");
        let developers = rule("arn:aws:iam::123456789012:role/Developers", "operator");
        let table = [
            ("no rule", String::new(), ANN, None),
            ("a user", rule(ANN, "administrator"), ANN, Some("administrator")),
            ("a user without the path", rule("arn:aws:iam::123456789012:user/ann", "reader"), ANN, None),
            ("a session of a role", developers.clone(), SESSION, Some("operator")),
            ("somebody else", developers.clone(), ANN, None),
            ("one session", format!("{SESSION}=approver, {developers}"), SESSION, Some("approver")),
            ("the first", format!("{developers},{SESSION}=approver"), SESSION, Some("operator")),
            ("nobody", format!("{SESSION}=,{developers}"), SESSION, None),
            (
                "a permission set of Identity Center",
                rule("arn:aws:iam::123456789012:role/AWSReservedSSO_Release_????????????????", "approver"),
                IDENTITY_CENTER,
                Some("approver"),
            ),
            ("everybody of an account", rule("arn:aws:iam::123456789012:*", "reader"), ANN, Some("reader")),
            ("another account", rule("arn:aws:iam::999999999999:*", "reader"), ANN, None),
            ("another partition", rule("arn:aws-cn:iam::123456789012:*", "reader"), ANN, None),
            (
                "a role whose name begins so",
                developers,
                "arn:aws:sts::123456789012:assumed-role/DevelopersToo/bob",
                None,
            ),
            (
                "a role of that name in another account",
                rule("arn:aws:iam::123456789012:role/Developers", "operator"),
                "arn:aws:sts::999999999999:assumed-role/Developers/bob",
                None,
            ),
            (
                "a session that is called like a role",
                rule("arn:aws:iam::123456789012:role/Developers", "operator"),
                "arn:aws:sts::123456789012:assumed-role/Anybody/Developers",
                None,
            ),
            (
                "an equals sign in a name",
                rule("arn:aws:iam::123456789012:user/a=b", "r"),
                "arn:aws:iam::123456789012:user/a=b",
                Some("r"),
            ),
        ];
        for (what, text, arn, expected) in table {
            let roles = CallerRoles::parse(&text).expect(what);
            assert_eq!(roles.role_of(arn), expected, "{what}: {text}");
        }
    }

    #[test]
    fn a_text_that_would_let_in_other_accounts_is_refused() {
        for text in [
            "*=administrator",
            "arn:aws:iam::*:role/Developers=operator",
            "arn:aws:iam::12345678901?:role/Developers=operator",
            "arn:aws:iam::1234:role/Developers=operator",
            "arn:*:iam::123456789012:role/Developers=operator",
            "arn:aws:*::123456789012:role/Developers=operator",
            "arn:aws:iam:us-east-1:123456789012:role/Developers=operator",
            "arn:aws:iam::123456789012:=operator",
            "arn:aws:lambda:us-east-1:123456789012:function:f=operator",
            "operator",
            "=operator",
        ] {
            assert!(CallerRoles::parse(text).is_err(), "{text}");
        }
    }
}
