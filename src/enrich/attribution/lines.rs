//! Which lines of a file a commit adds. A line that only moved is not added, so a note that points to a
//! line which was there before never counts. Linear time: lines that are alone of their text on both sides
//! are the anchors, and their neighbours follow (Heckel, "A technique for isolating differences", 1978).

use std::collections::{BTreeSet, HashMap};

/// The lines of a file's new state that no old state has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddedLines {
    /// First and last line, from 1, sorted.
    ranges: Vec<(u32, u32)>,
}

impl AddedLines {
    /// Compared with every parent; a file that a parent does not have is empty there.
    pub fn between(parents: &[&[u8]], new: &[u8]) -> Self {
        let new_lines = split(new);
        let mut added = vec![true; new_lines.len()];
        for old in parents {
            for (line, is_new) in added.iter_mut().zip(unmatched(&split(old), &new_lines)) {
                *line &= is_new;
            }
        }
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for (at, _) in added.iter().enumerate().filter(|(_, is_new)| **is_new) {
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        AddedLines { ranges }
    }

    /// The first added line from `first` to `last`.
    pub fn first_in(&self, first: u32, last: u32) -> Option<u32> {
        let at = self.ranges.partition_point(|(_, end)| *end < first);
        self.ranges.get(at).map(|(start, _)| first.max(*start)).filter(|line| *line <= last)
    }

    /// The added lines that stand only once in the file and say something: by these a change is known again.
    pub fn telling<'t>(&self, new: &'t [u8]) -> BTreeSet<&'t [u8]> {
        let lines = split(new);
        let mut counts: HashMap<&[u8], u32> = HashMap::with_capacity(lines.len());
        for line in &lines {
            *counts.entry(line.trim_ascii()).or_default() += 1;
        }
        let added = self.ranges.iter().flat_map(|(first, last)| *first as usize - 1..*last as usize);
        let texts = added.filter_map(|at| lines.get(at)).map(|line| line.trim_ascii());
        texts.filter(|text| counts[text] == 1 && text.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() >= 4).collect()
    }
}

fn split(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

/// For each new line whether no old line is it.
fn unmatched(old: &[&[u8]], new: &[&[u8]]) -> Vec<bool> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - prefix;
    let suffix = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let (old, middle) = (&old[prefix..old.len() - suffix], &new[prefix..new.len() - suffix]);
    let mut partner = anchors(old, middle);
    follow(&mut partner, old, middle);
    let mut added = vec![false; new.len()];
    for (at, partner) in partner.iter().enumerate() {
        added[prefix + at] = partner.is_none();
    }
    added
}

/// The partners of the lines whose text stands once on either side.
fn anchors(old: &[&[u8]], new: &[&[u8]]) -> Vec<Option<usize>> {
    let mut seen: HashMap<&[u8], (u32, u32, usize)> = HashMap::with_capacity(old.len());
    for (at, line) in old.iter().enumerate() {
        let entry = seen.entry(line).or_insert((0, 0, at));
        entry.0 += 1;
    }
    for line in new {
        seen.entry(line).and_modify(|entry| entry.1 += 1);
    }
    new.iter().map(|line| seen.get(line).filter(|entry| entry.0 == 1 && entry.1 == 1).map(|entry| entry.2)).collect()
}

/// The lines beside a pair that are equal are a pair too, downward and upward.
fn follow(partner: &mut [Option<usize>], old: &[&[u8]], new: &[&[u8]]) {
    let mut taken = vec![false; old.len()];
    partner.iter().flatten().for_each(|at| taken[*at] = true);
    for at in 1..new.len() {
        if let (None, Some(above)) = (partner[at], partner[at - 1])
            && old.get(above + 1).is_some_and(|line| *line == new[at])
            && !std::mem::replace(&mut taken[above + 1], true)
        {
            partner[at] = Some(above + 1);
        }
    }
    for at in (0..new.len().saturating_sub(1)).rev() {
        if let (None, Some(below)) = (partner[at], partner[at + 1])
            && below > 0
            && old[below - 1] == new[at]
            && !std::mem::replace(&mut taken[below - 1], true)
        {
            partner[at] = Some(below - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AddedLines;

    fn added(old: &str, new: &str) -> Vec<(u32, u32)> {
        AddedLines::between(&[old.as_bytes()], new.as_bytes()).ranges
    }

    #[test]
    fn added_lines_are_those_that_were_not_there() {
        assert_eq!(added("a\nb\n", "a\nx\nb\n"), [(2, 2)]);
        assert_eq!(added("", "a\nb\n"), [(1, 2)]);
        assert_eq!(added("a\nb\nc\n", "c\na\nb\n"), [], "a line that moved is not new");
        assert_eq!(added("[\n},\n},\n]\n", "[\n},\nx\n},\n},\n]\n"), [(3, 4)]);
        assert_eq!(added("a\n#\n#\n#\nb\n", "a\n#\nx\n#\nb\n"), [(3, 3)]);
        assert_eq!(added("a\n", "a\n"), []);
    }

    #[test]
    fn of_a_merge_only_what_neither_parent_had_is_new() {
        let both = AddedLines::between(&[b"a\nb\n", b"a\nc\n"], b"a\nb\nc\nd\n");
        assert_eq!(both.ranges, [(4, 4)]);
        assert_eq!(both.first_in(1, 4_000_000_000), Some(4));
        assert_eq!(both.first_in(5, 9), None);
    }

    #[test]
    fn telling_lines_are_alone_of_their_text() {
        let new = b"{\n \"ant\": \"1.0.0\",\n \"dev\": true,\n \"dev\": true\n}\n";
        let telling = AddedLines::between(&[b"{\n}\n"], new).telling(new);
        let telling: Vec<_> = telling.iter().map(|line| String::from_utf8_lossy(line)).collect();
        assert_eq!(telling, ["\"ant\": \"1.0.0\",", "\"dev\": true", "\"dev\": true,"]);
    }
}
