//! The service model of a declaration as data: the members and constraints of `CreatePipeline`. The inputs of
//! other operations are described in the same words, in `functions/api`.
//!
//! Source: `codepipeline/2015-07-09`. One limit differs from the model: a value of an action's
//! configuration may have 50,000 characters and not 1,000, because that is what the service itself says when
//! it refuses one.

use super::patterns::{is_codepipeline_arn, is_one_line, is_role_arn, letters_digits_and};

/// What a value must look like.
pub enum Shape {
    Text(&'static TextRule),
    Flag,
    /// Read by somebody else, whatever it is.
    Any,
    /// One of a few words.
    Word(&'static [&'static str]),
    Integer {
        minimum: i64,
        maximum: Option<i64>,
    },
    List {
        item: &'static Shape,
        minimum: usize,
        maximum: Option<usize>,
    },
    /// Text by text keys.
    TextMap {
        key: &'static TextRule,
        value: &'static TextRule,
        maximum: Option<usize>,
    },
    /// Structures by text keys.
    StructureMap {
        key: &'static TextRule,
        value: &'static [Member],
    },
    Structure(&'static [Member]),
}

/// The length and form of a text, in characters.
pub struct TextRule {
    pub minimum: usize,
    pub maximum: Option<usize>,
    pub pattern: Option<Pattern>,
}

/// A pattern of the model: what it says, and what it means.
pub struct Pattern {
    pub text: &'static str,
    /// What it allows, for people.
    pub allows: &'static str,
    pub matches: fn(&str) -> bool,
}

/// One member of a structure.
pub struct Member {
    pub name: &'static str,
    pub required: bool,
    pub shape: Shape,
}

pub const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, required: true, shape }
}

pub const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, required: false, shape }
}

const fn list(item: &'static Shape) -> Shape {
    Shape::List { item, minimum: 0, maximum: None }
}

pub const fn list_of(minimum: usize, maximum: usize, item: &'static Shape) -> Shape {
    Shape::List { item, minimum, maximum: Some(maximum) }
}

pub const fn text(minimum: usize, maximum: usize) -> TextRule {
    TextRule { minimum, maximum: Some(maximum), pattern: None }
}

pub const fn patterned(minimum: usize, maximum: usize, pattern: Pattern) -> TextRule {
    TextRule { minimum, maximum: Some(maximum), pattern: Some(pattern) }
}

const NAME_PATTERN: Pattern = Pattern {
    text: "[A-Za-z0-9.@\\-_]+",
    allows: "letters, digits and . @ - _",
    matches: |text| letters_digits_and(text, ".@-_"),
};
const ONE_LINE: Pattern = Pattern { text: ".*", allows: "one line", matches: is_one_line };

/// Of pipelines, stages and actions.
pub static NAME: TextRule = patterned(1, 100, NAME_PATTERN);
/// Of what may have tags.
pub static RESOURCE_ARN: TextRule = TextRule {
    minimum: 0,
    maximum: None,
    pattern: Some(Pattern {
        text: "arn:aws(-[\\w]+)*:codepipeline:.+:[0-9]{12}:.+",
        allows: "the ARN of a pipeline, as arn:aws:codepipeline:eu-west-1:123456789012:name",
        matches: is_codepipeline_arn,
    }),
};
static ROLE_ARN: TextRule = TextRule {
    minimum: 0,
    maximum: Some(1024),
    pattern: Some(Pattern {
        text: "arn:aws(-[\\w]+)*:iam::[0-9]{12}:role/.*",
        allows: "the ARN of a role, as arn:aws:iam::123456789012:role/name",
        matches: is_role_arn,
    }),
};
static BUCKET: TextRule = patterned(
    3,
    63,
    Pattern {
        text: "[a-zA-Z0-9\\-\\.]+",
        allows: "letters, digits and - .",
        matches: |text| letters_digits_and(text, "-."),
    },
);
static ARTIFACT_NAME: TextRule = patterned(
    1,
    100,
    Pattern {
        text: "[a-zA-Z0-9_\\-]+",
        allows: "letters, digits and _ -",
        matches: |text| letters_digits_and(text, "_-"),
    },
);
/// Of action types.
pub static PROVIDER: TextRule = patterned(
    1,
    35,
    Pattern {
        text: "[0-9A-Za-z_-]+",
        allows: "letters, digits and _ -",
        matches: |text| letters_digits_and(text, "_-"),
    },
);
/// Of action types.
pub static TYPE_VERSION: TextRule = patterned(
    1,
    9,
    Pattern {
        text: "[0-9A-Za-z_-]+",
        allows: "letters, digits and _ -",
        matches: |text| letters_digits_and(text, "_-"),
    },
);
static NAMESPACE: TextRule = patterned(
    1,
    100,
    Pattern {
        text: "[A-Za-z0-9@\\-_]+",
        allows: "letters, digits and @ - _",
        matches: |text| letters_digits_and(text, "@-_"),
    },
);
pub static VARIABLE_NAME: TextRule = patterned(
    1,
    128,
    Pattern {
        text: "[A-Za-z0-9@\\-_]+",
        allows: "letters, digits and @ - _",
        matches: |text| letters_digits_and(text, "@-_"),
    },
);
static ENVIRONMENT_NAME: TextRule = patterned(
    1,
    128,
    Pattern {
        text: "[A-Za-z0-9_]+",
        allows: "letters, digits and _",
        matches: |text| letters_digits_and(text, "_"),
    },
);
static ENVIRONMENT_VALUE: TextRule = patterned(1, 2000, ONE_LINE);
pub static VARIABLE_VALUE: TextRule = patterned(1, 1000, ONE_LINE);
static VARIABLE_DESCRIPTION: TextRule = patterned(0, 200, ONE_LINE);
static KEY_ID: TextRule = text(1, 400);
static REGION: TextRule = text(4, 30);
static BLOCKER_NAME: TextRule = text(1, 100);
static CONFIGURATION_KEY: TextRule = text(1, 50);
static CONFIGURATION_VALUE: TextRule = text(1, 50_000);
static RULE_CONFIGURATION_VALUE: TextRule = text(1, 10_000);
static FILE: TextRule = text(1, 128);
static OUTPUT_VARIABLE: TextRule = text(1, 128);
static COMMAND: TextRule = text(1, 1000);
static TAG_GLOB: TextRule = text(1, 255);
static GLOB: TextRule = patterned(1, 255, ONE_LINE);

