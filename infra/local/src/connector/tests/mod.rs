//! Real SDK clients through the connector.

mod cloudwatch;
mod dynamodb;
mod forwarding;
mod json_services;
mod s3;

use std::path::Path;

use dynoxide::Database;
use serde_json::Value;

use super::{LocalAws, ensure_tables};
use crate::permissions::{Statement, with_leading_keys};
use crate::template::{Account, Key, Table};

fn account() -> Account {
    Account { id: "123456789012".into(), region: "us-east-1".into() }
}

fn table(name: &str) -> Table {
    let key = |attribute: &str| Key { attribute: attribute.into(), attribute_type: "S".into() };
    Table {
        logical_id: name.into(),
        name: name.into(),
        partition_key: key("pk"),
        sort_key: Some(key("sk")),
        indexes: Vec::new(),
        time_to_live_attribute: Some("expiresAt".into()),
        stream_arn: None,
    }
}

/// With the table `orders`, kept in `directory`, and one caller.
fn aws_in(directory: &Path, statements: &[Value]) -> LocalAws {
    let path = directory.join("dynamodb.sqlite");
    let database = Database::new(path.to_str().expect("a path in UTF-8")).expect("a database");
    ensure_tables(&database, &[table("orders")]).expect("the table");
    let statements =
        statements.iter().map(|one| Statement::parse(&with_leading_keys(one)).expect("understood")).collect();
    LocalAws::new(account(), database).with_caller("ApiFunction", statements)
}
