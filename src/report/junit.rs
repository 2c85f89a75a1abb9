//! JUnit's XML, which most CI systems show as tests: a suite with the verdict, one for each lockfile with a test
//! a changed package, one for what is of no changed package, and one for what is not known.
//!
//! What denies or waits for a consent is a failure, what keeps the verdict from being given an error, and what
//! else is not known is skipped: a run that is not allowed is never all green.

use super::escape::markup;
use super::remarks::{Remark, Weight, remarks};
use super::wording;
use super::{Report, Reported, Style, summary};
use crate::diff::{Change, LockfileDiff};
use crate::judge::Verdict;
use std::collections::HashMap;
use std::io;

pub struct Junit;

impl Report for Junit {
    fn id(&self) -> &'static str {
        "junit"
    }

    fn draw(&self, reported: &Reported<'_>, _: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let suites = suites(reported);
        let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        let (tests, failures) = (sum(|suite| suite.cases.len()), sum(Suite::failures));
        let (errors, skipped) = (sum(Suite::errors), sum(Suite::skipped));
        writeln!(
            out,
            "<testsuites name=\"sbomgate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">"
        )?;
        suites.iter().try_for_each(|suite| suite.write(out))?;
        writeln!(out, "</testsuites>")
    }
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    class: String,
    place: Option<(String, Option<u32>)>,
    outcome: Outcome,
    /// What is told of one that passes.
    told: Vec<String>,
}

enum Outcome {
    Passed,
    /// The rule, and what it found.
    Failed(String, Vec<String>),
    /// Nothing can be judged while this stands.
    Broken(String, Vec<String>),
    Skipped(String),
}

/// Remarks by file and package URL.
type Findings<'r> = HashMap<(String, String), Vec<&'r Remark<'r>>>;

fn suites(reported: &Reported<'_>) -> Vec<Suite> {
    let remarks = remarks(reported);
    let mut of_package: Findings<'_> = HashMap::new();
    for remark in &remarks {
        if let (Some(file), Some(package)) = (remark.file, remark.package) {
            of_package.entry((file.to_string(), package.to_owned())).or_default().push(remark);
        }
    }
    let mut suites = vec![Suite { name: "sbomgate".into(), cases: vec![verdict(reported)] }];
    for lockfile in reported.judgement.subject.lockfiles.iter().filter(|lockfile| !lockfile.changes.is_empty()) {
        suites.push(of_lockfile(reported, lockfile, &mut of_package));
    }
    let of_changes = |remark: &&Remark<'_>| {
        remark.file.zip(remark.package).is_some_and(|(file, package)| !of_package.contains_key(&(file.to_string(), package.to_owned())))
    };
    let others = remarks.iter().filter(|remark| !remark.is_gap() && !of_changes(remark)).map(of_remark);
    suites.push(Suite { name: "further findings".into(), cases: others.collect() });
    suites.push(Suite { name: "not known".into(), cases: remarks.iter().filter(|remark| remark.is_gap()).map(of_remark).collect() });
    suites.retain(|suite| !suite.cases.is_empty());
    suites
}

fn verdict(reported: &Reported<'_>) -> Case {
    let text = format!("{}: {} ({})", summary::verdict(reported), summary::summary(reported), summary::compared(reported));
    let (outcome, told) = match reported.judgement.verdict {
        Some(Verdict::Allow) => (Outcome::Passed, vec![text]),
        Some(verdict) => (Outcome::Failed(verdict.as_str().into(), vec![text]), Vec::new()),
        None => (Outcome::Broken("could-not-judge".into(), vec![text]), Vec::new()),
    };
    Case { name: "verdict".into(), class: "sbomgate".into(), place: None, outcome, told }
}

/// One test a changed package that is shown; its findings are taken out of the map.
fn of_lockfile(reported: &Reported<'_>, lockfile: &LockfileDiff<'_>, findings: &mut Findings<'_>) -> Suite {
    let path = lockfile.head.lockfile.as_str();
    let shown = lockfile.changes.iter().filter(|change| reported.shows(lockfile, change));
    let cases = shown.map(|change| {
        let of_package = findings.remove(&(path.to_owned(), change.package.purl())).unwrap_or_default();
        of_change(change, path, &of_package)
    });
    Suite { cases: cases.collect(), name: path.to_owned() }
}

