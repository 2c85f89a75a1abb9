//! Conditions of the policy: expressions in CEL over what the JSON report shows of a change.
//!
//! A condition makes a policy stricter and never laxer. What is not known is not there: an expression that comes
//! upon it has no value, and such a condition is taken to hold. So what nobody knows lets nothing in.
//! (cel-spec, doc/langdef.md)

mod names;
mod schema;

pub use names::Wrong;
pub use schema::VARIABLES;

use crate::enrich::Fact;
use crate::model::text::{shortened, visible};
use crate::model::{Level, Location, Package, RelPath};
use cel::parser::Parser;
use cel::{Context, ExecutionError, IdedExpr, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A condition, whose names and words were checked.
#[derive(Clone, Debug)]
pub struct Condition {
    pub id: String,
    /// Of the policy.
    pub line: u32,
    /// Of what meets it.
    pub level: Level,
    /// Whether somebody has to consent to what meets it.
    pub needs_approval: bool,
    /// What is told of what meets it, in the policy's words.
    pub message: Option<String>,
    pub when: Expression,
}

/// A condition that a package meets, or of which nobody can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The place among the policy's conditions.
    pub condition: usize,
    /// The head's.
    pub lockfile: RelPath,
    pub package: Package,
    pub location: Location,
    /// Why it is not known.
    pub undecided: Option<String>,
}

/// An expression in CEL.
#[derive(Clone, Debug)]
pub struct Expression {
    root: Arc<IdedExpr>,
    /// Whether it asks who brought something in, or when.
    pub is_of_history: bool,
    /// Whether it asks where something is listed.
    pub is_of_place: bool,
}

/// What an expression sees, by the names of `VARIABLES`; a variable that is not known has the reason.
pub type Model = BTreeMap<&'static str, Fact<Json>>;

/// Bytes of an expression.
const LONGEST: usize = 2_000;
/// How deep parentheses, lists and calls lie within each other: the parser calls itself.
const DEEPEST: u16 = 32;
/// Characters of a reason.
const MOST: usize = 200;

/// Whether a condition can be named so: small letters, digits and hyphens, from a letter on.
pub fn is_id(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 64 && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(is_part)
}

impl Expression {
    /// Reads an expression, and sees to it that it can be true: every name is one of the report's, every function one of
    /// CEL's, and every word one that its field can have.
    pub fn parse(text: &str) -> Result<Expression, Wrong> {
        if text.len() > LONGEST {
            return Err(Wrong::at(text, 0, format!("the expression has {} bytes; {LONGEST} are the most", text.len())));
        }
        let parsed = Parser::new().max_recursion_depth(DEEPEST).parse_with_source_info(text);
        let (root, places) = parsed.map_err(|errors| Wrong::of_syntax(&errors))?;
        let offset = |id| places.offset_for(id).map_or(0, |(start, _)| usize::try_from(start).unwrap_or(0));
        let (is_of_history, is_of_place) = names::check(&root, &|id, message| Wrong::at(text, offset(id), message))?;
        Ok(Expression { root: Arc::new(root), is_of_history, is_of_place })
    }
}

/// Which of the conditions something meets, by their places, each with the reason where nobody can tell. `wanted` says
/// which are asked at all.
pub fn met(conditions: &[Condition], wanted: impl Fn(&Condition) -> bool, model: Model) -> Vec<(usize, Option<String>)> {
    let (mut context, mut unknown) = (Context::default(), BTreeMap::new());
    for (name, value) in model {
        match value {
            Fact::Unknown(reason) => drop(unknown.insert(name, reason)),
            Fact::Known(value) => match context.add_variable(name, known(value)) {
                Ok(()) => {}
                Err(error) => drop(unknown.insert(name, error.to_string())),
            },
        }
    }
    let asked = conditions.iter().enumerate().filter(|(_, condition)| wanted(condition));
    let outcome = |condition: &Condition| match Value::resolve(&condition.when.root, &context) {
        Ok(Value::Bool(holds)) => holds.then_some(None),
        Ok(other) => Some(Some(format!("it is no yes or no, but of type {}", other.type_of()))),
        Err(error) => Some(Some(reason(&error, &condition.when.root, &unknown))),
    };
    asked.filter_map(|(at, condition)| Some((at, outcome(condition)?))).collect()
}

/// What is known of a value: the report writes `null` where nobody knows, or where there is nothing.
fn known(value: Json) -> Json {
    match value {
        Json::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Json::Object(fields.map(|(name, value)| (name, known(value))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(known).collect()),
        other => other,
    }
}

fn reason(error: &ExecutionError, root: &IdedExpr, unknown: &BTreeMap<&str, String>) -> String {
    let text = match error {
        ExecutionError::NoSuchKey(name) => format!("`{}` is not known", names::path(root, name).unwrap_or_else(|| name.to_string())),
        ExecutionError::UndeclaredReference(name) => match unknown.get(name.as_str()) {
            Some(reason) => format!("`{name}` are not known: {reason}"),
            None => error.to_string(),
        },
        _ => error.to_string(),
    };
    visible(&shortened(&text, MOST)).into_owned()
}
