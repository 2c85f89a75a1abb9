#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sbomgate_fuzz::lockfile("pdm.lock", "pyproject.toml", bytes));
