//! Where source connections lead. CodeConnections of AWS can be used by AWS's own services only, so a
//! connection here is a row of ours under the ARN that the declaration names.

use serde::{Deserialize, Serialize};

use super::document::{encode, key_of, read_required};
use super::{Store, keys};
use crate::Fault;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub arn: String,
    /// A git URL or directory; `{FullRepositoryId}` stands for the repository that an action names.
    pub url: String,
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
        let request = self.client.put_item().table_name(&self.config.pipelines_table);
        let request = request
            .set_item(Some(key_of(keys::connection(&connection.arn))))
            .item("connection", encode("a connection", connection)?);
        request.send().await.map_err(|error| Fault::of_call("keeping a connection", error))?;
        Ok(())
    }

    pub async fn connection(&self, arn: &str) -> Result<Option<Connection>, Fault> {
        let item = self.get(&self.config.pipelines_table, keys::connection(arn)).await?;
        item.map(|item| read_required(&item, "connection")).transpose()
    }
}
