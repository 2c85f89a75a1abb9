//! Words that several stages share. A word imports no stage; every stage may import it.

pub mod advisory;
pub mod age;
pub mod commit;
pub mod digest;
pub mod ecosystem;
pub mod finding;
pub mod gap;
pub mod history;
pub mod licence;
pub mod mailmap;
pub mod name;
pub mod package;
pub mod purl;
pub mod range;
pub mod registry;
pub mod request;
pub mod scope;
pub mod source;
pub mod text;
pub mod url;
pub mod version;

pub use advisory::{Advisory, AdvisoryId, AdvisoryKind, Rating, Severity};
pub use age::MaxAge;
pub use commit::{Commit, CommitId, Identity, Signed, Stamp};
pub use digest::{Algorithm, Digest};
pub use ecosystem::Ecosystem;
pub use finding::{Finding, Level};
pub use gap::{Gap, GapKind};
pub use history::{CommitRecord, Moment, Person};
pub use mailmap::Mailmap;
pub use name::PackageName;
pub use package::{Artifact, Checksum, Package, PackageSource, Patch};
pub use scope::Scope;
pub use source::{Lines, Location, RelPath, SourceFile};
pub use url::Address;
pub use version::Version;
