//! DynamoDB: a transaction needs the permission of each operation in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Permission;
use crate::template::Account;

pub(super) fn permissions(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let needed: BTreeSet<Permission> = match operation {
        "TransactWriteItems" | "TransactGetItems" => transaction_items(input)
            .map(|(operation, item)| {
                let action = match operation {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    operation => format!("{operation}Item"),
                };
                permission(&action, table_arn(item, account))
            })
            .collect(),
        "BatchGetItem" | "BatchWriteItem" => input["RequestItems"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(table, _)| permission(operation, arn_of(table, account)))
            .collect(),
        _ if input["TableName"].is_string() => {
            BTreeSet::from([permission(operation, table_arn(input, account))])
        }
        _ => BTreeSet::from([permission(operation, "*".to_owned())]),
    };
    needed.into_iter().collect()
}

fn transaction_items(input: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let items = input["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_object()?.iter().next()).map(|(name, item)| (name.as_str(), item))
}

fn permission(operation: &str, resource: String) -> Permission {
    Permission::new(format!("dynamodb:{operation}"), resource)
}

fn table_arn(input: &Value, account: &Account) -> String {
    let table = arn_of(input["TableName"].as_str().unwrap_or_default(), account);
    match input["IndexName"].as_str() {
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
