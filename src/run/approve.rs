//! `approve` and `approvals`: entries of the work tree's approvals, written as text into text, so that
//! comments and order stay and two branches rarely touch the same lines.

mod text;

use super::gate::text as file_of;
use super::{Project, RunError, Selection, Target};
use crate::edge::{files, output, signers};
use crate::graph::{DepGraph, is_named};
use crate::judge::approval::{self, Asked, Held, Origin, hold, used};
use crate::judge::form::FormError;
use crate::judge::policy;
use crate::model::range::satisfies;
use crate::model::{Day, Digest, Ecosystem, Gap, Identity, Package, PackageName, RelPath, SourceFile, purl};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What is said of every package that is approved.
#[derive(Clone, Debug)]
pub struct Consent<'c> {
    pub owner: &'c str,
    pub reason: &'c str,
    pub expires: Day,
    /// `Name <mail>`; without it whom git names as the author of commits here.
    pub by: Option<&'c str>,
    /// One version with its digest, in place of those that are compatible.
    pub exact: bool,
    /// Codes of rules and ids of advisories that are accepted.
    pub accept: &'c [String],
    /// Whether advisories are accepted only as long as no fixed version is known.
    pub until_fixed: bool,
}

/// Approves packages that the work tree's lockfiles hold. Returns the entries that were written, as text.
pub fn approve(project: &Project, packages: &[String], consent: &Consent<'_>, today: Day) -> Result<Vec<String>, RunError> {
    let (inventory, _) = project.read(None, &Selection::default())?;
    let by = approver(project, consent.by)?;
    let mut entries: BTreeMap<String, String> = BTreeMap::new();
    for question in packages {
        let meant = inventory.graphs.values().flat_map(|graph| meant(graph, question));
        let meant: Vec<(&Package, Vec<Digest>)> = meant.filter(|(package, _)| !package.is_first_party()).collect();
        if meant.is_empty() {
            return Err(RunError::NoSuchPackage(question.clone()));
        }
        for (package, digests) in meant {
            let entry = entry(package, &digests, consent, &by, today);
            entries.insert(format!("{} {:?}", unversioned(package), package.version), entry);
        }
    }
    let mut written: Vec<String> = entries.into_values().collect();
    written.dedup();
    put_in(project, &written)?;
    Ok(written)
}

/// Approves what a revision holds and no entry is of yet, each version alone with its digest: what comes later is judged as
/// new. Returns how many entries were written, with the gaps of what could not be read.
pub fn baseline(project: &Project, revision: &str, consent: &Consent<'_>, today: Day) -> Result<(usize, Vec<Gap>), RunError> {
    let (inventory, _) = project.read(Some(Target::Revision(revision)), &Selection::default())?;
    if inventory.graphs.is_empty() && inventory.gaps.is_empty() {
        return Err(RunError::NoLockfile);
    }
    let by = approver(project, consent.by)?;
    let held: Vec<Held> = list(project, today)?.into_iter().filter(|held| held.void.is_none()).collect();
    let mut of_name: BTreeMap<(Ecosystem, &PackageName), Vec<&Held>> = BTreeMap::new();
    for held in &held {
        of_name.entry((held.entry.ecosystem, &held.entry.name)).or_default().push(held);
    }
    let mut written: BTreeSet<String> = BTreeSet::new();
    for graph in inventory.graphs.values() {
        let locked = graph.packages().map(|(_, node)| Asked::of(&graph.lockfile, &node.package, graph, node));
        let needed = graph.unlocked().map(|need| Asked::of_need(&graph.lockfile, &need.package));
        for asked in locked.chain(needed).filter(|asked| !asked.package.is_first_party()) {
            let known = of_name.get(&(asked.package.ecosystem, &asked.package.name)).into_iter().flatten();
            if !known.into_iter().any(|held| held.entry.fits(&asked)) {
                written.insert(entry(asked.package, &asked.digests, consent, &by, today));
            }
        }
    }
    let written: Vec<String> = written.into_iter().collect();
    if !written.is_empty() {
        put_in(project, &written)?;
    }
    Ok((written.len(), inventory.gaps))
}

/// Puts entries into the file; what is in it stays as it is.
fn put_in(project: &Project, written: &[String]) -> Result<(), RunError> {
    let old = file_of(&project.work_tree()?, approval::FILE)?;
    let old = old.as_ref().map_or("version = 1\n", |file| file.text());
    let before = parsed(old)?;
    let new = text::with(&before, old, written);
    let after: BTreeSet<String> = parsed(&new)?.into_iter().map(|entry| entry.text).collect();
    if after.len() != before.len() + written.len() || !before.iter().all(|entry| after.contains(&entry.text)) {
        return Err(laid_out(&RelPath::new(approval::FILE).expect("a plain path")));
    }
    write(project, approval::FILE, &new)?;
    Ok(())
}

