//! How each element is counted. What the view holds is told where the format has a place for it and our writers use it.

use super::table::Measure;
use super::{Answer, Counts};
use crate::judge::policy::Organisation;
use crate::model::licence::Licence;
use crate::model::{Algorithm, Digest, Identity, PackageSource};
use crate::sbom::completeness::Knowledge;
use crate::sbom::cyclonedx::{LicenseChoice, declared_licence, facts_of, repository_of};
use crate::sbom::view::{Component, ComponentId, Root, View};
use crate::sbom::{CycloneDx, Format, Spdx};
use Answer::{Absent, NotKnowable, Present};

const NOT_BUILT: &str = "it is a part of the project: there is no file yet when lockfiles are read";
const NOT_ASKED: &str = "no registry was asked (--registry-facts)";
const NOT_PUBLISHED: &str = "it is a part of the project, and nobody states who makes that";
const NO_SUPPLIER: &str = "the policy names neither supplier nor manufacturer of the product ([sbom])";
const NOT_A_PACKAGE: &str = "it is the repository as a whole";

pub(super) fn is_repository(view: &View<'_>) -> bool {
    matches!(view.root, Root::Repository { .. })
}

pub(super) fn counts(measure: Measure, view: &View<'_>, format: Format) -> Counts {
    let mut counts = Counts::default();
    if measure.is_of_components() {
        view.ids().for_each(|id| counts.add(of_component(measure, view, id, format)));
        if is_repository(view) {
            counts.add(of_repository(measure, view, format));
        }
    } else {
        counts.add(of_document(measure, view, format));
    }
    counts
}

const NO_AUTHOR: &str = "the document names the tool; the policy names no author ([sbom] authors)";

fn has_author(view: &View<'_>, is_meant: impl Fn(&Identity) -> bool) -> bool {
    view.inventory.makers.is_some_and(|makers| makers.authors.iter().any(is_meant))
}

/// Who supplies the product, as the policy says.
fn supplies(view: &View<'_>) -> bool {
    view.inventory.makers.is_some_and(|makers| makers.supplier.is_some() || makers.manufacturer.is_some())
}

/// Whether one of those has an address; SPDX has a place for one of mail alone.
fn has_address(view: &View<'_>, format: Format) -> bool {
    let is_spdx = matches!(format, Format::SpdxJson(_));
    let has = |of: &Organisation| of.contact.as_ref().is_some_and(|contact| !contact.email.is_empty()) || !is_spdx && !of.url.is_empty();
    view.inventory.makers.is_some_and(|makers| makers.supplier.iter().chain(&makers.manufacturer).any(has))
}

fn is_subject(view: &View<'_>, id: ComponentId) -> bool {
    matches!(view.root, Root::Package(root) if root == id)
}

fn when(holds: bool, otherwise: Answer) -> Answer {
    if holds { Present } else { otherwise }
}

fn of_document(measure: Measure, view: &View<'_>, format: Format) -> Answer {
    let is_spdx_2 = format == Format::SpdxJson(Spdx::V2_3);
    match measure {
        Measure::Author => when(has_author(view, |_| true), NotKnowable(NO_AUTHOR)),
        Measure::AuthorAddress if !has_author(view, |_| true) => NotKnowable(NO_AUTHOR),
        Measure::AuthorAddress => {
            when(has_author(view, |author| !author.email.is_empty()), Absent("the policy names authors without an address"))
        }
        Measure::CreatorOrganization => Absent("nobody states which organisation makes the document"),
        Measure::NoFlaws => {
            let tells = format.tells_flaws() && view.inventory.exposure.is_some();
            when(!tells, Absent("it was asked for (--advisories): a document of its own holds it better (openvex-json)"))
        }
        Measure::FormatBsi => {
            let is_old = matches!(format, Format::CycloneDxJson(version) | Format::CycloneDxXml(version) if version < CycloneDx::V1_6);
            when(!is_old && !is_spdx_2, Absent("the format's version is older"))
        }
        Measure::FormatTelco => when(is_spdx_2, Absent("the document is in another format or version")),
        Measure::SpdxDocument => when(matches!(format, Format::SpdxJson(_)), Absent("the document is not SPDX")),
        Measure::Parts => match view.completeness.parts {
            Knowledge::Complete => Present,
            Knowledge::Unknown => NotKnowable("whether the lockfiles name everything is not known"),
            Knowledge::Incomplete => Absent("something could not be read or is not pinned; the document names each such gap"),
        },
        Measure::Contains if !is_spdx_2 => Absent("the document is not SPDX 2.3"),
        Measure::Contains => {
            let has_parts = view.members().next().is_some() || view.completeness.parts != Knowledge::Complete;
            when(has_parts, Absent("the subject has no parts: it depends on packages, and contains none"))
        }
        // Every document bears its time, its tool, its phase and its number, and says of what it does not know more.
        _ => Present,
    }
}

