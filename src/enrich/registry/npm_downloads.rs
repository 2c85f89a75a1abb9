//! npm's counts of downloads (github.com/npm/registry, docs/download-counts.md).

use super::answer::{self, Pairs, Text, Unusable};
use super::{Downloads, Part};
use crate::enrich::advisory::dates;
use crate::model::{Ecosystem, PackageName};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Count<'t> {
    downloads: u64,
    #[serde(borrow)]
    start: Option<Text<'t>>,
    #[serde(borrow)]
    end: Option<Text<'t>>,
    #[serde(borrow)]
    package: Option<Text<'t>>,
}

/// One name has an object of its own, several have one of objects; `null` stands for a name that is not known.
pub fn downloads(asked: &[PackageName], text: &str) -> Result<Vec<(PackageName, Part)>, Unusable> {
    if let [name] = asked {
        return Ok(vec![(name.clone(), counted(name, &serde_json::from_str(text)?)?)]);
    }
    let Pairs(counts): Pairs<'_, Option<Count<'_>>> = serde_json::from_str(text)?;
    if let Some((other, _)) = counts.iter().find(|(key, _)| !asked.iter().any(|name| name.as_str() == key.as_ref())) {
        let asked = asked.first().map(ToString::to_string).unwrap_or_default();
        return Err(Unusable::OtherName { asked, found: answer::note(other) });
    }
    let mut by_name: HashMap<&str, &Option<Count<'_>>> = HashMap::new();
    for (key, count) in &counts {
        by_name.insert(key.as_ref(), count);
    }
    let part = |name: &PackageName| match by_name.get(name.as_str()) {
        Some(Some(count)) => Ok((name.clone(), counted(name, count)?)),
        _ => Ok((name.clone(), Part::default())),
    };
    asked.iter().map(part).collect()
}

fn counted(name: &PackageName, count: &Count<'_>) -> Result<Part, Unusable> {
    if let Some(package) = &count.package {
        answer::is_about(Ecosystem::Npm, name, &package.0)?;
    }
    let day = |text: &Option<Text<'_>>| text.as_ref().and_then(|text| dates::parse(&text.0));
    let days = match (day(&count.start), day(&count.end)) {
        (Some(start), Some(end)) if (start..start + 366 * 86_400).contains(&end) => (end - start) / 86_400 + 1,
        _ => 30,
    };
    let downloads = Downloads { count: count.downloads, days: u32::try_from(days).unwrap_or(30) };
    Ok(Part { downloads: Some(downloads), ..Part::default() })
}
