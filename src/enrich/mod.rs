//! Packages and commits to facts, without any I/O: what is needed of the world comes in as a value or
//! behind a trait that `run` fills. What is not known is a value with its reason, and never counts as clean.

pub mod advisory;
pub mod ai_provider;
pub mod attribution;
pub mod introduction;
pub mod licence;
pub mod licence_text;
pub mod lookalike;
pub mod registry;
pub mod signature;
mod fact;

pub use fact::Fact;
