#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sbomgate_fuzz::lockfile("package-lock.json", "package.json", bytes));