/// What the document describes, where it is no package.
fn of_repository(measure: Measure, view: &View<'_>, format: Format) -> Answer {
    match measure {
        Measure::Name => Present,
        Measure::Supplier => when(supplies(view), NotKnowable(NO_SUPPLIER)),
        Measure::CreatorAddress if has_address(view, format) => Present,
        Measure::Version => when(view.inventory.project.version.is_some(), NotKnowable(NOT_A_PACKAGE)),
        Measure::Dependencies => of_knowledge(view.completeness.root),
        Measure::Completeness => completeness(format),
        Measure::LicenceConcluded => Absent(CONCLUDED),
        Measure::Copyright => Absent(COPYRIGHT),
        Measure::CreatorAddress | Measure::Filename | Measure::FormOfFile => Absent(NOT_WRITTEN),
        _ => NotKnowable(NOT_A_PACKAGE),
    }
}

const CONCLUDED: &str = "licences are what packages declare: nobody concluded under which they are used";
const COPYRIGHT: &str = "packages are not fetched, so their notices are not read";
const NOT_WRITTEN: &str = "sbomgate does not write it";

fn of_component(measure: Measure, view: &View<'_>, id: ComponentId, format: Format) -> Answer {
    let seen = view.component(id);
    let is_own = seen.package.is_first_party();
    match measure {
        Measure::Supplier if is_subject(view, id) => when(supplies(view), NotKnowable(NO_SUPPLIER)),
        Measure::Supplier => supplier(view, seen, format),
        Measure::CreatorAddress if is_subject(view, id) && has_address(view, format) => Present,
        Measure::Version => when(seen.package.version.is_some(), version_reason(seen)),
        Measure::Identifier => {
            when(seen.says_purl(), NotKnowable("it is a part of the project without a version, or of another package's name"))
        }
        Measure::Dependencies => of_knowledge(view.knowledge(id)),
        Measure::Completeness => completeness(format),
        Measure::Hash => hash(seen, format, |_| true),
        Measure::HashSha512 => hash(seen, format, |digest| digest.algorithm() == Algorithm::Sha512),
        Measure::Licence => licence(view, seen, |_| true),
        Measure::LicenceExpression => licence(view, seen, |stated| !matches!(Licence::parse(stated), Some(Licence::Name(_)))),
        Measure::LicenceConcluded => Absent(CONCLUDED),
        Measure::Copyright => Absent(COPYRIGHT),
        Measure::CreatorAddress | Measure::Filename | Measure::FormOfFile => Absent(NOT_WRITTEN),
        Measure::SourceUri => source(view, seen),
        Measure::FileUri if is_own => NotKnowable(NOT_BUILT),
        Measure::FileUri => file(seen, format),
        _ => Present,
    }
}

fn version_reason(seen: &Component<'_>) -> Answer {
    if seen.package.is_first_party() { Absent("the project's manifest states none") } else { Absent("the lockfile pins no version") }
}

