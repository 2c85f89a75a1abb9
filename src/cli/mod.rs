//! The command line: one small file a subcommand.

mod advisories;
mod ai;
mod approvals;
mod args;
mod attribution;
mod check;
mod diff;
mod exit;
mod explain;
mod facts;
mod output;
mod progress;
mod sbom;
mod textconv;
mod verify;
mod why;

use anyhow::Context as _;
use args::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use output::Terminal;
use sbomgate::report::Inert;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::new(&arguments.global);
    let folder = &arguments.global.folder;
    let result = std::env::set_current_dir(folder).with_context(|| format!("{}: cannot work in this folder", folder.display()));
    match result.and_then(|()| run(&arguments.command, &terminal)) {
        Ok(exit) => exit.into(),
        Err(error) => terminal.fail(&error).into(),
    }
}

fn run(command: &Command, terminal: &Terminal) -> anyhow::Result<Exit> {
    match command {
        Command::Diff(command) => diff::run(command, terminal),
        Command::Check(command) => check::run(command, terminal),
        Command::Sbom(command) => sbom::run(command, terminal),
        Command::Verify(command) => verify::run(command, terminal),
        Command::Why(command) => why::run(command, terminal),
        Command::Attribution(command) => attribution::run(command, terminal),
        Command::Ai(command) => ai::run(&command.command, terminal),
        Command::Explain(command) => explain::run(command, terminal),
        Command::Advisories(command) => advisories::run(&command.command, terminal),
        Command::Facts(command) => facts::run(command, terminal),
        Command::Init => approvals::init(terminal),
        Command::Approve(command) => approvals::approve(command, terminal),
        Command::Approvals(command) => approvals::run(&command.command, terminal),
        Command::Textconv(command) => textconv::run(command, terminal),
    }
}

/// Help and version are answers; anything else is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    let asked_for = !error.use_stderr();
    match if asked_for { tell(error, io::stdout().lock()) } else { tell(error, io::stderr().lock()) } {
        Ok(()) if asked_for => Exit::Allowed.into(),
        Err(broken) if broken.kind() == io::ErrorKind::BrokenPipe && asked_for => Exit::Allowed.into(),
        _ => Exit::CouldNotJudge.into(),
    }
}

/// An error repeats the argument that is wrong, and that may be a branch's name which a job put there.
fn tell(error: &clap::Error, out: impl Write + IsTerminal) -> io::Result<()> {
    let is_plain = !out.is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let text = error.render();
    let text = if is_plain { text.to_string() } else { text.ansi().to_string() };
    let mut out = Inert::new(out);
    out.write_all(text.as_bytes())?;
    out.flush()
}
