#![no_main]

use sbomgate::model::{RelPath, SourceFile};
use sbomgate::read::vex;

// A VEX document is read or refused with a line.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = RelPath::new("vex.json").expect("a plain path");
    let Ok(file) = SourceFile::new(path, bytes.to_vec()) else { return };
    assert!(vex::read(&file).err().is_none_or(|error| error.line.is_some()));
});
