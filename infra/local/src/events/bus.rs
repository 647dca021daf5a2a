//! The default event bus.

use futures::future::join_all;
use local_service::EventSink;
use serde_json::{Value, json};

use super::Delivery;
use crate::template::Rule;

/// Gives each event to the function of every rule that matches it.
pub struct LocalEventBus {
    rules: Vec<Rule>,
    delivery: Delivery,
}

impl LocalEventBus {
    pub fn new(rules: Vec<Rule>, delivery: Delivery) -> Self {
        Self { rules, delivery }
    }

    fn matching(&self, event: &Value) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|rule| rule.pattern.matches(event))
    }

    pub(super) fn is_wanted(&self, event: &Value) -> bool {
        self.matching(event).next().is_some()
    }

    /// Returns when every function has taken the event, or was tried as often as it is.
    pub(super) async fn deliver(&self, event: &Value) {
        let rules = self.matching(event);
        join_all(rules.map(|rule| self.delivery.deliver(&rule.name, &rule.function, event.clone()))).await;
    }
}

impl EventSink for LocalEventBus {
    fn put_event(&self, event: Value) {
        for rule in self.matching(&event) {
            self.delivery.start(&rule.name, &rule.function, event.clone());
        }
    }

    fn is_awaited(&self, source: &str, detail_type: &str) -> bool {
        let known = json!({ "source": source, "detail-type": detail_type });
        self.rules.iter().any(|rule| rule.pattern.may_match(&known))
    }
}
