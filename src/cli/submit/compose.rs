//! A new body out of instructions: whatever must be fresh is added, nothing else is touched.

use serde_json::{Map, Value, json};

use crate::cli::connect::random;
use crate::cli::error::Failure;
use crate::clock::Clock;
use crate::ledger::{InstructionId, MessageId, Time};
use crate::wire::{BodyLimits, base64, parse_body};

/// A body that was just made.
pub(in crate::cli) struct New {
    pub(in crate::cli) message_id: String,
    pub(in crate::cli) bytes: Vec<u8>,
}

/// Reads an instruction from the command line.
pub(super) fn instruction(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match value.as_object() {
        Some(object) if object.len() == 1 && object.values().all(Value::is_object) => Ok(value),
        _ => Err("expected an object with one field, its kind, e.g. {\"transfer\":{...}}".into()),
    }
}

/// Makes a body: message id, `created`, nonce, and an id for each instruction that has none.
pub(in crate::cli) fn body(
    instructions: &[Value],
    atomic: bool,
    message_id: Option<&str>,
) -> Result<New, Failure> {
    let now = Clock::start().now_ns();
    let mut instructions = instructions.to_vec();
    add_ids(&mut instructions, now)?;
    let message_id = match message_id {
        Some(id) => MessageId::new(id)
            .map_err(|error| {
                Failure::usage(format_args!("{id:?} is no message id")).because(error)
            })?
            .to_string(),
        None => format!("cli-{}", fresh_id(now)?),
    };
    let mut message = json!({
        "message_id": message_id,
        "created": Time::from_nanos(now).to_string(),
        "nonce": base64::encode(&random::<16>()?),
        "instructions": instructions,
    });
    if atomic {
        message["atomic"] = Value::Bool(true);
    }
    let bytes = message.to_string().into_bytes();
    parse_body(&bytes, &BodyLimits::default()).map_err(|error| {
        Failure::usage("the node would refuse this body")
            .because(format!(
                "{} at {:?}: {}",
                error.code, error.pointer, error.detail
            ))
            .hint(format_args!(
                "`quittance explain {}` says what to do",
                error.code
            ))
    })?;
    Ok(New { message_id, bytes })
}

/// Gives an id to each instruction that has none, and to each that one of them proposes.
fn add_ids(instructions: &mut [Value], now_ns: u64) -> Result<(), Failure> {
    for instruction in instructions {
        for fields in instruction
            .as_object_mut()
            .into_iter()
            .flat_map(Map::values_mut)
        {
            let Some(fields) = fields.as_object_mut() else {
                continue;
            };
            if !fields.contains_key("id") {
                fields.insert("id".into(), Value::String(fresh_id(now_ns)?.to_string()));
            }
            if let Some(Value::Array(proposed)) = fields.get_mut("instructions") {
                add_ids(proposed, now_ns)?;
            }
        }
    }
    Ok(())
}

/// A fresh UUIDv7.
pub(in crate::cli) fn fresh_id(now_ns: u64) -> Result<InstructionId, Failure> {
    let random = u128::from_be_bytes(random::<16>()?);
    Ok(InstructionId::from_parts(now_ns / 1_000_000, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_body_is_one_that_the_node_reads() {
        let leg = r#"{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"1.00"}"#;
        let transfer = instruction(&format!(r#"{{"transfer":{{"legs":[{leg}]}}}}"#)).unwrap();
        let new = body(&[transfer.clone(), transfer], true, Some("m-1")).unwrap();
        let parsed = parse_body(&new.bytes, &BodyLimits::default()).unwrap();
        assert_eq!((parsed.message_id.as_str(), parsed.atomic), ("m-1", true));
        assert_ne!(parsed.instructions[0].id(), parsed.instructions[1].id());
        let other = body(&[], false, None);
        assert!(other.is_err(), "a body without instructions");
    }

    #[test]
    fn what_is_proposed_gets_ids_of_its_own() {
        let propose = r#"{"propose":{"expires_at":"2026-12-06T12:00:00Z","instructions":[
            {"set_parameter":{"name":"window_back_s","value":60}},
            {"close_account":{"address":"bank-a:usd"}}]}}"#;
        let new = body(&[instruction(propose).unwrap()], false, None).unwrap();
        let parsed = parse_body(&new.bytes, &BodyLimits::default()).unwrap();
        let [propose] = parsed.instructions.as_slice() else {
            panic!("{parsed:?}")
        };
        let [first, second] = propose.proposed() else {
            panic!("{propose:?}")
        };
        assert!(first.id() != second.id() && first.id() != propose.id());
    }

    #[test]
    fn what_is_no_instruction_is_told_early() {
        for wrong in ["", "[]", "{}", "{\"transfer\":1}", "{\"a\":{},\"b\":{}}"] {
            assert!(instruction(wrong).is_err(), "{wrong}");
        }
        let unknown = instruction("{\"transfer\":{\"leg\":[]}}").unwrap();
        assert!(body(&[unknown], false, None).is_err());
    }
}
