//! A filter by attribution. It chooses what a report shows, and never what is judged.

use super::{Attribution, Category};
use std::collections::BTreeSet;

/// The attributions of which something is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// `None` stands for what is not known.
    wanted: BTreeSet<Option<Category>>,
}

impl Only {
    /// Those of `wanted`; `None` where nothing is filtered.
    pub fn of(wanted: impl IntoIterator<Item = Option<Category>>) -> Option<Only> {
        let wanted: BTreeSet<Option<Category>> = wanted.into_iter().collect();
        (!wanted.is_empty()).then_some(Only { wanted })
    }

    /// Whether something of this attribution is shown. What has none (it is not committed yet, or its commit is
    /// not known) is not known.
    pub fn takes(&self, attribution: Option<&Attribution>) -> bool {
        self.wanted.contains(&attribution.and_then(|attribution| attribution.category.known().copied()))
    }

    /// The names of what is shown.
    pub fn names(&self) -> Vec<&'static str> {
        self.wanted.iter().map(|wanted| wanted.map_or("unknown", Category::as_str)).collect()
    }
}
