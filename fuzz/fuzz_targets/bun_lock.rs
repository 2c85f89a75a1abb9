#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sbomgate_fuzz::lockfile("bun.lock", "package.json", bytes));
