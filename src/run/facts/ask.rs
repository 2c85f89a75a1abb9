//! The documents of registries: from the cache where they are young enough, from the servers where those may be asked,
//! and otherwise from the cache however old they are.
//!
//! "There is no such name" is believed of a registry that has some other name. One that says it of every name is out of
//! order, or is no registry.

use super::{Cache, DAY, LONGEST_ETAG};
use crate::edge::http::{Http, HttpError, Terms};
use crate::enrich::registry::{
    Document, Kept, Outcome, Part, Question, Registry, default_registry, of_versions, parse, questions, second_opinion,
    second_opinion_of_versions,
};
use crate::model::request::{Answer, Request};
use crate::model::{Address, Credential, PackageName, Version, registry};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The names that are asked for, by the registry, each with the versions in question.
pub type Wanted = BTreeMap<Registry, BTreeMap<PackageName, BTreeSet<Version>>>;

/// Why nothing is known where nobody may be asked.
const OFFLINE: &str = "no registry was asked: run with --registry-facts (`sbomgate facts` without --offline), or import a snapshot (`sbomgate facts import FILE`)";
const OUTAGE: &str = "the registry says of every name that it is not there";
/// What crates.io asks of everybody who uses its API (crates.io, "crawlers and data access").
const PAUSE_OF_CRATES_IO: Duration = Duration::from_secs(1);

/// What is asked about some names.
type Asked<'q> = &'q dyn Fn(&[PackageName]) -> Vec<Question>;

/// What lets us in at an address.
pub type LetIn<'a> = &'a dyn Fn(&Registry, &str) -> Option<Credential>;

pub struct Asking<'a> {
    pub cache: &'a Cache,
    /// `None` where nobody may be asked.
    pub http: Option<&'a Http>,
    pub terms: Terms,
    /// Seconds since 1970.
    pub now: i64,
    /// From how many seconds on a document is old.
    pub fresh: u64,
    pub let_in: LetIn<'a>,
    /// The address of a second source (deps.dev) that is asked about packages of the public registries.
    pub second: Option<&'a str>,
}

/// What is known of one name.
#[derive(Debug, Default)]
pub struct Known {
    pub kept: Vec<Kept>,
    /// Why documents are missing, each with its address.
    pub missing: Vec<String>,
    /// Why the registry's own document is an old one, where it is.
    pub outdated: Option<String>,
}

/// By registry and name.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<Registry, BTreeMap<PackageName, Known>>);

impl Told {
    pub fn of(&self, registry: &Registry, name: &PackageName) -> Option<&Known> {
        self.0.get(registry)?.get(name)
    }

    /// How many versions there are of a name, by the document that lists the most.
    pub fn versions(&self, registry: &Registry, name: &PackageName) -> usize {
        let parts = self.of(registry, name).into_iter().flat_map(|known| &known.kept);
        let listed = parts.filter_map(|kept| if let Outcome::Said(part) = &kept.outcome { part.releases.as_ref() } else { None });
        listed.map(Vec::len).max().unwrap_or_default()
    }

    fn known(&mut self, registry: &Registry, name: &PackageName) -> &mut Known {
        self.0.entry(registry.clone()).or_default().entry(name.clone()).or_default()
    }

    fn keep(&mut self, registry: &Registry, name: &PackageName, kept: Kept) {
        let known = self.known(registry, name);
        known.kept.retain(|old| old.document != kept.document || old.version != kept.version);
        known.kept.push(kept);
    }

    /// An old state is better than none, and is told as an old one.
    fn miss(&mut self, registry: &Registry, name: &PackageName, question: &Question, reason: &str) {
        let known = self.known(registry, name);
        let is_own = matches!(question.document, Document::CargoIndex | Document::Packument | Document::PypiSimple);
        if known.kept.iter().any(|kept| is_of(kept, question)) {
            known.outdated = known.outdated.take().or_else(|| is_own.then(|| reason.to_owned()));
        } else if known.missing.iter().all(|told| told != reason) {
            known.missing.push(reason.to_owned());
        }
    }

    fn document(&self, registry: &Registry, name: &PackageName, question: &Question) -> Option<&Kept> {
        self.of(registry, name)?.kept.iter().find(|kept| is_of(kept, question))
    }
}

fn is_of(kept: &Kept, question: &Question) -> bool {
    kept.document == question.document && kept.version.as_deref() == question.version.as_ref().map(Version::as_str)
}

/// One question with whom it goes to.
struct Job {
    registry: Registry,
    question: Question,
}

/// What came of it.
enum Came {
    Said { parts: Vec<(PackageName, Part)>, etag: Option<String>, digest: String },
    Unchanged,
    Absent,
    Failed(String),
}