static STORE: [Member; 3] = [
    required("type", Shape::Word(&["S3"])),
    required("location", Shape::Text(&BUCKET)),
    optional(
        "encryptionKey",
        Shape::Structure(&[required("id", Shape::Text(&KEY_ID)), required("type", Shape::Word(&["KMS"]))]),
    ),
];

/// The members of `PipelineDeclaration`.
pub(super) static PIPELINE: &[Member] = &[
    required("name", Shape::Text(&NAME)),
    required("roleArn", Shape::Text(&ROLE_ARN)),
    optional("artifactStore", Shape::Structure(&STORE)),
    optional("artifactStores", Shape::StructureMap { key: &REGION, value: &STORE }),
    required("stages", list(&STAGE)),
    optional("version", Shape::Integer { minimum: 1, maximum: None }),
    optional("executionMode", Shape::Word(&["QUEUED", "SUPERSEDED", "PARALLEL"])),
    optional("pipelineType", Shape::Word(&["V1", "V2"])),
    optional("variables", list_of(0, 50, &VARIABLE)),
    optional("triggers", list_of(0, 50, &TRIGGER)),
];

static STAGE: Shape = Shape::Structure(&[
    required("name", Shape::Text(&NAME)),
    optional("blockers", list(&BLOCKER)),
    required("actions", list(&ACTION)),
    optional(
        "onFailure",
        Shape::Structure(&[
            optional("result", RESULT),
            optional(
                "retryConfiguration",
                Shape::Structure(&[optional("retryMode", Shape::Word(&["FAILED_ACTIONS", "ALL_ACTIONS"]))]),
            ),
            optional("conditions", CONDITIONS),
        ]),
    ),
    optional("onSuccess", Shape::Structure(&[required("conditions", CONDITIONS)])),
    optional("beforeEntry", Shape::Structure(&[required("conditions", CONDITIONS)])),
]);

static BLOCKER: Shape = Shape::Structure(&[
    required("name", Shape::Text(&BLOCKER_NAME)),
    required("type", Shape::Word(&["Schedule"])),
]);

const TIMEOUT: Shape = Shape::Integer { minimum: 5, maximum: Some(86_400) };

static ACTION: Shape = Shape::Structure(&[
    required("name", Shape::Text(&NAME)),
    required(
        "actionTypeId",
        Shape::Structure(&[
            required(
                "category",
                Shape::Word(&["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"]),
            ),
            required("owner", Shape::Word(&["AWS", "ThirdParty", "Custom"])),
            required("provider", Shape::Text(&PROVIDER)),
            required("version", Shape::Text(&TYPE_VERSION)),
        ]),
    ),
    optional("runOrder", Shape::Integer { minimum: 1, maximum: Some(999) }),
    optional(
        "configuration",
        Shape::TextMap { key: &CONFIGURATION_KEY, value: &CONFIGURATION_VALUE, maximum: None },
    ),
    optional("commands", list_of(1, 50, &COMMAND_LINE)),
    optional("outputArtifacts", list(&OUTPUT_ARTIFACT)),
    optional("inputArtifacts", list(&INPUT_ARTIFACT)),
    optional("outputVariables", list_of(1, 15, &OUTPUT_VARIABLE_NAME)),
    optional("roleArn", Shape::Text(&ROLE_ARN)),
    optional("region", Shape::Text(&REGION)),
    optional("namespace", Shape::Text(&NAMESPACE)),
    optional("timeoutInMinutes", TIMEOUT),
    optional("environmentVariables", list_of(1, 10, &ENVIRONMENT_VARIABLE)),
]);

