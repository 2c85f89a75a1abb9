//! A page of a bounded size: sections in the order of their weight, each cut where nothing more fits.

use std::fmt::Write;

pub struct Page {
    text: String,
    taken: usize,
    most: usize,
    cut: bool,
}

/// What is kept free for saying that something was left out.
const KEPT: usize = 300;

/// Bytes of a text once it is written: a bracket may become an escape (see `Inert`).
fn size(text: &str) -> usize {
    text.len() + 5 * text.matches('[').count()
}

impl Page {
    /// At most `most` bytes, which are never fewer than characters.
    pub fn new(most: usize) -> Self {
        Page { text: String::new(), taken: 0, most: most - KEPT, cut: false }
    }

    /// Adds text, if it fits.
    pub fn add(&mut self, text: &str) -> bool {
        let fits = self.taken + size(text) <= self.most;
        if fits {
            self.taken += size(text);
            self.text.push_str(text);
        }
        self.cut |= !fits;
        fits
    }

    /// A heading, as many lines as fit, and what closes it; nothing at all where there is no line.
    pub fn section(&mut self, open: &str, lines: &[String], close: &str) {
        let Some(first) = lines.first() else { return };
        let end = size(close) + 40;
        if self.taken + size(open) + size(first) + end > self.most {
            self.cut = true;
            return;
        }
        self.add(open);
        let mut left = lines.len();
        for line in lines {
            if self.taken + size(line) + end > self.most {
                break;
            }
            self.add(line);
            left -= 1;
        }
        if left > 0 {
            self.cut = true;
            let _ = writeln!(self.text, "- and {left} more");
            self.taken += 40;
        }
        self.add(close);
    }

    /// The page; one that was cut says so at its end.
    pub fn whole(mut self) -> String {
        if self.cut {
            let most = self.most + KEPT;
            let _ = write!(
                self.text,
                "\n_Cut to {most} characters: the JSON and HTML reports (`-o json=FILE`, `-o html=FILE`) hold everything._\n"
            );
        }
        self.text
    }
}