fn of_change<'r>(change: &Change, lockfile: &str, remarks: &[&'r Remark<'r>]) -> Case {
    let (failing, others): (Vec<&Remark<'_>>, Vec<&Remark<'_>>) = remarks.iter().copied().partition(|remark| fails(remark));
    let text = |remark: &&Remark<'_>| format!("{} {}: {}", remark.weight.word(), remark.code, remark.text());
    let outcome = match failing.first() {
        Some(first) => Outcome::Failed(first.code.into(), failing.iter().map(text).collect()),
        None => Outcome::Passed,
    };
    Case {
        name: format!("{} {}", wording::kind(change.kind), wording::what(change)),
        class: lockfile.to_owned(),
        place: Some((change.location.file.to_string(), Some(change.location.line))),
        outcome,
        told: wording::notes(change).into_iter().chain(others.iter().map(text)).collect(),
    }
}

fn of_remark(remark: &Remark<'_>) -> Case {
    let outcome = match remark.weight {
        Weight::Blocking => Outcome::Broken(remark.code.into(), vec![remark.message.to_owned()]),
        Weight::Gap => Outcome::Skipped(remark.message.to_owned()),
        _ if fails(remark) => Outcome::Failed(remark.code.into(), vec![remark.text()]),
        _ => Outcome::Passed,
    };
    let told = if matches!(outcome, Outcome::Passed) { vec![remark.message.to_owned()] } else { Vec::new() };
    let line = remark.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = remark.file.map(|file| format!(" {file}{line}")).unwrap_or_default();
    Case {
        name: format!("{}{}{place}", remark.code, remark.package.map(|package| format!(" {package}")).unwrap_or_default()),
        class: remark.code.into(),
        place: remark.file.map(|file| (file.to_string(), remark.line)),
        outcome,
        told,
    }
}

fn fails(remark: &Remark<'_>) -> bool {
    matches!(remark.weight, Weight::Error | Weight::Asked)
}

impl Suite {
    fn count(&self, is: fn(&Outcome) -> bool) -> usize {
        self.cases.iter().filter(|case| is(&case.outcome)).count()
    }

    fn failures(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed(..)))
    }

    fn errors(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Broken(..)))
    }

    fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }

    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let (name, tests) = (markup(&self.name), self.cases.len());
        let (failures, errors, skipped) = (self.failures(), self.errors(), self.skipped());
        let numbers = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"");
        writeln!(out, "  <testsuite name=\"{name}\" {numbers}>")?;
        self.cases.iter().try_for_each(|case| case.write(out))?;
        writeln!(out, "  </testsuite>")
    }
}

impl Case {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        write!(out, "    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", markup(&self.name), markup(&self.class))?;
        if let Some((file, line)) = &self.place {
            let line = line.map(|line| format!(" line=\"{line}\"")).unwrap_or_default();
            write!(out, " file=\"{}\"{line}", markup(file))?;
        }
        writeln!(out, ">")?;
        match &self.outcome {
            Outcome::Passed => {}
            Outcome::Failed(kind, texts) => element(out, "failure", kind, texts)?,
            Outcome::Broken(kind, texts) => element(out, "error", kind, texts)?,
            Outcome::Skipped(text) => writeln!(out, "      <skipped message=\"{}\"/>", markup(text))?,
        }
        if !self.told.is_empty() {
            writeln!(out, "      <system-out>{}</system-out>", lines(&self.told))?;
        }
        writeln!(out, "    </testcase>")
    }
}

fn element(out: &mut dyn io::Write, name: &str, kind: &str, texts: &[String]) -> io::Result<()> {
    let first = texts.first().map(|text| markup(text)).unwrap_or_default();
    writeln!(out, "      <{name} type=\"{}\" message=\"{first}\">{}</{name}>", markup(kind), lines(texts))
}

/// One text a line.
fn lines(texts: &[String]) -> String {
    texts.iter().map(|text| markup(text)).collect::<Vec<_>>().join("\n")
}
