//! What starts pipelines without a call of the API: rules of users, and events that somebody waits for.

use local_stepfunctions::FunctionError;
use platform::{Connection, Fault};
use serde_json::Value;

use super::error::part;
use super::{LocalStack, StartError};
use crate::data_directory::DataDirectory;
use crate::events::{Delivery, ScheduleRules};
use crate::template::{Account, Stack};

pub(super) fn open_rules(
    directory: &DataDirectory,
    template: &Stack,
    delivery: &Delivery,
) -> Result<ScheduleRules, StartError> {
    let function = template.functions.iter().find(|function| function.binary == "trigger-schedule");
    let function = function.map(|function| function.arn.clone()).unwrap_or_default();
    let file = directory.join("events").join("rules.json");
    ScheduleRules::open(file, template.account.clone(), function, delivery.clone())
        .map_err(part("EventBridge"))
}

impl LocalStack {
    /// Gives an event to every rule of the template that it matches, and answers when their functions have ended
    /// and what they did is on the disk.
    ///
    /// # Errors
    /// Of the first function that failed; the event has to be given again.
    pub async fn put_event(&self, event: &Value) -> Result<(), FunctionError> {
        for rule in self.template.rules.iter().filter(|rule| rule.pattern.matches(event)) {
            self.invoke(&rule.function, event.clone()).await?;
        }
        self.settle()
            .await
            .map_err(|failure| FunctionError { error_type: failure.code, cause: failure.message })
    }

    /// Whose the stack is, as ARNs and events say.
    pub fn account(&self) -> &Account {
        &self.template.account
    }

    /// Where source connections and repositories lead.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn connections(&self) -> Result<Vec<Connection>, Fault> {
        match self.platform_of("api") {
            Some(platform) => platform.store.connections().await,
            None => Ok(Vec::new()),
        }
    }
}
