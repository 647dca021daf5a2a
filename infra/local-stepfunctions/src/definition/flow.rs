//! Where transitions lead: every target exists, every state is reached, and something ends.

use std::collections::BTreeSet;

use super::Problems;
use super::machine::Graph;

impl Graph {
    pub(super) fn check_flow(&self, at: &str, start_place: &str, problems: &mut Problems) {
        if !self.states.contains_key(&self.start_at) {
            problems.add(start_place, format!("there is no state '{}'", self.start_at));
            return;
        }
        for (name, state) in &self.states {
            for (field, target) in state.targets() {
                if !self.states.contains_key(target) {
                    let place = format!("{at}['{name}'].{field}");
                    problems.add(&place, format!("there is no state '{target}' beside this one"));
                }
            }
        }
        let reached = self.reached();
        for name in self.states.keys().filter(|name| !reached.contains(name.as_str())) {
            let place = format!("{at}['{name}']");
            problems.add(&place, "no transition leads to this state; remove it or name it in a Next");
        }
        if !self.states.values().any(|state| state.is_terminal()) {
            problems.add(at, "no state ends; give one \"End\": true, or add a Succeed or Fail state");
        }
    }

    fn reached(&self) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![self.start_at.as_str()];
        while let Some(name) = open.pop() {
            if let (true, Some(state)) = (reached.insert(name), self.states.get(name)) {
                open.extend(state.targets().into_iter().map(|(_, target)| target));
            }
        }
        reached
    }
}
