//! The layers a configuration is made of, each checked by itself so that a message can name the
//! very line, variable or flag.

use std::io::Read;
use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};
use super::key;
use super::similar;
use super::source::Source;
use crate::limits;

/// Environment variables that set keys: `QUITTANCE__API__LISTEN` is `api.listen`.
pub(super) const PREFIX: &str = "QUITTANCE__";

/// What the variables of flags begin with, and those of keys that lack an underscore.
const PREFIX_OF_FLAGS: &str = "QUITTANCE_";

/// One value that somebody wrote.
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) value: Value,
    /// Where the key stands.
    pub(super) place: Place,
    /// Where its value stands: a line and column of its own in a file.
    pub(super) value_place: Place,
}

/// One source of settings, read and checked key by key.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) settings: Vec<Setting>,
    pub(super) errors: Vec<ConfigError>,
}

impl Layer {
    /// Reads `node.toml`.
    pub(super) fn file(path: &Path) -> Layer {
        let mut layer = Layer::default();
        match read(path) {
            Ok(text) => layer.text(&Source { path, text: &text }),
            Err(error) => layer.errors.push(error),
        }
        layer
    }

    /// Reads the variables that carry our prefix; others are none of our business, except those
    /// that lack an underscore: whoever sets `QUITTANCE_API_LISTEN` must not believe it works.
    pub(super) fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Layer {
        let mut layer = Layer::default();
        let mut ours: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| is_ours(name))
            .collect();
        ours.sort();
        for (name, text) in ours {
            if let Some(rest) = name.strip_prefix(PREFIX) {
                let key = rest.replace("__", ".").to_ascii_lowercase();
                layer.typed(&key, &text, Place::Variable(name));
            } else if let Some(meant) = meant(&name) {
                let meant = variable(meant);
                let variable = name;
                layer
                    .errors
                    .push(ConfigError::Underscores { variable, meant });
            }
        }
        layer
    }

    /// Takes the overrides of the command line, in order: the last one for a key wins.
    pub(super) fn flags(overrides: impl IntoIterator<Item = (String, String)>) -> Layer {
        let mut layer = Layer::default();
        for (key, text) in overrides {
            layer.typed(&key, &text, Place::Flag);
        }
        layer
    }

    fn text(&mut self, source: &Source<'_>) {
        let (table, errors) = DeTable::parse_recoverable(source.text);
        let mut syntax: Vec<ConfigError> = Vec::new();
        for error in errors {
            let place = source.place(&error.span().unwrap_or(0..0));
            let message = error.message().to_owned();
            let error = ConfigError::Syntax { place, message };
            // The second error of a line mostly follows from the first.
            if syntax.last().and_then(line) != line(&error) {
                syntax.push(error);
            }
        }
        self.table("", table.get_ref(), source);
        // What the parser made up to go on says nothing about what was meant.
        let lines: Vec<_> = syntax.iter().filter_map(line).collect();
        self.errors
            .retain(|error| line(error).is_none_or(|at| !lines.contains(&at)));
        self.errors.append(&mut syntax);
        self.errors
            .sort_by_key(|error| error.place().and_then(Place::position));
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>, source: &Source<'_>) {
        for (name, value) in table {
            let key = match prefix {
                "" => name.get_ref().to_string(),
                _ => format!("{prefix}.{}", name.get_ref()),
            };
            let place = source.place(&name.span());
            match value.get_ref() {
                DeValue::Table(table) if key::is_section(&key) => self.table(&key, table, source),
                DeValue::Table(_) if key::find(&key).is_none() => {
                    let advice = similar::section(&key);
                    let section = key;
                    self.errors.push(ConfigError::UnknownSection {
                        place,
                        section,
                        advice,
                    });
                }
                found => {
                    let value_place = source.place(&value.span());
                    let (scalar, written) = (scalar(found), source.written(&value.span()));
                    self.setting(&key, scalar, written, place, value_place);
                }
            }
        }
    }

    fn typed(&mut self, key: &str, text: &str, place: Place) {
        let value = match key::find(key).map(|known| known.kind.parse(text)) {
            Some(Some(value)) => value,
            _ => Value::String(text.to_owned()),
        };
        let written = value.to_string();
        self.setting(key, Some(value), written, place.clone(), place);
    }

    /// Takes one value in; `None` is one of a type that no key has.
    fn setting(
        &mut self,
        key: &str,
        value: Option<Value>,
        written: String,
        place: Place,
        value_place: Place,
    ) {
        let expected = match (key::find(key), value) {
            (Some(known), Some(value)) if known.kind.accepts(&value) => {
                self.settings.push(Setting {
                    key: known.name,
                    value,
                    place,
                    value_place,
                });
                return;
            }
            (Some(known), Some(value)) => known.kind.expected_for(&value),
            (Some(known), None) => known.kind.expected(),
            (None, _) if key::is_section(key) => "a section with keys of its own".to_owned(),
            (None, _) => return self.unknown(key, place),
        };
        self.errors.push(ConfigError::Value {
            place: value_place,
            key: key.to_owned(),
            found: written,
            expected,
        });
    }

    fn unknown(&mut self, key: &str, mut place: Place) {
        if let Place::File { excerpt, .. } = &mut place
            && may_be_secret(key)
        {
            **excerpt = excerpt.as_ref().clone().without_value();
        }
        let (key, advice) = (key.to_owned(), similar::key(key));
        self.errors
            .push(ConfigError::UnknownKey { place, key, advice });
    }
}

/// Whether a variable is for us to judge.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) || meant(name).is_some()
}

/// The key that a variable would set if it had two underscores where it has one.
fn meant(name: &str) -> Option<&'static str> {
    let rest = name.strip_prefix(PREFIX_OF_FLAGS)?.to_ascii_lowercase();
    let single = |text: &str| text.replace("__", "_").replace('.', "_");
    let known = key::KEYS
        .iter()
        .find(|key| single(key.name) == single(&rest));
    known.map(|key| key.name)
}

/// The variable that sets a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

fn line(error: &ConfigError) -> Option<usize> {
    error
        .place()
        .and_then(Place::position)
        .map(|(line, _)| line)
}

fn may_be_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["pass", "secret", "token", "pin", "private"]
        .iter()
        .any(|word| key.contains(word))
}

/// A value of a type that some key has.
fn scalar(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Boolean(switch) => Some(Value::Boolean(*switch)),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            number.ok().map(Value::Integer)
        }
        _ => None,
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    let max = limits::CONFIG_BYTES_MAX;
    let read = file
        .take(max + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if read as u64 > max {
        return Err(ConfigError::TooLarge {
            path: path.to_owned(),
            max,
        });
    }
    Ok(text)
}