/// All that can be had of the names.
pub fn gather(wanted: &Wanted, asking: &Asking<'_>) -> Told {
    let began = Instant::now();
    let mut told = Told::default();
    let mut jobs = Vec::new();
    for (registry, names) in wanted {
        let names: Vec<PackageName> = names.keys().cloned().collect();
        jobs.extend(asking.of_cache(registry, &names, &|names| asking.questions(registry, names), &mut told));
    }
    asking.work_off(jobs, asking.terms.deadline, &mut told);
    let mut jobs = Vec::new();
    for (registry, names) in wanted {
        for (name, versions) in names {
            let kept = told.of(registry, name).map_or(&[][..], |known| &known.kept);
            let mut further = of_versions(registry, name, versions, kept);
            let second = asking.second_for(registry).map(|base| second_opinion_of_versions(base, registry.ecosystem, name, versions));
            further.extend(second.into_iter().flatten());
            jobs.extend(asking.of_cache(registry, std::slice::from_ref(name), &|_| further.clone(), &mut told));
        }
    }
    asking.work_off(jobs, asking.terms.deadline.saturating_sub(began.elapsed()), &mut told);
    told
}

impl Asking<'_> {
    /// The second source, where it may be told: nobody but its own registry hears of what is elsewhere.
    fn second_for(&self, registry: &Registry) -> Option<&str> {
        self.second.filter(|_| *registry == default_registry(registry.ecosystem))
    }

    /// Every document of these names that is wanted.
    fn questions(&self, registry: &Registry, names: &[PackageName]) -> Vec<Question> {
        let second = self.second_for(registry).map(|base| second_opinion(base, registry.ecosystem, names)).unwrap_or_default();
        questions(registry, names).into_iter().chain(second).collect()
    }

    fn is_fresh(&self, kept: &Kept) -> bool {
        let age = self.now.saturating_sub(kept.fetched);
        u64::try_from(age).is_ok_and(|age| age <= self.fresh)
    }

    /// Takes what the cache has of what is asked about names, and returns what is left to be asked.
    fn of_cache(&self, registry: &Registry, names: &[PackageName], asked: Asked<'_>, told: &mut Told) -> Vec<Job> {
        let mut old: BTreeSet<(Document, PackageName, Option<Version>)> = BTreeSet::new();
        for question in asked(names) {
            let version = question.version.as_ref();
            for name in question.names {
                let kept = self.cache.get(&registry.base, question.document, name.as_str(), version.map(Version::as_str));
                if !kept.as_ref().is_some_and(|kept| self.is_fresh(kept)) {
                    old.insert((question.document, name.clone(), version.cloned()));
                }
                kept.into_iter().for_each(|kept| told.keep(registry, &name, kept));
            }
        }
        let names: Vec<PackageName> = old.iter().map(|(_, name, _)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let is_old = |question: &Question| {
            question.names.iter().any(|name| old.contains(&(question.document, name.clone(), question.version.clone())))
        };
        asked(&names)
            .into_iter()
            .filter(is_old)
            .map(|question| Job { registry: registry.clone(), question: self.ready(registry, question, told) })
            .collect()
    }

    /// A question with what lets us in, at its pace, and by the state that is known.
    fn ready(&self, registry: &Registry, question: Question, told: &Told) -> Question {
        let etag = match question.names.as_slice() {
            [name] => told.document(registry, name, &question).and_then(|kept| kept.etag.clone()),
            _ => None,
        };
        let pause = (question.document == Document::CratesIo).then_some(PAUSE_OF_CRATES_IO);
        let credential = (self.let_in)(registry, &question.request.url);
        Question { request: Request { credential, etag, pause, packed: true, ..question.request }, ..question }
    }

    /// Asks the servers, or says that nobody may be asked.
    fn work_off(&self, jobs: Vec<Job>, deadline: Duration, told: &mut Told) {
        match self.http.filter(|_| !jobs.is_empty()) {
            Some(http) => self.of_servers(http, jobs, deadline, told),
            None => {
                for job in jobs {
                    job.question.names.iter().for_each(|name| told.miss(&job.registry, name, &job.question, OFFLINE));
                }
            }
        }
    }

    fn of_servers(&self, http: &Http, jobs: Vec<Job>, deadline: Duration, told: &mut Told) {
        let began = Instant::now();
        let came = self.fetch(http, &jobs, Terms { deadline, ..self.terms.clone() });
        let mut has = self.have(&jobs, &came, told);
        let deadline = deadline.saturating_sub(began.elapsed());
        has.extend(self.certain(http, &jobs, &came, &has, deadline));
        let mut new: Vec<Kept> = has.iter().map(|(registry, document)| Cache::mark(&registry.base, *document, self.now)).collect();
        for (job, came) in jobs.iter().zip(came) {
            let came = match came {
                Came::Absent if !has.contains(&(job.registry.clone(), job.question.document)) => Came::Failed(job.told(OUTAGE)),
                came => came,
            };
            new.extend(self.take(job, came, told));
        }
        // What cannot be kept is asked for again the next time.
        let _ = self.cache.put(&new);
    }

    fn fetch(&self, http: &Http, jobs: &[Job], terms: Terms) -> Vec<Came> {
        let requests: Vec<Request> = jobs.iter().map(|job| job.question.request.clone()).collect();
        http.fetch_many(&requests, &terms, &|at, answer| came(&jobs[at], answer))
    }

    /// Documents of registries that are there for some name: in this run, or within a day.
    fn have(&self, jobs: &[Job], came: &[Came], told: &Told) -> BTreeSet<(Registry, Document)> {
        let day = i64::try_from(DAY).unwrap_or(i64::MAX);
        let is_recent = |fetched: i64| (0..=day).contains(&self.now.saturating_sub(fetched));
        let answered = jobs.iter().zip(came).filter(|(_, came)| matches!(came, Came::Said { .. } | Came::Unchanged)).map(|(job, _)| job);
        let mut has: BTreeSet<(Registry, Document)> = answered.map(Job::kind).collect();
        for (registry, names) in &told.0 {
            let kept = names.values().flat_map(|known| &known.kept);
            let said = kept.filter(|kept| matches!(kept.outcome, Outcome::Said(_)) && is_recent(kept.fetched));
            has.extend(said.map(|kept| (registry.clone(), kept.document)));
        }
        let marked =
            jobs.iter().map(Job::kind).filter(|(registry, document)| self.cache.answered(&registry.base, *document).is_some_and(is_recent));
        has.extend(marked.collect::<Vec<_>>());
        has
    }

    /// Asks public registries that have nothing for a name that they surely have.
    fn certain(
        &self,
        http: &Http,
        jobs: &[Job],
        came: &[Came],
        has: &BTreeSet<(Registry, Document)>,
        deadline: Duration,
    ) -> Vec<(Registry, Document)> {
        let absent = jobs.iter().zip(came).filter(|(_, came)| matches!(came, Came::Absent)).map(|(job, _)| job.kind());
        let open: BTreeSet<(Registry, Document)> = absent.filter(|kind| !has.contains(kind)).collect();
        let public = open.into_iter().filter(|(registry, _)| *registry == default_registry(registry.ecosystem));
        let mut sure = Vec::new();
        for (registry, document) in public {
            let Ok(name) = PackageName::new(registry.ecosystem, registry::certain_name(registry.ecosystem)) else { continue };
            let own = questions(&registry, &[name]).into_iter().filter(|question| question.document == document);
            let nothing = Told::default();
            sure.extend(own.map(|question| Job { question: self.ready(&registry, question, &nothing), registry: registry.clone() }));
        }
        let came = self.fetch(http, &sure, Terms { deadline, ..self.terms.clone() });
        sure.iter().zip(came).filter(|(_, came)| matches!(came, Came::Said { .. })).map(|(job, _)| job.kind()).collect()
    }

    /// What is to be kept of an answer.
    fn take(&self, job: &Job, came: Came, told: &mut Told) -> Vec<Kept> {
        let registry = &job.registry;
        let mut new: Vec<(PackageName, Kept)> = Vec::new();
        let mut failed = None;
        match came {
            Came::Said { parts, etag, digest } => {
                let asked = parts.into_iter().filter(|(name, _)| job.question.names.contains(name));
                new.extend(asked.map(|(name, part)| {
                    let kept = self.kept(job, &name, etag.clone(), digest.clone(), Outcome::Said(part));
                    (name, kept)
                }));
            }
            Came::Absent => {
                new.extend(job.question.names.iter().map(|name| (name.clone(), self.kept(job, name, None, String::new(), Outcome::Absent))))
            }
            Came::Unchanged => {
                let old = job
                    .question
                    .names
                    .iter()
                    .filter_map(|name| Some((name.clone(), told.document(registry, name, &job.question)?.clone())));
                new.extend(old.map(|(name, kept)| (name, Kept { fetched: self.now, ..kept })));
            }
            Came::Failed(reason) => failed = Some(reason),
        }
        let is_silent = |name: &&PackageName| new.iter().all(|(told, _)| told != *name);
        let silent: Vec<PackageName> = job.question.names.iter().filter(is_silent).cloned().collect();
        let failed = failed.unwrap_or_else(|| job.told("the answer does not tell of it"));
        let kept = new.iter().map(|(_, kept)| kept.clone()).collect();
        new.into_iter().for_each(|(name, kept)| told.keep(registry, &name, kept));
        silent.iter().for_each(|name| told.miss(registry, name, &job.question, &failed));
        kept
    }

    fn kept(&self, job: &Job, name: &PackageName, etag: Option<String>, digest: String, outcome: Outcome) -> Kept {
        Kept {
            document: job.question.document,
            registry: job.registry.base.clone(),
            name: name.to_string(),
            version: job.question.version.as_ref().map(Version::to_string),
            url: job.address().to_string(),
            fetched: self.now,
            etag: etag.filter(|etag| etag.len() <= LONGEST_ETAG),
            digest,
            outcome,
        }
    }
}