static COMMAND_LINE: Shape = Shape::Text(&COMMAND);
static OUTPUT_VARIABLE_NAME: Shape = Shape::Text(&OUTPUT_VARIABLE);
static OUTPUT_ARTIFACT: Shape = Shape::Structure(&[
    required("name", Shape::Text(&ARTIFACT_NAME)),
    optional("files", list_of(1, 10, &FILE_PATTERN)),
]);
static FILE_PATTERN: Shape = Shape::Text(&FILE);
static INPUT_ARTIFACT: Shape = Shape::Structure(&[required("name", Shape::Text(&ARTIFACT_NAME))]);
static ENVIRONMENT_VARIABLE: Shape = Shape::Structure(&[
    required("name", Shape::Text(&ENVIRONMENT_NAME)),
    required("value", Shape::Text(&ENVIRONMENT_VALUE)),
    optional("type", Shape::Word(&["PLAINTEXT", "SECRETS_MANAGER"])),
]);

const RESULT: Shape = Shape::Word(&["ROLLBACK", "FAIL", "RETRY", "SKIP"]);
const CONDITIONS: Shape = list_of(1, 1, &CONDITION);
static CONDITION: Shape =
    Shape::Structure(&[optional("result", RESULT), optional("rules", list_of(1, 5, &RULE))]);
static RULE: Shape = Shape::Structure(&[
    required("name", Shape::Text(&NAME)),
    required(
        "ruleTypeId",
        Shape::Structure(&[
            required("category", Shape::Word(&["Rule"])),
            optional("owner", Shape::Word(&["AWS"])),
            required("provider", Shape::Text(&PROVIDER)),
            optional("version", Shape::Text(&TYPE_VERSION)),
        ]),
    ),
    optional(
        "configuration",
        Shape::TextMap { key: &CONFIGURATION_KEY, value: &RULE_CONFIGURATION_VALUE, maximum: Some(200) },
    ),
    optional("commands", list_of(1, 50, &COMMAND_LINE)),
    optional("inputArtifacts", list(&INPUT_ARTIFACT)),
    optional("roleArn", Shape::Text(&ROLE_ARN)),
    optional("region", Shape::Text(&REGION)),
    optional("timeoutInMinutes", TIMEOUT),
]);

static VARIABLE: Shape = Shape::Structure(&[
    required("name", Shape::Text(&VARIABLE_NAME)),
    optional("defaultValue", Shape::Text(&VARIABLE_VALUE)),
    optional("description", Shape::Text(&VARIABLE_DESCRIPTION)),
]);

static TRIGGER: Shape = Shape::Structure(&[
    required("providerType", Shape::Word(&["CodeStarSourceConnection"])),
    required(
        "gitConfiguration",
        Shape::Structure(&[
            required("sourceActionName", Shape::Text(&NAME)),
            optional("push", list_of(1, 3, &PUSH_FILTER)),
            optional("pullRequest", list_of(1, 3, &PULL_REQUEST_FILTER)),
        ]),
    ),
]);
static PUSH_FILTER: Shape = Shape::Structure(&[
    optional("tags", TAG_CRITERIA),
    optional("branches", CRITERIA),
    optional("filePaths", CRITERIA),
]);
static PULL_REQUEST_FILTER: Shape = Shape::Structure(&[
    optional("events", list_of(1, 3, &PULL_REQUEST_EVENT)),
    optional("branches", CRITERIA),
    optional("filePaths", CRITERIA),
]);
static PULL_REQUEST_EVENT: Shape = Shape::Word(&["OPEN", "UPDATED", "CLOSED"]);
static TAG_PATTERN: Shape = Shape::Text(&TAG_GLOB);
static GLOB_PATTERN: Shape = Shape::Text(&GLOB);
const TAG_CRITERIA: Shape = Shape::Structure(&[
    optional("includes", list_of(1, 8, &TAG_PATTERN)),
    optional("excludes", list_of(1, 8, &TAG_PATTERN)),
]);
const CRITERIA: Shape = Shape::Structure(&[
    optional("includes", list_of(1, 8, &GLOB_PATTERN)),
    optional("excludes", list_of(1, 8, &GLOB_PATTERN)),
]);
