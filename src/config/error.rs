//! What can be wrong with a configuration, said so that it can be mended at once: where it stands,
//! which key, what was found, what was expected.

use std::fmt;
use std::path::PathBuf;

use super::layer;
use super::similar::{Advice, split};
use super::source::Excerpt;

/// Everything that is wrong, not just the first thing. Prints each mistake with its line.
#[derive(Debug, thiserror::Error)]
#[error("{}", Lines(.0))]
pub struct ConfigErrors(pub Vec<ConfigError>);

/// One thing that is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is larger than [`crate::limits::CONFIG_BYTES_MAX`].
    #[error("{}: larger than {max} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        max: u64,
    },
    /// The file is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// Where parsing stopped.
        place: Place,
        /// The parser's reason.
        message: String,
    },
    /// There is no such key.
    #[error("{place}: unknown key `{key}`{}", Hint(.place, key, advice))]
    UnknownKey {
        /// Where it stands.
        place: Place,
        /// The key as it was written.
        key: String,
        /// What may have been meant.
        advice: Advice,
    },
    /// There is no such section.
    #[error("{place}: unknown section `[{section}]`{}", SectionHint(advice))]
    UnknownSection {
        /// Where it stands.
        place: Place,
        /// The section as it was written.
        section: String,
        /// What may have been meant.
        advice: Advice,
    },
    /// The value is of the wrong type or out of range, by itself or beside another key.
    #[error("{place}: {key}: found {found}, expected {expected}")]
    Value {
        /// Where it stands.
        place: Place,
        /// The key.
        key: String,
        /// The value as it was written.
        found: String,
        /// What would have been right.
        expected: String,
    },
    /// A variable that has one underscore where two belong, so that it would mean nothing.
    #[error("{variable}: this variable means nothing: did you mean `{meant}`?")]
    Underscores {
        /// The variable.
        variable: String,
        /// The variable that sets a key.
        meant: String,
    },
    /// The layers cannot be merged; a defect of the checks above, kept as an error.
    #[error("the configuration cannot be merged: {0}")]
    Merge(#[from] config::ConfigError),
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The built-in default.
    Default,
    /// A file, with line and column from 1.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The line itself, for messages.
        excerpt: Box<Excerpt>,
    },
    /// An environment variable.
    Variable(String),
    /// The command line.
    Flag,
}

impl ConfigErrors {
    /// Whether a file could not be read at all, so that nothing is known about what it says.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        let unread = |error: &ConfigError| matches!(error, ConfigError::Unreadable { .. });
        self.0.iter().any(unread)
    }
}

impl ConfigError {
    /// Where it stands, if it stands in a file, a variable or on the command line.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Syntax { place, .. }
            | Self::UnknownKey { place, .. }
            | Self::UnknownSection { place, .. }
            | Self::Value { place, .. } => Some(place),
            _ => None,
        }
    }

    /// The key or section that it is about.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::UnknownKey { key, .. } | Self::Value { key, .. } => Some(key),
            Self::UnknownSection { section, .. } => Some(section),
            _ => None,
        }
    }

    /// Whether this one follows from a value that is wrong by itself: it names that key.
    pub(super) fn follows_from(&self, key: &str) -> bool {
        match self {
            Self::Value {
                key: own, expected, ..
            } => own == key || expected.contains(key),
            _ => false,
        }
    }
}

impl Place {
    /// The line of the file, with the part that is meant marked.
    #[must_use]
    pub const fn excerpt(&self) -> Option<&Excerpt> {
        match self {
            Self::File { excerpt, .. } => Some(excerpt),
            _ => None,
        }
    }

    /// Line and column, in a file.
    #[must_use]
    pub const fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::File { line, column, .. } => Some((*line, *column)),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Default => f.write_str("default"),
            Place::File {
                path, line, column, ..
            } => {
                write!(f, "{}:{line}:{column}", path.display())
            }
            Place::Variable(name) => f.write_str(name),
            Place::Flag => f.write_str("command line"),
        }
    }
}

struct Lines<'a>(&'a [ConfigError]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
            if let Some(excerpt) = error.place().and_then(Place::excerpt) {
                write!(f, "\n{excerpt}")?;
            }
        }
        Ok(())
    }
}

/// What an unknown key may have been meant to be, spelled as it must be at its place.
struct Hint<'a>(&'a Place, &'a str, &'a Advice);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hint(place, key, advice) = self;
        let spelled = |key: &&str| match place {
            Place::Variable(_) => format!("`{}`", layer::variable(key)),
            _ => format!("`{key}`"),
        };
        match (advice, place) {
            (Advice::Nothing, _) => Ok(()),
            (Advice::Similar(known), _) => write!(f, ": did you mean {}?", spelled(known)),
            (Advice::Belongs(keys), Place::File { .. }) => {
                let sections: Vec<_> = keys
                    .iter()
                    .map(|key| format!("[{}]", split(key).0))
                    .collect();
                write!(
                    f,
                    ": `{}` belongs to {}",
                    split(key).1,
                    sections.join(" or ")
                )
            }
            (Advice::Belongs(keys), _) => {
                let keys: Vec<_> = keys.iter().map(spelled).collect();
                write!(f, ": did you mean {}?", keys.join(" or "))
            }
        }
    }
}

struct SectionHint<'a>(&'a Advice);

impl fmt::Display for SectionHint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Advice::Similar(section) => write!(f, ": did you mean `[{section}]`?"),
            _ => Ok(()),
        }
    }
}
