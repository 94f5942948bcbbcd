//! How many legs and lists a body has.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::body_error::BodyError;
use super::code::ErrorCode;
use crate::ledger::{FeeBasis, FeeRule, Instruction};
use crate::limits;

/// Refuses a message with more items than an entry may have.
pub(super) fn count_items(instructions: &[Instruction]) -> Result<(), BodyError> {
    let items: usize = instructions.iter().map(Instruction::items).sum();
    if items <= limits::ITEMS_MAX {
        return Ok(());
    }
    let max = limits::ITEMS_MAX;
    let detail = format!("{items} legs in one message; at most {max} are allowed");
    Err(BodyError::at(ErrorCode::LegsCount, "/instructions", detail))
}

/// Refuses an array that stands where an object should.
///
/// The reader takes the fields of a record as an array too, in the order of their declaration; that
/// is nobody's interface. Every array that belongs in a body is accounted for here, so one bracket
/// more than those, outside of strings, is one such array.
pub(super) fn arrays_fit(bytes: &[u8], instructions: &[Instruction]) -> Result<(), BodyError> {
    let lists = lists_in(instructions);
    if count_byte(bytes, b'[') <= lists.saturating_add(1) {
        return Ok(());
    }
    // Texts may hold brackets: only now is it worth while to read them apart.
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return Ok(());
    };
    match misplaced_array(&value, true, &mut Vec::new()) {
        None => Ok(()),
        Some(pointer) => {
            let detail = "an array stands where an object is expected";
            Err(BodyError::at(ErrorCode::FieldType, pointer, detail))
        }
    }
}

/// How many arrays stand in instructions.
fn lists_in(instructions: &[Instruction]) -> usize {
    let lists = instructions.iter().map(|i| match i {
        Instruction::Transfer(i) => 1usize.saturating_add(usize::from(i.conditions.is_some())),
        Instruction::Split(i) => 2usize.saturating_add(usize::from(i.conditions.is_some())),
        Instruction::GrantMandate(i) => usize::from(i.creditors.is_some()),
        Instruction::Reserve(_)
        | Instruction::Clear(_)
        | Instruction::AddParticipant(_)
        | Instruction::SetParticipantDays(_) => 1,
        Instruction::SetLimits(i) => {
            usize::from(i.velocity.is_some()).saturating_add(usize::from(i.bilateral.is_some()))
        }
        Instruction::SetCalendar(i) => usize::from(i.offset_changes.is_some()).saturating_add(2),
        Instruction::SetFees(i) => {
            let tiered = |rule: &&FeeRule| matches!(rule.basis, FeeBasis::Tiered(_));
            let periodic = usize::from(i.periodic.is_some());
            let tiered = i.rules.iter().filter(tiered).count();
            tiered.saturating_add(1).saturating_add(periodic)
        }
        // Two proofs.
        Instruction::Return(_) | Instruction::Reverse(_) | Instruction::Recall(_) => 2,
        // What is proposed proposes nothing, or is refused.
        Instruction::Propose(i) => lists_in(&i.instructions).saturating_add(1),
        _ => 0,
    });
    lists.sum()
}

/// Counts a byte, in chunks whose counts fit a byte: so the compiler counts many at once.
fn count_byte(bytes: &[u8], wanted: u8) -> usize {
    let in_chunk = |chunk: &[u8]| {
        let count = chunk.iter().fold(0u8, |count, byte| {
            count.wrapping_add(u8::from(*byte == wanted))
        });
        usize::from(count)
    };
    bytes.chunks(240).map(in_chunk).sum()
}

/// Finds an array that is not the value of a field that holds a list.
fn misplaced_array(value: &Value, list: bool, path: &mut Vec<String>) -> Option<String> {
    match value {
        Value::Array(_) if !list || path.is_empty() => {
            Some(path.iter().map(|part| format!("/{part}")).collect())
        }
        Value::Array(elements) => elements.iter().enumerate().find_map(|(n, element)| {
            path.push(n.to_string());
            let found = misplaced_array(element, false, path);
            path.pop();
            found
        }),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            path.push(name.clone());
            let list = matches!(
                name.as_str(),
                "instructions"
                    | "legs"
                    | "payments"
                    | "keys"
                    | "velocity"
                    | "bilateral"
                    | "good_days"
                    | "holidays"
                    | "offset_changes"
                    | "item_proof"
                    | "proof"
                    | "payers"
                    | "payees"
                    | "conditions"
                    | "creditors"
            );
            let found = misplaced_array(field, list, path);
            path.pop();
            found
        }),
        _ => None,
    }
}
