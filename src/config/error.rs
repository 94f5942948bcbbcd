//! What can be wrong with a configuration, said so that it can be mended at once: where it stands,
//! which key, what was found, what was expected.

use std::fmt;
use std::path::PathBuf;

/// Everything that is wrong, not just the first thing.
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
    #[error("{place}: unknown key {key}{}", Hint(*.similar))]
    UnknownKey {
        /// Where it stands.
        place: Place,
        /// The key as it was written.
        key: String,
        /// A known key that looks like it.
        similar: Option<&'static str>,
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
        /// The column in bytes, from 1.
        column: usize,
    },
    /// An environment variable.
    Variable(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Default => f.write_str("default"),
            Place::File { path, line, column } => {
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
        }
        Ok(())
    }
}

struct Hint(Option<&'static str>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(key) => write!(f, ", did you mean {key}?"),
            None => Ok(()),
        }
    }
}
