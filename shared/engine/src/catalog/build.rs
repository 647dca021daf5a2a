//! Actions that build and test, and commands.

use super::ActionCategory::{Build, Compute, Test};
use super::ActionOwner::Aws;
use super::{ActionCategory, ActionType, ConfigurationKey as Key, Count};

const NO_VPC: &str = "remove it: commands run with the network of the machine that runs them";

static CODEBUILD_KEYS: &[Key] = &[
    Key::required("ProjectName"),
    Key::optional("PrimarySource"),
    Key::boolean("BatchEnabled", "false"),
    Key::boolean("CombineArtifacts", "false"),
    Key::optional("BuildspecOverride"),
    Key::optional("EnvironmentVariables").json(),
];

static COMMANDS_KEYS: &[Key] = &[
    Key::optional("EnvironmentType")
        .defaults_to("LINUX_CONTAINER")
        .one_of(&["LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"])
        .except(&[("WINDOWS_SERVER_2022_CONTAINER", "use LINUX_CONTAINER: commands run in a POSIX shell")]),
    Key::optional("ComputeType").defaults_to("BUILD_GENERAL1_SMALL"),
    Key::optional("VpcId").not_honoured(NO_VPC),
    Key::optional("Subnets").not_honoured(NO_VPC),
    Key::optional("SecurityGroupIds").not_honoured(NO_VPC),
];

const fn codebuild(category: ActionCategory, minutes: u32) -> ActionType {
    ActionType::new(category, Aws, "CodeBuild")
        .configured_by(CODEBUILD_KEYS)
        .artifacts(Count::between(1, 5), Count::between(0, 5))
        .gives_what_it_exports()
        .timeout(minutes)
        .run_by("build-codebuild")
}

const fn commands(category: ActionCategory) -> ActionType {
    let mut commands = ActionType::new(category, Aws, "Commands")
        .configured_by(COMMANDS_KEYS)
        .artifacts(Count::between(1, 10), Count::between(0, 1))
        .gives_what_it_exports()
        .timeout(55)
        .v2_only()
        .run_by("compute-commands");
    commands.takes_commands = true;
    commands
}

pub(super) static BUILD: &[ActionType] = &[
    codebuild(Build, 36 * 60),
    commands(Compute),
    // The guide lists the provider under Compute; the service takes it under Build as well.
    commands(Build),
    ActionType::new(Build, Aws, "ECRBuildAndPublish")
        .configured_by(&[
            Key::required("ECRRepositoryName"),
            Key::optional("DockerFilePath"),
            Key::optional("ImageTags").defaults_to("latest"),
            Key::optional("RegistryType").defaults_to("private").one_of(&["private", "public"]),
        ])
        .artifacts(Count::exactly(1), Count::exactly(0))
        .gives(&["ECRImageDigestId", "ECRRepositoryName"])
        .v2_only(),
    codebuild(Test, 8 * 60),
    ActionType::new(Test, Aws, "DeviceFarm")
        .configured_by(&[
            Key::required("AppType"),
            Key::required("ProjectId"),
            Key::required("App"),
            Key::required("DevicePoolArn"),
            Key::required("TestType"),
            Key::optional("AppiumVersion"),
            Key::optional("RadioBluetoothEnabled"),
            Key::optional("RadioWifiEnabled"),
            Key::optional("RadioNfcEnabled"),
            Key::optional("RadioGpsEnabled"),
            Key::optional("RecordAppPerformanceData"),
            Key::optional("RecordVideo"),
            Key::optional("Test"),
            Key::optional("FuzzEventCount"),
            Key::optional("FuzzEventThrottle"),
            Key::optional("FuzzRandomizerSeed"),
            Key::optional("CustomHostMachineArtifacts"),
            Key::optional("CustomDeviceArtifacts"),
            Key::optional("UnmeteredDevicesOnly"),
            Key::optional("JobTimeoutMinutes"),
            Key::optional("Latitude"),
            Key::optional("Longitude"),
        ])
        .artifacts(Count::exactly(1), Count::exactly(0))
        .timeout(8 * 60),
];
