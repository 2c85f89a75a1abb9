//! The door of `read` and `graph`: every case of `fixtures/read` in, `expected.snap` beside it out.
//! An about.md says what is right; a golden file only what the program does.

use crate::fixtures::{Case, cases, read_folder};
use sbomgate::graph::{self, DepGraph, Dependency, Node, NodeId};
use sbomgate::model::{Artifact, Gap, Location, PackageSource, registry};
use sbomgate::run::Inventory;
use std::fmt::Write;
use std::panic;

/// Files of one package that are listed; a release on PyPI has a hundred.
const MOST_FILES: usize = 4;

#[test]
fn every_case_reads_as_its_golden_file_says() {
    let failed: Vec<String> = cases().iter().filter(|case| panic::catch_unwind(|| check(case)).is_err()).map(Case::label).collect();
    assert!(failed.is_empty(), "{} golden files differ: {}", failed.len(), failed.join(", "));
}

fn check(case: &Case) {
    let inventory = case.read();
    for graph in inventory.graphs.values() {
        graph::verify(graph).unwrap();
    }
    let text = rendered(&inventory);
    assert!(!text.contains("hunter2"), "a password shows in {}", case.label());
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "a control character shows in {}", case.label());
    insta::with_settings!({ snapshot_path => &case.folder, prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("expected", text);
    });
}

/// Public registries may not be named in fixtures, so what they mean is shown here, by the
/// product's own constants.
#[test]
fn public_registries_are_the_default_ones() {
    let npm = |base: &str| {
        let lock = format!(
            r#"{{"lockfileVersion": 3, "packages": {{"": {{"dependencies": {{"@zoo/fox": "1"}}}},
            "node_modules/@zoo/fox": {{"version": "1.0.0", "resolved": "{base}/@zoo/fox/-/fox-1.0.0.tgz"}}}}}}"#
        );
        only_purl("package-lock.json", &lock)
    };
    for base in [registry::NPM, registry::NPM_BY_YARN] {
        assert_eq!(npm(base), "pkg:npm/%40zoo/fox@1.0.0", "{base}");
    }
    assert_eq!(npm("https://npm.example"), "pkg:npm/%40zoo/fox@1.0.0?repository_url=https:%2F%2Fnpm.example");
    let lookalike = format!("{}.evil.example", registry::NPM);
    assert_eq!(npm(&lookalike), format!("pkg:npm/%40zoo/fox@1.0.0?repository_url={}", lookalike.replace("/", "%2F")));

    let yarn = |base: &str| {
        only_purl(
            "yarn.lock",
            &format!("\"@zoo/fox@1\":\n  version \"1.0.0\"\n  resolved \"{base}/@zoo/fox/-/fox-1.0.0.tgz#{}\"\n", "0".repeat(40)),
        )
    };
    for base in [registry::NPM, registry::NPM_BY_YARN] {
        assert_eq!(yarn(base), "pkg:npm/%40zoo/fox@1.0.0", "{base}");
    }
    assert_eq!(yarn("https://npm.example"), "pkg:npm/%40zoo/fox@1.0.0?repository_url=https:%2F%2Fnpm.example");

    let berry = |bound: &str| {
        only_purl(
            "yarn.lock",
            &format!("__metadata:\n  version: 8\n\n\"@zoo/fox@npm:1\":\n  version: 1.0.0\n  resolution: \"@zoo/fox@npm:1.0.0{bound}\"\n"),
        )
    };
    let bound = |base: &str| format!("::__archiveUrl={}%2F%40zoo%2Ffox%2F-%2Ffox-1.0.0.tgz", base.replace(':', "%3A").replace('/', "%2F"));
    assert_eq!(berry(""), "pkg:npm/%40zoo/fox@1.0.0");
    for base in [registry::NPM, registry::NPM_BY_YARN] {
        assert_eq!(berry(&bound(base)), "pkg:npm/%40zoo/fox@1.0.0", "{base}");
    }
    assert_eq!(berry(&bound("https://npm.example")), "pkg:npm/%40zoo/fox@1.0.0?repository_url=https:%2F%2Fnpm.example");

    let cargo = |source: &str| {
        only_purl("Cargo.lock", &format!("version = 4\n[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n"))
    };
    let git_index = format!("registry+{}", registry::CRATES_IO_GIT_INDEX);
    let sparse_index = format!("sparse+{}", registry::CRATES_IO_SPARSE_INDEX);
    assert_eq!(cargo(&git_index), "pkg:cargo/ant@1.0.0");
    assert_eq!(cargo(&sparse_index), "pkg:cargo/ant@1.0.0");
    assert_eq!(
        cargo("sparse+https://corp.example/index/"),
        "pkg:cargo/ant@1.0.0?repository_url=sparse%2Bhttps:%2F%2Fcorp.example%2Findex%2F"
    );
}