fn supplier(view: &View<'_>, seen: &Component<'_>, format: Format) -> Answer {
    let Some(facts) = facts_of(view, seen) else {
        let is_asked = view.inventory.facts.is_some();
        return NotKnowable(match seen.package.is_first_party() {
            true => NOT_PUBLISHED,
            false if is_asked => "no registry answers for it",
            false => NOT_ASKED,
        });
    };
    match facts.publisher.fact.known() {
        None => NotKnowable("the registry does not say who published it"),
        Some(publisher) if publisher.name.trim().is_empty() => NotKnowable("the registry does not say who published it"),
        // A repository's workflow is no person, and SPDX names persons or organisations.
        Some(publisher) if publisher.is_workflow && matches!(format, Format::SpdxJson(_)) => {
            Absent("a workflow published it, which SPDX has no place for")
        }
        Some(_) => Present,
    }
}

fn of_knowledge(knowledge: Knowledge) -> Answer {
    match knowledge {
        Knowledge::Complete => Present,
        Knowledge::Unknown => NotKnowable("the lockfile does not tell all of them"),
        Knowledge::Incomplete => Absent("something that is required is not in the lockfile"),
    }
}

/// SPDX 2.3 can say that there may be more, and not that there is nothing else.
fn completeness(format: Format) -> Answer {
    when(format != Format::SpdxJson(Spdx::V2_3), Absent("SPDX 2.3 has no place for it"))
}

/// Of the one file, or of every file of which one gets installed.
fn hash(seen: &Component<'_>, format: Format, counts: impl Fn(&Digest) -> bool) -> Answer {
    if seen.package.is_first_party() {
        return NotKnowable(NOT_BUILT);
    }
    let is_spdx = matches!(format, Format::SpdxJson(_));
    let is_written = |digest: &Digest| is_spdx || digest.algorithm().cyclonedx().is_some();
    let artifacts = seen.artifacts();
    if artifacts.is_empty() || artifacts.iter().all(|artifact| artifact.digests.is_empty()) {
        return match seen.package.source {
            PackageSource::Git { commit: Some(_), .. } => Absent("it is pinned by its commit"),
            _ => Absent("the lockfile holds no digest"),
        };
    }
    let has = |digests: &[Digest]| digests.iter().any(|digest| is_written(digest) && counts(digest));
    let all = match seen.digests(&artifacts) {
        Some(digests) => digests.iter().any(|digest| is_written(digest) && counts(digest)),
        None => artifacts.iter().all(|artifact| has(&artifact.digests)),
    };
    when(all, Absent("the lockfile holds digests of other algorithms, or not of every file"))
}

fn licence(view: &View<'_>, seen: &Component<'_>, counts: impl Fn(&str) -> bool) -> Answer {
    let stated = match declared_licence(view, seen, None).0 {
        Some([LicenseChoice::Expression(stated)]) => Some(stated.expression),
        Some([LicenseChoice::License { license }]) => license.id.or(license.name),
        None => None,
    };
    match stated.as_deref().map(str::trim) {
        Some("" | "NOASSERTION") | None if view.inventory.facts.is_some() => Absent("neither the lockfile nor a registry states one"),
        Some("" | "NOASSERTION") | None if seen.package.is_first_party() => Absent("the lockfile states none for the project"),
        Some("" | "NOASSERTION") | None => NotKnowable("the lockfile states none, and no registry was asked (--registry-facts)"),
        Some(stated) => when(counts(stated), Absent("what is stated is no SPDX expression")),
    }
}

fn source(view: &View<'_>, seen: &Component<'_>) -> Answer {
    if matches!(seen.package.source, PackageSource::Git { .. }) {
        return Present;
    }
    match facts_of(view, seen) {
        None if seen.package.is_first_party() => NotKnowable("it is a part of the project, and lockfiles do not say where that lies"),
        None => NotKnowable(NOT_ASKED),
        Some(facts) => when(repository_of(facts).is_some(), Absent("the package names no repository")),
    }
}

fn file(seen: &Component<'_>, format: Format) -> Answer {
    let is_fetched = matches!(seen.package.source, PackageSource::Archive { .. });
    // In SPDX a git location is a download location; CycloneDX has it as the place of the sources.
    let is_git = matches!(seen.package.source, PackageSource::Git { .. }) && matches!(format, Format::SpdxJson(_));
    let has_address = seen.artifacts().iter().any(|artifact| artifact.url.is_some());
    when(is_fetched || is_git || has_address, Absent("the lockfile holds no address"))
}
