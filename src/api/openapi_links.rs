//! Where an answer leads: links from answers to the operations that take a value out of them.

use serde_json::{Value, json};

/// One link: operation and status, its name, the operation that it leads to, and what is passed
/// on: parameters with the place of their value.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const INDEX: &[(&str, &str)] = &[("index", "$response.body#/index")];
const FIRST_ACCOUNT: &[(&str, &str)] = &[("address", "$response.body#/items/0/address")];
const SAME_MESSAGE: &[(&str, &str)] = &[
    ("participant", "$request.header.Quittance-Submitter"),
    ("created", "$request.body#/created"),
    ("message_id", "$request.body#/message_id"),
];

const LINKS: &[Row] = &[
    ("submit", "201", "receipt", "receipt", INDEX),
    ("submit", "201", "entry", "entry", INDEX),
    ("submit", "201", "stored", "find_submission", SAME_MESSAGE),
    ("submit", "200", "receipt", "receipt", INDEX),
    (
        "submit",
        "201",
        "balance",
        "account",
        &[("address", "$response.body#/balances/0/account")],
    ),
    ("find_submission", "200", "receipt", "receipt", INDEX),
    ("accounts", "200", "account", "account", FIRST_ACCOUNT),
    ("accounts", "200", "history", "history", FIRST_ACCOUNT),
    (
        "accounts",
        "200",
        "next",
        "accounts",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "account",
        "200",
        "history",
        "history",
        &[("address", "$response.body#/address")],
    ),
    (
        "history",
        "200",
        "next",
        "history",
        &[
            ("address", "$response.body#/account"),
            ("cursor", "$response.body#/next"),
        ],
    ),
    (
        "history",
        "200",
        "receipt",
        "receipt",
        &[("index", "$response.body#/items/0/index")],
    ),
    ("entry", "200", "receipt", "receipt", INDEX),
    (
        "holds",
        "200",
        "hold",
        "hold",
        &[("id", "$response.body#/items/0/id")],
    ),
    (
        "holds",
        "200",
        "next",
        "holds",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "proposals",
        "200",
        "proposal",
        "proposal",
        &[("id", "$response.body#/items/0/id")],
    ),
    (
        "proposals",
        "200",
        "next",
        "proposals",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "mandates",
        "200",
        "mandate",
        "mandate",
        &[("id", "$response.body#/items/0/id")],
    ),
    (
        "mandates",
        "200",
        "next",
        "mandates",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "participants",
        "200",
        "participant",
        "participant",
        &[("participant", "$response.body#/0/id")],
    ),
    (
        "rates",
        "200",
        "next",
        "rates",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "quotes",
        "200",
        "next",
        "quotes",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "queue",
        "200",
        "next",
        "queue",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "recalls",
        "200",
        "next",
        "recalls",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "returns",
        "200",
        "next",
        "returns",
        &[("cursor", "$response.body#/next")],
    ),
    (
        "quotes",
        "200",
        "quote",
        "quote",
        &[("id", "$response.body#/items/0/id")],
    ),
];

/// Adds the links to a document, where it has both ends.
pub(super) fn add(document: &mut Value) {
    let names = operations(document);
    for (from, status, name, to, parameters) in LINKS {
        if !names.iter().any(|known| known == to) {
            continue;
        }
        let link = json!({
            "operationId": to,
            "parameters": parameters.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        });
        if let Some(operation) = operation(document, from) {
            operation["responses"][*status]["links"][*name] = link;
        }
    }
}

fn operations(document: &Value) -> Vec<String> {
    let items = document["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let names = operations.filter_map(|(_, operation)| operation["operationId"].as_str());
    names.map(str::to_owned).collect()
}

fn operation<'d>(document: &'d mut Value, name: &str) -> Option<&'d mut Value> {
    let items = document["paths"].as_object_mut()?;
    let operations = items
        .iter_mut()
        .filter_map(|(_, item)| item.as_object_mut())
        .flatten();
    let mut operations = operations.map(|(_, operation)| operation);
    operations.find(|operation| operation["operationId"] == name)
}
