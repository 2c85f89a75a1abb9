//! What changed in a repository's third-party packages, through which path it came in, and whether
//! it may: one way of the data, one module a stage.
//!
//! ```text
//! read ─▶ graph ─▶ diff ─▶ enrich ─▶ judge ─▶ report | sbom | evidence
//! ```
//!
//! [`read`] turns the bytes of a lockfile (with the manifests of the same revision) into packages
//! with what they provide and require; [`graph`] joins those into one graph a lockfile; [`diff`]
//! compares two graphs and says of each change why it came about; [`enrich`] tells what is known of
//! packages and commits; [`judge`] applies the rules and computes the one verdict; [`report`] and
//! [`sbom`] turn values into bytes, and [`evidence`] is what somebody signs of those. The stages do no I/O:
//! [`edge`] holds git, the disk and the clock, and [`run`], one page a use case, fetches what the
//! stages need and calls them in order. A module imports only those above it.

pub mod model;
pub mod read;
pub mod graph;
pub mod diff;
pub mod enrich;
pub mod judge;
pub mod report;
pub mod sbom;
pub mod evidence;
pub mod edge;
pub mod run;
