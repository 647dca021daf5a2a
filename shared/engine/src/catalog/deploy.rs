//! Deploy actions: where a release goes.

use super::ActionCategory::Deploy;
use super::ActionOwner::{Aws, ThirdParty};
use super::{ActionType, ConfigurationKey as Key, Count, UrlTemplates};

const DAY_MINUTES: u32 = 24 * 60;
const ONE_IN: (Count, Count) = (Count::exactly(1), Count::exactly(0));

const BEANSTALK_APPLICATION: &str =
    "https://console.aws.amazon.com/elasticbeanstalk/r/application/{Config:ApplicationName}";

/// The predefined grants of S3.
const CANNED_ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "aws-exec-read",
    "authenticated-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "log-delivery-write",
];

pub(super) static DEPLOY: &[ActionType] = &[
    ActionType::new(Deploy, Aws, "S3")
        .configured_by(&[
            Key::required("BucketName"),
            Key { allowed: &["true", "false"], ..Key::required("Extract") },
            Key::optional("ObjectKey"),
            Key::optional("KMSEncryptionKeyARN"),
            Key::optional("CannedACL").one_of(CANNED_ACLS),
            Key::optional("CacheControl"),
        ])
        .artifacts(ONE_IN.0, ONE_IN.1)
        .timeout(90)
        .run_by("deploy-s3"),
    ActionType::new(Deploy, Aws, "CodeDeploy")
        .configured_by(&[Key::required("ApplicationName"), Key::required("DeploymentGroupName")])
        .artifacts(ONE_IN.0, ONE_IN.1)
        .timeout(5 * DAY_MINUTES)
        .shown_at(
            UrlTemplates::of_entity(
                "https://console.aws.amazon.com/codedeploy/home?#/applications/{Config:ApplicationName}\
                 /deployment-groups/{Config:DeploymentGroupName}",
            )
            .of_execution(
                "https://console.aws.amazon.com/codedeploy/home?#/deployments/{ExternalExecutionId}",
            ),
        )
        .run_by("deploy-codedeploy"),
    ActionType::new(Deploy, Aws, "CloudFormation")
        .configured_by(&[
            Key::required("ActionMode").one_of(&[
                "CREATE_UPDATE",
                "REPLACE_ON_FAILURE",
                "DELETE_ONLY",
                "CHANGE_SET_REPLACE",
                "CHANGE_SET_EXECUTE",
            ]),
            Key::required("StackName"),
            Key::optional("ChangeSetName"),
            Key::optional("RoleArn"),
            Key::optional("TemplatePath"),
            Key::optional("Capabilities"),
            Key::optional("TemplateConfiguration"),
            Key::optional("ParameterOverrides").json(),
            Key::optional("OutputFileName"),
        ])
        .artifacts(Count::between(0, 10), Count::between(0, 1))
        .gives_what_it_exports()
        .timeout(3 * DAY_MINUTES)
        .run_by("deploy-cloudformation"),
    ActionType::new(Deploy, Aws, "CloudFormationStackSet")
        .configured_by(&[
            Key::required("StackSetName"),
            Key::required("TemplatePath"),
            Key::optional("Description"),
            Key::optional("Parameters"),
            Key::optional("Capabilities"),
            Key::optional("PermissionModel").defaults_to("SELF_MANAGED"),
            Key::optional("AdministrationRoleArn"),
            Key::optional("ExecutionRoleName"),
            Key::optional("OrganizationsAutoDeployment").defaults_to("Disabled"),
            Key::optional("DeploymentTargets"),
            Key::optional("Regions"),
            Key::optional("FailureTolerancePercentage"),
            Key::optional("MaxConcurrentPercentage"),
            Key::optional("CallAs"),
        ])
        .artifacts(Count::between(1, 3), Count::exactly(0))
        .gives(&["StackSetId", "OperationId"]),
    ActionType::new(Deploy, Aws, "CloudFormationStackInstances")
        .configured_by(&[
            Key::required("StackSetName"),
            Key::required("Regions"),
            Key::optional("DeploymentTargets"),
            Key::optional("ParameterOverrides"),
            Key::optional("FailureTolerancePercentage"),
            Key::optional("MaxConcurrentPercentage"),
            Key::optional("CallAs"),
        ])
        .artifacts(Count::between(0, 2), Count::exactly(0))
        .gives(&["StackSetId", "OperationId"]),
    ActionType::new(Deploy, Aws, "CodeDeployToECS")
        .configured_by(&[
            Key::required("ApplicationName"),
            Key::required("DeploymentGroupName"),
            Key::required("TaskDefinitionTemplateArtifact"),
            Key::required("AppSpecTemplateArtifact"),
            Key::optional("TaskDefinitionTemplatePath").defaults_to("taskdef.json"),
            Key::optional("AppSpecTemplatePath").defaults_to("appspec.yaml"),
            Key::optional("Image1ArtifactName"),
            Key::optional("Image1ContainerName"),
            Key::optional("Image2ArtifactName"),
            Key::optional("Image2ContainerName"),
            Key::optional("Image3ArtifactName"),
            Key::optional("Image3ContainerName"),
            Key::optional("Image4ArtifactName"),
            Key::optional("Image4ContainerName"),
        ])
        .artifacts(Count::between(1, 5), Count::exactly(0))
        .timeout(5 * DAY_MINUTES),
    ActionType::new(Deploy, Aws, "ECS")
        .configured_by(&[
            Key::required("ClusterName"),
            Key::required("ServiceName"),
            Key::optional("FileName").defaults_to("imagedefinitions.json"),
            Key::optional("DeploymentTimeout").defaults_to("60"),
        ])
        .artifacts(ONE_IN.0, ONE_IN.1),
    ActionType::new(Deploy, Aws, "EC2")
        .configured_by(&[
            Key::required("InstanceTagKey"),
            Key::optional("InstanceTagValue"),
            Key::required("InstanceType").one_of(&["EC2", "SSM_MANAGED_NODE"]),
            Key::optional("TargetDirectory"),
            Key::optional("DeploySpec"),
            Key::optional("PreScript"),
            Key::optional("PostScript"),
            Key::optional("MaxBatch"),
            Key::optional("MaxError"),
            Key::optional("TargetGroupNameList"),
        ])
        .artifacts(ONE_IN.0, ONE_IN.1)
        .v2_only(),
    ActionType::new(Deploy, Aws, "EKS")
        .configured_by(&[
            Key::required("ClusterName"),
            Key::optional("ManifestFiles"),
            Key::optional("HelmReleaseName"),
            Key::optional("HelmChartLocation"),
            Key::optional("HelmValuesFiles"),
            Key::optional("Namespace"),
            Key::optional("Subnets"),
            Key::optional("SecurityGroupIds"),
        ])
        .artifacts(ONE_IN.0, ONE_IN.1)
        .gives(&["EKSClusterName"])
        .v2_only(),
    ActionType::new(Deploy, Aws, "Lambda")
        .configured_by(&[
            Key::required("FunctionName"),
            Key::optional("FunctionAlias"),
            Key::optional("PublishedTargetVersion"),
            Key::optional("DeployStrategy").defaults_to("AllAtOnce"),
            Key::optional("Alarms"),
        ])
        .artifacts(Count::between(0, 1), Count::exactly(0))
        .gives(&["FunctionVersion"])
        .timeout(2 * DAY_MINUTES)
        .v2_only(),
    ActionType::new(Deploy, Aws, "ElasticBeanstalk")
        .configured_by(&[Key::required("ApplicationName"), Key::required("EnvironmentName")])
        .artifacts(ONE_IN.0, ONE_IN.1)
        .shown_at(UrlTemplates::of_entity(BEANSTALK_APPLICATION).of_execution(BEANSTALK_APPLICATION)),
    ActionType::new(Deploy, Aws, "AppConfig")
        .configured_by(&[
            Key::required("Application"),
            Key::required("Environment"),
            Key::required("ConfigurationProfile"),
            Key::required("InputArtifactConfigurationPath"),
            Key::optional("DeploymentStrategy"),
        ])
        .artifacts(ONE_IN.0, ONE_IN.1),
    // Either a template and its product, or a configuration file and its product.
    ActionType::new(Deploy, Aws, "ServiceCatalog")
        .configured_by(&[
            Key::optional("TemplateFilePath"),
            Key::optional("ProductVersionName"),
            Key::optional("ProductType"),
            Key::required("ProductId"),
            Key::optional("ProductVersionDescription"),
            Key::optional("ConfigurationFilePath"),
        ])
        .artifacts(ONE_IN.0, ONE_IN.1),
    ActionType::new(Deploy, Aws, "OpsWorks")
        .configured_by(&[Key::required("Stack"), Key::required("App"), Key::optional("Layer")])
        .artifacts(ONE_IN.0, ONE_IN.1),
    ActionType::new(Deploy, ThirdParty, "AlexaSkillsKit")
        .configured_by(&[
            Key::required("ClientId"),
            Key::required("ClientSecret").secret(),
            Key::required("RefreshToken").secret(),
            Key::required("SkillId"),
        ])
        .artifacts(Count::between(1, 2), Count::exactly(0)),
];
