//! How long a retrier waits.

use crate::definition::Retrier;

impl Retrier {
    /// Milliseconds before the next attempt, after `attempts` retries. `fraction` (0..1) is drawn for
    /// full jitter: a delay anywhere between nothing and the plain one.
    pub(super) fn delay_ms(&self, attempts: u64, fraction: f64) -> i64 {
        let exponent = i32::try_from(attempts).unwrap_or(i32::MAX);
        let seconds = self.interval_seconds as f64 * self.backoff_rate.powi(exponent);
        let limit = self.max_delay_seconds.map_or(f64::from(u32::MAX), |limit| limit as f64);
        let milliseconds = seconds.min(limit) * 1000.0;
        let drawn = if self.full_jitter { milliseconds * fraction } else { milliseconds };
        drawn.round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(
        interval_seconds: u64,
        backoff_rate: f64,
        max_delay_seconds: Option<u64>,
        jitter: bool,
    ) -> Vec<i64> {
        let retrier = Retrier {
            error_equals: Vec::new(),
            interval_seconds,
            max_attempts: 4,
            backoff_rate,
            max_delay_seconds,
            full_jitter: jitter,
        };
        (0..4).map(|attempts| retrier.delay_ms(attempts, 0.5)).collect()
    }

    #[test]
    fn the_delay_grows_by_the_rate_up_to_the_limit() {
        assert_eq!(delays(1, 2.0, None, false), [1000, 2000, 4000, 8000]);
        assert_eq!(delays(3, 1.5, None, false), [3000, 4500, 6750, 10125]);
        assert_eq!(delays(3, 1.0, None, false), [3000, 3000, 3000, 3000]);
        assert_eq!(delays(1, 2.0, Some(3), false), [1000, 2000, 3000, 3000]);
        assert_eq!(delays(1, 2.0, Some(3), true), [500, 1000, 1500, 1500]);
    }
}
