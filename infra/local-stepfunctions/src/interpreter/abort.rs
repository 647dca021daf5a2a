//! Branches that are given up because a sibling failed or the execution was stopped.

use serde_json::Value;

use super::branch::{Activity, BranchId};
use super::execution::Execution;

impl Execution {
    /// StopExecution: everything that is open is aborted, the innermost first.
    pub(super) fn abort_everything(&mut self) {
        let roots = self.branches.iter().filter(|(_, branch)| branch.parent.is_none());
        let roots: Vec<BranchId> = roots.map(|(id, _)| *id).collect();
        roots.into_iter().for_each(|root| self.abort(root));
        self.ready.clear();
    }

    pub(super) fn abort_children(&mut self, parent: BranchId) {
        let children = self.branches.iter();
        let children = children.filter(|(_, branch)| branch.parent.is_some_and(|(id, _)| id == parent));
        let children: Vec<BranchId> = children.map(|(id, _)| *id).collect();
        children.into_iter().for_each(|child| self.abort(child));
    }

    fn abort(&mut self, id: BranchId) {
        self.abort_children(id);
        let Some(branch) = self.branches.get(&id) else { return };
        let is_iteration = branch.item.is_some() && self.iterates(id);
        let aborted = match &branch.activity {
            Activity::None => None,
            _ => Some(format!("{}StateAborted", branch.state.type_name())),
        };
        if let Some(aborted) = aborted {
            self.emit(id, aborted, Value::Null);
        }
        if is_iteration {
            let details = self.iteration_details(id);
            self.emit(id, "MapIterationAborted", details);
        }
        self.branches.remove(&id);
    }
}
