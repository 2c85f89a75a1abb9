//! `why` as a tree: the roads to a package, by the direct dependency that they begin with.

use super::escape;
use super::style::{Paint, Style};
use super::wording::label;
use crate::graph::{DepGraph, NodeId, Path, Why};
use crate::model::text::visible;
use serde_json::json;
use std::io::{self, Write};

/// One package of one lockfile with its roads, as a tree that shares what the roads share.
pub fn write_text(graph: &DepGraph, package: NodeId, why: &Why, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let node = graph.node(package);
    let scope = node.scope.filter(|_| graph.knows.scopes.is_yes()).map(|scope| scope.as_str());
    let direct = (node.direct && graph.knows.directness.is_yes()).then_some("direct");
    let built = (node.built == Some(false)).then_some("locked, not built");
    let facts: Vec<&str> = [scope, direct, built].into_iter().flatten().collect();
    let facts = if facts.is_empty() { String::new() } else { format!(" [{}]", facts.join(", ")) };
    let place = visible(&node.locations[0].to_string()).into_owned();
    writeln!(out, "{}{facts}  {}", style.paint(Paint::Heading, label(&node.package)), style.paint(Paint::Faint, place))?;
    if why.paths.is_empty() {
        writeln!(out, "  {}", style.paint(Paint::Warning, "no first-party package leads to it"))?;
    }
    branch(graph, &why.paths.iter().map(Path::as_slice).collect::<Vec<_>>(), None, "  ", style, out)?;
    if why.more {
        writeln!(out, "  {}", style.paint(Paint::Faint, format!("and more roads than these {} (--limit N shows more)", why.paths.len())))?;
    }
    Ok(())
}

/// The first nodes of the roads, each with the rest of its roads below it.
fn branch(
    graph: &DepGraph,
    roads: &[&[NodeId]],
    above: Option<NodeId>,
    indent: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut groups: Vec<(NodeId, Vec<&[NodeId]>)> = Vec::new();
    for road in roads {
        let Some((&first, rest)) = road.split_first() else { continue };
        match groups.iter_mut().find(|(id, _)| *id == first) {
            Some((_, group)) => group.push(rest),
            None => groups.push((first, vec![rest])),
        }
    }
    let last = groups.len().saturating_sub(1);
    for (number, (id, rest)) in groups.iter().enumerate() {
        let (fork, line) = if number == last { ("`-- ", "    ") } else { ("|-- ", "|   ") };
        writeln!(
            out,
            "{}{}{}",
            style.paint(Paint::Faint, format!("{indent}{fork}")),
            label(&graph.node(*id).package),
            edge(graph, above, *id, style)
        )?;
        branch(graph, rest, Some(*id), &format!("{indent}{line}"), style, out)?;
    }
    Ok(())
}

/// How the node above asks for this one.
fn edge(graph: &DepGraph, above: Option<NodeId>, id: NodeId, style: &Style) -> String {
    let Some(above) = above else { return String::new() };
    let edges = graph.dependencies(above);
    let Some((_, edge)) = edges.iter().filter(|(target, _)| *target == id).max_by_key(|(_, edge)| edge.scope) else { return String::new() };
    let parts = [
        edge.requirement.as_deref().map(str::to_owned),
        (edge.scope != crate::model::Scope::Runtime).then(|| format!("[{}]", edge.scope)),
        edge.alias.as_deref().map(|alias| format!("as {alias}")),
        edge.condition.as_deref().map(|condition| format!("if {condition}")),
        edge.declared.as_ref().map(|place| format!("({place})")),
    ];
    let text = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if text.is_empty() { text } else { format!("  {}", style.paint(Paint::Faint, visible(&text))) }
}

/// The same as JSON: one object for each package, roads as lists of package URLs.
pub fn write_json<'g>(answers: impl Iterator<Item = (&'g DepGraph, NodeId, &'g Why)>, out: &mut dyn Write) -> io::Result<()> {
    let packages: Vec<_> = answers
        .map(|(graph, id, why)| {
            let node = graph.node(id);
            let roads: Vec<Vec<String>> =
                why.paths.iter().map(|road| road.iter().map(|id| graph.node(*id).package.purl()).collect()).collect();
            json!({
                "package": node.package.purl(),
                "lockfile": graph.lockfile.as_str(),
                "location": { "file": node.locations[0].file.as_str(), "line": node.locations[0].line },
                "direct": graph.knows.directness.is_yes().then_some(node.direct),
                "scope": node.scope.filter(|_| graph.knows.scopes.is_yes()).map(|scope| scope.as_str()),
                "built": node.built,
                "roads": roads,
                "more": why.more,
            })
        })
        .collect();
    escape::write_json(&json!({ "version": 1, "packages": packages }), out)
}
