//! A receipt for each payment of a batch: it proves that one and shows no other.

use std::path::Path;

use chain::Item;

use super::results::Line;
use crate::cli::Context;
use crate::cli::connect::SessionArgs;
use crate::cli::error::Failure;
use crate::cli::files;
use crate::cli::secret::Unlocked;
use crate::client::{Client, ClientError};
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
        let (Some(index), Some(item)) = (line.index, line.item) else {
            continue;
        };
        let path = folder.join(format!("{}-{}.receipt.json", line.line, line.id));
        if !path.exists() {
            if !client.has_session() {
                session.open(&mut client, keys)?;
            }
            let json = match one(&client, index, item, &line.id) {
                // A session ends after a while.
                Err(error) if error.code() == Some(ErrorCode::TokenInvalid) => {
                    session.open(&mut client, keys)?;
                    one(&client, index, item, &line.id)?
                }
                other => other?,
            };
            files::write_atomic(&path, format!("{json}\n").as_bytes(), 0o644)?;
        }
        line.receipt = path.display().to_string();
    }
    bar.finish_and_clear();
    Ok(())
}

/// One receipt, which must be about this instruction.
fn one(client: &Client, index: u64, item: u32, id: &str) -> Result<String, ClientError> {
    let (file, verified) = client.receipt(index, Some(item))?;
    let is_it = verified.items.iter().any(|verified| match &verified.item {
        Item::Leg(leg) => shown(leg.id) == id,
        Item::Instruction(instruction) => shown(instruction.id) == id,
        _ => false,
    });
    if !is_it {
        return Err(ClientError::ReceiptForOther("its instruction is another"));
    }
    Ok(file.to_json())
}

fn shown(id: [u8; 16]) -> String {
    crate::ledger::InstructionId::from_bytes(id).map_or_else(|_| String::new(), |id| id.to_string())
}
