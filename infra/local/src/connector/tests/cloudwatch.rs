//! Alarms, through the SDK that the functions have.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudwatch::error::ProvideErrorMetadata;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use local_cloudwatch::{Alarm, LocalCloudWatch, Settings, State, Tells};
use local_service::AdjustableClock;
use serde_json::{Value, json};

use super::aws_in;
use crate::connector::{CLOUDWATCH, Fault, LocalHttpClient};

/// With the alarm `errors`, for a caller who may do this.
fn client(directory: &Path, action: &str, resource: &str, fault: Option<Fault>) -> Client {
    let settings = Settings {
        region: "us-east-1".into(),
        account_id: "123456789012".into(),
        environment: BTreeMap::new(),
        clock: Arc::new(AdjustableClock::default()),
    };
    let cloudwatch = LocalCloudWatch::open(&directory.join("cloudwatch"), settings).expect("alarms");
    let alarm = Alarm { name: "errors".into(), tells: Tells::State(State::Ok) };
    cloudwatch.define(alarm).expect("an alarm");
    let allow: Value = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let aws = aws_in(directory, &[allow]).with_service(CLOUDWATCH, Arc::new(cloudwatch));
    let aws = aws.with_faults(Arc::new(move |_| fault));
    let config = aws_sdk_cloudwatch::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys("ApiFunction", "local", None))
        .retry_config(aws_sdk_cloudwatch::config::retry::RetryConfig::disabled())
        .http_client(LocalHttpClient::new(Arc::new(aws)));
    Client::from_conf(config.build())
}

const ERRORS: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors";

#[tokio::test]
async fn an_alarm_is_described_and_set() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(directory.path(), "cloudwatch:*", "*", None);
    let describe = || client.describe_alarms().alarm_types(AlarmType::MetricAlarm);
    let described = describe().alarm_names("errors").send().await.expect("it is there");
    let alarm = &described.metric_alarms()[0];
    assert_eq!((alarm.alarm_arn(), alarm.state_value()), (Some(ERRORS), Some(&StateValue::Ok)));
    let updated = alarm.state_updated_timestamp().expect("a time").secs();
    assert!(updated > 1_700_000_000, "{updated}");
    let none = describe().alarm_names("nobody").send().await.expect("an unknown alarm is no error");
    assert!(none.metric_alarms().is_empty());

    let set = client.set_alarm_state().state_value(StateValue::Alarm).state_reason("a try");
    set.clone().alarm_name("errors").send().await.expect("it is set");
    let described = describe().send().await.expect("it is there");
    assert_eq!(described.metric_alarms()[0].state_value(), Some(&StateValue::Alarm));
    let unknown = set.alarm_name("nobody").send().await.expect_err("there is none").into_service_error();
    assert!(unknown.is_resource_not_found(), "{unknown:?}");
    let error = client.delete_alarms().alarm_names("errors").send().await.expect_err("it is not here");
    let error = error.into_service_error();
    assert_eq!(error.code(), Some("UnsupportedOperation"));
    assert_eq!(error.message(), Some("CloudWatch DeleteAlarms is not supported by the local stack"));
}

#[tokio::test]
async fn composite_alarms_are_for_whoever_may_ask_about_all() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(directory.path(), "cloudwatch:DescribeAlarms", ERRORS, None);
    let describe = || client.describe_alarms().alarm_names("errors");
    describe().send().await.expect("metric alarms are told by name");
    let error = describe().alarm_types(AlarmType::CompositeAlarm).send().await.expect_err("it is denied");
    let error = error.into_service_error();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    let message = error.message().unwrap_or_default();
    assert!(message.contains("not authorized to perform cloudwatch:DescribeAlarms on *"), "{message}");
}

#[tokio::test]
async fn a_day_on_which_cloudwatch_throttles() {
    let directory = tempfile::tempdir().expect("a directory");
    let client = client(directory.path(), "cloudwatch:*", "*", Some(Fault::Throttle));
    let error = client.describe_alarms().send().await.expect_err("it is throttled").into_service_error();
    assert_eq!(error.code(), Some("ThrottlingException"));
}