/// The packages of a graph that somebody means, and the needs that no lockfile holds, with what tells their bytes.
fn meant<'g>(graph: &'g DepGraph, question: &str) -> Vec<(&'g Package, Vec<Digest>)> {
    let nodes = graph.named(question).into_iter().map(|id| graph.node(id));
    let locked = nodes.map(|node| (&node.package, Asked::of(&graph.lockfile, &node.package, graph, node).digests));
    let needs = graph.unlocked().filter(|need| is_named(&need.package, question)).map(|need| (&need.package, Vec::new()));
    locked.chain(needs).collect()
}

/// The entries of the work tree as they stand today, in the order of the file.
pub fn list(project: &Project, today: Day) -> Result<Vec<Held>, RunError> {
    let snapshot = project.around()?;
    let policy = file_of(&snapshot, policy::FILE)?.as_ref().map(policy::read).transpose()?.unwrap_or_default();
    let entries = file_of(&snapshot, approval::FILE)?.as_ref().map(approval::read).transpose()?.unwrap_or_default();
    Ok(hold(entries.into_iter().map(|entry| (entry, Origin::Before)), &policy, today, false))
}

/// Takes out the entries that expired, and those of no package that the work tree locks. Returns how many.
/// Where a lockfile cannot be read, only those that expired go.
pub fn prune(project: &Project, today: Day) -> Result<usize, RunError> {
    let held = list(project, today)?;
    let (inventory, _) = project.read(None, &Selection::default())?;
    let is_whole = inventory.gaps.is_empty();
    let used = used(&held, inventory.graphs.values());
    let goes = |(at, held): &(usize, &Held)| held.entry.expires < today || is_whole && !used.contains(at);
    let lines: Vec<u32> = held.iter().enumerate().filter(goes).map(|(_, held)| held.entry.location.line).collect();
    let Some(old) = file_of(&project.work_tree()?, approval::FILE)?.filter(|_| !lines.is_empty()) else { return Ok(0) };
    let new = text::without(old.text(), &lines);
    let left: Vec<String> = parsed(&new)?.into_iter().map(|entry| entry.text).collect();
    let stays = held.iter().enumerate().filter(|one| !goes(one)).map(|(_, held)| &held.entry.text);
    if !stays.eq(&left) {
        return Err(laid_out(old.path()));
    }
    write(project, approval::FILE, &new)?;
    Ok(lines.len())
}

/// Lets the entries of packages hold until another day, by whoever approves them anew. Returns them as they are now.
pub fn renew(project: &Project, packages: &[String], expires: Day, by: Option<&str>, today: Day) -> Result<Vec<Held>, RunError> {
    let held = list(project, today)?;
    let by = approver(project, by)?;
    let Some(old) = file_of(&project.work_tree()?, approval::FILE)? else { return Err(RunError::NoSuchApproval(packages.join(", "))) };
    let mut lines: BTreeSet<u32> = BTreeSet::new();
    for question in packages {
        let of_package: Vec<u32> = held.iter().filter(|held| is_of(&held.entry, question)).map(|held| held.entry.location.line).collect();
        if of_package.is_empty() {
            return Err(RunError::NoSuchApproval(question.clone()));
        }
        lines.extend(of_package);
    }
    let rows = [("approved-by", text::quoted(&by.to_string())), ("on", today.to_string()), ("expires", expires.to_string())];
    let new = text::renewed(old.text(), &lines, &rows).ok_or_else(|| laid_out(old.path()))?;
    let after = parsed(&new)?;
    let is_same = |(old, new): (&Held, &approval::Entry)| {
        let is_meant = lines.contains(&old.entry.location.line);
        let renewed = (&new.approved_by, new.on, new.expires) == (&by, today, expires);
        if is_meant { renewed && new.versions == old.entry.versions && new.name == old.entry.name } else { new.text == old.entry.text }
    };
    if after.len() != held.len() || !held.iter().zip(&after).all(is_same) {
        return Err(laid_out(old.path()));
    }
    write(project, approval::FILE, &new)?;
    Ok(list(project, today)?.into_iter().filter(|held| lines.contains(&held.entry.location.line)).collect())
}

/// Whether an entry is of a package, by its name or its package URL.
fn is_of(entry: &approval::Entry, question: &str) -> bool {
    match purl::parse(question) {
        Ok(package) => package.ecosystem == entry.ecosystem && package.name == entry.name,
        Err(_) => PackageName::new(entry.ecosystem, question).is_ok_and(|name| name == entry.name),
    }
}

