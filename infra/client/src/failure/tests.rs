use expect_test::expect;

use super::codes::meaning;
use super::*;

#[test]
fn every_kind_of_exception_has_its_exit_status() {
    for (code, status, exit) in [
        ("PipelineNotFoundException", 400, Exit::NotFound),
        ("PipelineVersionNotFoundException", 400, Exit::NotFound),
        ("ResourceNotFoundException", 400, Exit::NotFound),
        ("AccessDeniedException", 403, Exit::NotAllowed),
        ("InvalidSignatureException", 403, Exit::NotAllowed),
        ("UnrecognizedClientException", 400, Exit::NotAllowed),
        ("SomethingNew", 403, Exit::NotAllowed),
        ("ApprovalAlreadyCompletedException", 400, Exit::Stopped),
        ("NotLatestPipelineExecutionException", 400, Exit::Stopped),
        ("ValidationException", 400, Exit::Usage),
        ("InvalidStructureException", 400, Exit::Usage),
        ("ThrottlingException", 400, Exit::Unreachable),
        ("InternalFailure", 500, Exit::Unreachable),
        ("SomethingNew", 503, Exit::Unreachable),
        ("StageNotRetryableException", 400, Exit::Failed),
        ("DuplicatedStopRequestException", 400, Exit::Failed),
        ("SomethingNew", 400, Exit::Failed),
    ] {
        assert_eq!(meaning(code, status).exit, exit, "{code} {status}");
    }
}

#[test]
fn an_error_says_what_why_and_what_to_do() {
    let failure = Failure {
        code: Some("PipelineNotFoundException".into()),
        request_id: Some("4f2a".into()),
        ..Failure::not_found("there is no pipeline 'dmeo'").help("did you mean 'demo'?")
    };
    expect![[r#"
        error: there is no pipeline 'dmeo'
        help: did you mean 'demo'?
        (PipelineNotFoundException, request id 4f2a)
    "#]]
    .assert_eq(&failure.render(Look::default()));
    expect![[r#"{"error":{"code":"PipelineNotFoundException","exitStatus":3,"help":"did you mean 'demo'?","message":"there is no pipeline 'dmeo'","requestId":"4f2a"}}"#]]
        .assert_eq(&failure.to_json().to_string());
}

#[test]
fn a_message_of_a_service_cannot_act_on_the_terminal() {
    let failure = Failure::usage("gone \u{1b}[2J\u{1b}]0;title\u{7}!");
    assert_eq!(failure.render(Look::default()), "error: gone !\n");
}
