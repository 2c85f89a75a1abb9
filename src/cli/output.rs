//! The terminal and files: reports to stdout or where the user says, everything else to stderr.

use super::args::{Global, Reports};
use super::exit::Exit;
use super::progress::Bar;
use anyhow::{Context, Result, bail};
use clap::ColorChoice;
use sbomgate::judge;
use sbomgate::judge::form::FormError;
use sbomgate::model::Gap;
use sbomgate::model::text::visible;
use sbomgate::report::{self, Inert, Paint, Report, Reported, Style};
use sbomgate::run::{self, Project, RunError};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// What stdout and stderr can do, and how much the user wants to hear.
pub struct Terminal {
    stdout_color: bool,
    stderr_color: bool,
    verbose: bool,
    quiet: bool,
    /// Whether somebody at a terminal wants to see how far a run has come.
    watched: bool,
}

impl Terminal {
    pub fn new(global: &Global) -> Self {
        let color = |is_terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
            ColorChoice::Auto => is_terminal || std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
        };
        Terminal {
            stdout_color: color(io::stdout().is_terminal()),
            stderr_color: color(io::stderr().is_terminal()),
            verbose: global.verbose,
            quiet: global.quiet,
            watched: io::stderr().is_terminal() && !global.quiet && std::env::var_os("CI").is_none(),
        }
    }

    /// For whoever watches.
    pub fn progress(&self) -> Bar {
        Bar::new(self.watched)
    }

    /// The folder that the program works in.
    pub fn project(&self) -> Result<Project, RunError> {
        Ok(Project::open(Path::new("."))?.watched_by(Box::new(self.progress())))
    }

    /// How reports to stdout are drawn. A pipe gets whole lines and everything.
    pub fn style(&self) -> Style {
        let width = io::stdout().is_terminal().then(|| terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)));
        Style { color: self.stdout_color, width, all: self.verbose || width.is_none(), brief: self.quiet }
    }

    /// Writes to stdout; nothing in it is a command of a CI runner.
    pub fn print(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        self.print_as_it_is(|out| {
            let mut out = io::BufWriter::with_capacity(64 * 1024, Inert::new(out));
            write(&mut out)?;
            out.flush()
        })
    }

    /// Writes what is harmless already, or a command on purpose. A reader that went away has seen what it wanted.
    fn print_as_it_is(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result.context("the report cannot be written to the standard output"),
        }
    }

    /// An error with what mends it, on stderr.
    pub fn fail(&self, error: &anyhow::Error) -> Exit {
        let style = Style { color: self.stderr_color, ..Style::plain() };
        let message = error.chain().map(ToString::to_string).collect::<Vec<_>>();
        // Some errors repeat their source in their own text.
        let mut texts: Vec<&str> = Vec::new();
        for text in &message {
            if !texts.last().is_some_and(|last| last.contains(text.as_str())) {
                texts.push(text);
            }
        }
        let mut err = Inert::new(io::stderr().lock());
        let _ = writeln!(err, "{}: {}", style.paint(Paint::Error, "error"), visible(&texts.join(": ")));
        if let Some(RunError::Form(FormError { text: Some(text), line: Some(line), .. })) = error.downcast_ref().filter(|_| !self.quiet) {
            let _ = report::write_line(text, *line, &style, &mut err);
        }
        if let Some(error) = error.downcast_ref::<RunError>() {
            let _ = writeln!(err, "{}: {}", style.paint(Paint::Heading, "hint"), visible(&error.hint()));
        }
        Exit::CouldNotJudge
    }

    /// Something that one should know, on stderr.
    pub fn note(&self, text: &str) {
        if self.quiet {
            return;
        }
        let style = Style { color: self.stderr_color, ..Style::plain() };
        let _ = writeln!(Inert::new(io::stderr().lock()), "{}: {}", style.paint(Paint::Heading, "note"), visible(text));
    }

    /// Whether a report is wanted that shows the lines to which findings point.
    pub fn shows_lines(&self, reports: &Reports) -> bool {
        let is_text = |(report, _): &(&dyn Report, Option<PathBuf>)| report.id() == "text";
        !self.quiet && of_reports(reports).is_ok_and(|targets| targets.iter().any(is_text))
    }

    /// Writes every report that was asked for, then says on stderr why nothing could be judged.
    pub fn report(&self, reported: &Reported<'_>, reports: &Reports) -> Result<Exit> {
        for (report, file) in &of_reports(reports)? {
            match file {
                None => self.print_as_it_is(|out| report.write(reported, &self.style(), out))?,
                Some(file) => run::write_report(file, *report, reported)?,
            }
        }
        self.tell(reported.judgement.blocking());
        Ok(reported.judgement.verdict.into())
    }

    /// Says on stderr which lockfiles could not be read; whether there is any.
    pub fn unread(&self, gaps: &[Gap]) -> bool {
        self.tell(gaps.iter().filter(|gap| judge::is_blocking(gap.kind)))
    }

    /// The same of gaps on which no verdict can stand.
    pub fn tell<'g>(&self, blocking: impl Iterator<Item = &'g Gap>) -> bool {
        let mut any = false;
        for gap in blocking {
            any = true;
            let line = gap.line.map(|line| format!(":{line}")).unwrap_or_default();
            self.fail(&anyhow::anyhow!("{}{line}: {}", gap.file, gap.message));
        }
        any
    }
}

fn of_reports(reports: &Reports) -> Result<Vec<(&'static dyn Report, Option<PathBuf>)>> {
    let main = report::named(&reports.format).context("the report's form is not known")?;
    targets(main, &reports.output, |id| Ok(report::named(id)))
}

/// Each report or document with its file; `None` is stdout. `-o FILE` takes the place of stdout for the
/// main one, `-o NAME=FILE` is a further one where `named` knows the name.
pub fn targets<T>(main: T, outputs: &[String], named: impl Fn(&str) -> Result<Option<T>>) -> Result<Vec<(T, Option<PathBuf>)>> {
    let mut targets: Vec<(T, Option<PathBuf>)> = Vec::new();
    let mut main_file = None;
    for output in outputs {
        let split = output.split_once('=').map(|(name, file)| named(name).map(|found| found.map(|found| (found, file))));
        match split.transpose()?.flatten() {
            Some((found, file)) => targets.push((found, Some(file.into()))),
            None if main_file.is_some() => bail!("two files for one report: write FORMAT=FILE for each further one"),
            None => main_file = Some(PathBuf::from(output)),
        }
    }
    targets.insert(0, (main, main_file));
    Ok(targets)
}
