//! The layers a configuration is made of, each checked by itself so that a message can name the
//! very line, variable or flag.

use std::io::Read;
use std::path::Path;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Place};
use super::key::{self, Kind};
use crate::limits;

/// Environment variables that set keys: `QUITTANCE__API__LISTEN` is `api.listen`.
pub(super) const PREFIX: &str = "QUITTANCE__";

/// One value that somebody wrote.
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) value: Value,
    pub(super) place: Place,
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
            Ok(text) => layer.text(path, &text),
            Err(error) => layer.errors.push(error),
        }
        layer
    }

    /// Reads the variables that carry our prefix; others are none of our business.
    pub(super) fn environment(variables: impl IntoIterator<Item = (String, String)>) -> Layer {
        let mut layer = Layer::default();
        let mut ours: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        ours.sort();
        for (name, text) in ours {
            let rest = name.strip_prefix(PREFIX).unwrap_or_default();
            let key = rest.replace("__", ".").to_ascii_lowercase();
            layer.typed(&key, &text, Place::Variable(name));
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

    fn text(&mut self, path: &Path, text: &str) {
        let place = |at: usize| {
            let before = text.get(..at).unwrap_or(text);
            let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
            Place::File {
                path: path.to_owned(),
                line,
                column,
            }
        };
        match (DeTable::parse(text), toml::from_str::<toml::Table>(text)) {
            (Ok(spans), Ok(values)) => self.table("", spans.get_ref(), &values, &place),
            (Err(error), _) | (_, Err(error)) => {
                let place = place(error.span().map_or(0, |span| span.start));
                let message = error.message().to_owned();
                self.errors.push(ConfigError::Syntax { place, message });
            }
        }
    }

    /// Walks the table twice at once: `spans` knows where things stand, `values` what they are.
    fn table(
        &mut self,
        prefix: &str,
        spans: &DeTable<'_>,
        values: &toml::Table,
        place: &impl Fn(usize) -> Place,
    ) {
        for (name, span) in spans {
            let key = match prefix {
                "" => name.get_ref().to_string(),
                _ => format!("{prefix}.{}", name.get_ref()),
            };
            let at = place(name.span().start);
            match (span.get_ref(), values.get(name.get_ref().as_ref())) {
                (DeValue::Table(spans), Some(Value::Table(values))) if key::is_section(&key) => {
                    self.table(&key, spans, values, place);
                }
                (_, Some(value)) => self.setting(&key, value.clone(), at),
                (_, None) => self.unknown(&key, at),
            }
        }
    }

    fn typed(&mut self, key: &str, text: &str, place: Place) {
        let value = match key::find(key).map(|known| known.kind.parse(text)) {
            Some(Some(value)) => value,
            _ => Value::String(text.to_owned()),
        };
        self.setting(key, value, place);
    }

    fn setting(&mut self, key: &str, value: Value, place: Place) {
        match key::find(key) {
            None if key::is_section(key) => {
                self.wrong(
                    key,
                    &value,
                    "a section with keys of its own".to_owned(),
                    place,
                );
            }
            None => self.unknown(key, place),
            Some(known) if !known.kind.accepts(&value) => {
                self.wrong(key, &value, expected(known.kind, &value), place);
            }
            Some(known) => self.settings.push(Setting {
                key: known.name,
                value,
                place,
            }),
        }
    }

    fn unknown(&mut self, key: &str, place: Place) {
        let (key, similar) = (key.to_owned(), key::similar(key));
        self.errors.push(ConfigError::UnknownKey {
            place,
            key,
            similar,
        });
    }

    fn wrong(&mut self, key: &str, value: &Value, expected: String, place: Place) {
        let (key, found) = (key.to_owned(), value.to_string());
        self.errors.push(ConfigError::Value {
            place,
            key,
            found,
            expected,
        });
    }
}

fn expected(kind: Kind, value: &Value) -> String {
    match (kind, value) {
        (Kind::Count(..), Value::String(text)) if text.parse::<i64>().is_ok() => {
            format!("{}, without quotes", kind.expected())
        }
        _ => kind.expected(),
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
