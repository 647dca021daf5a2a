//! The services that functions call and that this process does not answer, or not wholly.

/// Who answers when no endpoint is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// Nobody.
    Nowhere,
    /// An embedded service, which knows what is declared here; an endpoint is asked for the rest.
    Partly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutsideService {
    /// What requests are signed for, and what the option names.
    pub name: &'static str,
    /// What the AWS CLI calls it, if that is something else.
    pub alias: Option<&'static str>,
    /// For people.
    pub title: &'static str,
    pub answered: Answered,
    /// The providers of actions that need it, each as `<category> <provider>`.
    pub providers: &'static [&'static str],
}

const fn nowhere(
    name: &'static str,
    title: &'static str,
    providers: &'static [&'static str],
) -> OutsideService {
    OutsideService { name, alias: None, title, answered: Answered::Nowhere, providers }
}

const fn partly(name: &'static str, title: &'static str) -> OutsideService {
    OutsideService { name, alias: None, title, answered: Answered::Partly, providers: &[] }
}

impl OutsideService {
    /// What is said of one that nobody answers, after its name.
    pub fn how_to_answer(&self) -> String {
        format!("is not answered locally; give --aws-endpoint {}=URL with the URL of an emulator", self.name)
    }
}

pub(super) static SERVICES: &[OutsideService] = &[
    nowhere("cloudformation", "CloudFormation", &["Deploy CloudFormation"]),
    nowhere("ecs", "ECS", &["Deploy ECS"]),
    nowhere("ecr", "ECR", &["Source ECR"]),
    nowhere("sns", "SNS", &[]),
    nowhere("ec2", "EC2", &[]),
    OutsideService { alias: Some("elbv2"), ..nowhere("elasticloadbalancing", "Elastic Load Balancing", &[]) },
    partly("ssm", "Systems Manager"),
    partly("lambda", "Lambda"),
    partly("codedeploy", "CodeDeploy"),
    OutsideService { alias: Some("stepfunctions"), ..partly("states", "Step Functions") },
];

pub(super) fn service_signed_for(name: &str) -> Option<&'static OutsideService> {
    SERVICES.iter().find(|service| service.name == name)
}

/// The service that an action needs and that nothing here answers.
pub(super) fn service_of_provider(category: &str, provider: &str) -> Option<&'static OutsideService> {
    let wanted = format!("{category} {provider}");
    SERVICES.iter().find(|service| service.providers.contains(&wanted.as_str()))
}

/// By what it may be called in the option.
pub(super) fn service_called(name: &str) -> Option<&'static OutsideService> {
    SERVICES.iter().find(|service| service.name == name || service.alias == Some(name))
}
