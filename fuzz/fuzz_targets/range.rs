#![no_main]

use sbomgate::model::{Ecosystem, Version, range, version};

// Two versions and a range, a line each: an order is antisymmetric, and nothing panics.
libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (Ok(a), Ok(b), wanted) = (Version::new(next()), Version::new(next()), next()) else { return };
    for ecosystem in Ecosystem::ALL {
        let (there, back) = (version::compare(ecosystem, &a, &b), version::compare(ecosystem, &b, &a));
        assert_eq!(there, back.map(std::cmp::Ordering::reverse));
        let _ = range::satisfies(ecosystem, wanted, &a);
        let _ = version::compatible_line(ecosystem, &a);
    }
});
