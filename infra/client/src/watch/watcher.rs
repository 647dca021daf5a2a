//! Looking at an execution until it has ended. The service may go away and come back meanwhile.

use std::time::Duration;

use jiff::Timestamp;

use super::display::{Display, display};
use super::patience::Patience;
use super::view::{Change, View, changes};
use crate::execution::{actions_in_order, is_waiting, reason};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logs::Logs;
use crate::resolve::Execution;
use crate::session::Session;
use crate::text::seconds_between;

/// More actions than an execution can have.
const ACTIONS: usize = 10_000;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    pub logs: bool,
    pub timeout: Option<Duration>,
}

/// Shows the execution until it has ended; its end is the exit status.
pub(crate) async fn to_the_end(
    execution: &Execution,
    options: Options,
    session: &Session,
) -> Result<Exit, Failure> {
    let mut display = display(execution, session);
    let exit = watch(execution, options, session, display.as_mut()).await;
    display.end();
    exit
}

async fn watch(
    execution: &Execution,
    options: Options,
    session: &Session,
    display: &mut dyn Display,
) -> Result<Exit, Failure> {
    let began = session.clock.now();
    let mut patience = Patience::new();
    let mut logs = options.logs.then(Logs::new);
    let mut before: Option<View> = None;
    loop {
        match look(execution, session).await {
            Ok(view) => {
                patience.renew(session);
                if before.is_none() {
                    display.begin(&view);
                }
                let found = changes(before.as_ref().unwrap_or(&View::default()), &view);
                tell(&found, &view, session, display, logs.as_mut()).await;
                if let Some(exit) = view.exit() {
                    return Ok(exit);
                }
                before = Some(view);
            }
            Err(failure) => patience.bear(failure, session).await?,
        }
        if session.terminal.is_gone() {
            return Ok(Exit::Succeeded);
        }
        if is_over(began, options.timeout, session) {
            let message = format!(
                "the execution did not end within {} s",
                options.timeout.unwrap_or_default().as_secs()
            );
            return Err(Failure::new(Exit::TimedOut, message)
                .help(format!("it goes on: pipewright watch {}/{}", execution.pipeline, execution.id)));
        }
        session.clock.wait(session.api.look).await;
    }
}

fn is_over(began: Timestamp, timeout: Option<Duration>, session: &Session) -> bool {
    timeout.is_some_and(|timeout| seconds_between(began, session.clock.now()) >= timeout.as_secs_f64())
}

async fn look(execution: &Execution, session: &Session) -> Result<View, Failure> {
    let Execution { pipeline, id } = execution;
    // The execution first: when it has ended, every action's end is to be seen.
    let described = session.api.execution(pipeline, id).await?;
    let actions = actions_in_order(&session.api.actions(pipeline, Some(id), ACTIONS).await?);
    let mut view = View::of(&described, actions);
    if is_waiting(&view.status, &view.actions) {
        let state = session.api.state(pipeline).await?;
        view.waits = Some(reason(&described, &view.actions, Some(&state)));
    }
    Ok(view)
}

/// The log of an action comes before its end.
async fn tell(
    changes: &[Change],
    view: &View,
    session: &Session,
    display: &mut dyn Display,
    mut logs: Option<&mut Logs>,
) {
    for change in changes {
        if let (Change::ActionEnded(action), Some(logs)) = (change, logs.as_deref_mut()) {
            logs.finish(action, session, &mut |line| display.log(action, line)).await;
        }
        display.change(change, view);
    }
    let Some(logs) = logs else { return };
    for action in view.actions.iter().filter(|action| action.is_in_progress()) {
        // A log that cannot be read now is read at the next look.
        let _ = logs.read(action, session, &mut |line| display.log(action, &line.message)).await;
    }
}
