//! Lists in pages: each row once, in the order of the whole list, and no token but ours.

use aws_sdk_codepipeline::types::{ActionExecutionFilter, PipelineExecutionFilter, SucceededInStageFilter};

use super::official_client::{OfficialClient, code};
use crate::declare::{PIPELINE, approval, commands, pipeline, stage, with};
use crate::shop::Shop;

const INVALID: &str = "InvalidNextTokenException";

/// A shop with these pipelines, each waiting in its stage Source for nothing.
async fn shop_with(names: &[&str]) -> Shop {
    let shop = Shop::open().await;
    for name in names {
        let declared = pipeline([stage("Build", [commands("Compile", ["echo hi"])])]);
        shop.create(&with(declared, "name", (*name).into())).await.expect("a pipeline");
    }
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_come_by_name_in_pages_of_any_size() {
    let names = ["a", "a.b", "b-1", "b_2", "z@home"];
    let shop = shop_with(&names).await;
    let official = OfficialClient::of(&shop).await;
    for size in [1, 2, 5, 1000] {
        let pages = official.client.list_pipelines().max_results(size).into_paginator().items().send();
        let listed = pages.collect::<Result<Vec<_>, _>>().await.expect("every page");
        let listed: Vec<_> = listed.into_iter().filter_map(|summary| summary.name).collect();
        assert_eq!(listed, names, "in pages of {size}");
    }
    let exact = official.client.list_pipelines().max_results(5).send().await.expect("a page");
    assert_eq!(exact.next_token, None, "nothing comes behind a full last page");
}

#[tokio::test(flavor = "multi_thread")]
async fn executions_come_newest_first_and_those_that_succeeded_in_a_stage_can_be_asked_for() {
    let shop = Shop::open().await;
    let marker = shop.place().join("fail").display().to_string();
    let deploy = stage("Deploy", [commands("Deploy", [format!("test ! -e {marker}")])]);
    let build = stage("Build", [commands("Compile", ["echo hi"])]);
    shop.create(&pipeline([build, deploy])).await.expect("a pipeline");
    let mut ids = Vec::new();
    for fails in [false, true, false, true, false] {
        if fails {
            std::fs::write(&marker, "").expect("a file");
        }
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, if fails { "Failed" } else { "Succeeded" });
        std::fs::remove_file(&marker).ok();
        ids.insert(0, id);
    }
    let official = OfficialClient::of(&shop).await;
    let listed = async |filter: Option<&str>, size| {
        let filter = filter.map(|stage| {
            let stage = SucceededInStageFilter::builder().stage_name(stage).build();
            PipelineExecutionFilter::builder().succeeded_in_stage(stage).build()
        });
        let list = official.client.list_pipeline_executions().pipeline_name(PIPELINE).set_filter(filter);
        let pages = list.max_results(size).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await.expect("every page");
        let rows = pages.into_iter().flat_map(|page| page.pipeline_execution_summaries.unwrap_or_default());
        rows.filter_map(|row| row.pipeline_execution_id).collect::<Vec<_>>()
    };
    let deployed: Vec<_> = ids.iter().step_by(2).cloned().collect();
    for size in [1, 2, 100] {
        assert_eq!(listed(None, size).await, ids, "in pages of {size}");
        assert_eq!(listed(Some("Build"), size).await, ids, "in pages of {size}");
        assert_eq!(listed(Some("Deploy"), size).await, deployed, "in pages of {size}");
        assert_eq!(listed(Some("Elsewhere"), size).await, Vec::<String>::new());
    }
    let declared =
        shop.developer("GetPipeline", serde_json::json!({ "name": PIPELINE })).await.expect("it is there");
    shop.edit(&declared["pipeline"]).await;
    assert_eq!(listed(Some("Deploy"), 100).await, Vec::<String>::new(), "of the current version only");
    assert_eq!(listed(None, 100).await, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_of_all_executions_come_newest_first() {
    let shop = shop_with(&[PIPELINE]).await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        let id = shop.start().await;
        assert_eq!(shop.end(&id).await, "Succeeded");
        expected.splice(0..0, [(id.clone(), "Compile".to_owned()), (id, "Source".to_owned())]);
    }
    let official = OfficialClient::of(&shop).await;
    for size in [1, 2, 3, 4, 100] {
        let list = official.client.list_action_executions().pipeline_name(PIPELINE).max_results(size);
        let details = list.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let details = details.expect("every page").into_iter();
        let listed = details.filter_map(|detail| Some((detail.pipeline_execution_id?, detail.action_name?)));
        assert_eq!(listed.collect::<Vec<_>>(), expected, "in pages of {size}");
    }
    let (id, _) = &expected[2];
    let filter = ActionExecutionFilter::builder().pipeline_execution_id(id).build();
    let list = official.client.list_action_executions().pipeline_name(PIPELINE).filter(filter).max_results(1);
    let details = list.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let names = details.expect("every page").into_iter().filter_map(|detail| detail.action_name);
    assert_eq!(names.collect::<Vec<_>>(), ["Compile", "Source"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_made_up_or_belongs_to_another_list_is_refused() {
    let shop = shop_with(&["one", "two"]).await;
    for name in ["one", "one", "two", "two"] {
        shop.developer("StartPipelineExecution", serde_json::json!({ "name": name }))
            .await
            .expect("it starts");
    }
    let official = OfficialClient::of(&shop).await;
    let client = &official.client;
    let pipelines =
        client.list_pipelines().max_results(1).send().await.expect("a page").next_token.expect("more");
    let executions = client.list_pipeline_executions().pipeline_name("one").max_results(1).send().await;
    let executions = executions.expect("a page").next_token.expect("more");
    client.list_pipelines().next_token(&pipelines).send().await.expect("its own token");

    let mut changed = pipelines.clone().into_bytes();
    let last = changed.len() - 2;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("text");
    for made_up in ["x", "bm90aGluZw", changed.as_str(), executions.as_str()] {
        assert_eq!(code(client.list_pipelines().next_token(made_up).send().await).0, INVALID, "{made_up}");
    }
    let of_two = client.list_pipeline_executions().pipeline_name("two").next_token(&executions).send().await;
    assert_eq!(code(of_two).0, INVALID, "of another pipeline");
    let stage = SucceededInStageFilter::builder().stage_name("Build").build();
    let filter = PipelineExecutionFilter::builder().succeeded_in_stage(stage).build();
    let filtered =
        client.list_pipeline_executions().pipeline_name("one").filter(filter).next_token(&executions);
    assert_eq!(code(filtered.send().await).0, INVALID, "of another filter");
    let actions = client.list_action_executions().pipeline_name("one").next_token(&executions).send().await;
    assert_eq!(code(actions).0, INVALID, "of another operation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_deleted_pipelines_list_is_refused_by_the_next_one_of_its_name() {
    let declared = pipeline([stage("Approve", [approval("Approve")])]);
    let shop = Shop::with(&declared).await;
    for _ in 0..2 {
        shop.start().await;
    }
    let official = OfficialClient::of(&shop).await;
    let list = official.client.list_pipeline_executions().pipeline_name(PIPELINE);
    let token = list.clone().max_results(1).send().await.expect("a page").next_token.expect("more");
    official.client.delete_pipeline().name(PIPELINE).send().await.expect("it may be deleted");
    shop.create(&declared).await.expect("the name is free");
    assert_eq!(code(list.next_token(token).send().await).0, INVALID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_for_whoever_it_was_given_to() {
    let shop = shop_with(&["a", "b"]).await;
    let official = OfficialClient::of(&shop).await;
    let page = shop.developer("ListPipelines", serde_json::json!({ "maxResults": 1 })).await.expect("a page");
    let token = page["nextToken"].as_str().expect("there is another pipeline");
    let stolen = official.client.list_pipelines().max_results(1).next_token(token).send().await;
    assert_eq!(code(stolen).0, INVALID);
    let mine = serde_json::json!({ "maxResults": 1, "nextToken": token });
    let next = shop.developer("ListPipelines", mine).await.expect("it was given to me");
    assert_eq!(next["pipelines"][0]["name"], "b");
}
