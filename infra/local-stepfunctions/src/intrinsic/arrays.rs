//! The array functions.

use serde_json::Value;

use super::evaluate::Refusal;

/// AWS: `States.ArrayRange` makes at most this many elements.
const RANGE_LIMIT: usize = 1000;

pub(super) fn partition(items: &[Value], size: i64) -> Result<Value, Refusal> {
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size.ok_or("the chunk size must be at least 1")?;
    Ok(items.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect())
}

/// Both ends belong to the range.
pub(super) fn range(first: i64, last: i64, step: i64) -> Result<Value, Refusal> {
    if step == 0 {
        return Err("the step must not be 0".to_owned());
    }
    let mut items = Vec::new();
    let mut next = first;
    while if step > 0 { next <= last } else { next >= last } {
        if items.len() == RANGE_LIMIT {
            return Err(format!("the range has more than {RANGE_LIMIT} elements"));
        }
        items.push(Value::from(next));
        match next.checked_add(step) {
            Some(following) => next = following,
            None => break,
        }
    }
    Ok(Value::Array(items))
}

pub(super) fn item(items: &[Value], index: i64) -> Result<Value, Refusal> {
    let found = usize::try_from(index).ok().and_then(|index| items.get(index));
    found.cloned().ok_or_else(|| format!("the array of {} elements has no index {index}", items.len()))
}

pub(super) fn unique(items: &[Value]) -> Value {
    let mut seen: Vec<Value> = Vec::new();
    for item in items {
        if !seen.contains(item) {
            seen.push(item.clone());
        }
    }
    Value::Array(seen)
}
