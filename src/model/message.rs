//! A commit's message as the lines that say something in their own voice.
//!
//! Quoted (`>`), fenced and indented text is somebody else's, and so is an HTML comment that a template
//! left: none of it counts. A fence or comment that nothing closes is no fence. The work is linear in
//! the message, of which the first megabytes are read.

use super::commit::Identity;

/// Bytes of a message that are read.
const MOST_BYTES: usize = 4 << 20;
/// Bytes of one line that are read.
const MOST_LINE: usize = 16 << 10;

/// A message's lines.
#[derive(Debug)]
pub struct Message<'m> {
    pub subject: &'m str,
    /// The lines that count, the subject first; none is empty.
    pub lines: Vec<Line<'m>>,
    /// Whether there was more than is read, in a line or behind the last one.
    pub cut: bool,
}

/// A line without the white space around it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'m> {
    /// From 1.
    pub number: u32,
    pub text: &'m str,
    /// Whether it stands in what git takes for the trailers, the last paragraph.
    pub in_trailer_block: bool,
}

impl<'m> Line<'m> {
    /// `Key: value`, when the line is shaped like a trailer.
    pub fn trailer(&self) -> Option<(&'m str, &'m str)> {
        let (key, value) = self.text.split_once(':')?;
        let key = key.trim_end();
        let is_key = !key.is_empty() && key.len() <= 64 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (is_key && !value.trim().is_empty()).then(|| (key, value.trim()))
    }

    /// Everybody whom the line names, where it is a `Co-authored-by:` or a `Co-developed-by:`. These count
    /// wherever they stand: a quarter of squash merges puts them outside of git's trailer block.
    pub fn co_authors(&self) -> Option<Vec<Identity>> {
        let (key, value) = self.trailer()?;
        let names_somebody = ["co-authored-by", "co-developed-by"].iter().any(|known| key.eq_ignore_ascii_case(known));
        names_somebody.then(|| identities(value))
    }
}

/// Every `Name <address>` of a trailer's value; an address without brackets counts as one.
fn identities(value: &str) -> Vec<Identity> {
    if !value.contains('<') {
        let (name, last) = value.rsplit_once(' ').unwrap_or(("", value));
        return if last.contains('@') { vec![Identity { name: name.trim().into(), email: last.into() }] } else { Vec::new() };
    }
    let parts = value.split_inclusive('>').filter(|part| part.contains('<'));
    parts.map(|part| Identity::parse(part.trim_start_matches([',', ';', ' ', '&']).trim_start_matches("and "))).collect()
}

/// The first line that says something, without the white space around it.
pub fn subject(message: &str) -> &str {
    message.trim_start().lines().next().unwrap_or_default().trim_end()
}

impl<'m> Message<'m> {
    pub fn new(text: &'m str) -> Self {
        let read = cut(text, MOST_BYTES);
        let shortened = |line: &'m str| cut(line.trim_end_matches('\r'), MOST_LINE);
        let long_line = read.split('\n').any(|line| line.len() > MOST_LINE);
        let first_text = read.split('\n').position(|line| !line.trim().is_empty()).unwrap_or(0);
        let block = trailer_block(read);
        let mut own = OwnVoice::default();
        let mut lines: Vec<Line<'m>> = Vec::new();
        for (at, line) in read.split('\n').enumerate().skip(first_text).map(|(at, line)| (at, shortened(line))) {
            let said = own.says(line, lines.len()) || at == first_text;
            if said && !line.trim().is_empty() {
                let in_trailer_block = block.is_some_and(|from| at >= from);
                lines.push(Line { number: u32::try_from(at + 1).unwrap_or(u32::MAX), text: line.trim(), in_trailer_block });
            }
        }
        // What opened and never closed did not begin a block: its lines count after all.
        if let Some((opened_at, from)) = own.open() {
            lines.truncate(from);
            for (at, line) in read.split('\n').enumerate().skip(first_text + opened_at).map(|(at, line)| (at, shortened(line))) {
                if !line.trim().is_empty() && !is_quoted(line) {
                    let in_trailer_block = block.is_some_and(|from| at >= from);
                    lines.push(Line { number: u32::try_from(at + 1).unwrap_or(u32::MAX), text: line.trim(), in_trailer_block });
                }
            }
        }
        let subject = lines.first().map_or("", |line| line.text);
        Message { subject, lines, cut: long_line || read.len() < text.len() }
    }
}

