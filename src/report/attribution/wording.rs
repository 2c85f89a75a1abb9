//! The sentence for one commit. It says what was declared, by what, and never who wrote the change: no
//! sentence of this file calls a commit a person's work, and none gives a share.

use super::Attributed;
use crate::enrich::Fact;
use crate::enrich::attribution::{Attribution, Catalogue, Category, Evidence, Extent, How, Place};
use crate::model::text::{shortened, visible};

/// Characters of a branch name, a file name or a login in a sentence.
const MOST: usize = 80;

/// The sentence, visible text of one line.
pub fn statement(one: &Attributed<'_>, catalogue: &Catalogue) -> String {
    let attribution = one.attribution;
    let text = match &attribution.category {
        Fact::Known(Category::AiDeclared) => format!("AI use declared: {}, {}", tools(attribution, catalogue), declared_by(one)),
        Fact::Known(Category::AiIndicated) => format!("AI use indicated: {}; no declaration", indicated_by(one, catalogue)),
        Fact::Known(Category::Automation) => format!("Automated update: {}", bots(attribution, catalogue)),
        Fact::Known(Category::Undeclared) => undeclared(attribution),
        Fact::Unknown(reason) => format!("Not known whether AI use was declared: {reason}"),
    };
    visible(&text).into_owned()
}

fn undeclared(attribution: &Attribution) -> String {
    match attribution.declared_none {
        Some(_) => "Declared that no AI was used. This does not show that a person wrote the change.".into(),
        None => "No AI use declared. This does not show that a person wrote the change.".into(),
    }
}

/// The bots' names; of a commit by a bot that no row names, what it calls itself.
pub fn bots(attribution: &Attribution, catalogue: &Catalogue) -> String {
    let names: Vec<&str> = attribution.automation.iter().map(|id| catalogue.automation_name(id)).collect();
    visible(&names.join(", ")).into_owned()
}

/// `Claude Code (claude-opus-4-6), Cursor`.
fn tools(attribution: &Attribution, catalogue: &Catalogue) -> String {
    let declared = || attribution.evidence.iter().filter(|found| found.declares());
    let named = attribution.tools.iter().map(|tool| {
        let mut models: Vec<&str> =
            declared().filter(|found| found.tool.as_ref() == Some(tool)).filter_map(|found| found.model.as_deref()).collect();
        models.sort_unstable();
        models.dedup();
        let name = catalogue.tool_name(tool);
        if models.is_empty() { name.to_owned() } else { format!("{name} ({})", models.join(", ")) }
    });
    let named: Vec<String> = named.collect();
    match (named.is_empty(), attribution.models.is_empty()) {
        (false, _) => named.join(", "),
        (true, false) => attribution.models.join(", "),
        (true, true) => "no tool named".into(),
    }
}

/// What declares it: the nearest of the strongest evidence.
fn declared_by(one: &Attributed<'_>) -> String {
    let declaring = one.attribution.evidence.iter().filter(|found| found.declares());
    let Some(found) = declaring.min_by_key(|found| (found.extent, std::cmp::Reverse(found.strength))) else { return String::new() };
    let by = match (&found.place, found.how) {
        (Place::Added { file, line, .. }, How::AgentTrace) => format!("by an Agent Trace record for line {file}:{line}"),
        (Place::Added { file, line, .. }, _) => format!("by a git-ai note for line {file}:{line}"),
        (_, How::Author) => "by the author's identity".into(),
        (_, How::Committer) => "by the committer's identity".into(),
        (_, How::CoAuthor) => "by co-author trailer".into(),
        (_, How::SessionLink) => "by session link".into(),
        (_, How::Footer) => "by footer".into(),
        (_, How::Checkbox) => "by a checked box".into(),
        (_, How::Subject) => "by the beginning of the subject".into(),
        _ => "by trailer".into(),
    };
    let commit = found.commit.as_ref().unwrap_or(&one.commit.id);
    let pull = if found.extent == Extent::PullRequest { of_pull(one) } else { String::new() };
    format!("{by} in commit {}{pull}", commit.short())
}

fn of_pull(one: &Attributed<'_>) -> String {
    one.commit.pull_request.map_or(" of the pull request".into(), |pull| format!(" of pull request {}", pull.number()))
}

fn indicated_by(one: &Attributed<'_>, catalogue: &Catalogue) -> String {
    let Some(found) = one.attribution.evidence.iter().find(|found| found.counts()) else { return String::new() };
    let tool = found.tool.as_deref().map_or("an agent", |tool| catalogue.tool_name(tool));
    match (&found.place, found.how) {
        (Place::Added { file, .. }, _) => format!("a session of {tool} is recorded for another file, {}", short(file.as_str())),
        (Place::Branch(name), How::MergedBranch) => format!("merged from branch {}", short(name)),
        (Place::Branch(name), _) if found.marker == "event-branch" => format!("the pull request is from branch {}", short(name)),
        (Place::Branch(name), _) => format!("only on branch {}", short(name)),
        (_, How::PullRequestAuthor) => format!("the pull request was opened by {}", short(&found.text)),
        (_, How::Label) => format!("the pull request is labelled {}", short(&found.text)),
        _ if found.extent == Extent::PullRequest => declared_elsewhere(one, found, tool),
        (_, how) => format!("the {} is called {}", who(how), short(&found.text)),
    }
}

fn declared_elsewhere(one: &Attributed<'_>, found: &Evidence, tool: &str) -> String {
    let commit = found.commit.as_ref().unwrap_or(&one.commit.id);
    format!("{tool} is declared for other lines, in commit {}{}", commit.short(), of_pull(one))
}

fn who(how: How) -> &'static str {
    match how {
        How::Author => "author",
        How::Committer => "committer",
        _ => "co-author",
    }
}

fn short(text: &str) -> String {
    shortened(text, MOST).into_owned()
}
