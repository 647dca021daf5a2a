//! `StartAt` and `States`: the shape of a graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::machine::{Graph, Kind, Next, State};
use super::{Fields, Problems};

impl Graph {
    /// Reads `StartAt` and `States` from a machine, a branch or an item processor.
    pub(super) fn read(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Self> {
        let start_at = fields.required_string("StartAt", problems);
        let place = fields.place("States");
        let Some(states) = fields.take("States") else {
            problems.add(fields.at(), "the field States is missing");
            return None;
        };
        let Some(object) = states.as_object().filter(|object| !object.is_empty()) else {
            problems.add(&place, "must be an object of at least one state");
            return None;
        };
        let start_at = start_at?;
        let mut read = BTreeMap::new();
        let mut complete = true;
        for name in object.keys() {
            let at = Fields::of(states, &place, problems)?.place(name);
            match State::read(name, &object[name], &at, problems) {
                Some(state) => drop(read.insert(name.clone(), Arc::new(state))),
                None => complete = false,
            }
        }
        let graph = Self { start_at: start_at.to_owned(), states: read };
        // With a state that could not be read, every message about the flow would be noise.
        if complete {
            graph.check_flow(&place, &fields.place("StartAt"), problems);
        }
        Some(graph)
    }

    /// AWS: the names of states are unique in the whole machine, nested graphs included.
    pub(super) fn check_unique_names(&self, problems: &mut Problems) {
        let mut seen = BTreeSet::new();
        self.collect_names("$.States", &mut seen, problems);
    }

    fn collect_names<'a>(&'a self, at: &str, seen: &mut BTreeSet<&'a str>, problems: &mut Problems) {
        for (name, state) in &self.states {
            let place = format!("{at}['{name}']");
            if !seen.insert(name) {
                problems.add(&place, "another state has the same name; rename one of them");
            }
            for (field, graph) in state.graphs() {
                graph.collect_names(&format!("{place}.{field}.States"), seen, problems);
            }
        }
    }
}

impl State {
    /// The names of the states that can follow, each with the field that names it.
    pub(super) fn targets(&self) -> Vec<(String, &str)> {
        let mut targets = Vec::new();
        if let Some(Next::State(next)) = &self.next {
            targets.push(("Next".to_owned(), next.as_str()));
        }
        if let Kind::Choice { choices, default } = &self.kind {
            for (index, choice) in choices.iter().enumerate() {
                targets.push((format!("Choices[{index}].Next"), choice.next.as_str()));
            }
            targets.extend(default.as_deref().map(|default| ("Default".to_owned(), default)));
        }
        for (index, catcher) in self.work().iter().flat_map(|work| work.catchers.iter().enumerate()) {
            targets.push((format!("Catch[{index}].Next"), catcher.next.as_str()));
        }
        targets
    }

    pub(super) fn is_terminal(&self) -> bool {
        matches!(self.kind, Kind::Succeed | Kind::Fail { .. }) || self.next == Some(Next::End)
    }

    fn graphs(&self) -> Vec<(String, &Graph)> {
        match &self.kind {
            Kind::Parallel { branches, .. } => {
                let branches = branches.iter().enumerate();
                branches.map(|(index, branch)| (format!("Branches[{index}]"), branch.as_ref())).collect()
            }
            Kind::Map { map, .. } => vec![("ItemProcessor".to_owned(), map.processor.as_ref())],
            _ => Vec::new(),
        }
    }
}
