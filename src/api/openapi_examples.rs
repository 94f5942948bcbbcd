//! Bodies to begin with, for `/openapi.json`. Times, ids and nonces are the reader's to make anew.

use serde_json::{Value, json};

/// Adds the examples to the operations that take a message.
pub(super) fn add(document: &mut Value) {
    for path in ["/v1/submissions", "/v1/dry-runs"] {
        let path = path.replace('/', "~1");
        let media = format!("/paths/{path}/post/requestBody/content/application~1json");
        if let Some(media) = document.pointer_mut(&media) {
            media["examples"] = examples();
        }
    }
}

fn examples() -> Value {
    json!({
        "payment": {
            "summary": "A bank pays another",
            "value": message(&json!({ "transfer": {
                "id": "019a9c5e-7d40-7a3b-8c1d-2f6e5b4a3928",
                "legs": [{
                    "debit": "bank-a:usd", "credit": "bank-b:usd", "asset": "USD",
                    "amount": "1250.00",
                }],
                "end_to_end_id": "INV-88",
            } })),
        },
        "account": {
            "summary": "A bank opens a customer's account",
            "value": message(&json!({ "open_account": {
                "id": "019a9c5e-7d40-7a3b-8c1d-2f6e5b4a3929",
                "address": "bank-a:alice",
                "owner": "bank-a",
                "kind": "customer",
                "asset": "USD",
            } })),
        },
        "funding": {
            "summary": "The operators put funds in",
            "value": message(&json!({ "issue": {
                "id": "019a9c5e-7d40-7a3b-8c1d-2f6e5b4a392a",
                "account": "bank-a:usd",
                "amount": "10000.00",
            } })),
        },
    })
}

fn message(instruction: &Value) -> Value {
    json!({
        "message_id": "2026-11-23-000017",
        "created": "2026-11-23T09:30:00Z",
        "nonce": "pYb0Xl8eQ1mR6s3vT9uKzA==",
        "instructions": [instruction],
    })
}
