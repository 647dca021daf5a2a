//! SAM's `Globals`: defaults that every function gets.

use serde_json::{Map, Value};

/// Objects are merged, lists are joined with the global part first, and of two other values the
/// function's own wins (SAM specification, "Globals section").
pub(super) fn merged(global: &Value, own: &Value) -> Value {
    match (global, own) {
        // An intrinsic function is one value, not an object to look into.
        (Value::Object(global), Value::Object(own)) if !is_call(global) && !is_call(own) => {
            let mut fields = global.clone();
            for (name, value) in own {
                let value = match global.get(name) {
                    Some(default) => merged(default, value),
                    None => value.clone(),
                };
                fields.insert(name.clone(), value);
            }
            Value::Object(fields)
        }
        (Value::Array(global), Value::Array(own)) => global.iter().chain(own).cloned().collect(),
        (global, Value::Null) => global.clone(),
        (_, own) => own.clone(),
    }
}

fn is_call(object: &Map<String, Value>) -> bool {
    super::intrinsics::function_call(object).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_function_adds_to_the_defaults_or_replaces_them() {
        let global = json!({
            "Timeout": 30,
            "Architectures": ["a"],
            "Environment": {"Variables": {"A": "1", "B": {"Ref": "X"}}},
        });
        let own = json!({
            "Timeout": 60,
            "Architectures": ["b"],
            "Environment": {"Variables": {"B": {"Fn::Sub": "y"}, "C": "3"}},
            "Policies": [],
        });
        assert_eq!(
            merged(&global, &own),
            json!({
                "Timeout": 60,
                "Architectures": ["a", "b"],
                "Environment": {"Variables": {"A": "1", "B": {"Fn::Sub": "y"}, "C": "3"}},
                "Policies": [],
            })
        );
        assert_eq!(merged(&global, &Value::Null), global);
    }
}
