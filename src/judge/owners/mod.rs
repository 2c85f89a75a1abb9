//! Who answers for a package: by `.sbomgate/owners.toml`, and where that says nothing by the CODEOWNERS of the forge.
//!
//! Packages have no path of their own. What a manifest asks for is its owners', what came in through others the owners' of
//! the lockfile. Of two rows the later counts, as forges have it.

mod codeowners;
mod file;

pub use codeowners::PLACES as CODEOWNERS;
pub use file::FILE;

use super::form::FormError;
use crate::diff::{Cause, Change};
use crate::model::{Location, Package, RelPath, SourceFile};
use codeowners::Codeowners;
use file::Rows;

/// What the files of a repository say of owners.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    rows: Option<Rows>,
    codeowners: Option<Codeowners>,
}

/// Who answers for a package, as the file writes them, and where that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned<'o> {
    pub owners: &'o [String],
    pub location: Location,
}

impl Owners {
    /// Of the files that are there.
    pub fn read(own: Option<&SourceFile>, codeowners: Option<&SourceFile>) -> Result<Owners, FormError> {
        let rows = own.map(|file| file::read(file).map_err(|error| error.of(file)));
        let codeowners = codeowners.map(|file| codeowners::read(file).map_err(|error| error.of(file)));
        Ok(Owners { rows: rows.transpose()?, codeowners: codeowners.transpose()? })
    }

    /// Whether nobody said anything of owners.
    pub fn is_empty(&self) -> bool {
        self.rows.is_none() && self.codeowners.is_none()
    }

