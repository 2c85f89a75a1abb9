//! The command line: one small file a subcommand.

mod args;
mod check;
mod diff;
mod exit;
mod explain;
mod output;
mod sbom;
mod why;

use args::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use output::Terminal;
use std::process::ExitCode;

pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::new(&arguments.global);
    let result = match &arguments.command {
        Command::Diff(command) => diff::run(&arguments.global, command, &terminal),
        Command::Check(command) => check::run(&arguments.global, command, &terminal),
        Command::Sbom(command) => sbom::run(&arguments.global, command, &terminal),
        Command::Why(command) => why::run(&arguments.global, command, &terminal),
        Command::Explain(command) => explain::run(command, &terminal),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => terminal.fail(&error).into(),
    }
}

/// Help and version are answers; anything else is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    let asked_for = !error.use_stderr();
    match error.print() {
        Ok(()) if asked_for => Exit::Allowed.into(),
        Err(broken) if broken.kind() == std::io::ErrorKind::BrokenPipe && asked_for => Exit::Allowed.into(),
        _ => Exit::CouldNotJudge.into(),
    }
}
