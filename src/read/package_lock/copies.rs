//! npm copies the sections of each manifest into the lockfile: a difference means that one of the two was changed
//! without the other.

use super::super::Disagreement;
use super::super::package_json::{self, PackageJson};
use super::raw::RawEntry;
use crate::model::text::quoted;
use crate::model::{Location, Scope};
use hashbrown::{HashMap, HashSet};

/// Each section against the lockfile's copy of it.
pub fn differences(manifest: &PackageJson<'_>, raw: &RawEntry<'_>, entry: &Location) -> Vec<Disagreement> {
    let locked: HashMap<(Scope, &str), &str> = raw.copied().into_iter().map(|(scope, (name, spec))| ((scope, &**name), &**spec)).collect();
    let declared = manifest.declared();
    let asked: HashSet<(Scope, &str)> = declared.iter().map(|declared| (declared.scope, &**declared.name)).collect();
    let elsewhere = |name: &str| {
        let scopes = package_json::SECTIONS.into_iter().map(|(_, scope)| scope);
        scopes.into_iter().find(|scope| locked.contains_key(&(*scope, name)) && !asked.contains(&(*scope, name)))
    };
    let mut moved = HashSet::new();
    let mut found = Vec::new();
    for declared in &declared {
        let (name, spec, scope) = (&**declared.name, &**declared.spec, declared.scope);
        let wanted = quoted(&format!("{name} {spec}"));
        let message = match (locked.get(&(scope, name)), elsewhere(name)) {
            (Some(locked), _) if *locked == spec => continue,
            (Some(locked), _) => format!("{wanted} is asked for here, and the lockfile was made for {}", quoted(locked)),
            (None, Some(other)) => {
                moved.insert((other, name));
                format!("{wanted} is a {scope} dependency here, and the lockfile was made with it as a {other} one")
            }
            (None, None) => format!("{wanted} is asked for here, and the lockfile was made without it"),
        };
        found.push(Disagreement { location: manifest.location(declared.line), message });
    }
    let gone = raw
        .copied()
        .into_iter()
        .map(|(scope, (name, spec))| ((scope, &**name), spec))
        .filter(|(key, _)| !asked.contains(key) && !moved.contains(key));
    found.extend(gone.map(|((_, name), spec)| Disagreement {
        location: entry.clone(),
        message: format!("the lockfile was made for {}, which package.json does not ask for", quoted(&format!("{name} {}", &**spec))),
    }));
    found
}
