//! Source actions: where a revision comes from. `AuthorDisplayName` and `AuthorEmail` are Pipewright's own.

use super::ActionCategory::Source;
use super::ActionOwner::{Aws, ThirdParty};
use super::{ActionType, ConfigurationKey as Key, Count, UrlTemplates};

const ONE_OUT: (Count, Count) = (Count::exactly(0), Count::exactly(1));

/// The files of the revision, or the whole clone. CodePipeline's clone is a reference that only a CodeBuild
/// project can follow, with AWS's own credentials; here it is the clone itself, `.git` included.
const ARTIFACT_FORMAT: Key = Key::optional("OutputArtifactFormat")
    .defaults_to("CODE_ZIP")
    .one_of(&["CODE_ZIP", "CODEBUILD_CLONE_REF"]);

pub(super) static SOURCE: &[ActionType] = &[
    ActionType::new(Source, Aws, "CodeStarSourceConnection")
        .configured_by(&[
            Key::required("ConnectionArn"),
            Key::required("FullRepositoryId"),
            Key::required("BranchName"),
            ARTIFACT_FORMAT,
            Key::boolean("DetectChanges", "true"),
        ])
        .artifacts(ONE_OUT.0, ONE_OUT.1)
        .gives(&[
            "AuthorDate",
            "AuthorDisplayName",
            "AuthorEmail",
            "BranchName",
            "CommitId",
            "CommitMessage",
            "ConnectionArn",
            "FullRepositoryName",
        ])
        .run_by("source-git"),
    ActionType::new(Source, Aws, "CodeCommit")
        .configured_by(&[
            Key::required("RepositoryName"),
            Key::required("BranchName"),
            Key::boolean("PollForSourceChanges", "true"),
            ARTIFACT_FORMAT,
        ])
        .artifacts(ONE_OUT.0, ONE_OUT.1)
        .gives(&[
            "AuthorDate",
            "AuthorDisplayName",
            "AuthorEmail",
            "BranchName",
            "CommitId",
            "CommitMessage",
            "CommitterDate",
            "RepositoryName",
        ])
        .run_by("source-git"),
    ActionType::new(Source, Aws, "S3")
        .configured_by(&[
            Key::required("S3Bucket"),
            Key::required("S3ObjectKey"),
            Key::boolean("AllowOverrideForS3ObjectKey", "false"),
            Key::boolean("PollForSourceChanges", "true"),
        ])
        .artifacts(ONE_OUT.0, ONE_OUT.1)
        .gives(&["BucketName", "ETag", "ObjectKey", "VersionId"])
        .shown_at(UrlTemplates::of_entity("https://console.aws.amazon.com/s3/home?#"))
        .run_by("source-s3"),
    ActionType::new(Source, Aws, "ECR")
        .configured_by(&[Key::required("RepositoryName"), Key::optional("ImageTag").defaults_to("latest")])
        .artifacts(ONE_OUT.0, ONE_OUT.1)
        .gives(&["RegistryId", "RepositoryName", "ImageTag", "ImageDigest", "ImageURI"]),
    ActionType::new(Source, ThirdParty, "GitHub")
        .configured_by(&[
            Key::required("Owner"),
            Key::required("Repo"),
            Key::required("Branch"),
            Key::required("OAuthToken").secret(),
            Key::boolean("PollForSourceChanges", "true"),
        ])
        .artifacts(ONE_OUT.0, ONE_OUT.1)
        .gives(&[
            "CommitId",
            "CommitMessage",
            "CommitUrl",
            "RepositoryName",
            "BranchName",
            "AuthorDate",
            "CommitterDate",
        ])
        .shown_at(
            UrlTemplates::of_entity("https://github.com/{Config:Owner}/{Config:Repo}/tree/{Config:Branch}")
                .of_revision("https://github.com/{Config:Owner}/{Config:Repo}/commit/{RevisionId}"),
        ),
];
