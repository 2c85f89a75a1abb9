//! What the names of an expression stand for. The schema of the JSON report says which fields there are, of which type,
//! and which words they can have; what can never be is refused before anything is judged.

use super::DEEPEST;
use super::schema::{self, Shape, VARIABLES, items, of_type, types, variants, words};
use crate::model::near::nearest;
use crate::model::text::quoted;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};
use cel::parser::ParseErrors;
use cel::{Context, IdedExpr, Value};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Fields that say who brought something in, or when: they are of a range of commits alone.
const OF_HISTORY: [&str; 3] = ["introduction", "introduced", "known_when_introduced"];
const FUNCTIONS: [&str; 9] = ["size", "contains", "startsWith", "endsWith", "matches", "int", "uint", "double", "string"];
const MACROS: [&str; 6] = ["has", "all", "exists", "exists_one", "map", "filter"];
const COMPARISONS: [&str; 6] =
    [operators::EQUALS, operators::NOT_EQUALS, operators::LESS, operators::LESS_EQUALS, operators::GREATER, operators::GREATER_EQUALS];
/// Lists that are gone through within each other: each multiplies the work.
const MOST_LISTS: usize = 2;

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Lines of the expression before it.
    pub line: usize,
    pub message: String,
    /// What mends it, where that is known.
    pub hint: Option<String>,
}

impl Wrong {
    pub(super) fn at(text: &str, offset: usize, message: String) -> Wrong {
        Wrong { line: text.chars().take(offset).filter(|c| *c == '\n').count(), message, hint: None }
    }

    pub(super) fn of_syntax(errors: &ParseErrors) -> Wrong {
        let Some(first) = errors.errors.first() else {
            return Wrong { line: 0, message: "the expression cannot be read".into(), hint: None };
        };
        let (line, column) = first.pos;
        let told = first.msg.split(" expecting ").next().unwrap_or_default();
        let told = told.strip_prefix("Syntax error: ").unwrap_or(told);
        let is_deep = told.contains("Recursion limit");
        let why = if is_deep { format!("more than {DEEPEST} things lie within each other") } else { quoted(told) };
        let message = format!("the expression cannot be read from column {column} on: {why}");
        Wrong { line: usize::try_from(line - 1).unwrap_or(0), message, hint: None }
    }

    fn with_hint(self, hint: impl Into<String>) -> Wrong {
        Wrong { hint: Some(hint.into()), ..self }
    }

    fn meant(self, text: &str, known: &[&str]) -> Wrong {
        let hint = match nearest(text, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        self.with_hint(hint)
    }
}

/// Checks an expression; whether it is of history, and of places.
pub(super) fn check(root: &IdedExpr, wrong: &dyn Fn(u64, String) -> Wrong) -> Result<(bool, bool), Wrong> {
    let mut check = Check { wrong, scope: Vec::new(), lists: 0, is_of_history: false, is_of_place: false };
    let shape = check.shape(root)?;
    if !shape.is_empty() && !types(&shape).contains("boolean") {
        return Err(wrong(root.id, "the expression is no yes or no".into()));
    }
    Ok((check.is_of_history, check.is_of_place))
}

struct Check<'c> {
    /// An error at a part of the expression.
    wrong: &'c dyn Fn(u64, String) -> Wrong,
    /// The variables of the lists that are gone through.
    scope: Vec<(String, Shape)>,
    lists: usize,
    is_of_history: bool,
    is_of_place: bool,
}

