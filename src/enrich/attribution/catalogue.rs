//! The catalogue of marks, read from `data/ai-tools.toml`: typed rows, checked as a whole. What ships is
//! parsed once; a policy can add rows of the same form, replace some and leave others out.

mod rows;

use super::inventory::Silence;
use super::own_files::OwnFile;
use super::pattern::Pattern;
pub use rows::Rows;
use rows::{AutomationRow, MarkerRow};
use serde::Deserialize;
use std::sync::LazyLock;

const TEXT: &str = include_str!("../../../data/ai-tools.toml");

static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::parse(TEXT).expect("a test parses the catalogue that ships"));

/// Every mark that is known.
#[derive(Debug)]
pub struct Catalogue {
    pub tools: Vec<Tool>,
    pub markers: Vec<Marker>,
    pub automation: Vec<Automation>,
    pub branches: Vec<Branch>,
    /// Words for families of models that name no tool, in small letters.
    pub families: Vec<String>,
    forges: Vec<IdentityPattern>,
    vendor_domains: Vec<String>,
    /// Labels of pull requests that say that AI was used, in small letters.
    pub labels: Vec<String>,
    /// Files and folders of a repository that belong to tools.
    pub files: Vec<OwnFile>,
    pub silence: Silence,
}

/// An AI tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub id: String,
    pub name: String,
    pub vendor: String,
    /// How texts call it, in small letters.
    #[serde(default)]
    pub words: Vec<String>,
    /// Families of models that imply it.
    #[serde(default)]
    pub models: Vec<String>,
}

/// One mark.
#[derive(Debug)]
pub struct Marker {
    pub id: String,
    pub tool: Option<String>,
    pub kind: Kind,
    pub strength: Strength,
    pub role: Role,
    pub matcher: Matcher,
    /// Where the text itself names the tool: what must be named for the mark to count.
    pub names: Option<Names>,
    /// First words of a value that deny the use of AI.
    pub none: Vec<String>,
    pub automation_alone: bool,
}

/// How the mark got onto the commit; it decides how a sentence calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Identity,
    Bot,
    NameSuffix,
    Trailer,
    SessionTrailer,
    AssistedBy,
    GeneratedBy,
    AiTrailer,
    Footer,
    SessionUrl,
    Checkbox,
}

/// What a mark is worth. Conclusive and strong ones declare, weak ones indicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    Weak,
    Strong,
    Conclusive,
}

/// What the tool did. A reviewer wrote nothing of the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    #[default]
    Author,
    Suggestion,
    Reviewer,
}

/// What the text must name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// A tool or model of the catalogue.
    Tool,
    /// That, or an unknown agent in the form AGENT:MODEL of the Linux kernel.
    ToolOrAgent,
    /// Whatever it says.
    Anything,
}

/// Where a mark is looked for.
#[derive(Debug)]
pub enum Matcher {
    /// Author, committer or co-author; `signs`: author and committer alone.
    Identity {
        pattern: IdentityPattern,
        signs: bool,
        private: bool,
        suffix: Option<String>,
    },
    Trailer {
        keys: Vec<String>,
        values: Vec<Pattern>,
    },
    /// How a line begins; `alone`: nothing follows but the rest of the word.
    Line {
        starts: Vec<String>,
        alone: bool,
    },
    /// Anywhere in a line; in small letters.
    Contains(Vec<String>),
    Subject(Vec<String>),
    Checked(Vec<String>),
}

/// Names and addresses; where both are given, both must fit.
#[derive(Debug)]
pub struct IdentityPattern {
    names: Vec<Pattern>,
    emails: Vec<Pattern>,
}

impl IdentityPattern {
    pub fn fits(&self, name: &str, email: &str) -> bool {
        let fits = |patterns: &[Pattern], text: &str| patterns.is_empty() || patterns.iter().any(|pattern| pattern.fits(text));
        fits(&self.emails, email) && fits(&self.names, name)
    }
}

/// A bot that is no AI tool.
#[derive(Debug)]
pub struct Automation {
    /// `*` for any bot: its login is its id.
    pub id: String,
    pub title: String,
    pub identity: IdentityPattern,
}

/// A branch name's beginning, `codex/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    pub prefix: String,
    pub tool: String,
    #[serde(default, rename = "seen")]
    _seen: u64,
}

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("the catalogue of AI tools is not in its form: {0}")]
    Form(String),
    #[error("the catalogue of AI tools must have version 1, and what is added to it none of its own")]
    Version,
    #[error("the catalogue's row {0} is there twice")]
    Twice(String),
    #[error("the catalogue's row {row} names the tool {tool}, which has no row")]
    NoSuchTool { row: String, tool: String },
    #[error("the catalogue's row {0} must say in one way, and in one only, where it is looked for")]
    Matcher(String),
    #[error("the catalogue's row {0} names no tool and does not say what its text must name")]
    NoTool(String),
    #[error("the catalogue has no row {0} that could be left out")]
    NoSuchRow(String),
    #[error("{0} rows are added to the catalogue of AI tools, which is more than are read")]
    Many(usize),
}

impl CatalogueError {
    /// The id of the row that is wrong, where it is one.
    pub fn row(&self) -> Option<&str> {
        match self {
            CatalogueError::Twice(row) | CatalogueError::Matcher(row) | CatalogueError::NoTool(row) => Some(row),
            CatalogueError::NoSuchTool { row, .. } => Some(row),
            CatalogueError::Form(_) | CatalogueError::Version | CatalogueError::NoSuchRow(_) | CatalogueError::Many(_) => None,
        }
    }
}

