#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sbomgate_fuzz::lockfile("poetry.lock", "pyproject.toml", bytes));
