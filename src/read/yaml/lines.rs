//! YAML of the plainest kind, line by line: what a package manager writes is nearly always that, and
//! reading it so takes a quarter of the time.
//!
//! Block mappings and lists of text, of which each stands on its own line, and flow mappings and lists
//! of text within a line. At anything else the reader gives up and the whole file is read by the rules
//! of YAML; where it does not give up, the outcome is the same, which the tests hold against that
//! reader. It never says that a file is wrong.

use super::tree::{Open, Tree};
use super::{List, MOST_NODES, Map, Node, Text};

/// YAML's limit for a key without a `?` is 1,024 characters.
const LONGEST_KEY: usize = 1_000;

/// The document, if the whole text is of this kind.
pub fn parse(text: &str) -> Option<Node<'_>> {
    let mut reader = Reader { tree: Tree::default(), open: Vec::new(), pending: None };
    let mut line = 0;
    for content in text.split_inclusive('\n') {
        line += 1;
        reader.line(content.strip_suffix('\n').unwrap_or(content), line)?;
        if reader.tree.nodes > MOST_NODES {
            return None;
        }
    }
    reader.finish()
}

/// A mapping or list that has not ended, by the column of its keys or dashes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Block {
    column: usize,
    is_list: bool,
}

struct Reader<'a> {
    tree: Tree<'a>,
    open: Vec<Block>,
    /// The column of a key whose value begins on the next line.
    pending: Option<usize>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, number: u32) -> Option<()> {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            return is_plain(content).then_some(());
        }
        // A space at the end, a tab, a marker of documents, a letter beyond ASCII: left to the whole rules.
        if !is_plain(content) || content.ends_with(' ') {
            return None;
        }
        let column = line.len() - content.len();
        if column == 0 && (content.starts_with("---") || content.starts_with("...")) {
            return None;
        }
        match content.strip_prefix("- ") {
            Some(item) => {
                self.begin(Block { column, is_list: true }, number)?;
                self.value(item, number)
            }
            None => {
                self.begin(Block { column, is_list: false }, number)?;
                self.pair(content, column, number)
            }
        }
    }

    /// Ends what a line of this column ends, and begins what it begins.
    fn begin(&mut self, block: Block, line: u32) -> Option<()> {
        if let Some(key) = self.pending.take() {
            // A list may stand in the column of its key.
            if block.column < key || (block.column == key && !block.is_list) {
                return None;
            }
            return self.opened(block, line);
        }
        while let Some(&last) = self.open.last() {
            if last == block {
                return Some(());
            }
            if last.column < block.column || (last.column == block.column && !last.is_list) {
                return None;
            }
            self.open.pop();
            self.tree.close().ok()?;
        }
        // The document itself.
        if line_is_first(&self.tree) && block.column == 0 && !block.is_list { self.opened(block, line) } else { None }
    }

    fn opened(&mut self, block: Block, line: u32) -> Option<()> {
        self.open.push(block);
        let open = match block.is_list {
            true => Open::List(List { line, items: Vec::new() }),
            false => Open::Map(Map { line, pairs: Vec::new() }, None),
        };
        self.tree.open(open, line).ok()
    }

    fn pair(&mut self, content: &'a str, column: usize, line: u32) -> Option<()> {
        let (key, rest) = key(content)?;
        self.tree.add(Node::Text(Text { line, ..key })).ok()?;
        match rest.strip_prefix(' ') {
            None => {
                self.pending = Some(column);
                rest.is_empty().then_some(())
            }
            Some(value) => self.value(value, line),
        }
    }

    fn value(&mut self, value: &'a str, line: u32) -> Option<()> {
        if let Some(inside) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            self.tree.open(Open::Map(Map { line, pairs: Vec::new() }, None), line).ok()?;
            let mut rest = inside;
            while !rest.is_empty() {
                let (key, behind) = key(rest).filter(|(key, _)| is_flow(&key.text))?;
                let (text, behind) = flow_text(behind.strip_prefix(' ')?)?;
                self.tree.add(Node::Text(Text { line, ..key })).ok()?;
                self.tree.add(Node::Text(Text { line, ..text })).ok()?;
                rest = behind;
            }
            return self.tree.close().ok();
        }
        if let Some(inside) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.tree.open(Open::List(List { line, items: Vec::new() }), line).ok()?;
            let mut rest = inside;
            while !rest.is_empty() {
                let (text, behind) = flow_text(rest)?;
                self.tree.add(Node::Text(Text { line, ..text })).ok()?;
                rest = behind;
            }
            return self.tree.close().ok();
        }
        let (text, behind) = quoted(value).or_else(|| Some((word(value)?, "")))?;
        behind.is_empty().then_some(())?;
        self.tree.add(Node::Text(Text { line, ..text })).ok()
    }

    fn finish(mut self) -> Option<Node<'a>> {
        if self.pending.is_some() {
            return None;
        }
        while self.open.pop().is_some() {
            self.tree.close().ok()?;
        }
        self.tree.documents.pop()
    }
}