    /// Who answers for a package of a lockfile, which a manifest asks for or not. Nobody where no row is of it, or the row
    /// that counts names nobody.
    pub fn of(&self, package: &Package, lockfile: &RelPath, manifest: Option<&RelPath>) -> Vec<Owned<'_>> {
        let places = || manifest.into_iter().chain([lockfile]);
        if let Some(owned) = self.rows.as_ref().and_then(|rows| rows.of(package, lockfile, manifest)) {
            return vec![owned].into_iter().filter(|owned| !owned.owners.is_empty()).collect();
        }
        let found = self.codeowners.iter().flat_map(|codeowners| places().map(|path| codeowners.of(path)));
        found.into_iter().find(|owned| !owned.is_empty()).unwrap_or_default()
    }

    /// The same of a change.
    pub fn of_change(&self, lockfile: &RelPath, change: &Change) -> Vec<Owned<'_>> {
        let manifest = match &change.cause {
            Cause::Declared { location, .. } => location.as_ref().map(|location| &location.file),
            _ => None,
        };
        self.of(&change.package, lockfile, manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::purl;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile::new(RelPath::new(path).unwrap(), text.as_bytes().to_vec()).unwrap()
    }

    fn told(owners: &Owners, package: &str, lockfile: &str, manifest: Option<&str>) -> String {
        let path = |path: &str| RelPath::new(path).unwrap();
        let owned = owners.of(&purl::parse(package).unwrap(), &path(lockfile), manifest.map(path).as_ref());
        let texts: Vec<String> = owned.iter().map(|owned| format!("{} ({})", owned.owners.join(" "), owned.location)).collect();
        texts.join(", ")
    }

    /// By GitHub's and GitLab's documentation, line by line.
    #[test]
    fn codeowners_are_read_as_forges_do() {
        for (text, path, expected) in [
            ("* @all\n", "web/package.json", "@all"),
            ("* @all\n*.json @json\n", "web/package.json", "@json"),
            ("*.json @json\n* @all\n", "web/package.json", "@all"),
            ("/web/ @web\n", "web/a/package.json", "@web"),
            ("/web/ @web\n", "x/web/package.json", ""),
            ("web/ @web\n", "x/web/package.json", "@web"),
            ("/web/* @web\n", "web/package.json", "@web"),
            ("/web/* @web\n", "web/a/package.json", ""),
            ("/web @web\n", "web/a/package.json", "@web"),
            ("apps/web @web\n", "x/apps/web/package.json", ""),
            ("**/web @web\n", "x/web/package.json", "@web"),
            ("package.json @npm # who asks\n", "a/b/package.json", "@npm"),
            ("* @all\n/web/\n", "web/package.json", ""),
            ("# * @all\n\n  \n", "web/package.json", ""),
            ("!/web/ @web\n", "web/package.json", ""),
            ("/we\\ b/ @web\n", "we b/package.json", "@web"),
            ("* @one two@zoo.example @org/three\n", "package.json", "@one two@zoo.example @org/three"),
            ("*.{json} @json\n", "package.json", ""),
            ("/w?b/ @web\n", "web/package.json", "@web"),
            ("[Front][2] @front\nweb/\n^[Docs]\n*.md @docs\n", "web/package.json", "@front"),
            ("[Front]\nweb/ @a\n[All]\n* @b\n", "web/package.json", "@a, @b"),
        ] {
            let owners = Owners::read(None, Some(&file("CODEOWNERS", text))).unwrap();
            let found = told(&owners, "pkg:npm/fox@1.0.0", path, None);
            let plain: Vec<&str> = found.split(", ").map(|owned| owned.split(" (").next().unwrap()).collect();
            assert_eq!(plain.join(", "), expected, "{text}");
        }
    }

    #[test]
    fn our_own_file_goes_before() {
        let own = "version = 1\n\n[[owner]]\nowners = [\"team-all\"]\n\n[[owner]]\nowners = [\"team-web\", \"team-two\"]\npaths = [\"/web/\"]\n\n\
                   [[owner]]\nowners = [\"team-fox\"]\npackages = [\"pkg:npm/@zoo/*\", \"fo?\"]\n\n[[owner]]\nowners = []\npackages = [\"gnu\"]\n";
        let codeowners = file("CODEOWNERS", "* @all\n/web/package.json @manifest\n");
        let owners = Owners::read(Some(&file(FILE, own)), Some(&codeowners)).unwrap();
        for (package, lockfile, manifest, expected) in [
            ("pkg:npm/ant@1.0.0", "package-lock.json", None, "team-all (.sbomgate/owners.toml:3)"),
            ("pkg:npm/ant@1.0.0", "package-lock.json", Some("web/package.json"), "team-web team-two (.sbomgate/owners.toml:6)"),
            ("pkg:npm/fox@1.0.0", "web/package-lock.json", None, "team-fox (.sbomgate/owners.toml:10)"),
            ("pkg:npm/%40zoo/ant@1.0.0", "package-lock.json", None, "team-fox (.sbomgate/owners.toml:10)"),
            ("pkg:pypi/fox@1.0.0", "uv.lock", None, "team-fox (.sbomgate/owners.toml:10)"),
            ("pkg:npm/gnu@1.0.0", "package-lock.json", None, ""),
        ] {
            assert_eq!(told(&owners, package, lockfile, manifest), expected, "{package} {lockfile}");
        }
        let without = Owners::read(None, Some(&codeowners)).unwrap();
        assert_eq!(told(&without, "pkg:npm/ant@1.0.0", "package-lock.json", Some("web/package.json")), "@manifest (CODEOWNERS:2)");
        assert_eq!(told(&without, "pkg:npm/ant@1.0.0", "package-lock.json", None), "@all (CODEOWNERS:1)");
        assert!(Owners::read(None, None).unwrap().is_empty());
    }

    #[test]
    fn errors_say_the_line() {
        for (text, line) in [
            ("version = 2\n", 1),
            ("version = 1\n[[owner]]\nowners = \"team\"\n", 3),
            ("version = 1\n[[owner]]\nowner = [\"team\"]\n", 3),
            ("version = 1\n[[owner]]\npaths = [\"/web/\"]\n", 2),
            ("version = 1\n[[owner]]\nowners = [\"a\"]\npaths = [\"!/web/\"]\n", 4),
            ("version = 1\n[[owner]]\nowners = [\"a\"]\npackages = [\"pkg:gem/a\"]\n", 4),
        ] {
            let error = Owners::read(Some(&file(FILE, text)), None).unwrap_err();
            assert_eq!(error.line, Some(line), "{text}: {error}");
        }
    }
}