fn laid_out(file: &RelPath) -> RunError {
    let message = "the approvals are laid out so that no entry can be put in or taken out by lines".to_owned();
    RunError::Form(FormError {
        file: file.clone(),
        line: None,
        message,
        hint: "write each as a table of its own: [[approval]]".into(),
        text: None,
    })
}

fn parsed(text: &str) -> Result<Vec<approval::Entry>, RunError> {
    let path = RelPath::new(approval::FILE).expect("a plain path");
    let file = SourceFile::new(path.clone(), text.as_bytes().to_vec());
    let file = file.map_err(|error| RunError::Form(FormError::at(&path, error.line(), error.to_string())))?;
    Ok(approval::read(&file)?)
}

/// Whom the user names, or whom git would name in the commit that is to come.
fn approver(project: &Project, named: Option<&str>) -> Result<Identity, RunError> {
    match (named, project.repository("")) {
        (Some(text), _) => Ok(Identity::parse(text)),
        (None, Ok(repository)) => repository.user().map_err(RunError::NoApprover),
        (None, Err(_)) => signers::user().map_err(RunError::NoApprover),
    }
}

fn entry(package: &Package, digests: &[Digest], consent: &Consent<'_>, by: &Identity, today: Day) -> String {
    let rows = [
        ("owner", text::quoted(consent.owner)),
        ("approved-by", text::quoted(&by.to_string())),
        ("on", today.to_string()),
        ("expires", consent.expires.to_string()),
        ("reason", text::quoted(consent.reason)),
    ];
    let rows: String = rows.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    let accepted: Vec<String> = consent.accept.iter().map(|text| text::quoted(text)).collect();
    let mut accepted = if accepted.is_empty() { String::new() } else { format!("findings = [{}]\n", accepted.join(", ")) };
    accepted.push_str(if consent.until_fixed { "until-fixed = true\n" } else { "" });
    format!(
        "[[approval]]\npackage = {}\n{}{rows}{accepted}",
        text::quoted(&unversioned(package)),
        versions(package, digests, consent.exact)
    )
}

fn unversioned(package: &Package) -> String {
    Package { version: None, ..package.clone() }.purl()
}

/// Compatible versions where the ecosystem can say which those are; else the one that is there.
fn versions(package: &Package, digests: &[Digest], exact: bool) -> String {
    let Some(version) = &package.version else { return "versions = \"*\"\n".to_owned() };
    let range = match package.ecosystem {
        Ecosystem::Cargo | Ecosystem::Npm => format!("^{version}"),
        Ecosystem::Pypi => format!("~={version}"),
    };
    if !exact && satisfies(package.ecosystem, &range, version) == Some(true) {
        return format!("versions = {}\n", text::quoted(&range));
    }
    // Of a release with several files no one digest tells the bytes.
    let strongest = digests.iter().max_by_key(|digest| digest.algorithm());
    let is_one = |digest: &&Digest| digests.iter().all(|other| other.algorithm() < digest.algorithm() || other == *digest);
    let digest = strongest.filter(is_one).filter(|_| exact);
    let digest = digest.map(|digest| format!("digest = {}\n", text::quoted(&digest.to_string()))).unwrap_or_default();
    format!("version = {}\n{digest}", text::quoted(version.as_str()))
}

/// Writes one of our files into the work tree, or the plain folder.
fn write(project: &Project, path: &str, text: &str) -> Result<PathBuf, RunError> {
    let file = project.top().join(path);
    if let Some(folder) = file.parent() {
        files::make_folder(folder).map_err(|source| output::OutputError { path: folder.into(), source })?;
    }
    output::write(&file, |out| out.write_all(text.as_bytes()))?;
    Ok(file)
}

/// Writes a policy that fits the work tree, where there is none. Returns its path.
pub fn init(project: &Project) -> Result<PathBuf, RunError> {
    if file_of(&project.around()?, policy::FILE)?.is_some() || crate::edge::WorkTree::is_file(&project.top().join(policy::FILE)) {
        let message = "there is a policy already, and it is left as it is".to_owned();
        let file = RelPath::new(policy::FILE).expect("a plain path");
        return Err(RunError::Form(FormError { file, line: None, message, hint: "edit it, or move it away first".into(), text: None }));
    }
    let (inventory, _) = project.read(None, &Selection::default())?;
    let packages = inventory.graphs.values().flat_map(|graph| graph.packages().map(|(_, node)| &node.package));
    write(project, policy::FILE, &text::policy(packages))
}