impl Job {
    fn kind(&self) -> (Registry, Document) {
        (self.registry.clone(), self.question.document)
    }

    fn address(&self) -> Address {
        Address::new(&self.question.request.url)
    }

    fn told(&self, reason: &str) -> String {
        format!("{}: {reason}", self.address())
    }
}

/// Reads an answer, on the thread that it came to.
fn came(job: &Job, answer: Result<Answer<Vec<u8>>, HttpError>) -> Came {
    match answer {
        Ok(Answer::Unchanged) => Came::Unchanged,
        Ok(Answer::Changed { content, etag }) => match parse(&job.question, &content) {
            Ok(parts) => Came::Said { parts, etag, digest: Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect() },
            Err(reason) => Came::Failed(job.told(&reason.to_string())),
        },
        // It is behind the registries: what it does not have may be there.
        Err(error) if error.is_absent() && matches!(job.question.document, Document::DepsDev | Document::DepsDevDependents) => {
            Came::Failed(job.told("it is not there yet"))
        }
        Err(error) if error.is_absent() => Came::Absent,
        Err(error) => Came::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::registry::Release;
    use crate::model::Ecosystem;

    /// Of a version that the document of its name says nothing of, there is one more document; of no other.
    #[test]
    fn a_document_of_one_version_is_wanted_where_its_licence_is_not_told() {
        let (folder, public) = (tempfile::tempdir().unwrap(), default_registry(Ecosystem::Pypi));
        let release = |version: &str, licence: Option<&str>| Release {
            version: version.into(),
            licence: licence.map(str::to_owned),
            ..Release::default()
        };
        let kept = |document, version: Option<&str>, releases| Kept {
            document,
            registry: public.base.clone(),
            name: "fox".into(),
            version: version.map(str::to_owned),
            url: "https://pypi.example/fox".into(),
            fetched: 1,
            etag: None,
            digest: String::new(),
            outcome: Outcome::Said(Part { releases: Some(releases), ..Part::default() }),
        };
        let cache = Cache::at(folder.path().join("facts"));
        let of_name = kept(Document::PypiJson, None, vec![release("1.0", None), release("1.1", None), release("2.0", Some("MIT"))]);
        let of_version = |version| kept(Document::PypiVersion, Some(version), vec![release(version, Some("0BSD"))]);
        cache.put(&[of_name, of_version("1.0"), of_version("2.0"), of_version("3.0")]).unwrap();
        let name = PackageName::new(Ecosystem::Pypi, "fox").unwrap();
        let versions = ["1.0", "1.1", "2.0", "3.0"].map(|version| Version::new(version).unwrap());
        let wanted = Wanted::from([(public.clone(), BTreeMap::from([(name.clone(), BTreeSet::from(versions))]))]);
        let let_in = |_: &Registry, _: &str| None;
        let asking = Asking { cache: &cache, http: None, terms: Terms::default(), now: 1, fresh: 0, let_in: &let_in, second: None };
        let told = gather(&wanted, &asking);
        let known = told.of(&public, &name).unwrap();
        let there: Vec<Option<&str>> = known.kept.iter().map(|kept| kept.version.as_deref()).collect();
        assert_eq!(there, [None, Some("1.0")], "1.1 is not there, 2.0 is told of, and there is no 3.0");
        assert_eq!(known.missing, [OFFLINE]);
    }

    /// A second source hears of packages of the public registry, where it is wanted, and of no others.
    #[test]
    fn a_second_source_is_told_of_public_packages_alone() {
        let names = [PackageName::new(Ecosystem::Npm, "@zoo/fox").unwrap()];
        let (cache, let_in) = (Cache::none(), |_: &Registry, _: &str| None);
        let public = default_registry(Ecosystem::Npm);
        let house = Registry { base: "https://npm.corp.example".into(), api: None, ..public.clone() };
        for (registry, second, expected) in [
            (&public, Some("https://second.example"), 1),
            (&public, None, 0),
            (&house, Some("https://second.example"), 0),
            (&Registry { api: None, ..public.clone() }, Some("https://second.example"), 0),
        ] {
            let asking = Asking { cache: &cache, http: None, terms: Terms::default(), now: 0, fresh: 0, let_in: &let_in, second };
            let asked = asking.questions(registry, &names);
            assert_eq!(asked.iter().filter(|question| question.document == Document::DepsDev).count(), expected, "{registry:?}");
            assert_eq!(asked.iter().filter(|question| question.request.url.contains("second.example")).count(), expected);
        }
    }
}
