//! Walking a declaration with the place of every action, and of every rule, at hand.

use crate::declaration::{ActionDeclaration, Exception, Path, PipelineDeclaration, StageDeclaration};
use crate::execution::ConditionType;

/// An action, or a rule as the action that does its work, and where it is declared.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub stage_index: usize,
    pub position: Position,
    pub stage: &'a StageDeclaration,
    pub action: &'a ActionDeclaration,
}

/// By index, within the stage.
#[derive(Clone, Copy)]
pub(super) enum Position {
    Action(usize),
    Rule(ConditionType, usize),
}

impl Placed<'_> {
    pub fn path(&self) -> Path {
        let stage = Path::stage(self.stage_index);
        let rules = |member: &str| stage.member(member).member("conditions").item(0).member("rules");
        match self.position {
            Position::Action(index) => Path::action(self.stage_index, index),
            Position::Rule(ConditionType::BeforeEntry, index) => rules("beforeEntry").item(index),
            Position::Rule(ConditionType::OnSuccess, index) => rules("onSuccess").item(index),
            Position::Rule(ConditionType::OnFailure, index) => rules("onFailure").item(index),
        }
    }

    pub fn is_rule(&self) -> bool {
        matches!(self.position, Position::Rule(..))
    }

    /// As a message names it.
    pub fn shown(&self) -> String {
        let word = if self.is_rule() { "Rule" } else { "Action" };
        format!("{word} '{}'", self.action.name)
    }

    /// What is wrong with it is this.
    pub fn exception(&self) -> Exception {
        match self.position {
            Position::Action(_) => Exception::InvalidActionDeclaration,
            Position::Rule(..) => Exception::InvalidStageDeclaration,
        }
    }

    /// When it runs: stages in order, then `runOrder`. Equal turns run in parallel.
    pub fn turn(&self) -> (usize, u32) {
        (self.stage_index, self.action.run_order())
    }
}

/// Every action of a pipeline, as declared.
pub(super) fn actions(pipeline: &PipelineDeclaration) -> impl Iterator<Item = Placed<'_>> {
    pipeline.stages.iter().enumerate().flat_map(|(stage_index, stage)| {
        stage.actions.iter().enumerate().map(move |(action_index, action)| Placed {
            stage_index,
            position: Position::Action(action_index),
            stage,
            action,
        })
    })
}

/// The rules of all conditions as the actions that do their work.
pub(super) struct Rules {
    places: Vec<(usize, Position)>,
    actions: Vec<ActionDeclaration>,
}

impl Rules {
    pub fn of(pipeline: &PipelineDeclaration) -> Self {
        let mut rules = Self { places: Vec::new(), actions: Vec::new() };
        for (stage_index, stage) in pipeline.stages.iter().enumerate() {
            for condition in ConditionType::ALL {
                for (index, rule) in stage.rules(condition).iter().enumerate() {
                    rules.places.push((stage_index, Position::Rule(condition, index)));
                    rules.actions.push(rule.as_action(condition));
                }
            }
        }
        rules
    }

    pub fn placed<'a>(&'a self, pipeline: &'a PipelineDeclaration) -> impl Iterator<Item = Placed<'a>> {
        let rules = self.places.iter().zip(&self.actions);
        rules.filter_map(|((stage_index, position), action)| {
            let (stage_index, position) = (*stage_index, *position);
            let stage = pipeline.stages.get(stage_index)?;
            Some(Placed { stage_index, position, stage, action })
        })
    }
}
