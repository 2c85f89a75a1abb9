//! What a policy says of packages that come in.

use crate::enrich::Fact;
use crate::enrich::attribution::Category;

/// Whether a package may come in. The stricter one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entrance {
    Allow,
    NeedsApproval,
    Deny,
}

/// What holds of whom. Of several that apply the strictest counts: `ai` and `automation` add to what holds
/// of everybody, and take nothing away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Introduced {
    pub direct: Entrance,
    pub transitive: Entrance,
    pub ai: Entrance,
    pub automation: Entrance,
}

impl Default for Introduced {
    fn default() -> Self {
        let (direct, transitive) = (Entrance::NeedsApproval, Entrance::NeedsApproval);
        Introduced { direct, transitive, ai: Entrance::Allow, automation: Entrance::Allow }
    }
}

impl Introduced {
    /// `direct` is `None` where it is not known; `by` says of each commit that had a part in it who wrote
    /// it, and is empty where nobody asked.
    pub fn of(&self, direct: Option<bool>, by: &[Fact<Category>]) -> Entrance {
        let place = match direct {
            Some(true) => self.direct,
            Some(false) => self.transitive,
            None => self.direct.max(self.transitive),
        };
        place.max(self.of_authors(by))
    }

    /// What holds of who wrote the commits that had a part in it, whatever its place.
    pub fn of_authors(&self, by: &[Fact<Category>]) -> Entrance {
        let of_author = |by: &Fact<Category>| match by {
            Fact::Known(Category::Undeclared) => Entrance::Allow,
            Fact::Known(Category::AiDeclared | Category::AiIndicated) => self.ai,
            Fact::Known(Category::Automation) => self.automation,
            // Not known is not clean: somebody has to look, where it would matter.
            Fact::Unknown(_) => self.ai.max(self.automation).min(Entrance::NeedsApproval),
        };
        by.iter().map(of_author).fold(Entrance::Allow, Entrance::max)
    }
}
