//! What can be answered besides what a handler says about itself, added to every operation.
//!
//! A handler's description names its own codes, in backticks. What the door and the extractors
//! answer follows from what the operation takes: a session, signatures, a body, parameters. Tests
//! and a fuzzer hold real answers against the result.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::wire::ErrorCode as Code;
use crate::wire::problem::PROBLEM_CONTENT_TYPE;

/// Methods of a path item.
const METHODS: [&str; 3] = ["get", "post", "delete"];

/// Codes of one operation, by status.
type Codes = BTreeMap<u16, Vec<Code>>;

/// Completes all operations of a document.
pub(super) fn complete(document: &mut Value) {
    for item in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.1.get_mut(method) {
                answers(operation);
            }
        }
    }
    document["components"]["headers"] = headers();
    unsigned(document);
    if let Some(body) = document.pointer("/components/schemas/Body") {
        let mut names = vec!["Body".to_owned()];
        referred(document, body, &mut names);
        for name in names {
            close(&mut document["components"]["schemas"][&name]);
        }
    }
}

/// The headers that answers refer to.
fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "Names the request in the node's own records",
            "required": true,
            "schema": { "type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{1,16}$" },
        },
        "RetryAfter": {
            "description": "Seconds after which the same request may be sent again",
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
        },
        "Challenge": {
            "description": "The scheme by which a session's token is sent",
            "required": true,
            "schema": { "type": "string", "pattern": "^Bearer$" },
        },
    })
}

fn answers(operation: &mut Value) {
    let mut codes = by_nature(operation);
    let responses = operation["responses"].as_object_mut();
    let stated = responses.map(std::mem::take).unwrap_or_default();
    let mut completed = Map::new();
    let mut told = BTreeMap::new();
    for (status, mut response) in stated {
        match status.parse::<u16>() {
            Ok(status) if status >= 400 => {
                let text = response["description"].as_str().unwrap_or_default();
                for code in named(text).filter(|code| code.status() == status) {
                    add(&mut codes, code);
                }
                codes.entry(status).or_default();
                told.insert(status, text.to_owned());
            }
            // Ranges say less than what follows from the operation's nature.
            Err(_) => {}
            Ok(_) => {
                header(&mut response, "Quittance-Request-Id", "RequestId");
                completed.insert(status, response);
            }
        }
    }
    let session = takes(operation, "session") || takes(operation, "backup");
    for (status, codes) in &codes {
        let told = told.get(status).map(String::as_str);
        let mut response = problem(*status, codes, told);
        if *status == 401 && session {
            header(&mut response, "WWW-Authenticate", "Challenge");
        }
        completed.insert(status.to_string(), response);
    }
    operation["responses"] = completed.into();
}

/// Codes that a text names in backticks.
fn named(text: &str) -> impl Iterator<Item = Code> {
    text.split('`').filter_map(Code::from_code)
}

fn add(codes: &mut Codes, code: Code) {
    let list = codes.entry(code.status()).or_default();
    if !list.contains(&code) {
        list.push(code);
    }
}

/// Whether an operation is secured by a scheme.
fn takes(operation: &Value, scheme: &str) -> bool {
    let schemes = operation["security"].as_array();
    schemes.is_some_and(|list| list.iter().any(|one| one.get(scheme).is_some()))
}

/// What follows from what an operation takes.
fn by_nature(operation: &Value) -> Codes {
    let mut codes = Codes::new();
    let mut also = |more: &[Code]| more.iter().for_each(|code| add(&mut codes, *code));
    also(&[Code::RequestMalformed, Code::Internal]);
    // How much is too much, and whether one is asked to come later, the door decides for all.
    let busy = Code::ALL.iter().filter(|code| code.status() == 429);
    also(&busy.copied().collect::<Vec<_>>());
    if takes(operation, "session") || takes(operation, "backup") {
        also(&[
            Code::HeaderDuplicate,
            Code::TokenMissing,
            Code::TokenInvalid,
        ]);
    }
    if operation.get("requestBody").is_some() {
        also(&[
            Code::HeaderDuplicate,
            Code::BodyTimeout,
            Code::BodyTooLarge,
            Code::ContentTypeUnsupported,
        ]);
    }
    if takes(operation, "signature") {
        let signed = Code::ALL.iter().filter(|code| at_the_one_door(**code));
        also(&signed.copied().collect::<Vec<_>>());
    }
    let parameters = operation["parameters"].as_array();
    for parameter in parameters.into_iter().flatten() {
        match (parameter["in"].as_str(), parameter["name"].as_str()) {
            (Some("path"), _) => also(&[Code::PathInvalid, Code::NotFound]),
            (Some("query"), Some("cursor")) => also(&[Code::QueryInvalid, Code::CursorInvalid]),
            (Some("query"), _) => also(&[Code::QueryInvalid]),
            _ => {}
        }
    }
    codes.entry(429).or_default();
    codes
}

