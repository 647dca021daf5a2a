//! `connections`, `connect ARN`: where the connections lead that source actions name, and where their hosts are to send
//! what happens in them.

use serde_json::{Value, json};

use crate::arguments::SharedArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::own_operation;
use crate::session::Session;
use crate::terminal::Form;
use crate::text::first_line;

#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

#[derive(Debug, Clone, clap::Args)]
pub struct ConnectArguments {
    /// The connection's ARN, as source actions name it
    pub arn: String,
    /// Where git fetches; {FullRepositoryId} stands for the repository that an action names
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Who sends what happens: GitHub, GitHubEnterpriseServer, GitLab, GitLabSelfManaged or Bitbucket
    #[arg(long, value_name = "NAME")]
    pub provider_type: Option<String>,
    /// The secret in Secrets Manager with `token` and `webhookSecret`; its name begins with pipewright/
    #[arg(long, value_name = "NAME")]
    pub secret: Option<String>,
    #[command(flatten)]
    pub(crate) shared: SharedArguments,
}

pub(crate) async fn run(_arguments: &Arguments, session: &Session) -> Result<Exit, Failure> {
    let answer = own_operation::call(&session.api.codepipeline, "ListConnections", &json!({})).await?;
    let connections = answer["connections"].as_array().map(Vec::as_slice).unwrap_or_default();
    let terminal = &session.terminal;
    match terminal.form {
        Form::Json => terminal.say_json(&answer),
        Form::Text if connections.is_empty() => {
            terminal.note("there are no connections yet: pipewright connect ARN makes one\n");
        }
        Form::Text | Form::Quiet => connections.iter().for_each(|one| print(one, session)),
    }
    Ok(Exit::Succeeded)
}

pub(crate) async fn connect(arguments: &ConnectArguments, session: &Session) -> Result<Exit, Failure> {
    let mut input = json!({ "connectionArn": arguments.arn, "url": arguments.url });
    for (name, value) in [("providerType", &arguments.provider_type), ("secret", &arguments.secret)] {
        if let Some(value) = value {
            input[name] = json!(value);
        }
    }
    let connection = own_operation::call(&session.api.codepipeline, "PutConnection", &input).await?;
    match session.terminal.form {
        Form::Json => session.terminal.say_json(&connection),
        Form::Text | Form::Quiet => print(&connection, session),
    }
    Ok(Exit::Succeeded)
}

fn print(connection: &Value, session: &Session) {
    let text = |name: &str| first_line(connection[name].as_str().unwrap_or_default());
    let terminal = &session.terminal;
    if terminal.form == Form::Quiet {
        terminal.say(&format!("{}\n", text("connectionArn")));
        return;
    }
    terminal.say(&format!("{}\n", text("connectionArn")));
    for (name, what) in [("url", "leads to"), ("secret", "secret"), ("webhookUrl", "webhook")] {
        if connection[name].is_string() {
            terminal.say(&format!("  {what}: {}\n", text(name)));
        }
    }
}
