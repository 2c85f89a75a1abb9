//! The `sbomgate` program: arguments in, an exit code out.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}

/// A lockfile of a hundred thousand packages is two million small allocations: a third of the time
/// of the system's allocator goes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
