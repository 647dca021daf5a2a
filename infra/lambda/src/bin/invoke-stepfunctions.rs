//! The deployed function; what it does is in its crate.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda::run(platform::action::action_outside(invoke_stepfunctions::work, invoke_stepfunctions::handle))
        .await
}
