//! Who asks: nobody is answered whose request was not signed with a key of this service.

use api::http::HttpEvent;
use signature::MasterKey;

use super::official_client::{OfficialClient, OnTheWay, code};
use crate::declare::{PIPELINE, commands, pipeline, stage};
use crate::shop::Shop;

async fn shop() -> Shop {
    Shop::with(&pipeline([stage("Build", [commands("Compile", ["echo hi"])])])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_changed_on_its_way_is_refused() {
    let unsigned: OnTheWay = |event: &mut HttpEvent| drop(event.headers.remove("authorization"));
    let of_another_operation: OnTheWay = |event| {
        event.headers.insert("x-amz-target".into(), "CodePipeline_20150709.DeletePipeline".into());
    };
    let of_another_body: OnTheWay = |event| {
        event.is_base64_encoded = false;
        event.body = Some(r#"{"name":"another"}"#.into());
    };
    let without_token: OnTheWay = |event| drop(event.headers.remove("x-amz-security-token"));
    let repeated: OnTheWay = |event| {
        let authorization = event.headers["authorization"].clone();
        event.headers.insert("authorization".into(), format!("{authorization},{authorization}"));
    };
    let shop = shop().await;
    for (on_the_way, expected) in [
        (unsigned, "MissingAuthenticationTokenException"),
        (of_another_operation, "InvalidSignatureException"),
        (of_another_body, "InvalidSignatureException"),
        (without_token, "UnrecognizedClientException"),
        (repeated, "IncompleteSignatureException"),
    ] {
        let official = OfficialClient::with(&shop, on_the_way).await;
        let (name, said) = code(official.client.get_pipeline().name(PIPELINE).send().await);
        assert_eq!(name, expected, "{said}");
        assert_eq!(official.last().status_code, 400);
    }
    shop.developer("GetPipeline", serde_json::json!({ "name": PIPELINE }))
        .await
        .expect("nothing was deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_service_and_one_that_has_expired_are_refused() {
    let shop = shop().await;
    let foreign = MasterKey::new([7; MasterKey::BYTES]);
    let stranger = OfficialClient::signing_with(&shop, &foreign, |_| ());
    let (name, said) = code(stranger.client.list_pipelines().send().await);
    assert_eq!(name, "UnrecognizedClientException", "{said}");

    let official = OfficialClient::of(&shop).await;
    official.client.list_pipelines().send().await.expect("the key is good");
    // The client signs with the time of the machine, which is an hour behind the service's then.
    shop.stack().clock.advance(std::time::Duration::from_secs(3_601));
    let (name, said) = code(official.client.list_pipelines().send().await);
    assert!(
        ["InvalidSignatureException", "ExpiredTokenException"].contains(&name.as_str()),
        "{name}: {said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_is_not_told_what_there_is() {
    let unsigned: OnTheWay = |event| drop(event.headers.remove("authorization"));
    let official = OfficialClient::with(&shop().await, unsigned).await;
    let (known, unknown) =
        (official.client.get_pipeline().name(PIPELINE), official.client.get_pipeline().name("x"));
    assert_eq!(code(known.send().await), code(unknown.send().await));
}
