//! Who the user of a repository is, as git takes it. Here alone the machine's configuration counts: it says whom
//! an approval names, and the commit that adds the approval is held against that afterwards.

use super::{Repository, error};
use crate::edge::signers;
use crate::model::Identity;
use gix::open::{Options, Permissions};
use gix::sec::Trust;

impl Repository {
    /// Whom git would name as the author of a commit made here: by the environment, else by the configuration of
    /// the repository, the user and the system, with what these include. `Err` says what is missing.
    pub fn user(&self) -> Result<Identity, String> {
        let options = Options::default().permissions(Permissions::all()).with(Trust::Full).filter_config_section(|_| true);
        let place = self.work_tree.as_deref().unwrap_or_else(|| self.git.git_dir());
        let failed = |error: gix::Error| format!("git's configuration cannot be read: {}", error::detail(&error));
        let git = gix::open_opts(place, options).map_err(failed)?;
        let config = git.config_snapshot();
        signers::identity(|key| Ok(config.string(key).map(|value| value.to_string())))
    }
}
