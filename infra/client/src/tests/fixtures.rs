//! Declarations and answers of the API that several tests use.

pub(crate) const DEMO: &str = "
pipeline:
  name: demo
  roleArn: arn:aws:iam::123456789012:role/pipeline
  pipelineType: V2
  executionMode: QUEUED
  artifactStore: { type: S3, location: artifacts }
  variables: [{ name: who, defaultValue: world }]
  stages:
    - name: Source
      actions:
        - name: Checkout
          actionTypeId: { category: Source, owner: AWS, provider: CodeCommit, version: '1' }
          configuration: { RepositoryName: app, BranchName: main }
          outputArtifacts: [{ name: source }]
          namespace: checkout
    - name: Build
      actions:
        - name: Compile
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: '1' }
          configuration:
            ProjectName: build
            EnvironmentVariables: '[{\"name\":\"WHO\",\"value\":\"#{variables.who}\"}]'
          inputArtifacts: [{ name: source }]
          outputArtifacts: [{ name: app }]
        - name: Lint
          runOrder: 2
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: '1' }
          configuration: { ProjectName: lint }
          inputArtifacts: [{ name: source }]
    - name: Release
      actions:
        - name: Approve
          actionTypeId: { category: Approval, owner: AWS, provider: Manual, version: '1' }
          configuration: { CustomData: 'Look at the app of #{checkout.CommitId}' }
";
