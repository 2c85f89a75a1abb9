//! The conditions that a policy sets: `[[condition]]`.

use crate::judge::condition::{Condition, Expression, is_id};
use crate::judge::form::{FormError, Part};
use crate::model::Level;
use crate::model::text::quoted;

const LEVELS: [(&str, Level); 3] = [("error", Level::Error), ("warning", Level::Warning), ("note", Level::Note)];
/// Each is asked of every change.
const MOST: usize = 100;

pub(super) fn read(root: &Part<'_, '_>) -> Result<Vec<Condition>, FormError> {
    let mut conditions: Vec<Condition> = Vec::new();
    for part in root.parts("condition", &["id", "when", "level", "needs-approval", "message"])? {
        let condition = condition(&part)?;
        if conditions.iter().any(|other| other.id == condition.id) {
            return Err(part.error(condition.line, format!("the condition {} is there twice", quoted(&condition.id))));
        }
        conditions.push(condition);
    }
    match conditions.get(MOST) {
        Some(first) => Err(FormError::at(root.file, first.line, format!("there are more than {MOST} conditions"))),
        None => Ok(conditions),
    }
}

fn condition(part: &Part<'_, '_>) -> Result<Condition, FormError> {
    let (id, line) = part.required("id")?;
    if !is_id(id) {
        let error = part.error(line, format!("{} is no id", quoted(id)));
        return Err(error.with_hint("write small letters, digits and hyphens, at most 64: `no-young-packages`"));
    }
    let (level, needs_approval) = (level(part)?, part.flag("needs-approval")?);
    if (level, needs_approval) == (Level::Error, Some(true)) {
        let error = part.error(part.table.line(), "what is denied needs no approval");
        return Err(error.with_hint("write `level = \"warning\"` to have somebody asked, or take `needs-approval` out"));
    }
    Ok(Condition {
        id: id.to_owned(),
        line: part.table.line(),
        level,
        needs_approval: needs_approval.unwrap_or(level == Level::Warning),
        message: part.text("message")?.map(|(message, _)| message.to_owned()),
        when: when(part, id)?,
    })
}

fn level(part: &Part<'_, '_>) -> Result<Level, FormError> {
    let Some(value) = part.table.get("level") else { return Ok(Level::Warning) };
    part.word(value, "level", &LEVELS)
}

fn when(part: &Part<'_, '_>, id: &str) -> Result<Expression, FormError> {
    let (text, line) = part.required("when")?;
    Expression::parse(text).map_err(|wrong| {
        let line = line.saturating_add(u32::try_from(wrong.line).unwrap_or(0));
        let error = part.error(line, format!("the condition {}: {}", quoted(id), wrong.message));
        error.with_hint(wrong.hint.unwrap_or_else(|| "docs/conditions.md tells what can be asked".into()))
    })
}
