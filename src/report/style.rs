//! How a report is drawn: colour, width, how much of it.

use anstyle::{AnsiColor, Style as Ansi};
use std::fmt::Display;

/// What the terminal can do and the user wants.
#[derive(Clone, Debug)]
pub struct Style {
    pub color: bool,
    /// Columns of the terminal; lines are not broken when it is `None` (a pipe, a file).
    pub width: Option<usize>,
    /// Lists are cut after a few lines unless this is set.
    pub all: bool,
    /// What is no finding, change or gap is left out.
    pub brief: bool,
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    Heading,
    Added,
    Removed,
    Changed,
    Faint,
    Error,
    Warning,
    Good,
}

impl Style {
    /// No colour, no line breaking, everything in it.
    pub fn plain() -> Self {
        Style { color: false, width: None, all: true, brief: false }
    }

    /// The text in its colour. Only text of our own or text already made visible goes in.
    pub fn paint(&self, paint: Paint, text: impl Display) -> String {
        let plain = Ansi::new();
        let style = match paint {
            _ if !self.color => return text.to_string(),
            Paint::Heading => plain.bold(),
            Paint::Added | Paint::Good => plain.fg_color(Some(AnsiColor::Green.into())),
            Paint::Removed => plain.fg_color(Some(AnsiColor::Blue.into())),
            Paint::Changed | Paint::Warning => plain.fg_color(Some(AnsiColor::Yellow.into())),
            Paint::Faint => plain.dimmed(),
            Paint::Error => plain.fg_color(Some(AnsiColor::Red.into())).bold(),
        };
        format!("{}{text}{}", style.render(), style.render_reset())
    }
}