impl Check<'_> {
    fn shape(&mut self, expr: &IdedExpr) -> Result<Shape, Wrong> {
        match &expr.expr {
            Expr::Unspecified => Ok(Shape::new()),
            Expr::Literal(value) => self.literal(expr.id, value),
            Expr::Ident(name) => self.variable(expr.id, name),
            Expr::Select(select) => {
                let operand = self.shape(&select.operand)?;
                let field = self.field(expr.id, &operand, &select.field)?;
                Ok(if select.test { of_type("boolean") } else { field })
            }
            Expr::Call(call) => self.call(expr.id, call),
            Expr::Comprehension(list) => self.list(expr.id, list),
            Expr::List(list) => {
                list.elements.iter().try_for_each(|element| self.shape(element).map(drop))?;
                Ok(of_type("array"))
            }
            Expr::Map(_) | Expr::Struct(_) => Err((self.wrong)(expr.id, "a condition asks, and makes no objects".into())),
        }
    }

    fn literal(&self, id: u64, value: &LiteralValue) -> Result<Shape, Wrong> {
        match value {
            LiteralValue::Null => {
                let error = (self.wrong)(id, "nothing is `null` here: what is not known is not there".into());
                Err(error.with_hint("ask by `has(change.from)` whether a field is there"))
            }
            LiteralValue::Boolean(_) => Ok(of_type("boolean")),
            LiteralValue::Bytes(_) => Ok(of_type("bytes")),
            LiteralValue::String(_) => Ok(of_type("string")),
            LiteralValue::Double(_) | LiteralValue::Int(_) | LiteralValue::UInt(_) => Ok(of_type("number")),
        }
    }

    fn variable(&mut self, id: u64, name: &str) -> Result<Shape, Wrong> {
        if let Some((_, shape)) = self.scope.iter().rev().find(|(own, _)| own == name) {
            return Ok(shape.clone());
        }
        self.is_of_history |= name == "commits";
        schema::variable(name).ok_or_else(|| {
            let known = VARIABLES.map(|(name, _)| name);
            (self.wrong)(id, format!("{} is no variable", quoted(name))).meant(name, &known)
        })
    }

    fn field(&mut self, id: u64, of: &Shape, name: &str) -> Result<Shape, Wrong> {
        let found = schema::field(of, name);
        if of.is_empty() || !found.is_empty() {
            self.is_of_history |= OF_HISTORY.contains(&name);
            self.is_of_place |= ["lockfile", "location"].contains(&name);
            return Ok(found.into_iter().flat_map(variants).collect());
        }
        let known = schema::fields(of);
        let error = (self.wrong)(id, format!("{} is no field here", quoted(name)));
        Err(if known.is_empty() { error.with_hint("what stands before it has no fields") } else { error.meant(name, &known) })
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Result<Shape, Wrong> {
        let name = call.func_name.as_str();
        if name.starts_with(|first: char| first.is_ascii_alphabetic()) && !FUNCTIONS.contains(&name) {
            let known = [&FUNCTIONS[..], &MACROS[..]].concat();
            return Err((self.wrong)(id, format!("{} is no function", quoted(name))).meant(name, &known));
        }
        let parts: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        let shapes = parts.iter().map(|part| self.shape(part)).collect::<Result<Vec<_>, _>>()?;
        match (name, &parts[..], &shapes[..]) {
            (operators::INDEX, [_, key], [of, _]) => match &key.expr {
                Expr::Literal(LiteralValue::String(field)) => self.field(id, of, field.inner()),
                _ => Ok(items(of)),
            },
            (operators::IN, [left, right], [one, list]) => {
                let elements = if let Expr::List(list) = &right.expr { list.elements.iter().collect() } else { Vec::new() };
                elements.into_iter().try_for_each(|element| self.can_be(id, one, &[], element))?;
                self.can_be(id, &items(list), one, left)?;
                Ok(of_type("boolean"))
            }
            (_, [left, right], [one, other]) if COMPARISONS.contains(&name) => {
                self.can_be(id, one, other, right)?;
                self.can_be(id, other, one, left)?;
                Ok(of_type("boolean"))
            }
            ("matches", [_, pattern], _) => self.pattern(pattern).map(|()| of_type("boolean")),
            _ => Ok(answer(name)),
        }
    }

    /// Whether a value of a shape can ever be like what stands on the other side.
    fn can_be(&self, id: u64, of: &Shape, other: &[&'static Json], expr: &IdedExpr) -> Result<(), Wrong> {
        let (one, two) = (types(of), types(other));
        if !one.is_empty() && !two.is_empty() && one.is_disjoint(&two) {
            let names = |types: BTreeSet<&str>| types.into_iter().collect::<Vec<_>>().join(" or ");
            return Err((self.wrong)(id, format!("what is of type {} is compared with what is of type {}", names(one), names(two))));
        }
        let (Expr::Literal(LiteralValue::String(word)), Some(words)) = (&expr.expr, words(of)) else { return Ok(()) };
        let word = word.inner();
        if words.contains(&word) {
            return Ok(());
        }
        Err((self.wrong)(id, format!("{} is no word that this can be", quoted(word))).meant(word, &words))
    }

    /// A pattern is read when it is used first: that it can be is told before.
    fn pattern(&self, pattern: &IdedExpr) -> Result<(), Wrong> {
        let Expr::Literal(LiteralValue::String(text)) = &pattern.expr else { return Ok(()) };
        let empty = IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::String(String::new().into())) };
        let call = CallExpr { func_name: "matches".into(), target: Some(Box::new(empty)), args: vec![pattern.clone()] };
        let tried = Value::resolve(&IdedExpr { id: 0, expr: Expr::Call(call) }, &Context::default());
        let error = |_| (self.wrong)(pattern.id, format!("{} is no regular expression", quoted(text.inner())));
        tried.map(drop).map_err(error)
    }

    fn list(&mut self, id: u64, list: &ComprehensionExpr) -> Result<Shape, Wrong> {
        let range = self.shape(&list.iter_range)?;
        self.lists += 1;
        if self.lists > MOST_LISTS {
            return Err((self.wrong)(id, format!("more than {MOST_LISTS} lists are gone through within each other")));
        }
        let before = self.scope.len();
        self.scope.push((list.iter_var.clone(), items(&range)));
        self.scope.extend(list.iter_var2.iter().map(|name| (name.clone(), Shape::new())));
        let made = self.shape(&list.accu_init)?;
        self.scope.push((list.accu_var.clone(), made.clone()));
        for part in [&list.loop_cond, &list.loop_step, &list.result] {
            self.shape(part)?;
        }
        self.scope.truncate(before);
        self.lists -= 1;
        // `exists_one` counts, and compares the number in the end.
        Ok(if types(&made).contains("number") { of_type("boolean") } else { made })
    }
}

/// What a function or an operator gives.
fn answer(name: &str) -> Shape {
    match name {
        operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT => of_type("boolean"),
        "contains" | "startsWith" | "endsWith" => of_type("boolean"),
        "size" | "int" | "uint" | "double" => of_type("number"),
        "string" => of_type("string"),
        _ => Shape::new(),
    }
}

/// The first field of this name that an expression asks for, with what it is a field of: `change.from`.
pub(super) fn path(expr: &IdedExpr, field: &str) -> Option<String> {
    match &expr.expr {
        Expr::Select(select) if select.field == field => Some(format!("{}.{field}", written(&select.operand)?)),
        Expr::Select(select) => path(&select.operand, field),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).find_map(|part| path(part, field)),
        Expr::List(list) => list.elements.iter().find_map(|element| path(element, field)),
        Expr::Comprehension(list) => {
            [&list.iter_range, &list.loop_cond, &list.loop_step, &list.result].into_iter().find_map(|part| path(part, field))
        }
        _ => None,
    }
}

fn written(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", written(&select.operand)?, select.field)),
        _ => None,
    }
}
