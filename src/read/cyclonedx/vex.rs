//! The vulnerabilities of a CycloneDX document as VEX. What its maker says counts where the document's subject is the
//! project, or where it has none; a component of it is meant by its package URL.

use super::wire::{Bom, Component, Listed, Named, Vulnerability};
use super::{Reading, bom};
use crate::model::moment::of_rfc3339;
use crate::model::stated::StatedVersion;
use crate::model::text::quoted;
use crate::model::vex::{Assessment, Justification, Statement, Status, Target, Versions, Whole};
use crate::model::{Gap, GapKind, Location, SourceFile, Version};
use crate::read::ReadError;
use crate::read::document::FlawOf;
use crate::read::json::Text;
use crate::read::vex::{Unheld, Vex, package};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;

pub fn read(file: &SourceFile) -> Result<Vex, ReadError> {
    let reading = Reading::of(file);
    let mut bom = bom(file)?;
    reading.dialect(&bom)?;
    let raw = bom.vulnerabilities.take().unwrap_or_default();
    reading.knows_words(&raw)?;
    let from = From::of(&reading, &bom)?;
    let (flaws, _) = reading.flaws(raw);
    let (mut statements, mut unheld, mut unsaid) = (Vec::new(), Unheld::default(), Unheld::default());
    for flaw in flaws {
        statements.extend(from.statement(flaw, &mut unheld, &mut unsaid));
    }
    let mut gaps: Vec<Gap> = unheld.gap(file.path()).into_iter().collect();
    gaps.extend(unsaid.reason(file));
    Ok(Vex { file: file.path().clone(), statements, gaps })
}

impl Unheld {
    /// Of statements that say nothing that could be believed.
    fn reason(self, file: &SourceFile) -> Option<Gap> {
        let (line, what) = self.first?;
        let message = format!(
            "what is said of {} is not believed: {what}",
            if self.number == 1 { "1 vulnerability".into() } else { format!("{} vulnerabilities", self.number) }
        );
        Some(Gap { kind: GapKind::UnreadStatement, file: file.path().clone(), line: Some(line), message })
    }
}

impl<'a> Reading<'a> {
    /// A state or justification that is not known could mean anything.
    fn knows_words(&self, all: &[Vulnerability<'a>]) -> Result<(), ReadError> {
        for (raw, analysis) in all.iter().filter_map(|raw| Some((raw, raw.analysis.as_ref()?))) {
            let line = self.line_of_flaw(raw);
            let check = |text: &Option<Text<'_>>, is_known: fn(&str) -> bool, what: &str| match text {
                Some(text) if !is_known(text) => Err(self.malformed(self.line(text, line), format!("{} is no {what}", quoted(text)))),
                _ => Ok(()),
            };
            check(&analysis.state, |text| Status::of_cyclonedx(text).is_some(), "state of CycloneDX")?;
            check(&analysis.justification, |text| Justification::of_cyclonedx(text).is_some(), "justification of CycloneDX")?;
            check(&analysis.first_issued, |text| of_rfc3339(text).is_some(), "time by RFC 3339")?;
            check(&analysis.last_updated, |text| of_rfc3339(text).is_some(), "time by RFC 3339")?;
        }
        Ok(())
    }
}

/// What holds of every statement of the document.
struct From<'a> {
    /// By what the document calls them; `None` for a reference that names two.
    components: HashMap<String, Option<Own>>,
    /// What the document is about, with its own reference.
    subject: Option<(Option<String>, Arc<[Whole]>)>,
    serial: Option<String>,
    author: Option<String>,
    time: Option<i64>,
    reading: &'a Reading<'a>,
}

/// A component of the document.
#[derive(Clone, PartialEq)]
struct Own {
    purl: Option<String>,
    version: Option<Version>,
    /// Why what is said of it is not said of the package that its package URL names.
    narrowed: Option<&'static str>,
}

impl<'a> From<'a> {
    fn of(reading: &'a Reading<'a>, bom: &Bom<'a>) -> Result<Self, ReadError> {
        let metadata = bom.metadata.as_ref();
        let time = metadata.and_then(|metadata| metadata.timestamp.as_ref());
        let wrong = |text: &Text<'_>| reading.malformed(reading.line(text, 1), format!("{} is no time by RFC 3339", quoted(text)));
        let time = time.map(|text| of_rfc3339(text).ok_or_else(|| wrong(text))).transpose()?;
        let name = |named: &Named<'_>| named.name.as_ref().map(|text| text.0.clone().into_owned()).filter(|text| !text.trim().is_empty());
        let author = metadata.and_then(|metadata| metadata.authors.iter().flatten().chain(&metadata.supplier).find_map(name));
        let subject = metadata.and_then(|metadata| metadata.component.as_deref());
        let mut components = HashMap::new();
        let listed = metadata.and_then(|metadata| metadata.component.as_ref()).into_iter().chain(bom.components.iter().flatten());
        listed.for_each(|component| add(component, &mut components));
        Ok(From {
            components,
            subject: subject
                .map(|component| (component.bom_ref.as_ref().map(|text| text.0.clone().into_owned()), [whole(component)].into())),
            serial: bom.serial_number.as_ref().map(|text| text.to_ascii_lowercase()),
            author,
            time,
            reading,
        })
    }

