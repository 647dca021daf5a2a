//! Making text fit to be shown.

/// A path as it is shortest to type from here.
pub(super) fn path(path: &std::path::Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// `0.3 s`, `41.2 s`, `2 min 10 s`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a duration is positive and short"
    )]
    let whole = seconds.round() as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_unit_that_fits() {
        for (seconds, told) in [(0.04, "0.0 s"), (41.23, "41.2 s"), (130.4, "2 min 10 s")] {
            assert_eq!(duration(seconds), told);
        }
    }
}
