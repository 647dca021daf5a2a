//! Where source connections lead. CodeConnections of AWS can be used by AWS's own services only, so a
//! connection here is a row of ours under the ARN that the declaration names.

use aws_sdk_dynamodb::types::AttributeValue;
use engine::trigger::Host;
use serde::{Deserialize, Serialize};

use super::document::{Item, encode, key_of, read_required};
use super::{Store, keys};
use crate::{Fault, ids};

/// What is drawn for a connection when it is first put.
const URL_TOKEN: &str = "urlToken";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub arn: String,
    /// A git URL or directory; `{FullRepositoryId}` stands for the repository that an action names.
    pub url: String,
    /// Where this one revision is, when it is not where all others are: a working tree that is not in
    /// the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Whose words its webhook's requests have; without it there is no webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_type: Option<Host>,
    /// The ARN or the name of the secret with what the host wants to know, and signs with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The part of its webhook's URL that nobody guesses; it stays when the connection is put again.
    #[serde(skip)]
    pub url_token: Option<String>,
}

impl Connection {
    /// The ARN under which a CodeCommit repository's place is kept.
    pub fn codecommit_arn(region: &str, account_id: &str, repository: &str) -> String {
        format!("arn:aws:codecommit:{region}:{account_id}:{repository}")
    }

    pub fn url_of(&self, full_repository_id: &str) -> String {
        self.url.replace("{FullRepositoryId}", full_repository_id)
    }
}

impl Store {
    pub async fn put_connection(&self, connection: &Connection) -> Result<(), Fault> {
        let request = self
            .client
            .update_item()
            .table_name(&self.config.pipelines_table)
            .set_key(Some(key_of(keys::connection(&connection.arn, connection.revision.as_deref()))))
            .update_expression(format!(
                "SET #connection = :connection, {URL_TOKEN} = if_not_exists({URL_TOKEN}, :token)"
            ))
            .expression_attribute_names("#connection", "connection")
            .expression_attribute_values(":connection", encode("a connection", connection)?)
            .expression_attribute_values(":token", AttributeValue::S(ids::webhook_url_token()));
        request.send().await.map_err(|error| Fault::of_call("keeping a connection", error))?;
        Ok(())
    }

    /// Where all connections lead.
    pub async fn connections(&self) -> Result<Vec<Connection>, Fault> {
        let items = self.query(&self.config.pipelines_table, keys::CONNECTION_LIST, "").await?;
        let all = items.iter().map(connection_of);
        // One revision that is elsewhere is not where a connection leads.
        Ok(all.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|c| c.revision.is_none()).collect())
    }

    /// Where the connection leads; for a revision that is elsewhere, where that is.
    pub async fn connection(&self, arn: &str, revision: Option<&str>) -> Result<Option<Connection>, Fault> {
        let table = &self.config.pipelines_table;
        let elsewhere = match revision {
            Some(_) => self.get(table, keys::connection(arn, revision)).await?,
            None => None,
        };
        let item = match elsewhere {
            Some(item) => Some(item),
            None => self.get(table, keys::connection(arn, None)).await?,
        };
        item.as_ref().map(connection_of).transpose()
    }
}

fn connection_of(item: &Item) -> Result<Connection, Fault> {
    let connection: Connection = read_required(item, "connection")?;
    let url_token = item.get(URL_TOKEN).and_then(|token| token.as_s().ok()).cloned();
    Ok(Connection { url_token, ..connection })
}
