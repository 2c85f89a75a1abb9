//! The serial number of a BOM: the same content has the same number, other content another.
//!
//! It is a digest of the view, not of a document's bytes. So a BOM keeps its number in every format,
//! and no document has to be written twice because its number stands at its head. Whatever a document
//! can say of a package is a field that is named below; structs are taken apart without `..`, so that
//! a new field does not compile before it is counted in or left out on purpose.

use super::view::{Component, ComponentId, Root, Sighting, View};
use super::{Inventory, Project, introduced};
use crate::enrich::registry::{Mark, PackageFacts};
use crate::graph::{DepGraph, Node};
use crate::judge::exposure::{Exposure, Flaw};
use crate::judge::policy::{Makers, Organisation};
use crate::model::licence::Licence;
use crate::model::{Artifact, Gap, Identity, Package, PackageSource};
use crate::read::Capabilities;
use crate::read::RareFields;
use sha2::{Digest as _, Sha256};

/// `urn:uuid:` and a UUID of version 8 (RFC 9562, section 5.8), from the SHA-256 of the content
/// without the time of writing. The program's version counts as content: another may say more.
pub(super) fn number(view: &View<'_>) -> String {
    let mut feed = Feed { digest: Sha256::new(), waiting: Vec::with_capacity(Feed::BLOCK + 4096) };
    feed.inventory(view.inventory);
    feed.root(&view.root);
    for id in view.ids() {
        feed.component(view, id);
    }
    feed.story(view);
    uuid(&feed.finish())
}