/// Whether a signed message can be refused with a code: everything that is wrong with a body or
/// with who signed it, and every reason to come later but one.
fn at_the_one_door(code: Code) -> bool {
    match code.status() {
        409 | 422 => !matches!(
            code,
            Code::IndexBeyondLog | Code::TimeAhead | Code::SearchTooWide
        ),
        503 => !matches!(code, Code::SessionsFull | Code::ReadUnfinished),
        _ => matches!(
            code,
            Code::JsonSyntax
                | Code::BatchMalformed
                | Code::SubmitterMissing
                | Code::SubmitterMalformed
                | Code::SignaturesTooMany
                | Code::SignatureMissing
                | Code::SignatureMalformed
                | Code::SignatureInvalid
                | Code::SignatureDuplicate
                | Code::KeyUnknown
                | Code::KeyRevoked
                | Code::PolicyUnmet
                | Code::ParticipantUnknown
                | Code::RoleNotAllowed
        ),
    }
}

/// A problem with one of these codes.
fn problem(status: u16, codes: &[Code], told: Option<&str>) -> Value {
    let mut description = told.unwrap_or_default().to_owned();
    for code in codes
        .iter()
        .filter(|code| !told.is_some_and(|t| t.contains(code.as_str())))
    {
        if !description.is_empty() {
            description.push_str("; ");
        }
        description.push_str(&format!("`{code}`: {}", code.title()));
    }
    if description.is_empty() {
        description = "Too many requests".to_owned();
    }
    let mut narrowed = json!({ "status": { "const": status } });
    if !codes.is_empty() {
        let codes: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
        narrowed["code"] = json!({ "enum": codes });
    }
    let schema = json!({
        "allOf": [{ "$ref": "#/components/schemas/Problem" }, { "properties": narrowed }],
    });
    let mut media = json!({ "schema": schema });
    if let Some(code) = codes.first() {
        media["example"] = example(*code);
    }
    let mut response = json!({
        "description": description,
        "content": { PROBLEM_CONTENT_TYPE: media },
    });
    header(&mut response, "Quittance-Request-Id", "RequestId");
    if matches!(status, 429 | 503) {
        header(&mut response, "Retry-After", "RetryAfter");
    }
    response
}

fn example(code: Code) -> Value {
    let problem = crate::wire::Problem::new(code, code.what_to_do(), "5a31cb4c-2f");
    serde_json::to_value(problem).unwrap_or_default()
}

/// Lets a response refer to one of the common headers.
fn header(response: &mut Value, name: &str, component: &str) {
    response["headers"][name] = json!({ "$ref": format!("#/components/headers/{component}") });
}

/// Names of the schemas that a schema refers to, and those refer to, and so on.
fn referred(document: &Value, schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                let target = value.as_str().filter(|_| name == "$ref");
                let target = target.and_then(|path| path.rsplit('/').next());
                match target {
                    Some(target) if !names.iter().any(|known| known == target) => {
                        names.push(target.to_owned());
                        let schema = &document["components"]["schemas"][target];
                        referred(document, schema, names);
                    }
                    _ => referred(document, value, names),
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                referred(document, value, names);
            }
        }
        _ => {}
    }
}

/// Numbers that are never negative have twice the room of `int32` and `int64`.
fn unsigned(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let never_negative = fields.get("minimum").and_then(Value::as_u64).is_some();
            let (format, most) = match fields.get("format").and_then(Value::as_str) {
                Some("int32") => ("uint32", u64::from(u32::MAX)),
                Some("int64") => ("uint64", u64::MAX),
                _ => ("", 0),
            };
            if never_negative && !format.is_empty() {
                fields.insert("format".to_owned(), format.into());
                fields
                    .entry("maximum".to_owned())
                    .or_insert_with(|| most.into());
            }
            fields.values_mut().for_each(unsigned);
        }
        Value::Array(values) => values.iter_mut().for_each(unsigned),
        _ => {}
    }
}

/// What is sent to the node has no unknown fields.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}
