//! The rule VariableCheck: comparing a variable with a value.
//!
//! CodePipeline's expressions are Java's (user guide, "VariableCheck"). Here they are those of `fancy-regex`, which has
//! Java's look-around and back references too, and the whole variable has to match, as with Java's `matches`. What it
//! does not understand is an error, and no match.

use fancy_regex::{Error, Expr, Regex};

/// The operator whose value is a regular expression.
pub(crate) const MATCHES: &str = "MATCHES";

/// Whether a `variable` compares with the `value` of a rule as its `operator` says.
///
/// # Errors
/// The operator or the expression cannot be used; why, for a person.
pub fn variable_compares(variable: &str, operator: &str, value: &str) -> Result<bool, String> {
    match operator {
        "EQ" => Ok(variable == value),
        "NE" => Ok(variable != value),
        "CONTAINS" => Ok(variable.contains(value)),
        MATCHES => expression_of(value)?.is_match(variable).map_err(|error| not_usable(value, &error)),
        other => Err(format!("The Operator '{other}' is unknown. Use EQ, NE, CONTAINS or MATCHES.")),
    }
}

/// # Errors
/// Why `text` is no regular expression, for a person.
pub(crate) fn expression_of(text: &str) -> Result<Regex, String> {
    // By itself it has to be one, too: with what is put around it, `a)|(b` would be.
    let refuse = |error: Error| not_usable(text, &error);
    Expr::parse_tree(text).map_err(refuse)?;
    Regex::new(&format!(r"\A(?:{text})\z")).map_err(refuse)
}

fn not_usable(text: &str, error: &Error) -> String {
    format!("The regular expression '{text}' could not be used: {error}")
}

#[cfg(test)]
mod tests {
    use super::variable_compares;

    #[test]
    fn operators_compare_as_they_say() {
        for (variable, operator, value, expected) in [
            ("main", "EQ", "main", true),
            ("Main", "EQ", "main", false),
            ("main", "NE", "dev", true),
            ("main", "NE", "main", false),
            ("release/1.2", "CONTAINS", "/1.", true),
            ("release/1.2", "CONTAINS", "/1.x", false),
            ("release/1.2", "MATCHES", r"release/\d+\.\d+", true),
            ("release/1.2-rc", "MATCHES", r"release/\d+\.\d+", false),
            ("a\nb", "MATCHES", "a", false),
            ("ab", "MATCHES", "x|ab|y", true),
            ("deploy please", "MATCHES", "(?!.*skip).*", true),
            ("skip deploy", "MATCHES", "(?!.*skip).*", false),
        ] {
            assert_eq!(
                variable_compares(variable, operator, value),
                Ok(expected),
                "{variable} {operator} {value}"
            );
        }
    }

    #[test]
    fn what_cannot_be_compared_is_an_error() {
        for (operator, value, why) in [
            ("MATCHES", "(", "regular expression '('"),
            ("GT", "1", "'GT' is unknown"),
            ("MATCHES", "(?<", "'(?<'"),
            ("MATCHES", "x)|(y", "'x)|(y'"),
            ("MATCHES", "[z-a]", "'[z-a]'"),
        ] {
            let refused = variable_compares("x", operator, value).expect_err(value);
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn an_expression_that_takes_for_ever_is_given_up() {
        let refused = variable_compares(&"ab".repeat(30), "MATCHES", "(a|b|ab)*(?>c)")
            .expect_err("it backtracks too often");
        assert!(refused.contains("could not be used"), "{refused}");
    }
}
