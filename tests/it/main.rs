#![allow(clippy::disallowed_methods, reason = "tests read their fixtures and run the program")]

mod advisories;
mod ai_inventory;
mod attribution;
mod built;
mod cli;
mod diff;
mod documents;
mod exploitation;
mod fixtures;
mod git;
mod introduction;
mod laws;
mod licence;
mod network;
mod never_panics;
mod policy;
mod purl;
mod read;
mod registries;
mod registry;
mod reports;
mod rustsec_oracle;
mod sbom_cli;
mod sbom_schema;
mod signatures;
mod tidy;
