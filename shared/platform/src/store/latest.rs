//! Which execution each stage saw last. The engine forgets an execution that has gone on; GetPipelineState shows
//! it until the next one enters.

use std::collections::BTreeMap;

use engine::decide::{Decision, Record};
use engine::execution::{PipelineExecutionId, Timestamp};
use serde::{Deserialize, Serialize};

/// By the stage's name.
pub type LatestInStages = BTreeMap<String, LatestInStage>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LatestInStage {
    pub execution_id: PipelineExecutionId,
    /// In the version that the execution runs under.
    pub stage_index: usize,
    pub entered_at: Timestamp,
}

/// What is known after a decision. One decision may let an execution out of a stage and the next one in: the one
/// that entered later counts. Stages that an edit took away are forgotten. PARALLEL executions pass stages in
/// states of their own, and no stage has a latest one of them.
pub(super) fn after(before: &LatestInStages, decision: &Decision) -> LatestInStages {
    let mut latest = before.clone();
    if decision.state.key.parallel_execution.is_some() {
        return latest;
    }
    for record in &decision.records {
        let Record::Stage(record) = record else { continue };
        let known = latest.get(&record.stage_name);
        if known.is_none_or(|known| known.entered_at <= record.started_at) {
            let entered = LatestInStage {
                execution_id: record.execution_id.clone(),
                stage_index: record.stage_index,
                entered_at: record.started_at,
            };
            latest.insert(record.stage_name.clone(), entered);
        }
    }
    if let Some(plan) = decision.state.plans.get(&decision.state.version) {
        latest.retain(|name, _| plan.stage_index(name).is_some());
    }
    latest
}

#[cfg(test)]
mod tests {
    use engine::decide::StageRecord;
    use engine::declaration::ExecutionMode;
    use engine::execution::{PipelineState, Plan, StagePlan, StageStatus};

    use super::*;

    fn decision(stages: &[&str], records: &[(&str, &str, i64)]) -> Decision {
        let stages = stages.iter().map(|name| StagePlan {
            name: (*name).to_owned(),
            actions: vec![],
            conditions: Default::default(),
        });
        let plan = Plan { stages: stages.collect() };
        let record = |(stage, id, at): &(&str, &str, i64)| {
            Record::Stage(StageRecord {
                pipeline_name: "shop".into(),
                execution_id: (*id).into(),
                stage_index: 0,
                stage_name: (*stage).to_owned(),
                status: StageStatus::InProgress,
                attempt: 1,
                started_at: Timestamp(*at),
                updated_at: Timestamp(9),
                conditions: vec![],
                retries: Default::default(),
            })
        };
        Decision {
            state: PipelineState::new("shop", 1, ExecutionMode::Superseded, plan),
            records: records.iter().map(record).collect(),
            effects: vec![],
        }
    }

    #[test]
    fn the_one_that_entered_last_is_shown_whatever_the_order_of_the_rows() {
        for rows in [[("Build", "a", 1), ("Build", "b", 5)], [("Build", "b", 5), ("Build", "a", 1)]] {
            let latest = after(&LatestInStages::new(), &decision(&["Build"], &rows));
            assert_eq!(latest["Build"].execution_id.0, "b");
        }
    }

    #[test]
    fn it_stays_until_the_next_enters_or_the_stage_is_gone() {
        let first = after(&LatestInStages::new(), &decision(&["Build", "Deploy"], &[("Build", "a", 1)]));
        let second = after(&first, &decision(&["Build", "Deploy"], &[("Deploy", "a", 2)]));
        assert_eq!(second.keys().collect::<Vec<_>>(), ["Build", "Deploy"]);
        let edited = after(&second, &decision(&["Deploy"], &[]));
        assert_eq!(edited.keys().collect::<Vec<_>>(), ["Deploy"]);
    }
}
