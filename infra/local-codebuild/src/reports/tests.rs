//! Small files of each format, as the tools write them.

use super::results::{Coverage, Results, TestStatus};
use super::{coverage_line, failed_names, parse, tests_line};
use crate::buildspec::ReportFormat;

fn cases(format: &str, text: &str) -> Vec<(String, TestStatus, u64)> {
    match parse(ReportFormat::named(format).unwrap(), text).unwrap() {
        Results::Tests(cases) => cases
            .into_iter()
            .map(|case| (case.name, case.status, case.duration_nanoseconds / 1_000_000))
            .collect(),
        Results::Coverage(_) => panic!("{format} tells of tests"),
    }
}

fn case(name: &str, status: TestStatus, milliseconds: u64) -> (String, TestStatus, u64) {
    (name.to_owned(), status, milliseconds)
}

#[test]
fn every_test_format_tells_names_statuses_and_times() {
    use TestStatus::{Error, Failed, Skipped, Succeeded};
    let junit = r#"<?xml version="1.0"?><testsuites><testsuite name="s" tests="4">
        <testcase classname="a.B" name="passes &lt;1&gt;" time="0.5"/>
        <testcase classname="a.B" name="fails" time="1,000.25"><failure message="no">at line 1</failure></testcase>
        <testcase name="breaks"><error/></testcase>
        <testcase name="waits"><skipped/><system-out><![CDATA[<failure>]]></system-out></testcase>
        </testsuite></testsuites>"#;
    let expected = [
        case("a.B.passes <1>", Succeeded, 500),
        case("a.B.fails", Failed, 1_000_250),
        case("breaks", Error, 0),
        case("waits", Skipped, 0),
    ];
    assert_eq!(cases("JUNITXML", junit), expected);
    let testng = r#"<testng-results><suite><test><class name="C">
        <test-method status="PASS" name="setUp" is-config="true" duration-ms="1"/>
        <test-method status="PASS" name="one" duration-ms="12"/>
        <test-method status="FAIL" name="two" duration-ms="3"><exception/></test-method>
        <test-method status="SKIP" name="three" duration-ms="0"/></class></test></suite></testng-results>"#;
    let expected = [case("one", Succeeded, 12), case("two", Failed, 3), case("three", Skipped, 0)];
    assert_eq!(cases("TESTNGXML", testng), expected);
    let nunit = r#"<test-results><test-suite><results>
        <test-case name="N.one" executed="True" result="Success" success="True" time="0.010"/>
        <test-case name="N.two" executed="True" result="Failure" success="False" time="0.020"><failure/></test-case>
        <test-case name="N.three" executed="False" result="Ignored"/></results></test-suite></test-results>"#;
    let expected = [case("N.one", Succeeded, 10), case("N.two", Failed, 20), case("N.three", Skipped, 0)];
    assert_eq!(cases("NUNITXML", nunit), expected);
    let nunit3 = r#"<test-run><test-suite><test-case name="one" fullname="N.one" result="Passed" duration="0.1"/>
        <test-case fullname="N.two" result="Failed" label="Error" duration="0.2"><failure/></test-case>
        <test-case fullname="N.three" result="Skipped"/></test-suite></test-run>"#;
    let expected = [case("N.one", Succeeded, 100), case("N.two", Error, 200), case("N.three", Skipped, 0)];
    assert_eq!(cases("NUNIT3XML", nunit3), expected);
    let trx = r#"<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
        <UnitTestResult testName="T.one" outcome="Passed" duration="00:01:01.5000000"/>
        <UnitTestResult testName="T.two" outcome="Failed"><Output/></UnitTestResult>
        <UnitTestResult testName="T.three" outcome="NotExecuted"/></Results></TestRun>"#;
    let expected = [case("T.one", Succeeded, 61_500), case("T.two", Failed, 0), case("T.three", Skipped, 0)];
    assert_eq!(cases("VISUALSTUDIOTRX", trx), expected);
    let cucumber = r#"[{"name":"Cart","elements":[{"type":"background","steps":[]},
        {"type":"scenario","name":"adds","steps":[{"result":{"status":"passed","duration":2000000}},
            {"result":{"status":"passed","duration":1000000}}]},
        {"type":"scenario","name":"pays","steps":[{"result":{"status":"failed","duration":5000000}},
            {"result":{"status":"skipped"}}]},
        {"type":"scenario","name":"ships","steps":[{"result":{"status":"undefined"}}]}]}]"#;
    let expected =
        [case("Cart: adds", Succeeded, 3), case("Cart: pays", Failed, 5), case("Cart: ships", Error, 0)];
    assert_eq!(cases("CUCUMBERJSON", cucumber), expected);
}

