//! The patterns of the service model, matched without compiling them.

/// Whether a text is made of ASCII letters, digits and some other characters, and not empty.
pub(super) fn letters_digits_and(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// `arn:aws(-[\w]+)*:iam::[0-9]{12}:role/.*`
pub(super) fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, iam, region, account, role] = parts[..] else { return false };
    arn == "arn"
        && is_partition(partition)
        && iam == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && role.starts_with("role/")
        && is_one_line(role)
}

/// `arn:aws(-[\w]+)*:codepipeline:.+:[0-9]{12}:.+`
pub(super) fn is_codepipeline_arn(text: &str) -> bool {
    is_arn_of(text, "codepipeline", "")
}

/// `arn:aws(-[\w]+)*:lambda:.+:[0-9]{12}:function:.+`
pub fn is_function_arn(text: &str) -> bool {
    is_arn_of(text, "lambda", "function:")
}

/// Of something of a service whose name there begins so, and goes on.
fn is_arn_of(text: &str, service: &str, kind: &str) -> bool {
    let parts: Vec<&str> = text.splitn(4, ':').collect();
    let ["arn", partition, of, rest] = parts[..] else { return false };
    let is_account = |part: &str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_resource = |part: &str| part.strip_prefix(kind).is_some_and(|name| !name.is_empty());
    // What stands for the Region may have colons, too.
    let has_account = |(at, _): (usize, &str)| {
        let behind = rest[at + 1..].split_once(':');
        at > 0 && behind.is_some_and(|(account, resource)| is_account(account) && is_resource(resource))
    };
    of == service && is_partition(partition) && is_one_line(rest) && rest.match_indices(':').any(has_account)
}

/// `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
pub fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hexadecimal =
        |group: &str| group.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| is_hexadecimal(group))
}

/// `aws(-[\w]+)*`
fn is_partition(text: &str) -> bool {
    let others = text.strip_prefix("aws-");
    text == "aws" || others.is_some_and(|rest| rest.split('-').all(|word| letters_digits_and(word, "_")))
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

    #[test]
    fn an_arn_of_codepipeline_names_a_partition_a_region_an_account_and_a_resource() {
        for arn in [
            "arn:aws:codepipeline:eu-west-1:111122223333:shop",
            "arn:aws-us-gov:codepipeline:x:111122223333:webhook:w",
            "arn:aws:codepipeline:a:b:111122223333:x",
            "arn:aws:codepipeline:1:111122223333:444455556666:x",
        ] {
            assert!(is_codepipeline_arn(arn), "{arn}");
        }
        for arn in [
            "shop",
            "arn:aws:codebuild:eu-west-1:111122223333:shop",
            "arn:aws:codepipeline::111122223333:shop",
            "arn:aws:codepipeline:eu-west-1:11112222333:shop",
            "arn:aws:codepipeline:eu-west-1:111122223333:",
            "arn:aws:codepipeline:eu-west-1:111122223333:a\nb",
            "arn:aws-:codepipeline:eu-west-1:111122223333:shop",
        ] {
            assert!(!is_codepipeline_arn(arn), "{arn}");
        }
    }
}
