//! What a Python script says of itself: the comment block that PEP 723 calls inline script metadata.

use crate::model::SourceFile;
use crate::read::ReadError;

const START: &str = "# /// script";
const END: &str = "# ///";

/// The TOML of a script's block, on the lines on which it stands in the script.
pub(super) fn block(script: &SourceFile) -> Result<SourceFile, ReadError> {
    let malformed = |line: usize, message: &str| ReadError::malformed(script.path(), line as u32 + 1, message);
    let lines: Vec<&str> = script.text().lines().map(|line| line.trim_end_matches('\r')).collect();
    let mut starts = lines.iter().enumerate().filter(|(_, line)| **line == START).map(|(at, _)| at);
    let start = starts.next().ok_or_else(|| malformed(0, "the script has no block `# /// script`, which says what it asks for"))?;
    // A block goes as far as comments do, and ends with the last end among them.
    let is_comment = |line: &&&str| **line == "#" || line.starts_with("# ");
    let comments = lines[start + 1..].iter().take_while(is_comment).count();
    let end = lines[start + 1..=start + comments].iter().rposition(|line| *line == END).map(|at| start + 1 + at);
    let end = end.ok_or_else(|| malformed(start, "the block `# /// script` has no end `# ///`"))?;
    if let Some(second) = starts.find(|&second| second > end) {
        return Err(malformed(second, "the script has a second block `# /// script`"));
    }
    let content = lines[start + 1..end].iter().map(|line| line.strip_prefix("# ").unwrap_or(""));
    let text = "\n".repeat(start + 1) + &content.collect::<Vec<_>>().join("\n") + "\n";
    SourceFile::new(script.path().clone(), text.into_bytes()).map_err(|error| malformed(start, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::block;
    use crate::model::{RelPath, SourceFile};

    #[test]
    fn blocks_as_pep_723_finds_them() {
        let of =
            |text: &str| block(&SourceFile::new(RelPath::new("tool.py").unwrap(), text.into()).unwrap()).map(|toml| toml.text().to_owned());
        assert_eq!(of("#!/usr/bin/env python\n# /// script\n# a = [\n#   1]\n#\n# ///\nx\n").unwrap(), "\n\na = [\n  1]\n\n");
        assert_eq!(of("# /// script\r\n# a = 1\r\n# ///\r\n").unwrap(), "\na = 1\n");
        // Ends that are followed by comments are content.
        assert_eq!(of("# /// script\n# ///\n# a = 1\n# ///\n").unwrap(), "\n///\na = 1\n");
        for without in [
            "",
            "# /// pyproject\n# ///\n",
            "# /// script\n# a = 1\n",
            "# /// script\n#a\n# ///\n",
            "# /// script\n# ///\nx\n# /// script\n# ///\n",
        ] {
            assert!(of(without).is_err(), "{without}");
        }
    }
}
