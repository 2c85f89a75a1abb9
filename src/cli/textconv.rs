//! `sbomgate textconv`

use super::args::Textconv;
use super::exit::Exit;
use super::output::Terminal;
use anyhow::Result;
use sbomgate::report;
use sbomgate::run::textconv::{self, Shown, is_of_other_files};

pub fn run(command: &Textconv, terminal: &Terminal) -> Result<Exit> {
    // A diff that failed would show nothing: what cannot be read is shown as it is, and is no error.
    match textconv::read(&terminal.project()?, &command.file)? {
        Shown::Packages(graph) => terminal.print(|out| report::write_packages(&graph, is_of_other_files, out))?,
        Shown::AsItIs(bytes, why) => terminal.print(|out| report::write_as_it_is(&bytes, &why, out))?,
    }
    Ok(Exit::Allowed)
}
