//! The text of a file and the places in it, for messages that point.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::error::Place;

/// The most characters of a line that a message repeats.
const LINE_CHARS_MAX: usize = 120;

/// A file that was read.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// One line of a file with the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the line, from 1.
    line: usize,
    /// The line, without its end.
    text: String,
    /// What stands before the marked part: characters.
    before: usize,
    /// How many characters are marked, at least one.
    marked: usize,
}

impl Source<'_> {
    /// The place of some bytes.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        let text = rest.lines().next().unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = chars(before.get(start..)) + 1;
        let marked = self
            .text
            .get(span.clone())
            .and_then(|text| text.lines().next());
        Place::File {
            path: self.path.to_owned(),
            line,
            column,
            excerpt: Box::new(Excerpt {
                line,
                text: text.chars().take(LINE_CHARS_MAX).collect(),
                before: column - 1,
                marked: chars(marked).max(1),
            }),
        }
    }

    /// The bytes as they were written, on one line.
    pub(super) fn written(&self, span: &Range<usize>) -> String {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let short: String = text
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect();
        if short.len() < text.len() {
            return format!("{short}...");
        }
        short
    }
}

fn chars(text: Option<&str>) -> usize {
    text.unwrap_or_default().chars().count()
}

impl Excerpt {
    /// Leaves out what stands behind the name: it may be a secret in the wrong file.
    #[must_use]
    pub(super) fn without_value(mut self) -> Self {
        if let Some((name, _)) = self.text.split_once('=') {
            self.text = format!("{name}= ...");
        }
        self
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>5} | {}", self.line, self.text)?;
        // Tabs stay tabs, so that the marks stand below what they mean.
        let blank = |c: char| if c == '\t' { '\t' } else { ' ' };
        let mut before: String = self.text.chars().take(self.before).map(blank).collect();
        before.extend(std::iter::repeat_n(
            ' ',
            self.before.saturating_sub(chars(Some(&before))),
        ));
        let room = (LINE_CHARS_MAX + 1).saturating_sub(self.before);
        write!(f, "      | {before}{}", "^".repeat(self.marked.min(room)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_with_its_line() {
        let source = Source {
            path: Path::new("node.toml"),
            text: "[api]\n\tlistn = \"x\"\nü = 1",
        };
        let place = source.place(&(7..12));
        assert_eq!(place.to_string(), "node.toml:2:2");
        let shown = place.excerpt().unwrap().to_string();
        assert_eq!(shown, "    2 | \tlistn = \"x\"\n      | \t^^^^^");
        let end = source.place(&(source.text.len()..source.text.len()));
        assert_eq!(end.to_string(), "node.toml:3:6");
        assert!(end.excerpt().unwrap().to_string().ends_with("      ^"));
        let secret = place.excerpt().unwrap().clone().without_value();
        assert!(!secret.to_string().contains("\"x\""));
    }
}
