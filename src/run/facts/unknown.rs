//! Why facts are not known, where the documents themselves were not had.

use crate::enrich::Fact;
use crate::enrich::registry::{self, PackageFacts, Registry, Sourced};
use crate::model::Package;

/// Facts of a package of which no document was had, for this reason.
pub fn all(package: &Package, of: &Registry, reason: &str) -> PackageFacts {
    let mut facts = registry::facts(package, of, &[], None);
    each(&mut facts, &|old| reason.clone_into(old));
    facts
}

/// The reasons with those for which documents are missing: each with that of whoever was not asked by its own words.
pub fn with(facts: &mut PackageFacts, registry: &Registry, missing: &[String]) {
    let bases = || [Some(&registry.base), registry.api.as_ref()].into_iter().flatten();
    let is_of =
        |base: &String, missing: &String| missing.starts_with(&format!("{base}/")) || !bases().any(|base| missing.starts_with(base));
    each(facts, &|reason| {
        let unasked: Vec<&String> = bases().filter(|base| reason.contains(&format!("{base} was not asked"))).collect();
        let told: Vec<&str> =
            missing.iter().filter(|missing| unasked.iter().any(|base| is_of(base, missing))).map(String::as_str).collect();
        if !told.is_empty() {
            *reason = format!("{reason} ({})", told.join("; "));
        }
    });
}

/// Whether anything at all is known.
pub fn is_anything_known(facts: &PackageFacts) -> bool {
    let mut known = false;
    each_fact(&mut facts.clone(), &mut |reason| known |= reason.is_none());
    known
}

fn each(facts: &mut PackageFacts, change: &dyn Fn(&mut String)) {
    each_fact(facts, &mut |reason| reason.into_iter().for_each(change));
}

/// Every fact, by the reason why it is not known.
fn each_fact(facts: &mut PackageFacts, change: &mut dyn FnMut(Option<&mut String>)) {
    fn one<T>(sourced: &mut Sourced<T>, change: &mut dyn FnMut(Option<&mut String>)) {
        match &mut sourced.fact {
            Fact::Unknown(reason) => change(Some(reason)),
            Fact::Known(_) => change(None),
        }
    }
    one(&mut facts.standing, change);
    one(&mut facts.has_version, change);
    one(&mut facts.first_published, change);
    one(&mut facts.published, change);
    one(&mut facts.completed, change);
    one(&mut facts.yanked, change);
    one(&mut facts.deprecated, change);
    one(&mut facts.downloads, change);
    one(&mut facts.dependents, change);
    one(&mut facts.owners, change);
    one(&mut facts.publisher, change);
    one(&mut facts.publisher_is_new, change);
    one(&mut facts.publishers, change);
    one(&mut facts.install, change);
    one(&mut facts.install_is_new, change);
    one(&mut facts.repository, change);
    one(&mut facts.repository_fits, change);
    one(&mut facts.attested, change);
    one(&mut facts.attestation_lost, change);
    one(&mut facts.newer, change);
    one(&mut facts.licence, change);
}
