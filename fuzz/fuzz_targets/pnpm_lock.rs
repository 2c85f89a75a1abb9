#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sbomgate_fuzz::lockfile("pnpm-lock.yaml", "package.json", bytes));