impl Catalogue {
    /// The catalogue that ships.
    pub fn shipped() -> &'static Catalogue {
        &SHIPPED
    }

    /// A catalogue of the form that the head of `data/ai-tools.toml` describes.
    pub fn parse(text: &str) -> Result<Catalogue, CatalogueError> {
        rows(text).and_then(Catalogue::of)
    }

    /// The catalogue that ships, with further rows.
    pub fn extended(added: Rows) -> Result<Catalogue, CatalogueError> {
        if added.version.is_some() {
            return Err(CatalogueError::Version);
        }
        rows(TEXT)?.with(added).and_then(Catalogue::of)
    }

    fn of(rows: Rows) -> Result<Catalogue, CatalogueError> {
        rows.check()?;
        let small = |texts: Vec<String>| texts.into_iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
        let tool = |tool: Tool| Tool { words: small(tool.words), models: small(tool.models), ..tool };
        let identity = |row: &rows::IdentityRow| IdentityPattern::new(&row.name, &row.email);
        Ok(Catalogue {
            automation: rows.automation.into_iter().map(AutomationRow::into_automation).collect(),
            markers: rows.marker.into_iter().map(MarkerRow::into_marker).collect::<Result<_, _>>()?,
            families: small(rows.family.into_iter().flat_map(|family| family.models).collect()),
            forges: rows.forge.iter().map(identity).collect(),
            tools: rows.tool.into_iter().map(tool).collect(),
            branches: rows.branch,
            vendor_domains: rows.vendor_domains,
            labels: small(rows.labels),
            files: rows.file,
            silence: rows.silence,
        })
    }

    /// The name of a tool for people; its id where no row names it.
    pub fn tool_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.tools.iter().find(|tool| tool.id == id).map_or(id, |tool| &tool.name)
    }

    /// The row of a tool.
    pub fn tool(&self, id: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.id == id)
    }

    /// The name of a bot for people.
    pub fn automation_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.automation.iter().find(|bot| bot.id == id).map_or(id, |bot| &bot.title)
    }

    /// Whether the address is at a vendor of AI tools, where its people have addresses too.
    pub fn is_vendor(&self, email: &str) -> bool {
        email.rsplit_once('@').is_some_and(|(_, domain)| self.vendor_domains.iter().any(|vendor| vendor.eq_ignore_ascii_case(domain)))
    }

    /// Whether this is the forge itself, which commits what is merged on its pages.
    pub fn is_forge(&self, name: &str, email: &str) -> bool {
        self.forges.iter().any(|forge| forge.fits(name, email))
    }

    /// The tool that signs with this login of GitHub, whatever number stands before it.
    pub fn login(&self, login: &str) -> Option<&str> {
        let ending = format!("+{login}@users.noreply.github.com").to_ascii_lowercase();
        let has = |marker: &&Marker| match &marker.matcher {
            Matcher::Identity { pattern, .. } => pattern.emails.iter().any(|email| email.text().ends_with(&ending)),
            _ => false,
        };
        self.markers.iter().filter(|marker| !marker.automation_alone).find(has)?.tool.as_deref()
    }

    /// The tool whose branches begin like this one.
    pub fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| name.len() > branch.prefix.len() && super::pattern::starts(name, &branch.prefix))
    }
}

fn rows(text: &str) -> Result<Rows, CatalogueError> {
    let rows: Rows = toml::from_str(text).map_err(|error| CatalogueError::Form(error.to_string()))?;
    if rows.version == Some(1) { Ok(rows) } else { Err(CatalogueError::Version) }
}

impl IdentityPattern {
    fn new(names: &[String], emails: &[String]) -> Self {
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect();
        IdentityPattern { names: patterns(names), emails: patterns(emails) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, CatalogueError};

    #[test]
    fn what_ships_is_whole() {
        let shipped = Catalogue::shipped();
        assert!(shipped.markers.len() > 90 && shipped.tools.len() > 40, "{} marks", shipped.markers.len());
        assert_eq!(shipped.branch("codex/fix").map(|branch| branch.tool.as_str()), Some("openai-codex"));
        assert!(shipped.branch("codex/").is_none() && shipped.branch("my-codex/fix").is_none());
    }

    #[test]
    fn a_wrong_row_is_an_error() {
        let tool = "[[tool]]\nid = \"t\"\nname = \"T\"\nvendor = \"V\"\n";
        let marker = |rest: &str| format!("[[marker]]\nid = \"m\"\nkind = \"footer\"\nstrength = \"strong\"\n{rest}");
        let parse = |rows: &str| Catalogue::parse(&format!("version = 1\nvendor_domains = []\n{rows}"));
        assert!(parse(&format!("{tool}{}", marker("tool = \"t\"\nline = [\"x\"]\n"))).is_ok());
        assert!(matches!(Catalogue::parse("version = 2\nvendor_domains = []"), Err(CatalogueError::Version)));
        assert!(matches!(parse(&marker("tool = \"t\"\nline = [\"x\"]\n")), Err(CatalogueError::NoSuchTool { .. })));
        assert!(matches!(parse(&format!("{tool}{tool}")), Err(CatalogueError::Twice(_))));
        assert!(matches!(parse(&format!("{tool}{}", marker("tool = \"t\"\n"))), Err(CatalogueError::Matcher(_))));
        assert!(matches!(parse(&marker("line = [\"x\"]\n")), Err(CatalogueError::NoTool(_))));
        assert!(matches!(parse(&marker("tool = \"t\"\nlines = [\"x\"]\n")), Err(CatalogueError::Form(_))));
    }
}
