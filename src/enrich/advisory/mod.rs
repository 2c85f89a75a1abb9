//! Advisories: records in two forms (OSV and RustSec), one store of them per ecosystem, and which of
//! them apply to a package.
//!
//! The invariant: a record applies to a package only when ecosystem, name and kind of source agree
//! and the OSV schema's evaluation of its versions and ranges says so. Where that cannot be decided,
//! the answer is "undecided" with a reason, never "no".

pub mod dates;
pub mod dump;
pub mod evaluate;
pub mod exploitation;
pub mod facts;
mod fixes;
pub mod groups;
pub mod online;
pub mod order;
pub mod osv;
pub mod record;
pub mod rustsec;
mod severity;
pub mod store;
mod told;

pub use evaluate::{Answer, evaluate};
pub use facts::{Advisories, AgeLimit, PackageFacts, StoreNote};
pub use record::{Affected, Event, Parsed, Range, RangeKind, Record, Rejection};
pub use told::{Affects, Imported, Rejected};
