//! What names can hold, and how many can depend on one, in every form.

use super::laws::{self, checked, depends_on, inventory, list};
use super::repository::Repository;
use super::{pypi, pypi_entry};
use sbomgate::model::licence::Licence;
use sbomgate::model::{PackageSource, RelPath};
use sbomgate::sbom::{Format, Inventory, Project};

/// Names that act on terminals, that no XML holds, and that are one once they are escaped; packages that require one another.
#[test]
fn hostile_names_are_valid_in_every_form() {
    let member = |folder: &str| (RelPath::new(folder).unwrap(), "\u{1}]]><!-- & \"'");
    let entries = [member("a\u{1}"), member("a\\u{1}"), member("b\u{202e}##vso[x]")].map(|(folder, licence)| {
        let mut entry = pypi_entry("namesake", None, PackageSource::FirstParty { folder: Some(folder) });
        entry.licence = Some(Licence::Name(licence.into()));
        entry
    });
    let graphs = [pypi(entries.into(), Vec::new())];
    let project = Project { name: "the\u{1b}[31m \u{0}repository <&>", version: Some("1\u{b}") };
    let bom = checked(&inventory(&graphs, &[]));
    assert_eq!(list(&bom["metadata"]["component"]["components"]).len(), 3);
    let repository = [pypi(Vec::new(), Vec::new()), Repository::of(&[("b/Cargo.lock", "version = 4\n")]).graphs().remove(0)];
    checked(&Inventory { project, ..inventory(&repository, &[]) });
    let circle = |name: &str, on: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [\"{on}\"]\n\n");
    let lock = format!("version = 4\n\n{}{}{}", circle("one", "two"), circle("three", "one"), circle("two", "three"));
    assert_eq!(depends_on(&laws::bom(&[("Cargo.lock", &lock)]), "pkg:cargo/one@1.0.0"), ["pkg:cargo/two@1.0.0"]);
}

/// Time and memory are those of the edges, in every form.
#[test]
fn a_node_with_many_edges_is_written_in_every_form() {
    let names: Vec<String> = (0..5_000).map(|number| format!("p{number}")).collect();
    let quoted = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let all: String = names
        .iter()
        .map(|name| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+https://cargo.example/index\"\n\n"))
        .collect();
    let lock = format!("version = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [{quoted}]\n\n{all}");
    let graphs = Repository::of(&[("Cargo.lock", &lock)]).graphs();
    for format in Format::ALL.into_iter().filter(|format| !format.is_of_flaws()) {
        let mut out = Vec::new();
        sbomgate::sbom::write(&inventory(&graphs, &[]), format, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.matches("p4999").count() >= 4, "{} {}", format.id(), format.version());
    }
}