/// The text up to `most` bytes, a character never parted.
fn cut(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

fn is_quoted(line: &str) -> bool {
    line.starts_with('\t') || line.starts_with("    ") || line.trim_start().starts_with('>')
}

/// Which lines are the message's own.
#[derive(Default)]
struct OwnVoice {
    inside: Option<Inside>,
    lines: usize,
}

/// A block that began, with the line it began at and how many lines counted before it.
struct Inside {
    end: End,
    at: usize,
    counted: usize,
}

enum End {
    Fence(u8, usize),
    Comment,
}

impl OwnVoice {
    /// Whether this line, the next one, counts.
    fn says(&mut self, line: &str, counted: usize) -> bool {
        let at = self.lines;
        self.lines += 1;
        let text = line.trim();
        match &self.inside {
            Some(Inside { end: End::Fence(mark, length), .. }) => {
                if fence(line).is_some_and(|(found, long, bare)| found == *mark && long >= *length && bare) {
                    self.inside = None;
                }
                false
            }
            Some(Inside { end: End::Comment, .. }) => {
                if text.contains("-->") {
                    self.inside = None;
                }
                false
            }
            None => {
                let end = match fence(line) {
                    Some((mark, length, _)) => Some(End::Fence(mark, length)),
                    None => (text.starts_with("<!--") && !text.contains("-->")).then_some(End::Comment),
                };
                self.inside = end.map(|end| Inside { end, at, counted });
                self.inside.is_none() && !is_quoted(line)
            }
        }
    }

    fn open(&self) -> Option<(usize, usize)> {
        self.inside.as_ref().map(|inside| (inside.at, inside.counted))
    }
}

/// The mark of a fence, how long it is, and whether nothing follows it (CommonMark 0.31, section 4.5).
pub fn fence(line: &str) -> Option<(u8, usize, bool)> {
    let text = line.trim_start_matches(' ');
    let mark = *text.as_bytes().first().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let length = text.bytes().take_while(|byte| *byte == mark).count();
    let rest = &text[length..];
    let is_fence = length >= 3 && line.len() - text.len() <= 3 && !(mark == b'`' && rest.contains('`'));
    is_fence.then(|| (mark, length, rest.trim().is_empty()))
}

/// The line, from 0, at which the trailers begin, by git's rule: the last paragraph but never the first,
/// of trailers alone, or with one that git itself writes and a quarter of trailers (git-interpret-trailers(1)).
fn trailer_block(text: &str) -> Option<usize> {
    let lines: Vec<&str> = text.trim_end().split('\n').collect();
    let blank = lines.iter().rposition(|line| line.trim().is_empty())?;
    if lines[..blank].iter().all(|line| line.trim().is_empty()) {
        return None;
    }
    let (mut trailers, mut others, mut of_git) = (0usize, 0usize, false);
    let mut after_trailer = false;
    for line in lines[blank + 1..].iter().filter(|line| !line.starts_with('#')) {
        if line.starts_with([' ', '\t']) && after_trailer {
            continue;
        }
        let trailer = Line { number: 0, text: line.trim_end(), in_trailer_block: false }.trailer().is_some();
        let by_git = line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
        of_git |= by_git;
        after_trailer = trailer || by_git;
        if after_trailer { trailers += 1 } else { others += 1 }
    }
    let is_block = trailers > 0 && others == 0 || of_git && trailers * 3 >= others;
    is_block.then_some(blank + 1)
}

#[cfg(test)]
mod tests {
    use super::Message;

    fn counted(text: &str) -> Vec<&str> {
        Message::new(text).lines.iter().map(|line| line.text).collect()
    }

    #[test]
    fn only_the_messages_own_voice_counts() {
        assert_eq!(counted("s\n\n> q: 1\n    i: 2\n\tt: 3\n```\nf: 4\n```\nk: 5\n"), ["s", "k: 5"]);
        assert_eq!(counted("s\n\n~~~~ text\n```\n~~~\n~~~~\nk: 1"), ["s", "k: 1"]);
        assert_eq!(counted("s\n\n<!-- hint\na: 1\n-->\nk: 2"), ["s", "k: 2"]);
        assert_eq!(counted("s\r\n\r\nk: v\r\n"), ["s", "k: v"]);
    }

    #[test]
    fn what_never_closes_hides_nothing() {
        assert_eq!(counted("s\n\nbefore\n```\nk: 1\n> q\n\nl: 2"), ["s", "before", "```", "k: 1", "l: 2"]);
        assert_eq!(counted("s\n\n<!-- open\nk: 1"), ["s", "<!-- open", "k: 1"]);
    }

    #[test]
    fn the_trailer_block_is_gits() {
        let last = |text: &str| Message::new(text).lines.last().unwrap().in_trailer_block;
        assert!(last("s\n\nbody\n\nA: b\nC-d: e\n"));
        assert!(!last("A: b"));
        assert!(!last("s\n\nbody\nA: b"));
        assert!(last("s\n\nnote\nSigned-off-by: a\nA: b"));
        assert!(!Message::new("s\n\nA: b\n\n---------\n\nC: d").lines[1].in_trailer_block);
    }

    #[test]
    fn a_message_of_megabytes_is_read_in_part() {
        let long = format!("s\n\n{}", "x: y\n".repeat(2_000_000));
        assert!(Message::new(&long).cut && !Message::new("s").cut);
        assert!(Message::new(&"é".repeat(3_000_000)).lines[0].text.len() <= 16 << 10);
    }

    #[test]
    fn co_authors_are_named_wherever_they_stand() {
        let named = |text: &str| -> Vec<String> {
            let message = Message::new(text);
            message.lines.iter().filter_map(|line| line.co_authors()).flatten().map(|who| who.to_string()).collect()
        };
        assert_eq!(named("s\n\nCo-authored-by: A <a@b.example>\n\nlast"), ["A <a@b.example>"]);
        assert_eq!(named("s\n\nco-developed-by: A <a@b.example> and B <b@b.example>"), ["A <a@b.example>", "B <b@b.example>"]);
        assert_eq!(named("s\n\n```\nCo-authored-by: A <a@b.example>"), ["A <a@b.example>"], "a fence that nothing closes");
        assert!(named("s\n\n```\nCo-authored-by: A <a@b.example>\n```\n> Co-authored-by: B <b@b.example>").is_empty());
    }
}
