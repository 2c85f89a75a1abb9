//! From which values on what registries tell of a package is a finding: `[facts]`. The usual ones are those that other
//! tools of the field use (npq, guarddog, the cooldowns of package managers).

use crate::judge::form::{FormError, Part};
use crate::model::MaxAge;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// A name that was published first later than this before the package came in is young.
    pub package_age: MaxAge,
    /// So is a version.
    pub version_age: MaxAge,
    /// Fewer downloads a month are few.
    pub downloads: u64,
    /// So are fewer dependants, where downloads are not known.
    pub dependents: u64,
    /// How long a name is there until few downloads are no finding any more.
    pub established: MaxAge,
    /// More major versions than this behind is outdated.
    pub majors: u32,
    /// A name that looks like a popular one counts where its package has fewer downloads a month.
    pub lookalike_downloads: u64,
    /// Whether what somebody would have to look at is an error where AI brought the package.
    pub deny_with_ai: bool,
}

impl Default for Facts {
    fn default() -> Self {
        let days = |days: u64| MaxAge::of_days(days);
        Facts {
            package_age: days(30),
            version_age: days(7),
            downloads: 1_000,
            dependents: 50,
            established: days(365),
            majors: 1,
            // A hundredth of what the least popular name of the lists has: a million a week.
            lookalike_downloads: 43_000,
            deny_with_ai: false,
        }
    }
}

const KEYS: [&str; 8] =
    ["package-age", "version-age", "downloads", "dependents", "established", "majors-behind", "lookalike-downloads", "with-ai"];
const WITH_AI: [(&str, bool); 2] = [("needs-approval", false), ("deny", true)];

pub fn read(root: &Part<'_, '_>) -> Result<Facts, FormError> {
    let usual = Facts::default();
    let Some(part) = root.part("facts", &KEYS)? else { return Ok(usual) };
    let deny_with_ai = part.table.get("with-ai").map(|value| part.word(value, "way to treat packages", &WITH_AI)).transpose()?;
    Ok(Facts {
        package_age: part.parsed("package-age")?.map_or(usual.package_age, |(age, _)| age),
        version_age: part.parsed("version-age")?.map_or(usual.version_age, |(age, _)| age),
        downloads: part.number("downloads")?.unwrap_or(usual.downloads),
        dependents: part.number("dependents")?.unwrap_or(usual.dependents),
        established: part.parsed("established")?.map_or(usual.established, |(age, _)| age),
        majors: part.number("majors-behind")?.unwrap_or(usual.majors),
        lookalike_downloads: part.number("lookalike-downloads")?.unwrap_or(usual.lookalike_downloads),
        deny_with_ai: deny_with_ai.unwrap_or(usual.deny_with_ai),
    })
}
