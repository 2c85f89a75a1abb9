//! What the user's own git configuration says: the list of allowed signers (`gpg.ssh.allowedSignersFile`), and,
//! where there is no repository, who they are (`user.name`, `user.email`). Of signers, what a
//! repository configures, and any list that lies in it, is left aside: it would allow its own.

use super::input;
use crate::model::Identity;
use std::path::{Path, PathBuf};

/// The largest list that is read.
const MOST_BYTES: u64 = 4 << 20;

/// The text of the list; `None` where none is configured, `Err` says why what is configured cannot be followed.
pub fn allowed(work_tree: Option<&Path>) -> Result<Option<String>, String> {
    let (home, files) = (variable("HOME"), configurations());
    if setting(&files, "gpg.ssh.revocationFile")?.is_some() {
        return Err("git's gpg.ssh.revocationFile is set, and lists of revoked keys are not read".into());
    }
    let Some(list) = setting(&files, "gpg.ssh.allowedSignersFile")? else { return Ok(None) };
    let path = match (list.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => PathBuf::from(&list),
    };
    if !path.is_absolute() {
        return Err(format!("git's gpg.ssh.allowedSignersFile is {list}, which is no absolute path"));
    }
    let path = path.canonicalize().map_err(|error| format!("{list}: {error}"))?;
    if work_tree.is_some_and(|top| path.starts_with(top)) {
        return Err(format!("git's gpg.ssh.allowedSignersFile is {list}, which lies in the repository that it is to vouch for"));
    }
    input::read(&path, MOST_BYTES).map(Some).map_err(|error| error.to_string())
}

/// Who the user is outside of any repository, by the environment and their own configuration; `Err` says what is
/// missing.
pub fn user() -> Result<Identity, String> {
    let files = configurations();
    identity(|key| setting(&files, key))
}

/// As git takes the author of a commit: the environment has the last word, then `author.*`, then `user.*`.
pub(super) fn identity(setting: impl Fn(&str) -> Result<Option<String>, String>) -> Result<Identity, String> {
    let is_said = |value: &String| !value.trim().is_empty();
    let of = |variable: &str, part: &str| -> Result<String, String> {
        let keys = [format!("author.{part}"), format!("user.{part}")];
        let settings = keys.iter().map(|key| setting(key)).collect::<Result<Vec<_>, _>>()?;
        let said = std::env::var(variable).ok().into_iter().chain(settings.into_iter().flatten()).find(is_said);
        said.ok_or_else(|| format!("the git configuration has no user.{part}"))
    };
    Ok(Identity { name: of("GIT_AUTHOR_NAME", "name")?, email: of("GIT_AUTHOR_EMAIL", "email")? })
}

/// git reads both, and the first of these has the last word.
fn configurations() -> Vec<PathBuf> {
    let home = variable("HOME");
    let config = variable("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let files = [home.map(|home| home.join(".gitconfig")), config.map(|folder| folder.join("git/config"))];
    files.into_iter().flatten().filter(|file| file.is_file()).collect()
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn setting(files: &[PathBuf], key: &str) -> Result<Option<String>, String> {
    for file in files {
        let failed = |error: gix::Error| format!("{}: {}", file.display(), error.probable_cause());
        let config = gix::config::File::from_path_no_includes(file.clone(), gix::config::Source::User).map_err(failed)?;
        if let Some(value) = config.string(key) {
            return Ok(Some(value.to_string()));
        }
    }
    Ok(None)
}
