//! `override PIPELINE STAGE`: the stage goes on as if a condition of it were met.

use aws_sdk_codepipeline::types::{ConditionType, StageState};
use serde_json::json;

use crate::arguments::SharedArguments;
use crate::execution::{Checked, When, said, short};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::resolve::{self, Execution, Which};
use crate::session::Session;
use crate::terminal::Form;
use crate::text::{Mark, first_line};
use crate::watch::{self, WaitArguments};

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// The name of the pipeline
    pub pipeline: String,
    /// The name of the stage
    pub stage: String,
    /// Which condition [default: the one that holds the stage up, or has failed it]
    #[arg(long, value_enum)]
    pub condition: Option<Condition>,
    /// The execution, if it is not the newest in the stage
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub(crate) wait: WaitArguments,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Condition {
    /// What is checked before the stage is entered
    BeforeEntry,
    /// What is checked after its actions have succeeded
    OnSuccess,
}

impl Condition {
    fn when(self) -> When {
        match self {
            Self::BeforeEntry => When::BeforeEntry,
            Self::OnSuccess => When::OnSuccess,
        }
    }
}

/// What is overridden.
struct Chosen {
    execution_id: String,
    when: When,
    condition: ConditionType,
}

pub(crate) async fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let Arguments { pipeline, stage, .. } = arguments;
    let (declaration, _) = resolve::pipeline(session, pipeline, None).await?;
    resolve::stage(&declaration, stage)?;
    let execution = match &arguments.execution {
        Some(id) => {
            Some(resolve::execution(session, Some(&format!("{pipeline}/{id}")), Which::Newest).await?.id)
        }
        None => None,
    };
    let state = session.api.state(pipeline).await?;
    let shown = state.stage_states().iter().find(|state| state.stage_name() == Some(stage));
    let chosen = choose(arguments, execution, shown)?;
    let terminal = &session.terminal;
    terminal.note(&describe(stage, &chosen, shown));
    terminal.confirm(&format!("Go on as if the {} were met?", chosen.when.name()), arguments.yes).await?;
    let request =
        session.api.codepipeline.override_stage_condition().pipeline_name(pipeline).stage_name(stage);
    let request = request.pipeline_execution_id(&chosen.execution_id);
    request.condition_type(chosen.condition.clone()).send().await?;
    let execution = Execution { pipeline: pipeline.clone(), id: chosen.execution_id };
    match terminal.form {
        Form::Json if arguments.wait.wait => {}
        Form::Json => terminal.say_json(&json!({
            "pipelineName": pipeline,
            "stageName": stage,
            "pipelineExecutionId": execution.id,
            "conditionType": chosen.condition.as_str(),
        })),
        Form::Quiet => terminal.say(&format!("{}\n", execution.id)),
        Form::Text => {
            let (id, name) = (short(&execution.id), chosen.when.name());
            terminal.say(&format!("execution {id} goes on: the {name} of {stage} is overridden\n"));
        }
    }
    watch::if_wanted(&arguments.wait, &execution, true, session).await
}

/// What was named, or what the state of the stage shows to be in the way.
fn choose(
    arguments: &Arguments,
    named: Option<String>,
    shown: Option<&StageState>,
) -> Result<Chosen, Failure> {
    let Arguments { pipeline, stage, .. } = arguments;
    let inside = shown.and_then(|shown| shown.latest_execution());
    let inside_id = inside.map(|inside| inside.pipeline_execution_id());
    let look = format!("`pipewright state {pipeline}` shows what is in the stage");
    let id = named.as_deref().or(inside_id).ok_or_else(|| {
        Failure::not_found(format!("no execution is shown in {stage} of {pipeline}"))
            .help("name it with --execution, and its condition with --condition")
    })?;
    let chosen = |when: When| {
        let condition = when.overridable().ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!("{stage} failed, and a failure condition cannot be overridden"),
            )
            .help(format!("`pipewright retry {pipeline} {stage}` tries the stage again"))
        })?;
        Ok(Chosen { execution_id: id.to_owned(), when, condition })
    };
    if let Some(condition) = arguments.condition {
        return chosen(condition.when());
    }
    if inside_id != Some(id) {
        let message =
            format!("nothing tells which condition of {stage} execution {} is held up by", short(id));
        return Err(Failure::usage(message).help("name it with --condition"));
    }
    if inside.is_some_and(|inside| inside.status().as_str() == "Skipped") {
        let message = format!("{stage} of {pipeline} was skipped: execution {} has gone on", short(id));
        return Err(
            Failure::new(Exit::Failed, message).help("start a new execution that meets the condition")
        );
    }
    let open: Vec<_> = shown.into_iter().flat_map(Checked::all).filter(Checked::holds_up).collect();
    let overridable: Vec<_> = open.iter().filter(|one| one.when.overridable().is_some()).collect();
    match (&overridable[..], &open[..]) {
        ([one], _) => chosen(one.when),
        ([], [one, ..]) => chosen(one.when),
        ([], []) => {
            Err(Failure::not_found(format!("no condition of {stage} holds execution {} up", short(id)))
                .help(look))
        }
        _ => Err(Failure::usage(format!("several conditions of {stage} have failed"))
            .help("name one of them: --condition before-entry, or --condition on-success")),
    }
}

/// The condition with its rules.
fn describe(stage: &str, chosen: &Chosen, shown: Option<&StageState>) -> String {
    let id = short(&chosen.execution_id);
    let mut text = format!("the {} of {stage}, execution {id}\n", chosen.when.name());
    let is_shown = |shown: &&StageState| {
        shown.latest_execution().is_some_and(|inside| inside.pipeline_execution_id() == chosen.execution_id)
    };
    let checked = shown.filter(is_shown).into_iter().flat_map(Checked::all);
    for rule in checked.filter(|checked| checked.when == chosen.when).flat_map(|checked| checked.rules()) {
        let Some(latest) = rule.latest_execution() else { continue };
        let mark = Mark::of(latest.status().map_or("", |status| status.as_str())).plain();
        let said = said(latest).map(|text| format!("  {}", first_line(text))).unwrap_or_default();
        text.push_str(&format!("  {}  {mark}{said}\n", rule.rule_name().unwrap_or_default()));
    }
    text
}
