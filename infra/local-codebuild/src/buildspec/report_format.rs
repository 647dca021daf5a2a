//! The formats of test and coverage reports that CodeBuild reads.

/// `reports.<group>.file-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    JunitXml,
    CucumberJson,
    TestngXml,
    NunitXml,
    Nunit3Xml,
    VisualStudioTrx,
    CloverXml,
    CoberturaXml,
    JacocoXml,
    Simplecov,
}

impl ReportFormat {
    const ALL: [Self; 10] = [
        Self::JunitXml,
        Self::CucumberJson,
        Self::TestngXml,
        Self::NunitXml,
        Self::Nunit3Xml,
        Self::VisualStudioTrx,
        Self::CloverXml,
        Self::CoberturaXml,
        Self::JacocoXml,
        Self::Simplecov,
    ];

    /// As CodeBuild's documentation names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::JunitXml => "JUNITXML",
            Self::CucumberJson => "CUCUMBERJSON",
            Self::TestngXml => "TESTNGXML",
            Self::NunitXml => "NUNITXML",
            Self::Nunit3Xml => "NUNIT3XML",
            Self::VisualStudioTrx => "VISUALSTUDIOTRX",
            Self::CloverXml => "CLOVERXML",
            Self::CoberturaXml => "COBERTURAXML",
            Self::JacocoXml => "JACOCOXML",
            Self::Simplecov => "SIMPLECOV",
        }
    }

    /// By its name, in any case and with or without `_` and `-`.
    pub fn named(text: &str) -> Option<Self> {
        let plain = text.replace(['_', '-'], "").to_ascii_uppercase();
        Self::ALL.into_iter().find(|format| format.name() == plain)
    }

    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}
