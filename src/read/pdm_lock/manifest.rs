//! pyproject.toml as PDM reads it: the standard tables, and `[tool.pdm]` with further groups, indexes,
//! and what the resolution overrides or leaves out.

use crate::model::text::quoted;
use crate::model::{Address, Gap, GapKind, Location, PackageName, PackageSource, RelPath, SourceFile, registry};
use crate::read::ReadError;
use crate::read::pypi_lock::{Ask, Asked, Project};
use crate::read::pyproject::{Purpose, Pyproject, normal, tool};
use crate::read::requirements_txt::pep508_or_editable;
use crate::read::toml_file::{Table, TomlFile, Value};
use hashbrown::HashSet;

pub(super) struct Manifest<'a> {
    pub project: Project<'a>,
    /// Where packages come from that state nothing else.
    pub registry: PackageSource,
    /// Names that the project overrides or leaves out.
    pub loose: HashSet<PackageName>,
    /// Indexes beside the one that stands for all.
    pub gaps: Vec<Gap>,
}

impl<'a> Manifest<'a> {
    pub fn read(file: &'a SourceFile) -> Result<Self, ReadError> {
        let toml = TomlFile::parse(file)?;
        let root = toml.root();
        let standard = Pyproject::standard(file.path(), &root)?;
        let folder = standard.folder();
        let mut manifest = Manifest {
            project: Project {
                name: standard.name,
                version: standard.version,
                unlocked: standard.unlocked,
                is_dynamic: standard.dynamic,
                ..Project::new(file.path())
            },
            registry: PackageSource::default_registry(),
            loose: HashSet::new(),
            gaps: Vec::new(),
        };
        let pdm = tool(&root, "pdm")?;
        if let Some(pdm) = &pdm {
            manifest.project.is_workspace = pdm.get("workspace").is_some();
            manifest.take_resolution(pdm, &folder)?;
            manifest.take_indexes(pdm, file.path())?;
        }
        for asked in standard.asked {
            manifest.take(&asked.purpose, Ask::of_pep508(asked.requirement, asked.line));
        }
        if let Some(groups) = pdm.map(|pdm| pdm.table("dev-dependencies")).transpose()?.flatten() {
            manifest.take_groups(&groups, &folder)?;
        }
        Ok(manifest)
    }

    /// A project may ask for its own extras: what they ask for stands where they do.
    fn take(&mut self, purpose: &Purpose, mut ask: Ask<'a>) {
        if self.project.name.as_ref() == Some(&ask.name) {
            return;
        }
        ask.is_loose = self.loose.contains(&ask.name);
        self.project.asked.push(Asked {
            scope: purpose.scope(),
            list: purpose.list(),
            group: purpose.group().or(purpose.extra()).cloned(),
            may_be_absent: false,
            ask,
        });
    }

    fn take_groups(&mut self, groups: &Table<'_, '_>, folder: &RelPath) -> Result<(), ReadError> {
        for (name, _, list) in groups.pairs() {
            let purpose = Purpose::Group(normal(&list, name)?);
            // A table includes another group, which is read where it stands.
            for item in list.array()?.iter().filter(|item| item.as_table().is_none()) {
                let requirement = pep508_or_editable(item.str()?, folder).map_err(|message| item.error(message))?;
                self.take(&purpose, Ask::of_pep508(requirement, item.line()));
            }
        }
        Ok(())
    }

    fn take_resolution(&mut self, pdm: &Table<'_, '_>, folder: &RelPath) -> Result<(), ReadError> {
        let Some(resolution) = pdm.table("resolution")? else { return Ok(()) };
        for (name, line, value) in resolution.table("overrides")?.iter().flat_map(Table::pairs) {
            self.loose.insert(normal(&value, name)?);
            let requirement = pep508_or_editable(&overriding(name, value.str()?), folder).map_err(|message| value.error(message))?;
            self.project.overrides.push(Ask::of_pep508(requirement, line));
        }
        for name in resolution.array("excludes")? {
            self.loose.insert(normal(&name, name.str()?)?);
        }
        Ok(())
    }

    /// A source of the name `pypi` takes PyPI's place; each further one is asked as well.
    fn take_indexes(&mut self, pdm: &Table<'_, '_>, path: &RelPath) -> Result<(), ReadError> {
        for source in pdm.array("source")? {
            let table = source.table()?;
            let Some(url) = table.get("url") else { continue };
            let address = Address::new(url.str()?);
            self.project.indexes.push(address.to_string());
            if registry::is_pypi(address.as_str()) {
                continue;
            }
            match table.str("name")? {
                Some("pypi") => self.registry = PackageSource::Registry { index: Some(address) },
                _ => self.gaps.push(further(&url, &address, path)),
            }
        }
        Ok(())
    }
}

/// An override as a requirement: an address, specifiers, or a version alone (PDM, `resolution.overrides`).
fn overriding(name: &str, value: &str) -> String {
    let value = value.trim();
    match value {
        _ if value.contains("://") => format!("{name} @ {value}"),
        "" | "*" => name.to_owned(),
        _ if value.starts_with(['=', '<', '>', '!', '~']) => format!("{name}{value}"),
        _ => format!("{name}=={value}"),
    }
}

fn further(url: &Value<'_, '_>, address: &Address, path: &RelPath) -> Gap {
    let message = format!("any package may also come from {} ([[tool.pdm.source]])", quoted(address.as_str()));
    Gap::at(GapKind::FurtherSource, &Location::new(path, url.line()), message)
}
