//! DynamoDB: a transaction needs the permission of each operation in it, and each on the partition that it names.
//!
//! IAM has a condition for partitions, `dynamodb:LeadingKeys`. Statements have no conditions here, so the partition is
//! made a part of the resource: `<table>/leading-key/<value of pk>`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::Permission;
use crate::template::Account;

/// What a request names. The rest of its items is passed over: they may be large, and every call is checked.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    table_name: Option<String>,
    index_name: Option<String>,
    item: Key,
    key: Key,
    key_condition_expression: String,
    expression_attribute_values: Values,
    /// By operation.
    transact_items: Vec<BTreeMap<String, Named>>,
    /// By table.
    request_items: BTreeMap<String, Batch>,
}

/// The partition key, which all tables of the template call the same.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Key {
    pk: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Values {
    #[serde(rename = ":pk")]
    pk: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Text {
    s: Option<String>,
}

/// Of BatchGetItem, keys; of BatchWriteItem, requests.
#[derive(Deserialize)]
#[serde(untagged)]
enum Batch {
    Write(Vec<BTreeMap<String, Named>>),
    Get {
        #[serde(rename = "Keys", default)]
        keys: Vec<Key>,
    },
}

impl Named {
    fn partition(&self) -> Option<&str> {
        let queried = || {
            let condition = &self.key_condition_expression;
            let names_it = condition.split(" AND ").any(|part| part.trim() == "pk = :pk");
            self.expression_attribute_values.pk.s.as_ref().filter(|_| names_it)
        };
        let named = self.item.pk.s.as_ref().or(self.key.pk.s.as_ref());
        named.or_else(queried).map(String::as_str)
    }
}

impl Batch {
    /// At least one: what names none needs a permission, too.
    fn partitions(&self) -> BTreeSet<Option<&str>> {
        let named = self.named_partitions();
        if named.is_empty() { BTreeSet::from([None]) } else { named }
    }

    fn named_partitions(&self) -> BTreeSet<Option<&str>> {
        match self {
            Self::Write(requests) => {
                requests.iter().flat_map(BTreeMap::values).map(Named::partition).collect()
            }
            Self::Get { keys } => keys.iter().map(|key| key.pk.s.as_deref()).collect(),
        }
    }
}

pub(super) fn permissions(operation: &str, input: &[u8], account: &Account) -> Vec<Permission> {
    let input: Named = serde_json::from_slice(input).unwrap_or_default();
    let needed: BTreeSet<Permission> = match operation {
        "TransactWriteItems" | "TransactGetItems" => input
            .transact_items
            .iter()
            .flatten()
            .map(|(action, item)| of_item(action, item, account))
            .collect(),
        "BatchGetItem" | "BatchWriteItem" => {
            let of_table = |(table, batch): (&String, &Batch)| {
                let table = arn_of(table, account);
                let partitions = batch.partitions().into_iter();
                partitions
                    .map(|partition| permission(operation, of_partition(&table, partition)))
                    .collect::<Vec<_>>()
            };
            input.request_items.iter().flat_map(of_table).collect()
        }
        _ if input.table_name.is_some() => {
            let resource = of_partition(&table_arn(&input, account), input.partition());
            BTreeSet::from([permission(operation, resource)])
        }
        _ => BTreeSet::from([permission(operation, "*".to_owned())]),
    };
    needed.into_iter().collect()
}

/// Of an operation in a transaction.
fn of_item(action: &str, item: &Named, account: &Account) -> Permission {
    let action = match action {
        "ConditionCheck" => "ConditionCheckItem".to_owned(),
        action => format!("{action}Item"),
    };
    permission(&action, of_partition(&table_arn(item, account), item.partition()))
}

fn permission(operation: &str, resource: String) -> Permission {
    Permission::new(format!("dynamodb:{operation}"), resource)
}

/// What names no partition is for whoever has a permission for all of them.
fn of_partition(table: &str, partition: Option<&str>) -> String {
    match partition {
        Some(partition) => format!("{table}{LEADING_KEY}{partition}"),
        None => table.to_owned(),
    }
}

const LEADING_KEY: &str = "/leading-key/";

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

/// A statement of a policy with the partitions that it is for in its resources; all of them, if it says nothing. A
/// condition that is another is left for whoever refuses it.
pub(crate) fn with_leading_keys(statement: &Value) -> Value {
    let Some(fields) = statement.as_object() else { return statement.clone() };
    let mut fields = fields.clone();
    let condition = fields.remove("Condition");
    let patterns = match &condition {
        None => None,
        Some(condition) => match leading_keys(condition) {
            Some(keys) if statement["Effect"] == "Allow" => Some(keys),
            _ => return statement.clone(),
        },
    };
    let resources = match fields.remove("Resource") {
        Some(Value::Array(resources)) => resources,
        resource => resource.into_iter().collect(),
    };
    let of_resource = |resource: Value| -> Vec<Value> {
        let table = resource.as_str().filter(|arn| arn.contains(":dynamodb:") && arn.contains(":table/"));
        match (table, &patterns) {
            (Some(table), Some(keys)) => {
                keys.iter().map(|key| json!(format!("{table}{LEADING_KEY}{key}"))).collect()
            }
            (Some(table), None) => vec![json!(table), json!(format!("{table}{LEADING_KEY}*"))],
            (None, _) => vec![resource],
        }
    };
    fields.insert("Resource".into(), resources.into_iter().flat_map(of_resource).collect());
    Value::Object(fields)
}

/// Those of `ForAllValues:StringLike`, and of no other condition.
fn leading_keys(condition: &Value) -> Option<Vec<String>> {
    let only = |value: &Value, name: &str| {
        let fields = value.as_object().filter(|fields| fields.len() == 1)?;
        fields.get(name).cloned()
    };
    let keys = only(&only(condition, "ForAllValues:StringLike")?, "dynamodb:LeadingKeys")?;
    let keys = keys.as_array()?.iter().map(|key| key.as_str().map(str::to_owned));
    keys.collect()
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::permissions::{Decision, Statement, evaluate};

    const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/t";

    fn asked(operation: &str, input: &Value) -> Vec<Permission> {
        let account = Account { id: "123456789012".into(), region: "us-east-1".into() };
        permissions(operation, input.to_string().as_bytes(), &account)
    }

    #[test]
    fn each_operation_is_on_the_partition_that_it_names() {
        let key = |pk: &str| json!({"pk": {"S": pk}, "sk": {"S": "x"}});
        let query = |condition: &str| {
            json!({
                "TableName": "t",
                "KeyConditionExpression": condition,
                "ExpressionAttributeValues": {":pk": {"S": "A"}, ":first": {"S": "1"}},
            })
        };
        for (operation, input, expected) in [
            ("GetItem", json!({"TableName": "t", "Key": key("A")}), vec!["GetItem A"]),
            ("PutItem", json!({"TableName": "t", "Item": key("A")}), vec!["PutItem A"]),
            ("Query", query("pk = :pk AND sk < :first"), vec!["Query A"]),
            // Of which partitions, is not known.
            ("Query", query("sk = :pk"), vec!["Query"]),
            (
                "TransactWriteItems",
                json!({"TransactItems": [
                    {"Put": {"TableName": "t", "Item": key("A")}},
                    {"ConditionCheck": {"TableName": "t", "Key": key("B")}},
                    {"Put": {"TableName": "t", "Item": key("B")}},
                ]}),
                vec!["ConditionCheckItem B", "PutItem A", "PutItem B"],
            ),
            (
                "BatchGetItem",
                json!({"RequestItems": {"t": {"Keys": [key("A"), key("B"), key("A")]}}}),
                vec!["BatchGetItem A", "BatchGetItem B"],
            ),
            (
                "BatchWriteItem",
                json!({"RequestItems": {"t": [{"DeleteRequest": {"Key": key("A")}}, {"PutRequest": {"Item": key("B")}}]}}),
                vec!["BatchWriteItem A", "BatchWriteItem B"],
            ),
        ] {
            let expected = expected.into_iter().map(|one| {
                let (action, partition) =
                    one.split_once(' ').map_or((one, None), |(action, pk)| (action, Some(pk)));
                permission(action, of_partition(TABLE, partition))
            });
            assert_eq!(asked(operation, &input), expected.collect::<Vec<_>>(), "{operation} {input}");
        }
    }

    #[test]
    fn a_statement_for_some_partitions_is_for_no_others() {
        let condition = json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["PIPELINE#*", "LIST"]}});
        let statement = |condition: Option<&Value>| {
            let mut statement = json!({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": [TABLE, "arn:aws:s3:::b"]});
            if let Some(condition) = condition {
                statement["Condition"] = condition.clone();
            }
            Statement::parse(&with_leading_keys(&statement))
        };
        let (some, all) =
            (statement(Some(&condition)).expect("understood"), statement(None).expect("understood"));
        for (partition, in_some) in
            [(Some("PIPELINE#shop"), true), (Some("LIST"), true), (Some("WEBHOOKS"), false), (None, false)]
        {
            let asked = permission("GetItem", of_partition(TABLE, partition));
            assert_eq!(evaluate(from_ref(&some), &asked) == Decision::Allowed, in_some, "{partition:?}");
            assert_eq!(evaluate(from_ref(&all), &asked), Decision::Allowed, "{partition:?}");
        }
        for other in [
            json!({"StringLike": {"dynamodb:LeadingKeys": ["LIST"]}}),
            json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["LIST"], "dynamodb:Attributes": ["pk"]}}),
        ] {
            statement(Some(&other)).expect_err("a condition that is not supported");
        }
    }
}
