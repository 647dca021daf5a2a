//! `States.MathAdd` and `States.MathRandom`.

use serde_json::Value;

use super::evaluate::Refusal;
use crate::randomness::Randomness;

/// Numbers are rounded to the nearest integer, and the sum has 32 bits.
pub(super) fn add(first: f64, second: f64) -> Result<Value, Refusal> {
    let sum = first.round() + second.round();
    if sum < f64::from(i32::MIN) || sum > f64::from(i32::MAX) {
        return Err(format!("{sum} is outside {} to {}", i32::MIN, i32::MAX));
    }
    Ok((sum as i64).into())
}

/// From `start` on, `end` not included. A seed makes the number repeatable.
pub(super) fn random(
    start: i64,
    end: i64,
    seed: Option<&Value>,
    random: &mut Randomness,
) -> Result<Value, Refusal> {
    let width = end.checked_sub(start).filter(|width| *width > 0);
    let width = width.ok_or("the end must be greater than the start")?;
    let fraction = match seed {
        Some(seed) => Randomness::new(&seed.to_string()).fraction(),
        None => random.fraction(),
    };
    Ok((start + (fraction * width as f64) as i64).into())
}
