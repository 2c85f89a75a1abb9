//! A picture of the graph around what changed: the packages that are new or changed with a road to each, in columns
//! by their distance from the roots. It is drawn here, so that a page shows it without any script.

use super::super::escape::markup;
use super::super::roads::Roads;
use crate::diff::{Change, ChangeKind};
use crate::graph::NodeId;
use crate::model::text::shortened;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// Packages and lines of one picture at most.
const MOST_NODES: usize = 250;
const MOST_EDGES: usize = 1_500;

/// In pixels: of a box, and from one box to the next.
const WIDTH: usize = 210;
const HEIGHT: usize = 24;
const ACROSS: usize = 270;
const DOWN: usize = 34;
/// Characters of a box's text.
const LETTERS: usize = 24;

/// A change with the name of its entry in the list.
pub type Named<'c> = (&'c Change, String);

struct Picture<'p> {
    roads: &'p Roads<'p>,
    changes: HashMap<NodeId, &'p Named<'p>>,
    /// The middle of the left side of each box.
    places: BTreeMap<NodeId, (usize, usize)>,
}

/// The picture as SVG, and how many changed packages are not in it; `None` where there is nothing to show.
pub fn draw(roads: &Roads<'_>, changes: &[Named<'_>], title: &str) -> Option<(String, usize)> {
    let mut wanted: Vec<(NodeId, &Named<'_>)> = changes.iter().filter_map(|named| Some((roads.id(&named.0.package)?, named))).collect();
    wanted.retain(|(_, (change, _))| change.kind != ChangeKind::Removed);
    wanted.sort_by_key(|(_, (change, _))| (change.kind != ChangeKind::Added, change.direct == Some(false)));
    let mut chosen: BTreeSet<NodeId> = BTreeSet::new();
    let mut left = 0;
    for (id, _) in &wanted {
        let road: Vec<NodeId> = roads.road(*id).into_iter().chain([*id]).filter(|id| !chosen.contains(id)).collect();
        if chosen.len() + road.len() > MOST_NODES {
            left += usize::from(!chosen.contains(id));
        } else {
            chosen.extend(road);
        }
    }
    if chosen.is_empty() {
        return None;
    }
    let places = places(roads, &chosen);
    let picture = Picture { roads, changes: wanted.into_iter().collect(), places };
    Some((picture.svg(title), left))
}

/// A column for each distance from the roots, what no root leads to in the last one; within it by package.
fn places(roads: &Roads<'_>, chosen: &BTreeSet<NodeId>) -> BTreeMap<NodeId, (usize, usize)> {
    let mut columns: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
    for id in chosen {
        columns.entry(roads.depth(*id).unwrap_or(usize::MAX)).or_default().push(*id);
    }
    let mut places = BTreeMap::new();
    for (x, column) in columns.values_mut().enumerate() {
        column.sort_by(|a, b| roads.graph.node(*a).package.cmp(&roads.graph.node(*b).package));
        places.extend(column.iter().enumerate().map(|(y, id)| (*id, (10 + x * ACROSS, 10 + HEIGHT / 2 + y * DOWN))));
    }
    places
}

impl Picture<'_> {
    fn svg(&self, title: &str) -> String {
        let (right, low) = self.places.values().fold((0, 0), |(x, y), place| (x.max(place.0), y.max(place.1)));
        let (width, height) = (right + WIDTH + 10, low + HEIGHT);
        let size = format!("width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"");
        let mut svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"group\" {size}><title>{}</title>\n", markup(title));
        self.edges(&mut svg);
        self.places.keys().for_each(|id| self.node(*id, &mut svg));
        svg.push_str("</svg>");
        svg
    }

    fn edges(&self, svg: &mut String) {
        let mut edges: BTreeSet<(NodeId, NodeId)> = BTreeSet::new();
        for from in self.places.keys() {
            let targets = self.roads.graph.unsorted_dependencies(*from).map(|(to, _)| to);
            edges.extend(targets.filter(|to| to != from && self.places.contains_key(to)).map(|to| (*from, to)));
        }
        for (from, to) in edges.into_iter().take(MOST_EDGES) {
            let ((x, y), (to_x, to_y)) = (self.places[&from], self.places[&to]);
            let x = x + WIDTH;
            let bow = x.max(to_x) - x.min(to_x);
            let bow = bow.clamp(40, 200) / 2;
            let _ = writeln!(svg, "<path d=\"M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}\"/>", x + bow, to_x.saturating_sub(bow));
        }
    }

    fn node(&self, id: NodeId, svg: &mut String) {
        let (x, y) = self.places[&id];
        let package = &self.roads.graph.node(id).package;
        let change = self.changes.get(&id);
        let (class, sign) = match change.map(|(change, _)| change.kind) {
            Some(ChangeKind::Added) => ("new", "+ "),
            Some(_) => ("changed", "~ "),
            None => ("same", ""),
        };
        let label = format!("{sign}{}", package.label());
        let (title, text) = (markup(&label), markup(&shortened(&label, LETTERS)));
        let shape = format!(
            "<g class=\"{class}\"><title>{title}</title><rect x=\"{x}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"4\"/>\
             <text x=\"{}\" y=\"{}\">{text}</text></g>",
            y - HEIGHT / 2,
            x + 8,
            y + 5
        );
        let _ = match change {
            Some((_, name)) => writeln!(svg, "<a href=\"#{name}\">{shape}</a>"),
            None => writeln!(svg, "{shape}"),
        };
    }
}