#[test]
fn every_coverage_format_tells_lines_and_branches() {
    let expected = Coverage { lines_covered: 3, lines_missed: 1, branches_covered: 1, branches_missed: 1 };
    let no_branches = Coverage { branches_covered: 0, branches_missed: 0, ..expected };
    let cases = [
        (
            "COBERTURAXML",
            r#"<coverage line-rate="0.75" lines-covered="3" lines-valid="4" branches-covered="1" branches-valid="2"/>"#,
            expected,
        ),
        (
            "COBERTURAXML",
            r#"<coverage><class><methods><method><lines><line hits="0"/></lines></method></methods>
               <lines><line hits="0"/><line hits="1"/><line hits="7"/><line hits="2"/></lines></class></coverage>"#,
            no_branches,
        ),
        (
            "CLOVERXML",
            r#"<coverage><project><metrics statements="4" coveredstatements="3" conditionals="2" coveredconditionals="1"/>
               <package><metrics statements="9" coveredstatements="9"/></package></project></coverage>"#,
            expected,
        ),
        (
            "JACOCOXML",
            r#"<report name="r"><package><counter type="LINE" missed="9" covered="9"/></package>
               <counter type="LINE" missed="1" covered="3"/><counter type="BRANCH" missed="1" covered="1"/></report>"#,
            expected,
        ),
        (
            "SIMPLECOV",
            r#"{"RSpec":{"coverage":{"/a.rb":{"lines":[1,null,0,2],"branches":{"[:if, 0]":{"[:then, 1]":1,"[:else, 2]":0}}},
               "/b.rb":[5]},"timestamp":1}}"#,
            expected,
        ),
        ("SIMPLECOV", r#"{"meta":{},"coverage":{"/a.rb":{"lines":[1,1,0,1,null]}}}"#, no_branches),
    ];
    for (format, text, expected) in cases {
        let results = parse(ReportFormat::named(format).unwrap(), text);
        assert_eq!(results, Ok(Results::Coverage(expected)), "{format}: {text}");
    }
    assert_eq!(coverage_line(expected), "75.00 % of 4 lines, 50.00 % of 2 branches");
}

#[test]
fn what_is_no_report_says_why() {
    let cases = [
        ("JUNITXML", "", "no elements"),
        ("JUNITXML", "{}", "no elements"),
        ("JUNITXML", "<testsuite><testcase name='x'>", "ends in the middle"),
        ("JUNITXML", "<testsuite></other>", "expected"),
        ("JUNITXML", "<coverage/>", "it begins with <coverage>, not <testsuites> or <testsuite>"),
        ("JUNITXML", "<testsuite><testcase name=\"&bomb;\"/></testsuite>", "bomb"),
        ("CUCUMBERJSON", "{}", "no list of features"),
        ("CUCUMBERJSON", "[", "EOF"),
        ("SIMPLECOV", "{}", "no coverage"),
        ("CLOVERXML", "<coverage/>", "no metrics"),
    ];
    for (format, text, expected) in cases {
        let error = parse(ReportFormat::named(format).unwrap(), text).expect_err(text);
        assert!(error.contains(expected), "{format} {text}: {error}");
    }
}

#[test]
fn results_are_summed_up_and_failures_are_named() {
    let file = |status: &str| format!("<testsuite><testcase name='{status}'>{status}</testcase></testsuite>");
    let parsed = |text: &str| parse(ReportFormat::JunitXml, text).unwrap();
    let results = parsed(&file("<failure/>").replace("name='<failure/>'", "name='bad'"))
        .merge(parsed("<testsuite><testcase name='good'/><testcase name='fine'/></testsuite>"));
    let Results::Tests(cases) = results else { panic!("tests") };
    assert_eq!(tests_line(&cases), "3 tests: 2 SUCCEEDED, 1 FAILED");
    assert_eq!(failed_names(&cases).collect::<Vec<_>>(), ["bad"]);
    assert_eq!(tests_line(&[]), "0 tests");
}
