//! What gets built, by `cargo metadata`: `fixtures/built/<case>`.

use crate::fixtures::{folders, read_folder, root};
use std::fmt::Write;

/// Each package of the lockfile with whether it is built, or the error.
#[test]
fn cargo_metadata_tells_what_is_built() {
    for case in folders(&root().join("built")) {
        let input = case.join("input");
        let lockfiles = tempfile::tempdir().unwrap();
        for file in ["Cargo.toml", "Cargo.lock"] {
            std::fs::copy(input.join(file), lockfiles.path().join(file)).unwrap();
        }
        let mut inventory = read_folder(lockfiles.path());
        let mut said = match inventory.mark_built(&input.join("metadata.json")) {
            Ok(()) => String::new(),
            Err(error) => format!("{}\nhint: {}\n", error.to_string().replace(&*input.to_string_lossy(), "…"), error.hint()),
        };
        for graph in inventory.graphs.values() {
            for id in graph.ids() {
                let node = graph.node(id);
                writeln!(said, "{}: {:?}", node.package.label(), node.built).unwrap();
            }
        }
        insta::with_settings!({ snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", said);
        });
    }
}
