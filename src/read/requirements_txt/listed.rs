//! A file of requirements that something else than pip's command line names: the list that a build reads,
//! the file that a tool compiles.

use super::line::LogicalLines;
use super::statement::{Role, Statement};
use super::{Pep508, stated};
use crate::model::SourceFile;

/// What such a file says by itself.
pub(in crate::read) struct Listed {
    /// Each with its line.
    pub requirements: Vec<(Pep508, u32)>,
    /// The first line that may ask for more and is not followed: another file, text that is no requirement.
    pub further: Option<u32>,
}

/// Reads the lines by themselves. Constraints and settings ask for nothing; whatever else is no requirement
/// may.
pub(in crate::read) fn listed(file: &SourceFile) -> Listed {
    let mut listed = Listed { requirements: Vec::new(), further: None };
    for line in LogicalLines::new(file.text()) {
        let read = line.and_then(|line| Ok((line.number, Statement::read(&line)?.0)));
        let (number, statement) = match read {
            Ok(read) => read,
            Err(bad) => {
                listed.further.get_or_insert(bad.number);
                return listed;
            }
        };
        let requirement = match statement {
            Statement::Requirement(text) => stated(&text.text, text.editable, &file.path().parent()).ok(),
            Statement::Nothing | Statement::Settings(_) | Statement::File { role: Role::Constraints, .. } => continue,
            Statement::File { role: Role::Requirements, .. } => None,
        };
        match requirement {
            Some(requirement) => listed.requirements.push((requirement, number)),
            None => drop(listed.further.get_or_insert(number)),
        }
    }
    listed
}
