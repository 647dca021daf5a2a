//! CloudWatch's alarms.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use serde_json::Value;

use super::Permission;
use crate::template::Account;

pub(super) fn permissions(operation: &str, input: &Value, account: &Account) -> Vec<Permission> {
    let action = format!("cloudwatch:{operation}");
    let texts = |member: &str| -> Vec<String> {
        let list = input[member].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut alarms = match operation {
        "SetAlarmState" => input["AlarmName"].as_str().map(str::to_owned).into_iter().collect(),
        // Composite alarms are told of only to whoever may ask about all alarms.
        "DescribeAlarms" if texts("AlarmTypes").iter().any(|wanted| wanted == "CompositeAlarm") => Vec::new(),
        "DescribeAlarms" => texts("AlarmNames"),
        _ => Vec::new(),
    };
    alarms.sort();
    if alarms.is_empty() {
        return vec![Permission::new(action, "*")];
    }
    let arn = |alarm: &String| account.arn("cloudwatch", &format!("alarm:{alarm}"));
    alarms.iter().map(|alarm| Permission::new(&action, arn(alarm))).collect()
}