fn line_is_first(tree: &Tree<'_>) -> bool {
    tree.documents.is_empty() && tree.nodes == 0
}

/// Printable ASCII alone.
fn is_plain(content: &str) -> bool {
    content.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A key with what stands behind its colon.
fn key(content: &str) -> Option<(Text<'_>, &str)> {
    let (key, rest) = match quoted(content) {
        Some((text, rest)) => (text, rest.strip_prefix(':')?),
        None => {
            let end = colon(content)?;
            (word(&content[..end])?, &content[end + 1..])
        }
    };
    (key.text.len() <= LONGEST_KEY && key.text != "<<").then_some((key, rest))
}

/// Where the first colon is that ends a key: one before a space or the end.
fn colon(content: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    memchr::memchr_iter(b':', bytes).find(|&at| matches!(bytes.get(at + 1), None | Some(b' ')))
}

/// A text in quotes, without any escape in it, and what stands behind.
fn quoted(content: &str) -> Option<(Text<'_>, &str)> {
    let quote = content.bytes().next().filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let end = memchr::memchr2(quote, b'\\', &content.as_bytes()[1..])? + 1;
    let (text, rest) = (&content[1..end], &content[end + 1..]);
    let is_whole = content.as_bytes()[end] == quote && !rest.starts_with(quote as char);
    is_whole.then_some((Text { text: text.into(), line: 0, plain: false }, rest))
}

/// A text without quotes, of a kind that cannot be anything else.
fn word(content: &str) -> Option<Text<'_>> {
    let bytes = content.as_bytes();
    let starts = matches!(bytes.first()?, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'^' | b'~' | b'=' | b'<' | b'(');
    let is_word = starts && !content.ends_with(' ') && colon(content).is_none() && memchr::memmem::find(bytes, b" #").is_none();
    is_word.then_some(Text { text: content.into(), line: 0, plain: true })
}

/// One text of a flow mapping or list, and what stands behind the comma.
fn flow_text(content: &str) -> Option<(Text<'_>, &str)> {
    let (text, rest) = match quoted(content) {
        Some(read) => read,
        None => {
            let end = memchr::memchr(b',', content.as_bytes()).unwrap_or(content.len());
            (word(&content[..end]).filter(|text| is_flow(&text.text))?, &content[end..])
        }
    };
    match rest.strip_prefix(", ") {
        Some(rest) if !rest.is_empty() => Some((text, rest)),
        None if rest.is_empty() => Some((text, rest)),
        _ => None,
    }
}

/// Whether a text without quotes may stand in a flow mapping or list as well: nothing ends it there.
fn is_flow(text: &str) -> bool {
    let bytes = text.as_bytes();
    !bytes.iter().enumerate().any(|(at, byte)| match byte {
        b',' | b'[' | b']' | b'{' | b'}' => true,
        b':' => matches!(bytes.get(at + 1), Some(b',' | b'[' | b']' | b'{' | b'}') | None),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse_events;
    use super::parse;
    use crate::model::{RelPath, SourceFile};
    use proptest::prelude::*;

    /// Where this reader does not give up, the whole rules say the same. Whether it gave up.
    fn agrees(text: &str) -> bool {
        let file = SourceFile::new(RelPath::new("pnpm-lock.yaml").unwrap(), text.as_bytes().to_vec()).unwrap();
        let Some(document) = parse(file.text()) else { return true };
        assert_eq!(Ok(vec![document]), parse_events(&file).map_err(|error| error.to_string()), "{text}");
        false
    }

    #[test]
    fn lockfiles_are_read_line_by_line() {
        let pnpm = include_str!("../../../fixtures/read/pnpm-lock/v9-plain/input/pnpm-lock.yaml");
        let berry = include_str!("../../../fixtures/read/yarn-berry/conditions/input/yarn.lock");
        for text in [pnpm, berry] {
            assert!(!agrees(text));
            for at in 0..text.len() {
                agrees(&text[..at]);
                for other in
                    ["", " ", "\n", "'", "\"", ":", ": ", "#", " #", "-", "- ", "{", "}", "[", "]", ",", "*", "&", "|", ">", "!", "\t", "~"]
                {
                    agrees(&format!("{}{other}{}", &text[..at], &text[at + 1..]));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]
        #[test]
        fn any_text_is_read_alike(text in r#"([ ]{0,3}(- )?('[ab: ]'|"[ab,]"|[ab.<=~/:#]{1,3})?(: |:\n|:)?(\{(a: [ab:,]{1,3})?(, b: 'c')?\}|\[([ab], )?[ab]?\]|[ab:#' .<=~^]{0,4})?\n){0,6}"#) {
            agrees(&text);
        }
    }
}
