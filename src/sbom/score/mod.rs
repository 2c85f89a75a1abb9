//! What a document will tell of what guides ask for, before anybody asks: element by element, of how many components,
//! and why not of the others.
//!
//! It is told of the document in one format and version, since they differ in what they have a place for. Nothing is
//! summed up to one number: whoever wants one has to say what counts how much.

mod measure;
mod table;
mod write;

pub use table::Level;
pub use write::{json, text};

use super::view::View;
use super::{Format, Inventory};
use std::collections::BTreeMap;

/// What is told of every guide's elements.
#[derive(Debug)]
pub struct Score {
    pub format: Format,
    /// Everything that the document lists, its subject too.
    pub components: usize,
    pub guides: Vec<Guide>,
}

/// A guide, and its elements in its order.
#[derive(Debug)]
pub struct Guide {
    pub id: String,
    /// Who wrote it, what it is called, and of when it is.
    pub title: String,
    pub elements: Vec<Element>,
}

/// Something that a guide asks for.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    /// Of the guide.
    pub section: String,
    pub level: Level,
    /// Whether it is asked of every component; else of the document.
    pub of_components: bool,
    pub counts: Counts,
}

/// Of how many it is told. The three add up to all: the components, or the one document.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    pub present: usize,
    /// By the reason.
    pub absent: BTreeMap<&'static str, usize>,
    /// What nobody can know from what was read, by the reason.
    pub not_knowable: BTreeMap<&'static str, usize>,
}

impl Counts {
    pub fn all(&self) -> usize {
        self.present + self.absent.values().sum::<usize>() + self.not_knowable.values().sum::<usize>()
    }

    fn add(&mut self, answer: Answer) {
        match answer {
            Answer::Present => self.present += 1,
            Answer::Absent(reason) => *self.absent.entry(reason).or_default() += 1,
            Answer::NotKnowable(reason) => *self.not_knowable.entry(reason).or_default() += 1,
        }
    }
}

/// Of one component, or of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Present,
    Absent(&'static str),
    NotKnowable(&'static str),
}

/// What the document of an inventory tells in this format.
pub fn score(inventory: &Inventory<'_>, format: Format) -> Score {
    let view = View::new(inventory);
    let components = view.ids().count() + usize::from(measure::is_repository(&view));
    // Several guides ask for the same, and a component has many files: each measure is taken once.
    let mut taken: BTreeMap<table::Measure, Counts> = BTreeMap::new();
    let guides = table::guides().iter().map(|guide| Guide {
        id: guide.id.clone(),
        title: guide.title.clone(),
        elements: guide
            .elements
            .iter()
            .map(|row| Element {
                name: row.name.clone(),
                section: row.section.clone(),
                level: row.level,
                of_components: row.measure.is_of_components(),
                counts: taken.entry(row.measure).or_insert_with(|| measure::counts(row.measure, &view, format)).clone(),
            })
            .collect(),
    });
    Score { format, components, guides: guides.collect() }
}
