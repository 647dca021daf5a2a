//! What somebody who watches an execution has to be told: the changes between two looks. Pure, and the same for
//! whoever looks through the SDK and whoever runs the service in the same process.

/// An action execution, as far as telling of it goes.
pub trait WatchedAction: Clone {
    /// Of the action execution.
    fn id(&self) -> &str;
    fn stage(&self) -> &str;
    fn name(&self) -> &str;
    /// Nanoseconds since the epoch.
    fn started(&self) -> Option<i128>;
    fn is_in_progress(&self) -> bool;
    /// Somebody can answer it now.
    fn waits_for_approval(&self) -> bool;
    /// It is no action of the stage, but checks a condition of it.
    fn is_rule(&self) -> bool;
}

/// One look at an execution. `Reason` says what it waits for while no action of it runs.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a, Action, Reason> {
    /// The oldest first, rules among them.
    pub actions: &'a [Action],
    /// The stages that their entry conditions made the execution pass by.
    pub skipped: &'a [String],
    /// Only what needs words.
    pub waits: Option<&'a Reason>,
    pub is_stopping: bool,
    pub has_ended: bool,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<Action, Reason> {
    StageEntered(String),
    StageSkipped(String),
    ActionStarted(Action),
    ApprovalWaits(Action),
    ActionEnded(Action),
    /// No action runs, and this is why.
    Waits(Reason),
    Stopping,
    Ended,
}

/// The changes from one look to the next, in the order in which they are best told.
pub fn changes<Action: WatchedAction, Reason: Clone + PartialEq>(
    before: &Look<'_, Action, Reason>,
    after: &Look<'_, Action, Reason>,
) -> Vec<Change<Action, Reason>> {
    let mut changes = Vec::new();
    let mut known_stages: Vec<&str> = before.actions.iter().map(WatchedAction::stage).collect();
    let mut skipped = after.skipped.iter().filter(|stage| !before.skipped.contains(stage));
    for action in after.actions {
        let was = before.actions.iter().find(|was| was.id() == action.id());
        if !known_stages.contains(&action.stage()) {
            // Whoever is in a later stage has passed by all that came before.
            let passed = skipped.clone().take_while(|stage| known_stages.contains(&stage.as_str())).count();
            changes.extend(skipped.by_ref().take(passed).cloned().map(Change::StageSkipped));
            known_stages.push(action.stage());
            changes.push(Change::StageEntered(action.stage().to_owned()));
        }
        if was.is_none() {
            changes.push(Change::ActionStarted(action.clone()));
        }
        if action.waits_for_approval() && !was.is_some_and(WatchedAction::waits_for_approval) {
            changes.push(Change::ApprovalWaits(action.clone()));
        }
        if !action.is_in_progress() && was.is_none_or(WatchedAction::is_in_progress) {
            changes.push(Change::ActionEnded(action.clone()));
        }
    }
    changes.extend(skipped.cloned().map(Change::StageSkipped));
    if let Some(reason) = after.waits.filter(|reason| before.waits != Some(*reason)) {
        changes.push(Change::Waits(reason.clone()));
    }
    if after.is_stopping && !before.is_stopping {
        changes.push(Change::Stopping);
    }
    if after.has_ended && !before.has_ended {
        changes.push(Change::Ended);
    }
    changes
}

/// The stages that were skipped: their rules said no, nothing of them ran, and the execution went on all the same.
/// `stages` are all of the pipeline, in their order.
pub fn skipped<'a, Action: WatchedAction>(
    stages: impl IntoIterator<Item = &'a str>,
    actions: &[Action],
    has_succeeded: bool,
) -> Vec<String> {
    let stages: Vec<_> = stages.into_iter().collect();
    let has_been_in = |stage: &str| actions.iter().any(|action| action.stage() == stage);
    let is_skipped = |(index, stage): &(usize, &str)| {
        let went_on = has_succeeded || stages[index + 1..].iter().any(|later| has_been_in(later));
        let mut of_stage = actions.iter().filter(|action| action.stage() == *stage);
        went_on && has_been_in(stage) && of_stage.all(|one| one.is_rule() && !one.is_in_progress())
    };
    stages.iter().copied().enumerate().filter(is_skipped).map(|(_, stage)| stage.to_owned()).collect()
}

/// By their start; those that began at the same moment in the order of the declaration, which is given as stages
/// with the names of their actions.
pub fn sort_as_declared<Action: WatchedAction>(actions: &mut [Action], stages: &[(String, Vec<String>)]) {
    let place = |action: &Action| {
        let stage = stages.iter().position(|(name, _)| name == action.stage())?;
        Some((stage, stages[stage].1.iter().position(|name| name == action.name())?))
    };
    actions.sort_by_cached_key(|action| (action.started(), place(action)));
}
