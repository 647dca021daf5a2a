//! DynamoDB: a transaction needs the permission of each operation in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Permission;
use crate::template::Account;

/// What a request names. Its items are passed over: they may be large, and every call is checked.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    table_name: Option<String>,
    index_name: Option<String>,
    /// By operation.
    transact_items: Vec<BTreeMap<String, Named>>,
    /// By table.
    request_items: BTreeMap<String, IgnoredAny>,
}

pub(super) fn permissions(operation: &str, input: &[u8], account: &Account) -> Vec<Permission> {
    let input: Named = serde_json::from_slice(input).unwrap_or_default();
    let needed: BTreeSet<Permission> = match operation {
        "TransactWriteItems" | "TransactGetItems" => input
            .transact_items
            .iter()
            .flatten()
            .map(|(operation, item)| {
                let action = match operation.as_str() {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    operation => format!("{operation}Item"),
                };
                permission(&action, table_arn(item, account))
            })
            .collect(),
        "BatchGetItem" | "BatchWriteItem" => {
            input.request_items.keys().map(|table| permission(operation, arn_of(table, account))).collect()
        }
        _ if input.table_name.is_some() => {
            BTreeSet::from([permission(operation, table_arn(&input, account))])
        }
        _ => BTreeSet::from([permission(operation, "*".to_owned())]),
    };
    needed.into_iter().collect()
}

fn permission(operation: &str, resource: String) -> Permission {
    Permission::new(format!("dynamodb:{operation}"), resource)
}

fn table_arn(input: &Named, account: &Account) -> String {
    let table = arn_of(input.table_name.as_deref().unwrap_or_default(), account);
    match &input.index_name {
        Some(index) => format!("{table}/index/{index}"),
        None => table,
    }
}

/// `TableName` takes a table's name or its ARN.
fn arn_of(table: &str, account: &Account) -> String {
    if table.starts_with("arn:") {
        table.to_owned()
    } else {
        account.arn("dynamodb", &format!("table/{table}"))
    }
}
