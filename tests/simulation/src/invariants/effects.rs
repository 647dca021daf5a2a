//! Effects and transactions: a key means one thing, a name is used once, a transaction fits DynamoDB.

use std::collections::BTreeSet;

use engine::decide::{Decision, Effect, Record};

use super::{Invariants, Transition, Violation, demand};

/// TransactWriteItems: 100 actions, no two of them on one item.
const TRANSACTION_ITEMS_MAX: usize = 100;

impl Invariants {
    pub(super) fn check_effects(&mut self, transition: Transition<'_>) -> Result<(), Violation> {
        let decision = transition.decision;
        for effect in &decision.effects {
            let key = effect.idempotency_key();
            if let Effect::StartStateMachine { name, input } = effect {
                let is_new = self.workflow_names.insert(name.clone());
                demand(is_new, "workflow names are never reused", || name.clone())?;
                demand(input.stage.workflow_name() == *name, "a workflow is named after its stage", || {
                    format!("{name} runs {:?}", input.stage)
                })?;
            }
            let other = self.effects.get(&key).filter(|other| *other != effect);
            demand(other.is_none(), "idempotency keys are unique", || {
                format!("{key}: {effect:?}, {other:?}")
            })?;
            self.effects.insert(key, effect.clone());
        }
        fits_one_transaction(decision)
    }
}

pub(super) fn fits_one_transaction(decision: &Decision) -> Result<(), Violation> {
    let rows: BTreeSet<_> = decision.records.iter().map(row_key).collect();
    demand(rows.len() == decision.records.len(), "a transaction writes an item once", || {
        format!("{:?}", decision.records)
    })?;
    // One more for the state, and one for the pointer to an execution's first row.
    let items = 2 + decision.records.len() + decision.effects.len();
    demand(items <= TRANSACTION_ITEMS_MAX, "a decision fits one transaction", || format!("{items} items"))
}

fn row_key(record: &Record) -> (u8, String, usize) {
    match record {
        Record::Execution(row) => (0, row.execution_id.0.clone(), 0),
        Record::Stage(row) => (1, row.execution_id.0.clone(), row.stage_index),
        Record::Action(row) => (2, row.execution.id.clone(), 0),
        Record::ApprovalToken { token, .. } => (3, token.clone(), 0),
        Record::ClientRequest { request, .. } => (4, request.token.clone(), 0),
    }
}
