//! As much of JSON Schema as the document uses.

use serde_json::Value;

use super::documents;

/// Checks an answer against the document's schema of this name.
pub(crate) fn conforms_to(schema: &str, value: &Value) {
    let [document, _] = documents();
    conforms(
        &document,
        &document["components"]["schemas"][schema],
        value,
        schema,
    );
}

/// Checks a value against as much of JSON Schema as the document uses; fields that the schema does
/// not know are wrong.
pub(super) fn conforms(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap();
        return conforms(document, target, value, place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().find(|choice| {
            let named = choice["required"][0].as_str();
            match named {
                // One field names the kind.
                Some(name) => value.get(name).is_some(),
                None => {
                    let is = |kind: &str| choice["type"] == kind;
                    is("null") == value.is_null() && !(is("string") && value.is_object())
                }
            }
        });
        return conforms(document, fitting.unwrap(), value, place);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        Value::Null => return,
        kind => vec![kind.clone()],
    };
    assert!(
        kinds.contains(&kind.into()),
        "{place}: {value} is not {kinds:?}"
    );
    if let Value::Array(items) = value {
        for item in items {
            conforms(document, &schema["items"], item, place);
        }
    }
    let (Some(object), Some(fields)) = (value.as_object(), schema["properties"].as_object()) else {
        return;
    };
    for (name, value) in object {
        let field = fields.get(name);
        let field = field.unwrap_or_else(|| panic!("{place}: `{name}` is not documented"));
        conforms(document, field, value, &format!("{place}.{name}"));
    }
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for name in required {
        assert!(
            object.contains_key(name.as_str().unwrap()),
            "{place}: {name} is missing"
        );
    }
}
