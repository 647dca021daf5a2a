//! Which items a TransactWriteItems puts into a table.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::journal::Image;

/// What is looked at of a transaction; the rest of it is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Transaction<'a> {
    #[serde(borrow)]
    transact_items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item<'a> {
    #[serde(borrow)]
    put: Option<Put<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put<'a> {
    #[serde(borrow)]
    table_name: Cow<'a, str>,
    #[serde(borrow)]
    item: BTreeMap<Cow<'a, str>, Attribute<'a>>,
}

/// Text or bytes; of other kinds nothing is known.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute<'a> {
    #[serde(borrow, default)]
    s: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    b: Option<Cow<'a, str>>,
}

impl Attribute<'_> {
    fn to_json(&self) -> Value {
        let members = [("S", &self.s), ("B", &self.b)].into_iter();
        let members =
            members.filter_map(|(name, value)| Some((name.to_owned(), Value::from(&**value.as_ref()?))));
        Value::Object(members.collect())
    }
}

/// The key of each item that is put into `table`, with those of the attributes `wanted` that it has; an item without
/// any is left out. What is no such request has none: DynamoDB says what is wrong with it.
pub(super) fn put_items(transaction: &[u8], table: &str, wanted: &BTreeSet<String>) -> Vec<Image> {
    let Ok(transaction) = serde_json::from_slice::<Transaction<'_>>(transaction) else { return Vec::new() };
    let puts = transaction.transact_items.into_iter().filter_map(|item| item.put);
    let images = puts.filter(|put| put.table_name == table).filter_map(|put| {
        let some = |names: &mut dyn Iterator<Item = &str>| -> Map<String, Value> {
            names.filter_map(|name| Some((name.to_owned(), put.item.get(name)?.to_json()))).collect()
        };
        let attributes = some(&mut wanted.iter().map(String::as_str));
        (!attributes.is_empty()).then(|| Image { key: some(&mut ["pk", "sk"].into_iter()), attributes })
    });
    images.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_put_into_the_table_and_has_what_is_wanted_is_seen() {
        let put = |table: &str, item: Value| json!({ "Put": { "TableName": table, "Item": item } });
        let text = |text: &str| json!({ "S": text });
        let transaction = json!({ "ClientRequestToken": "t", "TransactItems": [
            put("pipelines", json!({ "pk": text("a"), "sk": text("STATE"), "revision": { "N": "1" }, "changes": text("[\"1\"]") })),
            put("pipelines", json!({ "pk": text("b"), "sk": text("STATE"), "state": text("{}") })),
            put("outbox", json!({ "pk": text("c"), "sk": text("1"), "changes": text("[]") })),
            { "Update": { "TableName": "pipelines", "Key": { "pk": text("d") }, "UpdateExpression": "SET changes = :c" } },
            put("pipelines", json!({ "pk": text("e"), "sk": text("STATE"), "changes": { "B": "AAAA" } })),
        ] });
        let wanted = BTreeSet::from(["changes".to_owned()]);
        let images = put_items(transaction.to_string().as_bytes(), "pipelines", &wanted);
        let seen: Vec<_> =
            images.iter().map(|image| json!([image.key["pk"]["S"], image.attributes])).collect();
        assert_eq!(
            seen,
            [json!(["a", { "changes": { "S": "[\"1\"]" } }]), json!(["e", { "changes": { "B": "AAAA" } }])]
        );
        assert!(put_items(b"{\"TransactItems\": [{\"Put\"", "pipelines", &wanted).is_empty());
    }
}
