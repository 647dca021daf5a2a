//! The default event bus.

use local_service::EventSink;
use serde_json::Value;

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
}

impl EventSink for LocalEventBus {
    fn put_event(&self, event: Value) {
        for rule in self.rules.iter().filter(|rule| rule.pattern.matches(&event)) {
            self.delivery.start(&rule.name, &rule.function, event.clone());
        }
    }
}
