//! What a path can see: a state's data (`$`) and the context object (`$$`).

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value;

use crate::path::{JsonPath, Root};

/// Built only when a path asks for it: it holds a copy of the execution's input.
pub(crate) struct Context<'a> {
    build: &'a dyn Fn() -> Value,
    built: OnceCell<Value>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(build: &'a dyn Fn() -> Value) -> Self {
        Self { build, built: OnceCell::new() }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) input: &'a Value,
    pub(crate) context: &'a Context<'a>,
}

impl<'a> Data<'a> {
    pub(crate) fn find(&self, path: &JsonPath) -> Option<Cow<'a, Value>> {
        match path.root {
            Root::Input => path.find(self.input),
            Root::Context => path.find(self.context.built.get_or_init(self.context.build)),
        }
    }
}

#[cfg(test)]
pub(crate) fn with_data<T>(input: &Value, context: &Value, look: impl FnOnce(Data<'_>) -> T) -> T {
    let build = || context.clone();
    look(Data { input, context: &Context::new(&build) })
}