/// The same for uv, which names the index of every package.
#[test]
fn uv_knows_its_default_index() {
    let uv = |index: &str| {
        let package = format!("name = \"ant\"\nversion = \"1.0.0\"\nsource = {{ registry = \"{index}\" }}\n");
        only_purl("uv.lock", &format!("version = 1\n[[package]]\n{package}"))
    };
    for index in [registry::PYPI.to_owned(), format!("{}/", registry::PYPI)] {
        assert_eq!(uv(&index), "pkg:pypi/ant@1.0.0", "{index}");
    }
    let lookalike = format!("{}.evil.example", registry::PYPI);
    assert_eq!(uv(&lookalike), format!("pkg:pypi/ant@1.0.0?repository_url={}", lookalike.replace('/', "%2F")));
}

/// The same for pylock.toml, where the files' own host counts, and for Pipfile.lock.
#[test]
fn pylock_and_pipenv_know_the_default_index() {
    let files = ["https://files.pythonhos", "ted.org/packages/1"].concat();
    let pylock = |index: &str, files: &str| {
        let wheel = format!("{{ url = \"{files}/ant-1.0.0-py3-none-any.whl\", hashes = {{ md5 = \"{}\" }} }}", "0".repeat(32));
        let package = format!("name = \"ant\"\nversion = \"1.0.0\"\n{index}wheels = [{wheel}]\n");
        only_purl("pylock.toml", &format!("lock-version = \"1.0\"\n[[packages]]\n{package}"))
    };
    let stated = format!("index = \"{}/\"\n", registry::PYPI);
    for index in ["", &stated] {
        assert_eq!(pylock(index, &files), "pkg:pypi/ant@1.0.0", "{index}");
        let elsewhere = pylock(index, "https://owl.example/1");
        assert_eq!(elsewhere, "pkg:pypi/ant@1.0.0?repository_url=https:%2F%2Fowl.example", "{index}");
    }
    let pipenv = |index: &str| {
        let sources = format!(r#"[{{"name": "x", "url": "{index}"}}]"#);
        only_purl("Pipfile.lock", &format!(r#"{{"_meta": {{"sources": {sources}}}, "default": {{"ant": {{"version": "==1.0.0"}}}}}}"#))
    };
    assert_eq!(pipenv(registry::PYPI), "pkg:pypi/ant@1.0.0");
    assert_eq!(pipenv("https://owl.example/simple"), "pkg:pypi/ant@1.0.0?repository_url=https:%2F%2Fowl.example%2Fsimple");
}

/// pipenv's digest is that of the Pipfile with the address that it saw: in a repository that was moved
/// to a mirror both files name another, and nothing else differs.
#[test]
fn a_pipfile_at_a_mirror_is_the_one_that_was_locked() {
    // `json.dumps` of what pipenv takes of a Pipfile with the public index and `ant = "*"`.
    const DIGEST: &str = "ac279a5c8d7f6876dec1780732c9a3c5c318b665747829dd9d3b1d4e3fbf54c9";
    let disagreements = |url: &str, packages: &str| {
        let folder = tempfile::tempdir().unwrap();
        let source = format!("[[source]]\nname = \"pypi\"\nurl = \"{url}\"\nverify_ssl = true\n\n");
        std::fs::write(folder.path().join("Pipfile"), format!("{source}[packages]\n{packages}")).unwrap();
        let meta = format!(r#"{{"hash": {{"sha256": "{DIGEST}"}}, "sources": [{{"name": "pypi", "url": "{url}"}}]}}"#);
        let lock = format!(r#"{{"_meta": {meta}, "default": {{"ant": {{"version": "==1.0.0"}}}}}}"#);
        std::fs::write(folder.path().join("Pipfile.lock"), lock).unwrap();
        read_folder(folder.path()).graphs.into_values().next().unwrap().disagreements.len()
    };
    for url in [registry::PYPI, "https://mirror.example/simple"] {
        assert_eq!(disagreements(url, "ant = \"*\"\n"), 0, "{url}");
        assert_eq!(disagreements(url, "ant = \">=1\"\n"), 1, "{url}");
    }
}

/// The same for Poetry, which names every index but PyPI, and PDM, whose project may replace it.
#[test]
fn poetry_knows_its_default_index() {
    let poetry = |index: &str| {
        let source = format!("[package.source]\ntype = \"legacy\"\nurl = \"{index}\"\nreference = \"x\"\n");
        only_purl("poetry.lock", &format!("[[package]]\nname = \"ant\"\nversion = \"1.0.0\"\n{source}[metadata]\nlock-version = \"2.1\"\n"))
    };
    for index in [registry::PYPI.to_owned(), format!("{}/", registry::PYPI)] {
        assert_eq!(poetry(&index), "pkg:pypi/ant@1.0.0", "{index}");
    }
    let lookalike = format!("{}.evil.example", registry::PYPI);
    assert_eq!(poetry(&lookalike), format!("pkg:pypi/ant@1.0.0?repository_url={}", lookalike.replace('/', "%2F")));
}

/// Forges and public registries may not be named in fixtures: pnpm fetches one commit of a forge as
/// an archive, which is git, and a tarball of the public registry is the registry's.
#[test]
fn pnpm_tarballs_of_forges_and_the_registry() {
    let purl = |tarball: &str| {
        let lock = format!(
            "lockfileVersion: '9.0'\nimporters:\n  .: {{}}\npackages:\n  fox@{tarball}:\n    resolution: {{tarball: '{tarball}'}}\n    \
             version: 1.0.0\nsnapshots:\n  fox@{tarball}: {{}}\n"
        );
        only_purl("pnpm-lock.yaml", &lock)
    };
    let commit = "0123456789abcdef0123456789abcdef01234567";
    for (tarball, repository) in [
        (format!("https://codeload.github.com/zoo/fox/tar.gz/{commit}"), "github.com%2Fzoo%2Ffox"),
        (format!("https://bitbucket.org/zoo/fox/get/{commit}.tar.gz"), "bitbucket.org%2Fzoo%2Ffox"),
        (format!("https://gitlab.com/api/v4/projects/zoo%2Ffox/repository/archive.tar.gz?ref={commit}"), "gitlab.com%2Fzoo%2Ffox"),
    ] {
        assert_eq!(purl(&tarball), format!("pkg:npm/fox@1.0.0?vcs_url=git%2Bhttps:%2F%2F{repository}%40{commit}"), "{tarball}");
    }
    let branch = "https://codeload.github.com/zoo/fox/tar.gz/main";
    assert_eq!(purl(branch), format!("pkg:npm/fox@1.0.0?download_url={}", branch.replace("/", "%2F")));
    assert_eq!(purl(&format!("{}/fox/-/fox-1.0.0.tgz", registry::NPM)), "pkg:npm/fox@1.0.0");
    let other = "https://npm.example/fox/-/fox-1.0.0.tgz";
    assert_eq!(purl(other), format!("pkg:npm/fox@1.0.0?download_url={}", other.replace("/", "%2F")));
}

/// The same for Bun, which names a registry's file where it is not the default one's, and has kinds of
/// entries for forges.
#[test]
fn bun_knows_the_default_registry_and_forges() {
    let purl = |entry: &str| {
        only_purl("bun.lock", &format!("{{\"lockfileVersion\": 1, \"workspaces\": {{\"\": {{}},}}, \"packages\": {{\"fox\": {entry},}},}}"))
    };
    let registry_file = |base: &str| purl(&format!(r#"["@zoo/fox@1.0.0", "{base}", {{}}, ""]"#));
    assert_eq!(registry_file(""), "pkg:npm/%40zoo/fox@1.0.0");
    for base in [registry::NPM, registry::NPM_BY_YARN] {
        assert_eq!(registry_file(&format!("{base}/@zoo/fox/-/fox-1.0.0.tgz")), "pkg:npm/%40zoo/fox@1.0.0", "{base}");
    }
    let lookalike = format!("{}.evil.example", registry::NPM);
    let expected = format!("pkg:npm/%40zoo/fox@1.0.0?repository_url={}", lookalike.replace('/', "%2F"));
    assert_eq!(registry_file(&format!("{lookalike}/@zoo/fox/-/fox-1.0.0.tgz")), expected);

    let commit = "0123456789abcdef0123456789abcdef01234567";
    let git = format!("pkg:npm/fox?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fzoo%2Ffox%40{commit}");
    assert_eq!(purl(&format!(r#"["fox@git+https://github.com/zoo/fox#{commit}", {{}}, "{commit}"]"#)), git);
    assert_eq!(purl(&format!(r#"["fox@https://codeload.github.com/zoo/fox/tar.gz/{commit}", {{}}]"#)), git);
    assert_eq!(purl(r#"["fox@github:zoo/fox#0123456", {}, "zoo-fox-0123456"]"#), git.replace(commit, "0123456"));
    let branch = "https://codeload.github.com/zoo/fox/tar.gz/main";
    assert_eq!(purl(&format!(r#"["fox@{branch}", {{}}]"#)), format!("pkg:npm/fox?download_url={}", branch.replace('/', "%2F")));
}

fn only_purl(lockfile: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(lockfile), text).unwrap();
    let inventory = read_folder(folder.path());
    let purls: Vec<String> = inventory.graphs.values().flat_map(|graph| graph.packages()).map(|(_, node)| node.package.purl()).collect();
    assert_eq!(purls.len(), 1, "{:?}", inventory.gaps);
    purls[0].clone()
}

/// Everything that was read, as text for people.
pub fn rendered(inventory: &Inventory) -> String {
    let mut out = String::new();
    for graph in inventory.graphs.values() {
        write_graph(graph, &mut out).unwrap();
    }
    write_gaps("unread", &inventory.gaps, &mut out).unwrap();
    for skipped in &inventory.skipped {
        writeln!(out, "left out: {}: {}", skipped.path, skipped.reason).unwrap();
    }
    out
}

fn write_graph(graph: &DepGraph, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{} ({} {}, {} packages)", graph.lockfile, graph.format, graph.dialect, graph.packages().count())?;
    let knows = &graph.knows;
    let told = [
        ("edges", &knows.edges),
        ("directness", &knows.directness),
        ("scopes", &knows.scopes),
        ("digests", &knows.digests),
        ("installed", &knows.installed),
    ];
    for (what, told) in told {
        if let Some(reason) = told.reason() {
            writeln!(out, "cannot tell {what}: {reason}")?;
        }
    }
    let mut ids: Vec<NodeId> = graph.ids().collect();
    ids.sort_by_key(|&id| (!graph.node(id).package.is_first_party(), graph.node(id).package.clone()));
    for id in ids {
        write_node(graph, id, out)?;
    }
    write_gaps("gaps", &graph.gaps, out)?;
    if let Some(flaws) = &graph.flaws {
        writeln!(out, "flaws{}", if flaws.is_empty() { ": none" } else { "" })?;
        for stated in flaws {
            writeln!(out, "  {}: {:?}", stated.location, stated.flaw)?;
        }
    }
    if !graph.disagreements.is_empty() {
        writeln!(out, "disagreements")?;
    }
    for disagreement in &graph.disagreements {
        writeln!(out, "  {}: {}", disagreement.location, disagreement.message)?;
    }
    Ok(())
}

fn write_node(graph: &DepGraph, id: NodeId, out: &mut String) -> std::fmt::Result {
    let node = graph.node(id);
    writeln!(out, "{}{}", node.package.purl(), facts(graph, node))?;
    for need in &node.rare.unlocked {
        writeln!(out, "  not locked {} at {}: {}", need.package.purl(), need.location, need.message)?;
    }
    for artifact in node.artifacts.iter().take(MOST_FILES) {
        writeln!(out, "  file {}", file(artifact))?;
    }
    if node.artifacts.len() > MOST_FILES {
        writeln!(out, "  and {} more files", node.artifacts.len() - MOST_FILES)?;
    }
    for checksum in &node.rare.checksums {
        writeln!(out, "  checksum {} {}", checksum.key, shortened(&checksum.digest.to_string()))?;
    }
    for patch in &node.rare.patches {
        let digest = patch.digest.as_ref().map_or("not read".to_owned(), |digest| shortened(&digest.to_string()));
        writeln!(out, "  patch {} {digest}", patch.file)?;
    }
    for (target, edge) in graph.dependencies(id) {
        let direction = format!("  -> {}", graph.node(target).package.purl());
        writeln!(out, "{direction}{}", of_edge(graph, edge))?;
    }
    Ok(())
}

fn facts(graph: &DepGraph, node: &Node) -> String {
    let mut facts: Vec<String> = Vec::new();
    let name = node.package.name.split_scope().1;
    facts.extend((!node.package.purl().contains(name)).then(|| format!("called {name}")));
    facts.push(node.locations.iter().map(|location| place(graph, location)).collect::<Vec<_>>().join(" "));
    facts.extend(node.root.then(|| "root".to_owned()));
    facts.extend(match &node.package.source {
        PackageSource::FirstParty { folder: Some(folder) } => Some(format!("first-party in {folder}")),
        PackageSource::FirstParty { folder: None } => Some("first-party".to_owned()),
        PackageSource::Registry { index: None } => None,
        PackageSource::Git { reference: Some(reference), .. } => Some(format!("git {reference}")),
        other => Some(other.kind().to_owned()),
    });
    facts.push(match node.scope {
        None => "no road".to_owned(),
        Some(scope) => {
            if graph.knows.scopes.is_yes() {
                scope.to_string()
            } else {
                "scope unknown".to_owned()
            }
        }
    });
    facts.extend((node.direct && graph.knows.directness.is_yes()).then(|| "direct".to_owned()));
    facts.extend(node.bundled.then(|| "bundled".to_owned()));
    facts.extend(node.install_script.then(|| "install-script".to_owned()));
    facts.extend(node.rare.runs_scripts.iter().map(|allowed| format!("runs scripts ({})", place(graph, allowed))));
    facts.extend(node.licence.as_ref().map(|licence| format!("{licence:?}")));
    facts.extend(node.rare.deprecated.as_ref().map(|notice| format!("deprecated {notice:?}")));
    format!("  {}", facts.join(", "))
}

/// `:12` for the lockfile itself.
fn place(graph: &DepGraph, location: &Location) -> String {
    if location.file == graph.lockfile { format!(":{}", location.line) } else { location.to_string() }
}

fn file(artifact: &Artifact) -> String {
    let digests = artifact.digests.iter().map(|digest| shortened(&digest.to_string()));
    artifact.url.iter().map(|url| url.to_string()).chain(digests).collect::<Vec<_>>().join(" ")
}

/// A digest's algorithm and first hex digits.
fn shortened(digest: &str) -> String {
    let (algorithm, hex) = digest.split_once(':').unwrap();
    format!("{algorithm}:{}…", &hex[..8])
}

fn of_edge(graph: &DepGraph, edge: &Dependency) -> String {
    let parts = [
        Some(if graph.knows.scopes.is_yes() { edge.scope.to_string() } else { "scope unknown".to_owned() }),
        edge.requirement.as_deref().map(|text| format!("asks {text:?}")),
        edge.alias.as_deref().map(|text| format!("as {text}")),
        edge.condition.as_deref().map(|text| format!("if {text}")),
        edge.declared.as_ref().map(|location| format!("at {}", place(graph, location))),
    ];
    format!("  {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn write_gaps(heading: &str, gaps: &[Gap], out: &mut String) -> std::fmt::Result {
    if !gaps.is_empty() {
        writeln!(out, "{heading}")?;
    }
    for gap in gaps {
        let line = gap.line.map(|line| format!(":{line}")).unwrap_or_default();
        writeln!(out, "  {}: {}{line}: {}", gap.kind, gap.file, gap.message)?;
    }
    Ok(())
}
