//! What the manifests of first-party packages say of their licences.

use super::acquire::source_file;
use crate::edge::{EntryKind, Snapshot};
use crate::enrich::licence::Claims;
use crate::enrich::licence_text;
use crate::graph::DepGraph;
use crate::model::{Ecosystem, Location, PackageSource, RelPath, SourceFile};
use crate::read::manifest_licence::{Stated, stated};

/// Takes in what the manifests beside first-party packages state. A file that holds a licence's text is told by the licence
/// that it is, or by its name where it is none that is known. What cannot be read states nothing: the graph has a gap for a
/// manifest that it needs.
pub fn add_licences(graphs: &[DepGraph], snapshot: &dyn Snapshot, claims: &mut Claims) {
    for graph in graphs {
        let workspace = graph.lockfile.parent().join("Cargo.toml").ok();
        let workspace = workspace.filter(|_| graph.ecosystem == Some(Ecosystem::Cargo)).and_then(|path| file(snapshot, &path));
        for node in graph.ids().map(|id| graph.node(id)) {
            let PackageSource::FirstParty { folder: Some(folder) } = &node.package.source else { continue };
            let manifest = folder.join(manifest_of(node.package.ecosystem)).ok().and_then(|path| file(snapshot, &path));
            let Some(manifest) = manifest else { continue };
            if let Some((text, place)) = stated(&manifest, workspace.as_ref()).and_then(|stated| read(snapshot, &manifest, stated)) {
                claims.add_manifest(&node.package, &text, place);
            }
        }
    }
}

fn manifest_of(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Cargo => "Cargo.toml",
        Ecosystem::Npm => "package.json",
        Ecosystem::Pypi => "pyproject.toml",
    }
}

fn read(snapshot: &dyn Snapshot, manifest: &SourceFile, stated: Stated) -> Option<(String, Location)> {
    match stated {
        Stated::Text(text, line) => Some((text, Location::new(manifest.path(), line))),
        Stated::File(path) => {
            let text = file(snapshot, &path)?;
            let licence = licence_text::of_text(text.text()).map_or_else(|| format!("see file {path}"), str::to_owned);
            Some((licence, Location::new(&path, 1)))
        }
    }
}

fn file(snapshot: &dyn Snapshot, path: &RelPath) -> Option<SourceFile> {
    let found = snapshot.look_up(path).ok()??;
    if found.kind == EntryKind::File { source_file(snapshot, &found).ok() } else { None }
}
