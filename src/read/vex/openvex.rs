//! OpenVEX 0.2, and the form before it in which products are texts (openvex/spec, OPENVEX-SPEC.md).

use super::{Unheld, Vex, package};
use crate::model::moment::of_rfc3339;
use crate::model::text::{quoted, shortened, visible};
use crate::model::vex::{Assessment, Justification, Statement, Status, Target, Whole};
use crate::model::{Lines, Location, SourceFile};
use crate::read::ReadError;
use crate::read::error::ReadErrorKind;
use crate::read::json::{self, Ignored, Text};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(expecting = "the object of an OpenVEX document")]
struct Document<'a> {
    #[serde(borrow, rename = "@context")]
    context: Text<'a>,
    #[serde(borrow)]
    author: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    last_updated: Option<Text<'a>>,
    #[serde(borrow)]
    statements: Vec<Stated<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "the object of a statement")]
struct Stated<'a> {
    #[serde(borrow)]
    vulnerability: Vulnerability<'a>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    last_updated: Option<Text<'a>>,
    #[serde(borrow)]
    products: Option<Vec<Product<'a>>>,
    /// Of every product, in the form before 0.2.
    #[serde(borrow)]
    subcomponents: Option<Vec<Product<'a>>>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    status_notes: Option<Text<'a>>,
    #[serde(borrow)]
    justification: Option<Text<'a>>,
    #[serde(borrow)]
    impact_statement: Option<Text<'a>>,
    #[serde(borrow)]
    action_statement: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a vulnerability's name, or the object of one")]
enum Vulnerability<'a> {
    Name(#[serde(borrow)] Text<'a>),
    Of(#[serde(borrow)] VulnerabilityOf<'a>),
}

#[derive(Deserialize)]
struct VulnerabilityOf<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow, rename = "@id")]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    aliases: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a product's id, or the object of one")]
enum Product<'a> {
    Id(#[serde(borrow)] Text<'a>),
    Of(#[serde(borrow)] ProductOf<'a>),
}

#[derive(Deserialize)]
struct ProductOf<'a> {
    #[serde(borrow, rename = "@id")]
    id: Option<Text<'a>>,
    #[serde(borrow, default)]
    identifiers: Identifiers<'a>,
    hashes: Option<Ignored>,
    #[serde(borrow)]
    subcomponents: Option<Vec<Product<'a>>>,
}

#[derive(Deserialize, Default)]
struct Identifiers<'a> {
    #[serde(borrow)]
    purl: Option<Text<'a>>,
    cpe22: Option<Ignored>,
    cpe23: Option<Ignored>,
}

impl<'a> Product<'a> {
    /// Its package URL; what else names it where it has none.
    fn name(&self) -> Result<&Text<'a>, String> {
        let (id, purl) = match self {
            Product::Id(id) => (Some(id), None),
            Product::Of(of) => (of.id.as_ref(), of.identifiers.purl.as_ref()),
        };
        let named = purl.or(id.filter(|id| id.starts_with("pkg:")));
        named.ok_or_else(|| match (self, id) {
            (_, Some(id)) => format!("{} is no package URL", quoted(id)),
            (Product::Of(of), None) if of.identifiers.cpe22.is_some() || of.identifiers.cpe23.is_some() => "a CPE".into(),
            _ => "a product without a package URL".into(),
        })
    }

    fn text(&self) -> Option<&Text<'a>> {
        match self {
            Product::Id(id) => Some(id),
            Product::Of(of) => of.id.as_ref().or(of.identifiers.purl.as_ref()),
        }
    }

    fn subcomponents(&self) -> &[Product<'a>] {
        if let Product::Of(of) = self { of.subcomponents.as_deref().unwrap_or_default() } else { &[] }
    }

    fn is_of_bytes(&self) -> bool {
        matches!(self, Product::Of(of) if of.hashes.is_some())
    }

    /// As the whole that something else is in.
    fn whole(&self) -> Whole {
        let other = || Whole::Other(self.text().map_or("a product without a package URL".into(), |text| (*text.0).into()));
        match self.name().ok().and_then(|text| package(text).ok()) {
            Some((package, None)) if !self.is_of_bytes() => Whole::Package(package),
            _ => other(),
        }
    }
}

