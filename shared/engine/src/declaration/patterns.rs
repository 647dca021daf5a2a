//! The patterns of the service model, matched without compiling them.

/// Whether a text is made of ASCII letters, digits and some other characters, and not empty.
pub(super) fn letters_digits_and(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// `arn:aws(-[\w]+)*:iam::[0-9]{12}:role/.*`
pub(super) fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, iam, region, account, role] = parts[..] else { return false };
    let partition_matches = partition == "aws"
        || partition
            .strip_prefix("aws-")
            .is_some_and(|rest| rest.split('-').all(|word| letters_digits_and(word, "_")));
    arn == "arn"
        && partition_matches
        && iam == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && role.starts_with("role/")
        && is_one_line(role)
}

/// `.*` of the model: a dot does not match the end of a line.
pub(super) fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_arn_names_a_partition_an_account_and_a_role() {
        for arn in
            ["arn:aws:iam::111122223333:role/x", "arn:aws-us-gov:iam::111122223333:role/service-role/x:y"]
        {
            assert!(is_role_arn(arn), "{arn}");
        }
        for arn in [
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam:eu-west-1:111122223333:role/x",
            "arn:aws:iam::11112222333:role/x",
            "arn:aws-:iam::111122223333:role/x",
            "arn:azure:iam::111122223333:role/x",
            "arn:aws:iam::111122223333:role/x\n",
            "role/x",
        ] {
            assert!(!is_role_arn(arn), "{arn}");
        }
    }
}
