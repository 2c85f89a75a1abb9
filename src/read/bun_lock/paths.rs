//! The keys of `packages`: places in a `node_modules` tree, written without its folders' name, and
//! which of them a package sees.

use super::super::ScopeId;
use crate::model::text::quoted;
use hashbrown::HashMap;

/// How many packages may hold each other. Trees of real projects have a dozen; a hostile one would
/// have every requirement looked for in each.
const DEEPEST: usize = 100;

/// A key taken apart: `a/@s/b` is `@s/b`, held by `a`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place<'k> {
    /// The package whose folder holds this one; empty for the project's own.
    pub holder: &'k str,
    /// The name under which it lies there.
    pub name: &'k str,
}

impl<'k> Place<'k> {
    /// `None` for a key that is no path of names; `Err` for one that nests too deep.
    pub fn of(key: &'k str) -> Result<Self, String> {
        // Nearly every one: a name alone.
        if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) && !key.is_empty() {
            return Ok(Place { holder: "", name: key });
        }
        let mut start = 0;
        let mut segments = key.split('/');
        for depth in 0.. {
            let Some(first) = segments.next() else { break };
            let scoped = first.starts_with('@');
            let parts = [Some(first), if scoped { segments.next() } else { Some("name") }];
            if parts.iter().any(|part| part.is_none_or(is_no_folder)) {
                return Err(format!("the key {} is no path of package names", quoted(key)));
            }
            if depth == DEEPEST {
                return Err(format!("the key {} has more than {DEEPEST} packages in each other", quoted(key)));
            }
            let end = start + first.len() + if scoped { 1 + parts[1].map_or(0, str::len) } else { 0 };
            if end == key.len() {
                return Ok(Place { holder: key[..start].trim_end_matches('/'), name: &key[start..] });
            }
            start = end + 1;
        }
        Err(format!("the key {} is no path of package names", quoted(key)))
    }
}

fn is_no_folder(segment: &str) -> bool {
    matches!(segment, "" | "." | ".." | "@") || memchr::memchr3(b'\\', b':', b'\0', segment.as_bytes()).is_some()
}

/// Which entry lies at each place. Folders that hold packages are scopes, each inside the nearest
/// one around it.
pub struct Places<'k> {
    holders: HashMap<&'k str, ScopeId>,
    parents: Vec<ScopeId>,
    at: HashMap<(ScopeId, &'k str), usize>,
}

impl<'k> Places<'k> {
    /// The places with the entry that each stands for.
    pub fn new(places: &[(Place<'k>, usize)]) -> Self {
        let mut holders: Vec<&str> = places.iter().map(|(place, _)| place.holder).filter(|holder| !holder.is_empty()).collect();
        holders.sort_unstable_by_key(|holder| (holder.len(), *holder));
        holders.dedup();
        let mut all = Places { holders: HashMap::new(), parents: Vec::new(), at: HashMap::with_capacity(places.len()) };
        for holder in holders {
            let parent = all.nearest(holder);
            all.parents.push(parent);
            all.holders.insert(holder, ScopeId(all.parents.len() as u32));
        }
        for (place, entry) in places {
            let holder = Some(place.holder).filter(|holder| !holder.is_empty());
            let scope = holder.and_then(|holder| all.holders.get(holder).copied()).unwrap_or(ScopeId::OUTERMOST);
            all.at.insert((scope, place.name), *entry);
        }
        all
    }

    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// The entry that a package at `path` gets when it asks for `name`: its own folder's, else that of
    /// the nearest folder around it.
    pub fn find(&self, path: &str, name: &str) -> Option<usize> {
        self.find_from(self.nearest(path), name)
    }

    /// The same for a package that looks first in a folder that is known.
    pub fn find_from(&self, mut scope: ScopeId, name: &str) -> Option<usize> {
        loop {
            if let Some(&entry) = self.at.get(&(scope, name)) {
                return Some(entry);
            }
            // A scope's parent comes before it, so this ends.
            scope = *self.parents.get((scope.0 as usize).checked_sub(1)?)?;
        }
    }

    /// The folder in which a package at `path` looks first.
    pub fn nearest(&self, path: &str) -> ScopeId {
        let mut folder = path;
        while !folder.is_empty() {
            if let Some(&scope) = self.holders.get(folder) {
                return scope;
            }
            folder = folder.rsplit_once('/').map_or("", |(around, _)| around);
        }
        ScopeId::OUTERMOST
    }
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, Place, Places};

    #[test]
    fn keys_are_paths_of_names() {
        let of = |key| Place::of(key).map(|place| (place.holder, place.name)).ok();
        assert_eq!(of("a"), Some(("", "a")));
        assert_eq!(of("@s/a"), Some(("", "@s/a")));
        assert_eq!(of("@s/a/b"), Some(("@s/a", "b")));
        assert_eq!(of("a/@s/b"), Some(("a", "@s/b")));
        assert_eq!(of("@s/a/@t/b/c"), Some(("@s/a/@t/b", "c")));
        for bad in ["", "/", "a/", "/a", "a//b", "@s", "@s/", "a/@s", "@/a", "..", "a/../b", "@s/..", "a\\b", "a:b"] {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert!(Place::of(&vec!["a"; DEEPEST].join("/")).is_ok());
        assert!(Place::of(&vec!["@s/a"; DEEPEST + 1].join("/")).is_err());
    }

    #[test]
    fn the_nearest_place_counts() {
        let keys = ["a", "b", "a/b", "@s/c/d/b", "a/@s/c"];
        let places: Vec<_> = keys.iter().enumerate().map(|(at, key)| (Place::of(key).unwrap(), at)).collect();
        let places = Places::new(&places);
        assert_eq!(places.find("", "b"), Some(1));
        assert_eq!(places.find("b", "b"), Some(1));
        assert_eq!(places.find("a", "b"), Some(2));
        assert_eq!(places.find("a/@s/c/x", "b"), Some(2));
        assert_eq!(places.find("@s/c/d", "b"), Some(3));
        assert_eq!(places.find("@s/c", "b"), Some(1));
        assert_eq!(places.find("ab", "@s/c"), None);
    }
}
