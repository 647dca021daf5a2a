//! Test results in the XML formats.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::results::{TestCase, TestStatus, nanoseconds};

/// Where an element begins or ends.
pub(super) enum Tag {
    Open(Element),
    Close(String),
}

pub(super) struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The attribute, or an empty text.
    pub fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    fn read(start: &BytesStart<'_>) -> Result<Self, String> {
        let name = local_name(start.local_name().as_ref());
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            attributes.push((local_name(attribute.key.local_name().as_ref()), value.into_owned()));
        }
        Ok(Self { name, attributes })
    }
}

fn local_name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All tags of a document whose outermost element is one of `roots`. Entities of the document's own are not
/// expanded.
pub(super) fn tags(text: &str, roots: &[&str]) -> Result<Vec<Tag>, String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut tags = Vec::new();
    let mut depth = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                depth += 1;
                tags.push(Tag::Open(Element::read(&start)?));
            }
            Event::Empty(start) => {
                let element = Element::read(&start)?;
                let name = element.name.clone();
                tags.extend([Tag::Open(element), Tag::Close(name)]);
            }
            Event::End(end) => {
                depth -= 1;
                tags.push(Tag::Close(local_name(end.local_name().as_ref())));
            }
            Event::Eof if depth > 0 => return Err("it ends in the middle".to_owned()),
            Event::Eof => break,
            _ => {}
        }
    }
    match tags.first() {
        Some(Tag::Open(root)) if roots.contains(&root.name.as_str()) => Ok(tags),
        Some(Tag::Open(root)) => {
            Err(format!("it begins with <{}>, not <{}>", root.name, roots.join("> or <")))
        }
        _ => Err("it has no elements".to_owned()),
    }
}

/// The elements that are a test case each, with all elements inside of them.
fn cases(
    tags: Vec<Tag>,
    name: &str,
    case: impl Fn(&Element, &[String]) -> Option<TestCase>,
) -> Vec<TestCase> {
    let mut cases = Vec::new();
    let mut open: Option<(Element, Vec<String>)> = None;
    for tag in tags {
        match (tag, &mut open) {
            (Tag::Open(element), None) if element.name == name => open = Some((element, Vec::new())),
            (Tag::Open(element), Some((_, inside))) => inside.push(element.name),
            (Tag::Close(closed), Some((element, inside))) if closed == name => {
                cases.extend(case(element, inside));
                open = None;
            }
            _ => {}
        }
    }
    cases
}

fn joined(first: &str, second: &str) -> String {
    if first.is_empty() { second.to_owned() } else { format!("{first}.{second}") }
}

pub fn junit(text: &str) -> Result<Vec<TestCase>, String> {
    let tags = tags(text, &["testsuites", "testsuite"])?;
    Ok(cases(tags, "testcase", |element, inside| {
        let has = |name: &str| inside.iter().any(|other| other == name);
        let status = match () {
            () if has("error") => TestStatus::Error,
            () if has("failure") => TestStatus::Failed,
            () if has("skipped") => TestStatus::Skipped,
            () => TestStatus::Succeeded,
        };
        Some(TestCase {
            name: joined(element.attribute("classname"), element.attribute("name")),
            status,
            duration_nanoseconds: nanoseconds(element.attribute("time")),
        })
    }))
}

pub fn testng(text: &str) -> Result<Vec<TestCase>, String> {
    let tags = tags(text, &["testng-results"])?;
    Ok(cases(tags, "test-method", |element, _| {
        let milliseconds = element.attribute("duration-ms").parse::<u64>().unwrap_or(0);
        let status = match element.attribute("status") {
            "PASS" => TestStatus::Succeeded,
            "FAIL" => TestStatus::Failed,
            "SKIP" => TestStatus::Skipped,
            _ => TestStatus::Unknown,
        };
        // Methods that set up and tear down are no tests.
        (element.attribute("is-config") != "true").then(|| TestCase {
            name: element.attribute("name").to_owned(),
            status,
            duration_nanoseconds: milliseconds.saturating_mul(1_000_000),
        })
    }))
}

pub fn nunit(text: &str) -> Result<Vec<TestCase>, String> {
    let tags = tags(text, &["test-results"])?;
    Ok(cases(tags, "test-case", |element, _| {
        let status = match (element.attribute("result"), element.attribute("success")) {
            ("Success", _) | ("", "True") => TestStatus::Succeeded,
            ("Failure", _) | ("", "False") => TestStatus::Failed,
            ("Error", _) => TestStatus::Error,
            ("Ignored" | "Skipped" | "NotRunnable", _) => TestStatus::Skipped,
            ("", _) if element.attribute("executed") == "False" => TestStatus::Skipped,
            _ => TestStatus::Unknown,
        };
        Some(TestCase {
            name: element.attribute("name").to_owned(),
            status,
            duration_nanoseconds: nanoseconds(element.attribute("time")),
        })
    }))
}

pub fn nunit3(text: &str) -> Result<Vec<TestCase>, String> {
    let tags = tags(text, &["test-run"])?;
    Ok(cases(tags, "test-case", |element, _| {
        let status = match (element.attribute("result"), element.attribute("label")) {
            ("Passed" | "Warning", _) => TestStatus::Succeeded,
            ("Failed", "Error") => TestStatus::Error,
            ("Failed", _) => TestStatus::Failed,
            ("Skipped", _) => TestStatus::Skipped,
            _ => TestStatus::Unknown,
        };
        let full_name = element.attribute("fullname");
        let name = if full_name.is_empty() { element.attribute("name") } else { full_name };
        Some(TestCase {
            name: name.to_owned(),
            status,
            duration_nanoseconds: nanoseconds(element.attribute("duration")),
        })
    }))
}

pub fn trx(text: &str) -> Result<Vec<TestCase>, String> {
    let tags = tags(text, &["TestRun"])?;
    Ok(cases(tags, "UnitTestResult", |element, _| {
        let status = match element.attribute("outcome") {
            "Passed" | "PassedButRunAborted" | "Warning" => TestStatus::Succeeded,
            "Failed" => TestStatus::Failed,
            "Error" | "Timeout" | "Aborted" => TestStatus::Error,
            "NotExecuted" | "NotRunnable" | "Disconnected" => TestStatus::Skipped,
            _ => TestStatus::Unknown,
        };
        Some(TestCase {
            name: element.attribute("testName").to_owned(),
            status,
            duration_nanoseconds: clock_time(element.attribute("duration")),
        })
    }))
}

/// `00:00:01.5000000`
fn clock_time(text: &str) -> u64 {
    let parts = text.split(':').map(|part| part.parse::<f64>().unwrap_or(0.0));
    let seconds = parts.fold(0.0, |total, part| total * 60.0 + part);
    nanoseconds(&seconds.to_string())
}