fn uuid(digest: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Takes values in such a way that different values never make the same bytes: numbers have eight
/// bytes, texts and lists their length in front.
struct Feed {
    digest: Sha256,
    waiting: Vec<u8>,
}

impl Feed {
    const BLOCK: usize = 1 << 16;

    fn number(&mut self, number: usize) {
        self.waiting.extend_from_slice(&(number as u64).to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= Self::BLOCK {
            self.digest.update(&self.waiting);
            self.waiting.clear();
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.number(usize::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn flags(&mut self, flags: &[bool]) {
        flags.iter().for_each(|&flag| self.waiting.push(u8::from(flag)));
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.number(items.len());
        items.iter().for_each(|item| each(self, item));
    }

    fn finish(mut self) -> [u8; 32] {
        self.digest.update(&self.waiting);
        self.digest.finalize().into()
    }

    fn inventory(&mut self, inventory: &Inventory<'_>) {
        let Inventory {
            project: Project { name, version },
            graphs,
            gaps,
            licences: _,
            facts: _,
            makers,
            introductions,
            consents,
            exposure,
            revision,
            timestamp: _,
            lifecycle,
        } = inventory;
        self.text(env!("CARGO_PKG_VERSION"));
        self.text(name);
        self.optional(*version);
        self.optional(revision.map(|revision| revision.as_str()));
        self.number(*lifecycle as usize);
        self.list(gaps, Self::gap);
        self.list(graphs, Self::graph);
        makers.iter().for_each(|makers| self.makers(makers));
        self.flags(&[exposure.is_some(), introductions.is_some(), consents.is_some()]);
        exposure.iter().for_each(|exposure| self.exposure(exposure));
    }

    fn makers(&mut self, makers: &Makers) {
        let Makers { authors, supplier, manufacturer } = makers;
        self.list(authors, Self::person);
        for Organisation { name, url, contact } in supplier.iter().chain(manufacturer) {
            self.text(name);
            self.list(url, |feed, url| feed.text(url));
            contact.iter().for_each(|contact| self.person(contact));
        }
        self.flags(&[supplier.is_some(), manufacturer.is_some()]);
    }

    fn person(&mut self, who: &Identity) {
        self.text(&who.name);
        self.text(&who.email);
    }

    /// What is said of the commits that brought components in, beside what the components say.
    fn story(&mut self, view: &View<'_>) {
        for commit in introduced::commits(view) {
            self.text(commit.record.id.as_str());
            self.text(&commit.record.subject);
            let evidence = commit.attribution.map_or(&[][..], |attribution| &attribution.evidence);
            self.list(evidence, |feed, evidence| feed.text(&format!("{evidence:?}")));
        }
    }

    /// What stores say, and what was accepted. Their gaps are among the inventory's.
    fn exposure(&mut self, exposure: &Exposure) {
        let Exposure { flaws, stores, is_asked: _, gaps: _ } = exposure;
        self.list(stores, |feed, store| feed.text(store));
        for (package, flaws) in flaws {
            self.text(&package.purl());
            self.list(flaws, Self::flaw);
        }
    }

    fn flaw(&mut self, flaw: &Flaw) {
        let Flaw { advisory, accepted } = flaw;
        // Two values that print alike tell alike.
        self.text(&format!("{advisory:?}"));
        self.text(&format!("{accepted:?}"));
    }

    fn gap(&mut self, gap: &Gap) {
        let Gap { kind, file, line, message } = gap;
        self.text(kind.code());
        self.text(file.as_str());
        self.number(line.unwrap_or(0) as usize);
        self.text(message);
    }

    fn graph(&mut self, graph: &DepGraph) {
        let Capabilities { edges, directness, scopes, digests, installed } = &graph.knows;
        self.text(graph.lockfile.as_str());
        self.text(graph.format);
        self.text(graph.dialect);
        self.list(&graph.gaps, Self::gap);
        // Two values that print alike tell alike.
        self.list(graph.flaws.as_deref().unwrap_or_default(), |feed, stated| feed.text(&format!("{stated:?}")));
        self.flags(&[graph.flaws.is_some()]);
        for told in [edges, directness, scopes, digests, installed] {
            self.optional(told.reason());
        }
    }

    fn root(&mut self, root: &Root) {
        match root {
            Root::Package(id) => self.list(&[*id], Self::id),
            Root::Repository { reference, requires } => {
                self.text(reference);
                self.list(requires, Self::id);
            }
        }
    }

    fn id(&mut self, id: &ComponentId) {
        self.number(id.index());
    }

    fn component(&mut self, view: &View<'_>, id: ComponentId) {
        let Component { package, purl, own_reference, has_namesake: _, sightings } = view.component(id);
        self.text(purl);
        self.optional(own_reference.as_deref());
        self.package(package);
        self.list(sightings, Self::sighting);
        self.list(&view.requires(id).collect::<Vec<_>>(), Self::id);
        self.list(&view.aliases(id).collect::<Vec<_>>(), |feed, alias| feed.text(alias));
        self.flags(&[view.is_project(id)]);
        let licences = view.inventory.licences.map(|claims| claims.beside(package)).unwrap_or_default();
        self.list(&licences, |feed, (text, from)| {
            feed.text(text);
            feed.text(from);
        });
        if let Some(dossier) = view.inventory.facts.and_then(|facts| facts.packages.get(*package)) {
            self.facts(&dossier.today);
        }
        self.list(&introduced::of_component(view, id), |feed, (name, value)| {
            feed.text(name);
            feed.text(value);
        });
        self.flags(&[view.inventory.consents.is_some_and(|consents| consents.open.contains(*package))]);
        self.number(view.knowledge(id) as usize);
    }

    /// What a document says of what registries told.
    fn facts(&mut self, facts: &PackageFacts) {
        self.optional(facts.publisher.fact.known().map(|publisher| publisher.name.as_str()));
        self.optional(facts.repository.fact.known().and_then(Option::as_deref));
        let times =
            [facts.published.fact.known(), facts.first_published.fact.known(), facts.standing.from.as_ref().map(|from| &from.fetched)];
        for time in times {
            self.optional(time.map(ToString::to_string).as_deref());
        }
        for mark in [&facts.yanked, &facts.deprecated] {
            self.optional(mark.fact.known().and_then(|mark| if let Mark::Yes(text) = mark { Some(text.as_str()) } else { None }));
        }
    }

    /// What the purl does not tell.
    fn package(&mut self, package: &Package) {
        let Package { ecosystem: _, name, version: _, source } = package;
        self.text(name.as_str());
        self.text(source.kind());
        match source {
            PackageSource::FirstParty { folder } => self.optional(folder.as_ref().map(|folder| folder.as_str())),
            PackageSource::Git { repository: _, commit: _, reference } => self.optional(reference.as_deref()),
            PackageSource::Registry { index: _ } | PackageSource::Archive { url: _ } | PackageSource::Path { path: _ } => {}
        }
    }

    fn sighting(&mut self, sighting: &Sighting<'_>) {
        let Sighting { graph, id: _, node } = sighting;
        let Node {
            package: _,
            locations,
            root,
            direct,
            scope,
            artifacts,
            licence,
            bundled,
            install_script,
            stated_scope: _,
            rare,
            unchecked: _,
            built,
        } = node;
        let RareFields { checksums, patches, deprecated, unlocked: _, runs_scripts: _ } = &**rare;
        self.text(graph.lockfile.as_str());
        self.list(locations, |feed, place| {
            feed.text(place.file.as_str());
            feed.number(place.line as usize);
        });
        self.flags(&[*root, *direct, *bundled, *install_script, *built == Some(false)]);
        self.optional(scope.map(|scope| scope.as_str()));
        self.list(artifacts, Self::artifact);
        self.list(checksums, |feed, checksum| {
            feed.text(&checksum.key);
            feed.bytes(checksum.digest.bytes());
        });
        self.list(patches, |feed, patch| {
            feed.text(&patch.file);
            feed.bytes(patch.digest.as_ref().map_or(&[], |digest| digest.bytes()));
        });
        self.licence(licence.as_ref());
        self.optional(deprecated.as_deref());
    }

    fn artifact(&mut self, artifact: &Artifact) {
        let Artifact { url, digests } = artifact;
        self.optional(url.as_ref().map(|url| url.as_str()));
        self.list(digests, |feed, digest| {
            feed.number(digest.algorithm() as usize);
            feed.bytes(digest.bytes());
        });
    }

    fn licence(&mut self, licence: Option<&Licence>) {
        let (kind, text) = match licence {
            None => (0, ""),
            Some(Licence::Id(text)) => (1, &**text),
            Some(Licence::Expression(text)) => (2, &**text),
            Some(Licence::Name(text)) => (3, &**text),
        };
        self.number(kind);
        self.text(text);
    }
}
