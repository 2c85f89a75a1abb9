//! An SPDX expression as a value: its terms in the order in which they are joined, each by its identifier of today
//! (`GPL-2.0` is `GPL-2.0-only`, `GPL-2.0+` is `GPL-2.0-or-later`).
//!
//! Nothing here recurses, and what is computed is linear in the text, so that no nesting is too deep.

use super::Family;
use super::spelling::Spellings;
use crate::model::licence::MODE;
use std::fmt;

/// A licence expression; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// Operands before their operator.
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Term(Term),
    And,
    Or,
}

/// One licence, with what is added to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// `GPL-2.0-or-later`, `Apache-2.0+`, `LicenseRef-x`, or a word as it is written.
    name: String,
    kind: Kind,
    /// What stands after `WITH`.
    addition: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    /// An identifier of the list.
    Listed,
    /// `LicenseRef-…`: what it means is said elsewhere.
    Reference,
    /// No identifier, but of a known family.
    Word(Family),
}

impl Expression {
    /// Reads an expression in full: `AND`, `OR`, `WITH`, `+`, deprecated identifiers, `LicenseRef-` and `AdditionRef-`
    /// (SPDX specification 3.0, annex B). `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = spdx::Expression::parse_mode(text, MODE).ok()?;
        let node = |node: &spdx::expression::ExprNode| match node {
            spdx::expression::ExprNode::Op(spdx::expression::Operator::And) => Node::And,
            spdx::expression::ExprNode::Op(spdx::expression::Operator::Or) => Node::Or,
            spdx::expression::ExprNode::Req(required) => Node::Term(Term::of(&required.req)),
        };
        Some(Expression { nodes: parsed.iter().map(node).collect() })
    }

    /// A text that is no licence of the list, of a family that is known.
    pub(super) fn word(text: &str, family: Family) -> Self {
        Expression { nodes: vec![Node::Term(Term { name: text.to_owned(), kind: Kind::Word(family), addition: None })] }
    }

    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Term(term) => Some(term),
            Node::And | Node::Or => None,
        })
    }

    /// Whether it is one term without an operator.
    pub fn single(&self) -> Option<&Term> {
        match &self.nodes[..] {
            [Node::Term(term)] => Some(term),
            _ => None,
        }
    }

    /// What the terms come to: of `OR` whoever uses the work chooses, so the lesser one counts; of `AND` the greater.
    pub fn fold<T: Ord>(&self, of_term: impl Fn(&Term) -> T) -> T {
        self.joined(of_term, |a, b| a.max(b), |a, b| a.min(b))
    }

    /// The family; `None` where it is not known. Of alternatives a known one is enough.
    pub fn family(&self) -> Option<Family> {
        // What is not known is stricter than any family.
        self.fold(|term| term.family().map_or((true, None), |family| (false, Some(family)))).1
    }

    fn joined<T>(&self, of_term: impl Fn(&Term) -> T, and: impl Fn(T, T) -> T, or: impl Fn(T, T) -> T) -> T {
        let mut stack = Vec::new();
        for node in &self.nodes {
            let value = match node {
                Node::Term(term) => of_term(term),
                operator => {
                    let (b, a) = (stack.pop(), stack.pop());
                    let (Some(a), Some(b)) = (a, b) else { unreachable!("an operator has two operands") };
                    if *operator == Node::And { and(a, b) } else { or(a, b) }
                }
            };
            stack.push(value);
        }
        stack.pop().unwrap_or_else(|| unreachable!("an expression has a term"))
    }
}

/// With the parentheses that it needs, and no others.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_and = |(text, is_or): (String, bool)| if is_or { format!("({text})") } else { text };
        let and = |a, b| (format!("{} AND {}", of_and(a), of_and(b)), false);
        let or = |(a, _): (String, bool), (b, _): (String, bool)| (format!("{a} OR {b}"), true);
        f.write_str(&self.joined(|term| (term.to_string(), false), and, or).0)
    }
}

impl Term {
    fn of(required: &spdx::LicenseReq) -> Self {
        let (name, kind) = match &required.license {
            spdx::LicenseItem::Other(reference) => (reference.to_string(), Kind::Reference),
            spdx::LicenseItem::Spdx { id, or_later } => (format!("{}{}", id.name, if *or_later { "+" } else { "" }), Kind::Listed),
        };
        let addition = required.addition.as_ref().map(ToString::to_string);
        let term = Term { name, kind, addition };
        term.of_today().unwrap_or(term)
    }

    /// What a deprecated identifier is called today.
    fn of_today(&self) -> Option<Term> {
        let id = spdx::license_id(&self.name).filter(|id| id.is_deprecated() && id.name == self.name)?;
        if let Some(only) = spdx::gnu_license_id(id.name, false).filter(|_| id.is_gnu()) {
            return Some(Term { name: only.name.to_owned(), ..self.clone() });
        }
        if self.addition.is_some() {
            return None;
        }
        Spellings::shipped().of_deprecated(id.name)?.single().cloned()
    }

    pub fn family(&self) -> Option<Family> {
        // An addition that only its author knows may take rights away (the Commons Clause does).
        match self.kind {
            _ if self.has_unknown_addition() => None,
            Kind::Listed => Family::of(&self.name),
            Kind::Word(family) => Some(family),
            Kind::Reference => None,
        }
    }

    /// Whether it is no identifier, but a word of a known family.
    pub fn is_word(&self) -> bool {
        matches!(self.kind, Kind::Word(_))
    }

    /// Whether something is added to it that is no exception of the list.
    pub fn has_unknown_addition(&self) -> bool {
        self.addition.as_deref().is_some_and(|addition| spdx::exception_id(addition).is_none())
    }

    /// The licence alone, without what is added to it.
    pub fn without_addition(&self) -> Term {
        Term { addition: None, ..self.clone() }
    }

    /// `GPL-2.0-only` of `GPL-2.0-or-later`; `None` where it is one version already.
    pub fn without_later(&self) -> Option<Term> {
        let gnu = self.name.strip_suffix("-or-later").map(|base| format!("{base}-only"));
        let name = gnu.or_else(|| self.name.strip_suffix('+').map(str::to_owned)).filter(|_| self.kind == Kind::Listed)?;
        Some(Term { name, ..self.clone() })
    }

    /// Whether `other` is a later version of the same licence, with the same addition.
    pub fn is_followed_by(&self, other: &Term) -> bool {
        let (Some((name, version)), Some((other_name, other_version))) = (self.version(), other.version()) else { return false };
        name == other_name && version < other_version && self.addition == other.addition
    }

    /// `GPL` and `2, 0` of `GPL-2.0-only`.
    fn version(&self) -> Option<(&str, Vec<u32>)> {
        let name = ["-only", "-or-later", "+"].iter().find_map(|end| self.name.strip_suffix(end)).unwrap_or(&self.name);
        let (base, version) = name.rsplit_once('-').filter(|_| self.kind == Kind::Listed)?;
        let numbers = version.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u32>>>()?;
        Some((base, numbers))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.addition.as_ref().map_or(Ok(()), |addition| write!(f, " WITH {addition}"))
    }
}
