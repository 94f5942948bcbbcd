//! A signed body, read into what the node takes.

use std::sync::Arc;

use super::failure::Failure;
use super::signed::{Purposed, Signed};
use crate::config::Assets;
use crate::ledger::{
    Authorisation, BATCH_CONTENT_TYPE, Instruction, Message, MessageId, ParticipantId, Time,
};
use crate::node::{Node, Submission, body, pack_batch};
use crate::wire::{ErrorCode, parse_batch, parse_body};

/// Which submission, and with what content.
pub(super) struct Identity {
    pub(super) submitter: ParticipantId,
    pub(super) created: Time,
    pub(super) message_id: MessageId,
    pub(super) content_type: &'static str,
    pub(super) body_hash: chain::Hash,
}

impl Identity {
    /// Whether the body is a binary batch; then so is the answer.
    pub(super) fn is_batch(&self) -> bool {
        self.content_type == BATCH_CONTENT_TYPE
    }
}

/// Reads a signed body into what the node takes.
pub(super) fn read<P: Purposed>(signed: Signed<P>) -> Result<(Identity, Submission), Failure> {
    let limits = &signed.state.body_limits;
    let parsed = match signed.content_type {
        BATCH_CONTENT_TYPE => parse_batch(&signed.body, limits.batch_records_max)?,
        _ => parse_body(&signed.body, limits)?,
    };
    modules_enabled(&parsed.instructions, &signed.state.assets)?;
    let identity = Identity {
        submitter: signed.submitter.clone(),
        created: parsed.created,
        message_id: parsed.message_id.clone(),
        content_type: signed.content_type,
        body_hash: signed.body_hash,
    };
    let authorisation = Authorisation {
        submitter: signed.submitter,
        content_type: signed.content_type.to_owned(),
        body_hash: *signed.body_hash.as_bytes(),
        created: parsed.created,
        message_id: parsed.message_id,
        atomic: parsed.atomic,
        signatures: signed.signatures,
    };
    let key = Node::draw_key()?;
    let sealed_body = match &parsed.batch {
        Some(batch) => pack_batch(&authorisation, batch),
        None => body::seal(&key, signed.body),
    };
    // From here on its bytes are counted by the queue.
    drop(signed.share);
    let submission = Submission {
        message: Message {
            authorisation,
            instructions: parsed.instructions,
            batch: parsed.batch,
            seal: None,
        },
        texts: parsed.texts,
        key,
        sealed_body: Arc::new(sealed_body),
    };
    Ok((identity, submission))
}

/// Refuses assets of a module that this node's configuration switches off. Replay never asks:
/// what is in the log stays usable.
fn modules_enabled(instructions: &[Instruction], assets: &Assets) -> Result<(), Failure> {
    for instruction in instructions {
        modules_enabled(instruction.proposed(), assets)?;
        if let Instruction::AddAsset(asset) = instruction
            && asset.module == "fiat"
            && !assets.is_enabled(&asset.module)
        {
            let detail = format!("module `{}` is switched off on this node", asset.module);
            return Err(Failure::new(ErrorCode::ModuleDisabled, detail));
        }
    }
    Ok(())
}