pub fn read(file: &SourceFile) -> Result<Vex, ReadError> {
    let document: Document<'_> = json::parse(file)?;
    let reading = Reading { file, lines: Lines::new(file.text()) };
    reading.knows(&document.context)?;
    let from = From {
        author: document.author.as_ref().map(|text| text.0.clone().into_owned()).filter(|text| !text.trim().is_empty()),
        issued: reading.time(document.timestamp.as_ref(), 1)?,
        updated: reading.time(document.last_updated.as_ref(), 1)?,
    };
    let mut unheld = Unheld::default();
    let statements = document.statements.iter().map(|stated| reading.statement(stated, &from, &mut unheld)).collect::<Result<_, _>>()?;
    Ok(Vex { file: file.path().clone(), statements, gaps: unheld.gap(file.path()).into_iter().collect() })
}

/// What holds of every statement that does not say it itself.
struct From {
    author: Option<String>,
    issued: Option<i64>,
    updated: Option<i64>,
}

struct Reading<'f> {
    file: &'f SourceFile,
    lines: Lines<'f>,
}

impl Reading<'_> {
    fn line(&self, text: Option<&Text<'_>>, otherwise: u32) -> u32 {
        text.map_or(otherwise, |text| text.line(self.file.text(), &self.lines, otherwise))
    }

    fn error(&self, line: u32, message: impl Into<String>) -> ReadError {
        ReadError::malformed(self.file.path(), line, message)
    }

    /// The versions of the specification that are read: 0.2, and what had no version or a zero.
    fn knows(&self, context: &Text<'_>) -> Result<(), ReadError> {
        let version = context.strip_prefix("https://openvex.dev/ns").map(|rest| rest.trim_start_matches('/'));
        let is_known = |version: &str| version.is_empty() || ["v0.0.", "v0.1.", "v0.2."].iter().any(|known| version.starts_with(known));
        match version {
            Some(version) if is_known(version) => Ok(()),
            Some(version) => {
                let kind = ReadErrorKind::UnknownVersion {
                    found: visible(&shortened(version, 40)).into_owned(),
                    known: "v0.2 of OpenVEX and those before it",
                };
                Err(ReadError::new(self.file.path(), Some(self.line(Some(context), 1)), kind))
            }
            None => Err(self.error(self.line(Some(context), 1), format!("the `@context` {} is not OpenVEX's", quoted(context)))),
        }
    }

    fn time(&self, text: Option<&Text<'_>>, line: u32) -> Result<Option<i64>, ReadError> {
        let wrong = |text: &Text<'_>| self.error(self.line(Some(text), line), format!("{} is no time by RFC 3339", quoted(text)));
        text.map(|text| of_rfc3339(text).ok_or_else(|| wrong(text))).transpose()
    }

    fn statement(&self, stated: &Stated<'_>, from: &From, unheld: &mut Unheld) -> Result<Statement, ReadError> {
        let (name, ids) = ids(&stated.vulnerability);
        let line = self.line(name, self.line(Some(&stated.status), 1));
        if ids.is_empty() {
            return Err(self.error(line, "a statement names no vulnerability"));
        }
        let assessment = Arc::new(self.assessment(stated, from, line)?);
        let mut targets = Vec::new();
        let products = stated.products.as_deref().unwrap_or_default();
        if products.is_empty() {
            unheld.add(line, "a statement names no products".into());
        }
        let of_all = stated.subcomponents.as_deref().unwrap_or_default();
        let all: Option<Arc<[Whole]>> = (!of_all.is_empty()).then(|| products.iter().map(Product::whole).collect());
        let parts = products.iter().flat_map(Product::subcomponents).chain(of_all);
        if parts.filter(|part| !part.subcomponents().is_empty()).count() > 0 {
            unheld.add(line, "what lies within a subcomponent is not read".into());
        }
        for product in products {
            let own = product.subcomponents();
            if own.is_empty() && of_all.is_empty() {
                self.target(product, None, line, &mut targets, unheld);
            }
            let within: Option<Arc<[Whole]>> = (!own.is_empty()).then(|| [product.whole()].into());
            own.iter().for_each(|part| self.target(part, within.clone(), line, &mut targets, unheld));
        }
        if all.is_some() {
            of_all.iter().for_each(|part| self.target(part, all.clone(), line, &mut targets, unheld));
        }
        Ok(Statement { ids, targets, assessment })
    }

    fn target(&self, product: &Product<'_>, within: Option<Arc<[Whole]>>, line: u32, targets: &mut Vec<Target>, unheld: &mut Unheld) {
        let line = self.line(product.text(), line);
        match product.name().and_then(|text| package(text)) {
            Ok((package, narrowed)) => {
                let is_of_part = within.is_some() && !product.subcomponents().is_empty();
                let narrowed = narrowed.or(product.is_of_bytes().then_some("of certain bytes of the package alone"));
                let narrowed = narrowed.or(is_of_part.then_some("of a part of the package alone"));
                targets.push(Target { package, versions: Vec::new(), narrowed, within });
            }
            Err(what) => unheld.add(line, what),
        }
    }

    fn assessment(&self, stated: &Stated<'_>, from: &From, line: u32) -> Result<Assessment, ReadError> {
        let at = |text: &Text<'_>| self.line(Some(text), line);
        let status = Status::of_openvex(&stated.status);
        let status =
            status.ok_or_else(|| self.error(at(&stated.status), format!("the status {} is none of OpenVEX", quoted(&stated.status))))?;
        let unknown = |text: &Text<'_>| self.error(at(text), format!("the justification {} is none of OpenVEX", quoted(text)));
        let justification = stated.justification.as_ref().filter(|text| !text.is_empty());
        let justification = justification.map(|text| Justification::of_openvex(text).ok_or_else(|| unknown(text))).transpose()?;
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.0.clone().into_owned()).filter(|text| !text.trim().is_empty());
        let impact = text(&stated.impact_statement);
        if status == Status::NotAffected && justification.is_none() && impact.is_none() {
            let message = "`not_affected` says neither `justification` nor `impact_statement`: the specification asks for one, and without it nothing is believed";
            return Err(self.error(at(&stated.status), message));
        }
        // A statement that is dated itself is of that date, whatever the document is of.
        let (issued, updated) = (self.time(stated.timestamp.as_ref(), line)?, self.time(stated.last_updated.as_ref(), line)?);
        let (issued, updated) = if issued.or(updated).is_some() { (issued, updated) } else { (from.issued, from.updated) };
        Ok(Assessment {
            status,
            justification,
            responses: Vec::new(),
            detail: impact.or_else(|| text(&stated.status_notes)),
            action: text(&stated.action_statement),
            author: from.author.clone(),
            issued,
            updated,
            location: Location::new(self.file.path(), line),
        })
    }
}

/// Where its name stands, and all that it is called; of an address (`@id`) the last part is the name.
fn ids<'v, 'a>(vulnerability: &'v Vulnerability<'a>) -> (Option<&'v Text<'a>>, Vec<Box<str>>) {
    let (name, aliases) = match vulnerability {
        Vulnerability::Name(name) => (Some(name), &[][..]),
        Vulnerability::Of(of) => (of.name.as_ref().or(of.id.as_ref()), of.aliases.as_slice()),
    };
    let last = |text: &Text<'_>| text.rsplit('/').next().unwrap_or_default().to_owned();
    let texts = name.into_iter().chain(aliases).map(last).filter(|id| !id.is_empty());
    let mut ids: Vec<Box<str>> = texts.map(Into::into).collect();
    ids.sort();
    ids.dedup();
    (name, ids)
}
