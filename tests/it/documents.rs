//! SBOMs read: what our own `sbom` writes comes back as it was, and two independent readers of
//! CycloneDX agree.

use crate::fixtures::cases;
use sbomgate::diff::{self, Aspect, ChangeKind};
use sbomgate::graph::{self, DepGraph, NodeId};
use sbomgate::judge::exposure::Exposure;
use sbomgate::model::{Algorithm, Digest, Package, PackageSource, RelPath, Scope, SourceFile};
use sbomgate::read::{self, Files};
use sbomgate::sbom::{self, Format, Inventory, Lifecycle, Project};
use std::collections::BTreeSet;

fn written(graph: &DepGraph, format: Format) -> String {
    written_with(graph, format, None)
}

fn written_with(graph: &DepGraph, format: Format, exposure: Option<&Exposure>) -> String {
    let inventory = Inventory {
        project: Project { name: "the-repository", version: None },
        graphs: std::slice::from_ref(graph),
        licences: None,
        facts: None,
        makers: None,
        introductions: None,
        consents: None,
        exposure,
        gaps: &[],
        revision: None,
        timestamp: 0,
        lifecycle: Lifecycle::PreBuild,
    };
    let mut out = Vec::new();
    sbom::write(&inventory, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn read_back(text: &str) -> DepGraph {
    let path = RelPath::new("its.json").unwrap();
    let files = Files::new(SourceFile::new(path, text.as_bytes().to_vec()).unwrap());
    let format = read::format_for(&files.lockfile).unwrap();
    graph::build(read::parse(format, &files).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// Every lockfile of the fixtures as our document, read again: the same packages with the same
/// sources, digests, facts and scopes, the same edges and the same gaps. A document that is read and
/// written anew stays as it is.
#[test]
fn our_own_document_is_the_lockfile_again() {
    let (mut graphs, mut packages, mut failed) = (0, 0, Vec::new());
    for case in cases().iter().filter(|case| !case.is_of_documents()) {
        for graph in case.read().graphs.values() {
            for format in Format::ALL.into_iter().filter(|format| !format.is_of_flaws()) {
                let label = format!("{} in {} {}", case.label(), format.id(), format.version());
                let result = std::panic::catch_unwind(|| comes_back(graph, format, &label));
                failed.extend(result.is_err().then_some(label));
            }
            graphs += 1;
            packages += graph.packages().count();
        }
    }
    assert!(failed.is_empty(), "{}", failed.join(", "));
    assert!(graphs > 200 && packages > 500, "only {graphs} graphs with {packages} packages");
}

/// A document that was made with advisories comes back with them, though nobody asks a store again.
#[test]
fn our_own_vulnerabilities_come_back() {
    let case = cases()
        .into_iter()
        .find(|case| case.format == "package-lock" && case.read().graphs.values().any(|graph| graph.packages().count() > 1))
        .unwrap();
    let read = case.read();
    let graph = read.graphs.values().next().unwrap();
    let packages: Vec<Package> = graph.packages().map(|(_, node)| node.package.clone()).take(2).collect();
    let exposure = crate::sbom_schema::exposed(&packages);
    for format in Format::ALL.into_iter().filter(|format| format.id().starts_with("cyclonedx")) {
        let text = written_with(graph, format, Some(&exposure));
        let back = written(&read_back(&text), format);
        // Vulnerabilities stand a line each in XML, and in JSON between the same two keys.
        let of = |text: &str| -> Vec<String> {
            let part = text.split("ulnerabilities").nth(1).unwrap_or_default();
            part.lines().map(str::to_owned).collect()
        };
        assert!(of(&text).len() > 4, "{text}");
        assert_eq!(of(&text), of(&back), "{} {}", format.id(), format.version());
    }
    let empty = Exposure::default();
    let format = Format::ALL[0];
    assert!(written(&read_back(&written_with(graph, format, Some(&empty))), format).contains("\"vulnerabilities\""));
}

fn comes_back(graph: &DepGraph, format: Format, label: &str) {
    let text = written(graph, format);
    // What XML cannot hold comes back as the escape that stands for it.
    if matches!(format, Format::CycloneDxXml(_)) && text.contains("\\u{") {
        return;
    }
    let back = read_back(&text);
    graph::verify(&back).unwrap();
    is_the_same(graph, &back, label);
    // Why something is not told is the reader's own words from the first reading on, and a repository is a package
    // from then on, which stands on another line.
    let anew = |text: &str| written(&read_back(text), format);
    let settled = anew(&anew(&written(&back, format)));
    assert_eq!(written(&read_back(&settled), format), settled, "{label}");
}

fn is_the_same(lock: &DepGraph, back: &DepGraph, case: &str) {
    assert_eq!(facts(lock), facts(back), "{case}: the packages");
    assert_eq!(edges(lock), edges(back), "{case}: the edges");
    // Where no road leads anywhere, there is no scope to write down.
    if lock.knows.scopes.is_yes() && lock.packages().any(|(_, node)| node.scope.is_some()) {
        assert!(back.knows.scopes.is_yes(), "{case}: {:?}", back.knows.scopes);
    }
    for (a, b) in [(lock, back), (back, lock)] {
        // A document has no place for the checksums of Yarn's own archives, nor for who may run scripts.
        let untold = |aspect: &Aspect| matches!(aspect, Aspect::Checksum | Aspect::Scripts);
        let told = |change: &diff::Change| !change.what.iter().all(untold);
        let changes: Vec<_> =
            diff::compare(a, b).changes.into_iter().filter(|change| change.kind != ChangeKind::Modified || told(change)).collect();
        assert!(changes.is_empty(), "{case}: {changes:?}");
    }
    let gaps =
        |graph: &DepGraph| graph.gaps.iter().map(|gap| (gap.kind, gap.file.clone(), gap.line, gap.message.clone())).collect::<Vec<_>>();
    assert_eq!(gaps(lock), gaps(back), "{case}: the gaps");
}

type Facts = (Package, Option<Scope>, bool, bool, bool, Vec<Digest>, Option<String>, Option<String>);

/// What the document can say of a package. CycloneDX knows no SHA-224; a licence of `NOASSERTION` says
/// that nothing is said.
fn facts(graph: &DepGraph) -> BTreeSet<Facts> {
    let of = |(_, node): (NodeId, &graph::Node)| {
        let digests: BTreeSet<Digest> = node.artifacts.iter().flat_map(|artifact| artifact.digests.iter().copied()).collect();
        let licence = node.licence.as_ref().map(|licence| format!("{licence:?}")).filter(|text| !text.contains("NOASSERTION"));
        (
            node.package.clone(),
            node.scope.filter(|_| graph.knows.scopes.is_yes()),
            node.direct && graph.knows.directness.is_yes(),
            node.bundled && node.package.purl().starts_with("pkg:npm/"),
            node.install_script,
            digests.into_iter().filter(|digest| digest.algorithm() != Algorithm::Sha224).collect(),
            licence,
            node.rare.deprecated.as_ref().map(ToString::to_string),
        )
    };
    graph.packages().map(of).collect()
}

/// Who requires whom; of first-party packages only their own, not those of the repository as a whole.
fn edges(graph: &DepGraph) -> BTreeSet<(Package, Package)> {
    let is_repository = |package: &Package| {
        matches!(&package.source, PackageSource::FirstParty { folder: None }) && package.name.as_str() == "the-repository"
    };
    let dependants = graph.ids().filter(|&id| !is_repository(&graph.node(id).package));
    let of = |id: NodeId| {
        graph.dependencies(id).into_iter().map(move |(target, _)| (graph.node(id).package.clone(), graph.node(target).package.clone()))
    };
    dependants.flat_map(of).collect()
}

/// Documents of the fixtures as JSON, by two readers that have nothing in common: ours, and the crate
/// that reads XML for us. What the crate understood is written as XML and read from there.
#[test]
fn two_readers_of_json_agree() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.format == "cyclonedx") {
        for (path, bytes) in case.files() {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let is_known = ["1.3", "1.4", "1.5"].iter().any(|version| text.contains(&format!("\"specVersion\": \"{version}\"")));
            // No XML holds an escape character. Who acknowledged a licence and what a component provides is new in 1.6.
            let is_newer = text.contains("\"acknowledgement\"") || text.contains("\"provides\"") || text.contains("\\u001b");
            let is_odd = case.name.starts_with("bad-") || !path.as_str().ends_with(".json") || is_newer;
            if is_odd || !(is_known || text.contains("\"specVersion\": \"1.6\"")) {
                continue;
            }
            // Of 1.6 the crate knows nothing; what these fixtures have of it was there in 1.5.
            let text = text.replace("\"specVersion\": \"1.6\"", "\"specVersion\": \"1.5\"");
            let Ok(theirs) = by_the_crate(&text) else { continue };
            let ours = read_back(&text);
            assert_eq!(facts(&ours), facts(&theirs), "{}", case.label());
            assert_eq!(edges(&ours), edges(&theirs), "{}", case.label());
            compared += 1;
        }
    }
    assert!(compared > 25, "only {compared} documents");
}

fn by_the_crate(text: &str) -> Result<DepGraph, String> {
    use cyclonedx_bom::models::bom::{Bom, SpecVersion};
    let mut bom = Bom::parse_from_json(text.as_bytes()).map_err(|error| error.to_string())?;
    if let Some(metadata) = &mut bom.metadata {
        // The crate writes these where its own reader does not look for them.
        (metadata.lifecycles, metadata.tools) = (None, None);
    }
    let mut xml = Vec::new();
    bom.output_as_xml(&mut xml, SpecVersion::V1_5).map_err(|error| error.to_string())?;
    Ok(read_back(&String::from_utf8(xml).unwrap()))
}
