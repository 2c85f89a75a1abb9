//! One change in the list: what it is at a glance, and behind that its path, its bytes, who brought it in and what
//! was found.

use super::super::escape::markup;
use super::super::remarks::{Remark, Weight};
use super::super::roads::{MOST, Roads};
use super::super::{Reported, facts, introduced_text, wording};
use crate::diff::{Change, ChangeKind, LockfileDiff};
use crate::graph::DepGraph;

/// Digests of one package that are told, and remarks, at most.
const MOST_TOLD: usize = 20;

/// What an entry is made of.
pub struct Entry<'e> {
    pub reported: &'e Reported<'e>,
    pub lockfile: &'e LockfileDiff<'e>,
    pub change: &'e Change,
    pub licence: Option<&'e String>,
    pub remarks: &'e [&'e Remark<'e>],
    pub name: &'e str,
}

impl Entry<'_> {
    pub fn html(&self, roads: &Roads<'_>) -> String {
        let kind = wording::kind(self.change.kind);
        let found = if self.remarks.is_empty() { "no" } else { "yes" };
        let cause = markup(&wording::cause(self.change));
        let worst = self.remarks.first().map(|worst| format!(" {}", weight(worst))).unwrap_or_default();
        let place = markup(&self.change.location.to_string());
        let mut html = format!(
            "<li id=\"{}\" class=\"change {kind}\" data-kind=\"{kind}\" data-found=\"{found}\"><details><summary><span class=\"kind\">{kind}</span> \
             <strong>{}</strong>{worst} <span class=\"faint\">{cause} <code>{place}</code></span></summary>\n<pre class=\"told\">",
            self.name,
            markup(&wording::what(self.change))
        );
        // One text a change: a page of ten thousand is read by the browser in one second, not in three.
        for (term, description) in self.rows(roads) {
            html.push_str(&format!("{term:<15}{description}\n"));
        }
        html.push_str("</pre>");
        for remark in self.remarks.iter().take(MOST_TOLD) {
            html.push_str(&format!("<p>{}</p>", told(remark)));
        }
        html.push_str("</details></li>\n");
        html
    }

    /// Terms with what is told of them, which is HTML already and makes no element.
    fn rows(&self, roads: &Roads<'_>) -> Vec<(&'static str, String)> {
        let change = self.change;
        let mut rows = vec![("package", markup(&change.package.purl())), ("source", markup(&change.package.source.to_string()))];
        rows.extend(self.path(roads).map(|path| ("path", path)));
        rows.extend(Some(wording::aspects(change)).filter(|text| !text.is_empty()).map(|text| ("differs", markup(&text))));
        rows.extend(change.scope.map(|scope| ("scope", scope.to_string())));
        rows.extend(self.licence.map(|licence| ("licence", markup(licence))));
        let dossier = self.reported.judgement.subject.facts.packages.get(&change.package);
        rows.extend(dossier.and_then(|dossier| facts::note(change, dossier)).map(|text| ("registry", markup(&text))));
        rows.extend(change.digests.iter().take(MOST_TOLD).map(|digest| ("digest", markup(&digest.to_string()))));
        rows.extend(
            change
                .was_digests
                .iter()
                .filter(|was| !change.digests.contains(was))
                .take(MOST_TOLD)
                .map(|was| ("digest before", markup(&was.to_string()))),
        );
        rows.extend(self.introduced().map(|text| ("came in with", markup(&text))));
        rows
    }

    fn introduced(&self) -> Option<String> {
        let known = self.reported.introductions.as_ref().filter(|_| self.change.kind != ChangeKind::Removed)?;
        let introduction = known.of(&self.lockfile.head.lockfile, &self.change.package)?;
        let catalogue = self.reported.judgement.subject.gate.policy.catalogue();
        Some(introduced_text::of_change(self.change, introduction, known, catalogue))
    }

    /// The shortest road to the package, or why it is not known. Of what went none is told.
    fn path(&self, roads: &Roads<'_>) -> Option<String> {
        if self.change.kind == ChangeKind::Removed {
            return None;
        }
        if let Some(reason) = roads.graph.knows.edges.reason() {
            return Some(format!("not known: {}", markup(reason)));
        }
        let road = roads.road(roads.id(&self.change.package)?);
        let start = if road.len() == MOST { "… › " } else { "" };
        let labels: Vec<String> = road.iter().map(|id| label(roads.graph, *id)).collect();
        Some(if labels.is_empty() { "no root leads to it".into() } else { format!("{start}{}", labels.join(" › ")) })
    }
}

fn label(graph: &DepGraph, id: crate::graph::NodeId) -> String {
    markup(&graph.node(id).package.label())
}

/// A remark in a line of its own, with the command that it waits for.
pub fn told(remark: &Remark<'_>) -> String {
    let line = remark.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = remark.file.map(|file| format!(" {}", code(&format!("{file}{line}")))).unwrap_or_default();
    let command = remark.command.as_ref().map(|command| format!("<pre>{}</pre>", markup(command))).unwrap_or_default();
    format!("{} {}: {}{place}{command}", weight(remark), remark.code, markup(remark.message))
}

fn weight(remark: &Remark<'_>) -> String {
    let class = match remark.weight {
        Weight::Blocking => "blocking",
        Weight::Error => "error",
        Weight::Asked => "asked",
        Weight::Warning => "warning",
        Weight::Note | Weight::Gap => "faint",
    };
    format!("<span class=\"{class}\">{}</span>", remark.weight.word())
}

pub fn code(text: &str) -> String {
    format!("<code>{}</code>", markup(text))
}
