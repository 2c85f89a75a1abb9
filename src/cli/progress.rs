//! Progress on a terminal. A run that is over in an instant shows none; a pipe, a CI job and
//! `--quiet` never do.

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sbomgate::model::RelPath;
use sbomgate::model::text::{shortened, visible};
use sbomgate::run::Progress;
use std::time::{Duration, Instant};

/// How long a run stays silent.
const PATIENCE: Duration = Duration::from_millis(300);

pub struct Bar {
    drawn: ProgressBar,
    began: Instant,
}

impl Bar {
    /// `watched` says whether anybody wants to see it.
    pub fn new(watched: bool) -> Self {
        let target = if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style =
            ProgressStyle::with_template("reading lockfiles {pos}/{len} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        Bar { drawn: ProgressBar::with_draw_target(None, target).with_style(style), began: Instant::now() }
    }
}

impl Progress for Bar {
    fn reading(&self, lockfile: &RelPath, number: usize, total: usize) {
        if self.began.elapsed() < PATIENCE {
            return;
        }
        if self.drawn.is_finished() {
            self.drawn.reset();
        }
        self.drawn.update(|state| {
            state.set_len(total as u64);
            state.set_pos(number as u64);
        });
        self.drawn.set_message(shortened(&visible(lockfile.as_str()), 60).into_owned());
    }

    fn fetching(&self, address: &str, bytes: u64, total: Option<u64>) {
        if self.began.elapsed() < PATIENCE {
            return;
        }
        let of = total.map_or_else(String::new, |total| format!(" of {}", HumanBytes(total)));
        self.drawn.set_style(ProgressStyle::with_template("fetching {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.drawn.set_message(format!("{} {}{of}", shortened(&visible(address), 80), HumanBytes(bytes)));
    }

    fn read(&self) {
        self.drawn.finish_and_clear();
    }
}
