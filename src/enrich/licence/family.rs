//! What a licence asks of those who pass a work on: `data/licence-families.toml`. What has no row has no family,
//! and that is not known; nobody guesses one from a name.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

static SHIPPED: LazyLock<Families> =
    LazyLock::new(|| Families::parse(include_str!("../../../data/licence-families.toml")).expect("a test parses the list that ships"));

/// The stricter one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    PublicDomain,
    Permissive,
    WeakCopyleft,
    StrongCopyleft,
    NetworkCopyleft,
    Proprietary,
}

impl Family {
    pub const ALL: [Family; 6] = [
        Family::PublicDomain,
        Family::Permissive,
        Family::WeakCopyleft,
        Family::StrongCopyleft,
        Family::NetworkCopyleft,
        Family::Proprietary,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Family::PublicDomain => "public-domain",
            Family::Permissive => "permissive",
            Family::WeakCopyleft => "weak-copyleft",
            Family::StrongCopyleft => "strong-copyleft",
            Family::NetworkCopyleft => "network-copyleft",
            Family::Proprietary => "proprietary",
        }
    }

    pub fn named(text: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.as_str() == text)
    }

    /// Of an identifier of the list; `None` where no row says it.
    pub fn of(id: &str) -> Option<Family> {
        let short = || id.strip_suffix("-only").or_else(|| id.strip_suffix("-or-later")).or_else(|| id.strip_suffix('+'));
        let rows = &SHIPPED.0;
        rows.get(id).or_else(|| rows.get(short()?)).copied()
    }
}

struct Families(HashMap<String, Family>);

/// Why the list cannot be used.
#[derive(Debug, thiserror::Error)]
enum FamiliesError {
    #[error("the list of licence families is not in its form: {0}")]
    Form(String),
    #[error("the list of licence families has version {0}; this sbomgate reads version 1")]
    Version(u32),
    #[error("the list of licence families names {0} twice, or it is no identifier of the SPDX list")]
    Id(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    families: HashMap<Family, Vec<String>>,
}

impl Families {
    fn parse(text: &str) -> Result<Families, FamiliesError> {
        let file: File = toml::from_str(text).map_err(|error| FamiliesError::Form(error.to_string()))?;
        if file.version != 1 {
            return Err(FamiliesError::Version(file.version));
        }
        let mut rows = HashMap::new();
        for (family, ids) in file.families {
            for id in ids {
                let is_listed = spdx::license_id(&id).is_some_and(|listed| listed.name == id);
                if !is_listed || rows.insert(id.clone(), family).is_some() {
                    return Err(FamiliesError::Id(id));
                }
            }
        }
        Ok(Families(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Licences that OSI or FSF approve of and that are left open here, as their terms were not read.
    const OPEN: [&str; 3] = ["ALGLIB-Documentation", "BSD-ask-to-endorse", "OSC-1.0"];

    #[test]
    fn what_ships_is_whole() {
        Families::parse(include_str!("../../../data/licence-families.toml")).unwrap();
        let listed = spdx::identifiers::LICENSES;
        let open: Vec<&str> = listed.iter().filter(|id| Family::of(id.name).is_none()).map(|id| id.name).collect();
        println!("{} of {} identifiers have no family", open.len(), listed.len());
        let approved = |name: &&str| spdx::license_id(name).is_some_and(|id| id.is_osi_approved() || id.is_fsf_free_libre());
        assert_eq!(open.into_iter().filter(approved).collect::<Vec<_>>(), OPEN);
    }

    #[test]
    fn a_wrong_row_is_an_error() {
        let parse = |rows: &str| Families::parse(&format!("version = 1\n[families]\n{rows}\n"));
        assert!(parse("permissive = [\"MIT\"]").is_ok());
        assert!(matches!(parse("permissive = [\"MIT\"]\nweak-copyleft = [\"MIT\"]"), Err(FamiliesError::Id(_))));
        assert!(matches!(parse("permissive = [\"mit\"]"), Err(FamiliesError::Id(_))));
        assert!(matches!(parse("free = [\"MIT\"]"), Err(FamiliesError::Form(_))));
        assert!(matches!(Families::parse("version = 2\nfamilies = {}"), Err(FamiliesError::Version(2))));
    }

    #[test]
    fn endings_do_not_hide_a_family() {
        for (id, family) in [
            ("GPL-2.0-only", Some(Family::StrongCopyleft)),
            ("LGPL-3.0-or-later", Some(Family::WeakCopyleft)),
            ("AGPL-3.0", Some(Family::NetworkCopyleft)),
            ("Apache-2.0+", Some(Family::Permissive)),
            ("NOASSERTION", None),
            ("MIT-only-here", None),
        ] {
            assert_eq!(Family::of(id), family, "{id}");
        }
    }
}
