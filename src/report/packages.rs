//! The packages of one lockfile, one a line, so that line by line comparison shows what changed: version, source, bytes, and
//! whether code runs when it is installed.

use crate::graph::{DepGraph, Node};
use crate::model::text::visible;
use crate::model::{Digest as Of, GapKind, PackageSource};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Hexadecimal digits of a digest that are shown.
const DIGITS: usize = 32;

/// Sorted; then what of the file could not be read, but for the kinds of gaps that `is_elsewhere` names.
pub fn write_packages(graph: &DepGraph, is_elsewhere: fn(GapKind) -> bool, out: &mut dyn Write) -> io::Result<()> {
    let lines: BTreeSet<(String, String)> = graph.packages().map(|(_, node)| (node.package.label(), line(node))).collect();
    for (_, line) in &lines {
        writeln!(out, "{}", visible(line))?;
    }
    let gaps = graph.gaps.iter().filter(|gap| !is_elsewhere(gap.kind));
    let gaps: BTreeSet<String> = gaps.map(|gap| format!("not known: {}: {}", gap.kind, gap.message)).collect();
    gaps.iter().try_for_each(|gap| writeln!(out, "{}", visible(gap)))
}

/// A file of which nothing is known as packages, and why. Its digest tells two apart of which the text is the same.
pub fn write_as_it_is(bytes: &[u8], why: &str, out: &mut dyn Write) -> io::Result<()> {
    let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(out, "sbomgate could not read this as a lockfile: {}; it is shown as it is, sha256:{digest}", visible(why))?;
    String::from_utf8_lossy(bytes).lines().try_for_each(|line| writeln!(out, "{}", visible(line)))
}

/// `fox 1.0.0  from git …  sha512:2f7b…  runs scripts`
fn line(node: &Node) -> String {
    let mut parts = vec![node.package.label()];
    let is_default = node.package.source == PackageSource::default_registry();
    parts.extend((!is_default).then(|| format!("from {}", node.package.source)));
    parts.extend(node.stated_scope.map(|scope| scope.to_string()));
    parts.push(bytes(node));
    parts.extend(node.bundled.then(|| "bundled".to_owned()));
    parts.extend(node.install_script.then(|| "runs scripts".to_owned()));
    parts.join("  ")
}

fn bytes(node: &Node) -> String {
    let digests: BTreeSet<String> = node.artifacts.iter().flat_map(|artifact| &artifact.digests).map(Of::to_string).collect();
    let short = |text: &str| match text.split_once(':') {
        Some((algorithm, hex)) => format!("{algorithm}:{}", &hex[..hex.len().min(DIGITS)]),
        None => text.to_owned(),
    };
    let told = match digests.iter().collect::<Vec<_>>()[..] {
        [] => "no digest".to_owned(),
        [one] => short(one),
        _ => {
            let all: Vec<&str> = digests.iter().map(String::as_str).collect();
            let of_all: String = Sha256::digest(all.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{} digests {}", digests.len(), &of_all[..DIGITS])
        }
    };
    if node.unchecked && !digests.is_empty() { format!("{told}, and none in one place") } else { told }
}
