//! Deployment configurations: how many targets may be without a healthy revision at a time.
//!
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/instances-health.html>

use serde::{Deserialize, Serialize};

pub(crate) const DEFAULT_CONFIG: &str = "CodeDeployDefault.OneAtATime";

/// The configurations that are always there.
pub(crate) const PREDEFINED: [(&str, MinimumHealthyHosts); 3] = [
    ("CodeDeployDefault.AllAtOnce", MinimumHealthyHosts { kind: HealthKind::HostCount, value: 0 }),
    ("CodeDeployDefault.HalfAtATime", MinimumHealthyHosts { kind: HealthKind::FleetPercent, value: 50 }),
    (DEFAULT_CONFIG, MinimumHealthyHosts { kind: HealthKind::MostConcurrency, value: 1 }),
];

/// `minimumHealthyHosts` of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MinimumHealthyHosts {
    #[serde(rename = "type")]
    pub(crate) kind: HealthKind,
    #[serde(default)]
    pub(crate) value: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum HealthKind {
    HostCount,
    FleetPercent,
    /// So many may be down at a time; only the predefined `OneAtATime` has it.
    MostConcurrency,
}

impl Default for MinimumHealthyHosts {
    fn default() -> Self {
        Self { kind: HealthKind::MostConcurrency, value: 1 }
    }
}

impl MinimumHealthyHosts {
    /// Of so many targets. A percentage is rounded up.
    fn minimum(self, targets: usize) -> usize {
        match self.kind {
            HealthKind::HostCount => self.value,
            HealthKind::FleetPercent => (targets * self.value).div_ceil(100),
            HealthKind::MostConcurrency => targets.saturating_sub(self.value),
        }
    }

    /// How many targets may be down at a time: those that are being deployed to, and those that failed.
    pub(crate) fn may_be_down(self, targets: usize) -> usize {
        targets.saturating_sub(self.minimum(targets))
    }

    /// Whether a deployment that reached so many of its targets has succeeded. One that reached none has
    /// not, whatever was asked for.
    pub(crate) fn is_satisfied(self, targets: usize, succeeded: usize) -> bool {
        succeeded >= self.minimum(targets).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_may_be_down_and_how_many_have_to_succeed() {
        let [all, half, one] = PREDEFINED.map(|(_, hosts)| hosts);
        let count = |value| MinimumHealthyHosts { kind: HealthKind::HostCount, value };
        let percent = |value| MinimumHealthyHosts { kind: HealthKind::FleetPercent, value };
        for (what, hosts, targets, down, needed) in [
            ("all at once needs one", all, 9, 9, 1),
            ("half is rounded down at a time", half, 9, 4, 5),
            ("half of two", half, 2, 1, 1),
            ("half of one leaves none to deploy to", half, 1, 0, 1),
            ("one at a time may lose one, the last", one, 9, 1, 8),
            ("one at a time of one needs that one", one, 1, 1, 1),
            ("the example of the API reference, HOST_COUNT 6", count(6), 9, 3, 6),
            ("the example of the API reference, FLEET_PERCENT 40", percent(40), 9, 5, 4),
            ("more than there are", count(3), 2, 0, 3),
        ] {
            assert_eq!(hosts.may_be_down(targets), down, "{what}");
            assert!(hosts.is_satisfied(targets, needed), "{what}");
            assert!(!hosts.is_satisfied(targets, needed - 1), "{what}");
        }
    }
}
