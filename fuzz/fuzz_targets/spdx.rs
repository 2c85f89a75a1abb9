#![no_main]

// A document holds all that is read of it: nothing lies beside.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sbomgate_fuzz::lockfile("bom.spdx.json", "none", bytes));
