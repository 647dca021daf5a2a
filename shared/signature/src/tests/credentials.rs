//! Keys, the master key, and what is sealed with it.

use super::*;
use crate::{InvalidMasterKey, issue_as, open, seal};

#[test]
fn a_credential_process_prints_what_aws_clients_read() {
    let printed: serde_json::Value = serde_json::from_str(&alice().to_process_json()).unwrap();
    let Credentials { access_key_id, secret_access_key, session_token, .. } = alice();
    assert_eq!(
        printed,
        serde_json::json!({
            "Version": 1,
            "AccessKeyId": access_key_id,
            "SecretAccessKey": secret_access_key,
            "SessionToken": session_token,
            "Expiration": "2026-11-22T05:00:00Z",
        })
    );
    assert!(access_key_id.starts_with("PW") && access_key_id.len() == 18, "{access_key_id}");
}

#[test]
fn keys_differ_by_whose_they_are_and_how_long_they_last() {
    let later = Validity { not_after_ms: NOW_MS + HOUR_MS + 1, ..alice().validity };
    let keys = [alice(), issue(&master(), "bob", alice().validity), issue(&master(), "alice", later)];
    for (index, key) in keys.iter().enumerate() {
        for other in &keys[index + 1..] {
            assert_ne!(key.access_key_id, other.access_key_id);
            assert_ne!(key.secret_access_key, other.secret_access_key);
        }
    }
    assert_eq!(alice(), alice());
}

/// A service that knows of no roles must not take whoever has one for its owner.
#[test]
fn a_key_says_which_role_it_is_for_in_a_token_of_another_version() {
    let of_role = |role| issue_as(&master(), "alice", role, alice().validity);
    assert_eq!(of_role(None), alice());
    assert!(alice().session_token.starts_with("v1."));
    for role in ["reader", "operator"] {
        let keys = of_role(Some(role));
        assert!(keys.session_token.starts_with("v2."), "{}", keys.session_token);
        let signing = Signing { credentials: keys.clone(), ..Signing::default() };
        let principal = Sent::list_pipelines().signed(&signing).verified(NOW_MS, "codepipeline").unwrap();
        assert_eq!((principal.name.as_str(), principal.role.as_deref()), ("alice", Some(role)));
        let as_owner = keys.session_token.replacen("v2.", "v1.", 1);
        let credentials = Credentials { session_token: as_owner, ..keys };
        let signing = Signing { credentials, ..Signing::default() };
        let refused = Sent::list_pipelines().signed(&signing).verified(NOW_MS, "codepipeline");
        assert_eq!(refused, Err(SignatureError::UnknownToken), "a role cannot be taken off");
    }
}

#[test]
fn a_secret_is_not_printed() {
    let printed = format!("{:?}", alice());
    assert!(printed.contains(&alice().access_key_id));
    assert!(!printed.contains(&alice().secret_access_key) && !printed.contains(&alice().session_token));
}

#[test]
fn what_is_sealed_opens_for_its_purpose_and_only_unchanged() {
    let sealed = seal(&master(), "page", b"from here on");
    assert_eq!(open(&master(), "page", &sealed).as_deref(), Some(b"from here on".as_slice()));
    assert_eq!(open(&master(), "pag", &sealed), None);
    assert_eq!(open(&MasterKey::new([0; 32]), "page", &sealed), None);
    assert_eq!(open(&master(), "page", ""), None);
    assert_eq!(open(&master(), "pages", &seal(&master(), "page", b"s")), None);
    assert_eq!(open(&master(), "page", &sealed[..sealed.len() - 4]), None);
    assert_eq!(open(&master(), "page", &format!("{sealed}=")), None);
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        let other = if &sealed[position..=position] == "A" { "B" } else { "A" };
        changed.replace_range(position..=position, other);
        assert_eq!(open(&master(), "page", &changed), None, "{position}");
    }
}

#[test]
fn a_master_key_is_made_of_a_secret_that_nobody_guesses() {
    let key = |text: &str| MasterKey::from_secret(text).map(|key| seal(&key, "page", b""));
    let secret = "YSBrZXkgb2YgZXhhY3RseSB0aGlydHktdHdvIGJ5dGU=";
    assert_eq!(key(secret), key(&format!(" {secret}\n")));
    assert_ne!(key(secret), key(&format!("{secret}x")));
    for text in ["", "password", &secret[2..]] {
        assert_eq!(key(text), Err(InvalidMasterKey), "{text}");
    }
    assert!(InvalidMasterKey.to_string().contains("openssl rand -base64 32"));
}
