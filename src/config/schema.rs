//! `node.toml` as JSON Schema, made of the table of keys, their defaults and the words of the file
//! in the repository: editors complete and check with it.

use serde_json::{Map, Value, json};

use super::key::KEYS;
use super::raw::Raw;

/// The file with every key, its default and why it is there.
const FILE: &str = include_str!("../../node.toml");

/// JSON Schema (2020-12) of `node.toml`.
#[must_use]
pub fn schema() -> Value {
    let defaults = serde_json::to_value(Raw::default()).unwrap_or_default();
    let mut root = section();
    for key in KEYS {
        let mut of_key = key.kind.schema();
        let default = key
            .name
            .split('.')
            .try_fold(&defaults, |value, part| value.get(part));
        if let (Some(of_key), Some(default)) = (of_key.as_object_mut(), default) {
            of_key.insert("default".to_owned(), default.clone());
            of_key.insert("description".to_owned(), words(key.name).into());
        }
        insert(&mut root, key.name, of_key);
    }
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("The configuration of a Quittance node");
    root
}

/// An object that knows all of its fields.
fn section() -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {}})
}

/// Puts a key's schema where its full name says, making the sections on the way.
fn insert(root: &mut Value, name: &str, of_key: Value) {
    let fields = root.get_mut("properties").and_then(Value::as_object_mut);
    let Some(fields) = fields else {
        return;
    };
    match name.split_once('.') {
        Some((first, rest)) => {
            let inner = fields.entry(first.to_owned()).or_insert_with(section);
            insert(inner, rest, of_key);
        }
        None => {
            Map::insert(fields, name.to_owned(), of_key);
        }
    }
}

/// The comment above a key in the file.
fn words(name: &str) -> String {
    let (section, last) = super::similar::split(name);
    let (mut here, mut comment) = (false, Vec::new());
    for line in FILE.lines() {
        if let Some(title) = line.strip_prefix('[') {
            here = title.trim_end().trim_end_matches(']') == section;
        }
        match line.strip_prefix('#') {
            Some(text) => comment.push(text.trim()),
            None if here && line.split(" =").next() == Some(last) => return comment.join(" "),
            None => comment.clear(),
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_type_default_and_words() {
        let schema = schema();
        for key in KEYS {
            let pointer = format!("/properties/{}", key.name.replace('.', "/properties/"));
            let of_key = schema.pointer(&pointer).unwrap();
            assert!(
                of_key["type"].is_string() && !of_key["default"].is_null(),
                "{pointer}"
            );
            assert!(
                of_key["description"].as_str().unwrap().len() > 20,
                "{pointer}"
            );
        }
        let listen = &schema["properties"]["admin"]["properties"]["listen"];
        assert_eq!(listen["default"], "127.0.0.1:7701");
        assert_eq!(
            schema["properties"]["assets"]["additionalProperties"],
            false
        );
    }
}
