//! The template's tables, in the database.

use std::fmt;

use dynoxide::Database;
use dynoxide::errors::DynoxideError;
use serde_json::{Value, json};

use crate::template::{Key, Table};

/// Why a table of the template cannot be had.
#[derive(Debug)]
pub enum TableError {
    Database(DynoxideError),
    /// The data was written under other keys.
    KeysChanged {
        table: String,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the tables cannot be made: {error}"),
            Self::KeysChanged { table } => write!(
                f,
                "the table {table} was made with other keys than template.yaml has now: \
                 start with another data directory, or remove this one to lose its pipelines"
            ),
        }
    }
}

impl std::error::Error for TableError {}

impl From<DynoxideError> for TableError {
    fn from(error: DynoxideError) -> Self {
        Self::Database(error)
    }
}

/// Makes the tables that are not there yet.
pub fn ensure_tables(database: &Database, tables: &[Table]) -> Result<(), TableError> {
    for table in tables {
        let request = creation(table);
        let describe = json!({"TableName": table.name});
        match database.describe_table(read(describe)?) {
            Ok(existing) => {
                let existing = serde_json::to_value(&existing).unwrap_or_default();
                if existing["Table"]["KeySchema"] != request["KeySchema"] {
                    return Err(TableError::KeysChanged { table: table.name.clone() });
                }
            }
            Err(DynoxideError::ResourceNotFoundException(_)) => {
                database.create_table(read(request)?)?;
                if let Some(attribute) = &table.time_to_live_attribute {
                    database.update_time_to_live(read(json!({
                        "TableName": table.name,
                        "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true},
                    }))?)?;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The input of CreateTable.
fn creation(table: &Table) -> Value {
    let mut keys = vec![&table.partition_key];
    keys.extend(&table.sort_key);
    for index in &table.indexes {
        keys.push(&index.partition_key);
        keys.extend(&index.sort_key);
    }
    keys.sort_by_key(|key| &key.attribute);
    keys.dedup();
    let definitions: Vec<Value> = keys
        .iter()
        .map(|key| json!({"AttributeName": key.attribute, "AttributeType": key.attribute_type}))
        .collect();
    let mut request = json!({
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": definitions,
        "KeySchema": key_schema(&table.partition_key, table.sort_key.as_ref()),
    });
    if !table.indexes.is_empty() {
        request["GlobalSecondaryIndexes"] = table
            .indexes
            .iter()
            .map(|index| {
                json!({
                    "IndexName": index.name,
                    "KeySchema": key_schema(&index.partition_key, index.sort_key.as_ref()),
                    "Projection": {"ProjectionType": "ALL"},
                })
            })
            .collect();
    }
    request
}

fn key_schema(partition_key: &Key, sort_key: Option<&Key>) -> Value {
    let mut schema = vec![json!({"AttributeName": partition_key.attribute, "KeyType": "HASH"})];
    schema.extend(sort_key.map(|key| json!({"AttributeName": key.attribute, "KeyType": "RANGE"})));
    schema.into()
}

fn read<Request: serde::de::DeserializeOwned>(request: Value) -> Result<Request, TableError> {
    let read = serde_json::from_value(request);
    read.map_err(|error| TableError::Database(DynoxideError::InternalServerError(error.to_string())))
}