    /// `None` for a flaw of which nothing is said.
    fn statement(&self, flaw: FlawOf<'a>, unheld: &mut Unheld, unsaid: &mut Unheld) -> Option<Statement> {
        let FlawOf { flaw, of, location } = flaw;
        let analysis = flaw.analysis.as_ref().filter(|analysis| analysis.state.is_some())?;
        let line = location.line;
        let mut ids: Vec<Box<str>> = flaw.ids().map(Into::into).collect();
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            unsaid.add(line, "it has no id".into());
            return None;
        }
        let status = analysis.state?;
        if matches!(status, Status::NotAffected | Status::FalsePositive)
            && analysis.justification.is_none()
            && analysis.detail.as_deref().is_none_or(|detail| detail.trim().is_empty())
        {
            unsaid.add(line, format!("`{}` says neither `justification` nor `detail`", status.cyclonedx()));
            return None;
        }
        if of.is_empty() {
            unheld.add(line, "a vulnerability says not what it affects".into());
        }
        let targets = of.iter().filter_map(|(reference, versions)| self.target(reference, versions, line, unheld)).collect();
        let time = |text: &Option<String>| text.as_deref().and_then(of_rfc3339);
        let (issued, updated) = (time(&analysis.first_issued), time(&analysis.last_updated));
        let issued = if issued.or(updated).is_some() { issued } else { self.time };
        let assessment = Assessment {
            status,
            justification: analysis.justification,
            responses: analysis.responses.clone(),
            detail: analysis.detail.clone(),
            action: None,
            author: self.author.clone(),
            issued,
            updated,
            location: Location::new(self.reading.file.path(), line),
        };
        Some(Statement { ids, targets, assessment: Arc::new(assessment) })
    }

    /// A reference as the document itself has it: it may name itself by its serial number.
    fn local<'r>(&self, reference: &'r str) -> Cow<'r, str> {
        let link = reference.strip_prefix("urn:cdx:").and_then(|rest| rest.split_once('#'));
        let serial = |link: &str| link.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let is_own = |link: &str| self.serial.as_deref().is_some_and(|own| own.trim_start_matches("urn:uuid:") == serial(link));
        let own = link.filter(|(link, _)| is_own(link)).map(|(_, fragment)| percent_encoding(fragment));
        own.filter(|own| self.components.contains_key(own)).map_or(Cow::Borrowed(reference), Cow::Owned)
    }

    fn target(&self, reference: &str, versions: &[StatedVersion], line: u32, unheld: &mut Unheld) -> Option<Target> {
        let reference = &*self.local(reference);
        let named = self.purl(reference);
        let (mut package, narrowed) = named.and_then(|purl| package(&purl)).map_err(|what| unheld.add(line, what)).ok()?;
        let own = self.components.get(reference).and_then(Option::as_ref);
        package.version = package.version.or_else(|| own?.version.clone());
        let is_subject = self.subject.as_ref().is_some_and(|(own, _)| own.as_deref() == Some(reference));
        let within = self.subject.as_ref().filter(|_| !is_subject).map(|(_, whole)| whole.clone());
        // What is called unaffected or unknown beside an analysis is not what the analysis is of.
        let meant = versions.iter().filter(|version| version.status == "affected");
        let meant: Vec<Versions> = meant.filter_map(read_version).collect();
        let narrowed = narrowed.or((meant.len() < versions.len()).then_some("of some versions that are not called affected"));
        let narrowed = narrowed.or(own.and_then(|own| own.narrowed));
        Some(Target { package, versions: meant, narrowed, within })
    }

    /// The package URL that a reference leads to.
    fn purl(&self, reference: &str) -> Result<String, String> {
        let of_own = |text: &str| self.components.get(text);
        let without = || format!("{} is a component without a package URL", quoted(reference));
        if let Some(own) = of_own(reference) {
            return own.as_ref().and_then(|own| own.purl.clone()).ok_or_else(without);
        }
        // BOM-Link: urn:cdx:SERIAL/VERSION#REFERENCE.
        if let Some((_, fragment)) = reference.strip_prefix("urn:cdx:").and_then(|rest| rest.split_once('#')) {
            let fragment = percent_encoding(fragment);
            return if fragment.starts_with("pkg:") { Ok(fragment) } else { Err(format!("{} names no package URL", quoted(reference))) };
        }
        if reference.starts_with("pkg:") {
            return Ok(reference.to_owned());
        }
        Err(format!("{} is no component of the document and no package URL", quoted(reference)))
    }
}

fn add(component: &Listed<'_>, components: &mut HashMap<String, Option<Own>>) {
    if let Some(reference) = &component.bom_ref {
        let is_changed = component.modified == Some(true) || component.pedigree.is_some();
        let narrowed = match &*component.kind {
            _ if is_changed => Some("of a package that was changed"),
            "file" => Some("of a file"),
            _ => None,
        };
        let version = component.version.as_ref().and_then(|text| Version::new(text).ok());
        let own = Some(Own { purl: component.purl.as_ref().map(|text| text.0.clone().into_owned()), version, narrowed });
        // One reference for two things names neither.
        let of = components.entry(reference.0.clone().into_owned()).or_insert_with(|| own.clone());
        if *of != own {
            *of = None;
        }
    }
    component.components.iter().flatten().for_each(|part| add(part, components));
}

fn whole(component: &Component<'_>) -> Whole {
    if let Some(text) = &component.purl {
        return match package(text) {
            Ok((package, None)) => Whole::Package(package),
            _ => Whole::Other((*text.0).into()),
        };
    }
    let name = match &component.group {
        Some(group) if !group.is_empty() => format!("{}/{}", &**group, &*component.name),
        _ => component.name.0.clone().into_owned(),
    };
    let version = component.version.as_ref().filter(|text| !text.is_empty()).map(|text| (*text.0).into());
    Whole::Named { name: name.into(), version }
}

fn read_version(stated: &StatedVersion) -> Option<Versions> {
    if stated.is_range { Some(Versions::Range(stated.text.as_str().into())) } else { Version::new(&stated.text).ok().map(Versions::One) }
}

/// A fragment of a URN, decoded where it is encoded well.
fn percent_encoding(text: &str) -> String {
    crate::model::vers::percent_decoded(text).unwrap_or_else(|| text.to_owned())
}
