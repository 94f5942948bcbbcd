//! A receipt for each payment of a batch: it proves that one and shows no other.

use std::path::Path;

use chain::{Item, LegKind};

use super::results::Line;
use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::Failure;
use crate::cli::files;
use crate::cli::secret::Unlocked;
use crate::client::{Client, ClientError};
use crate::ledger::InstructionId;
use crate::wire::ErrorCode;

/// Fetches and verifies what is not in the folder yet, and names the files in the lines.
pub(super) fn fetch(
    context: &Context,
    session: &SessionArgs,
    keys: &[Unlocked],
    folder: &Path,
    lines: &mut [Line],
) -> Result<(), Failure> {
    files::make_dir(folder)?;
    let mut client = session.node.client(context)?;
    let bar = context.out.progress(lines.len() as u64, "receipts");
    for line in lines {
        bar.inc(1);
        let Some(index) = line.index else {
            continue;
        };
        let path = folder.join(format!("{}-{}.receipt.json", line.line, line.id));
        if !path.exists() {
            if !client.has_session() {
                session.open(&mut client, keys)?;
            }
            let found = match one(&client, (index, line.item), &line.id) {
                // A session ends after a while.
                Err(error) if error.code() == Some(ErrorCode::TokenInvalid) => {
                    session.open(&mut client, keys)?;
                    one(&client, (index, line.item), &line.id)?
                }
                other => other?,
            };
            let (item, json) = found;
            line.item = Some(item);
            files::write_atomic(&path, format!("{json}\n").as_bytes(), 0o644)?;
        }
        line.receipt = path.display().to_string();
    }
    bar.finish_and_clear();
    Ok(())
}

/// One receipt, which must be about this instruction, and the number of its item.
fn one(
    client: &Client,
    (index, item): (u64, Option<u32>),
    id: &str,
) -> Result<(u32, String), ClientError> {
    let other = || ClientError::ReceiptForOther("its instruction is another");
    let id: InstructionId = id.parse().map_err(|_| other())?;
    let item = match item {
        Some(item) => item,
        None => {
            let items = client.instruction(id)?.items;
            items.first().copied().ok_or_else(other)?
        }
    };
    let (file, verified) = client.receipt(index, Some(item))?;
    match verified.items.iter().any(|found| is_of(&found.item, id)) {
        true => Ok((item, file.to_json())),
        false => Err(other()),
    }
}

/// Whether an item says what became of an instruction; fees on it stand in items of their own.
pub(super) fn is_of(item: &Item, id: InstructionId) -> bool {
    match item {
        Item::Leg(leg) => {
            let fee = matches!(leg.kind, LegKind::Fee | LegKind::FeeTax);
            !fee && leg.id == id.to_bytes()
        }
        Item::Instruction(instruction) => instruction.id == id.to_bytes(),
        _ => false,
    }
}
