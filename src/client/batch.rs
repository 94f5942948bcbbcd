//! Binary batches: exact bytes in, sixteen bytes for each record and a receipt back.

use chain::batch::split_batch;
use chain::statement::Purpose;
use chain::{Signer, Verified};

use super::error::SUBMISSIONS;
use super::{Client, ClientError, Outgoing};
use crate::ledger::{BATCH_CONTENT_TYPE, InstructionId};
use crate::wire::BatchAnswer;

/// A batch that is in the log.
#[derive(Debug)]
pub struct SubmittedBatch {
    /// Whether it was there before.
    pub replayed: bool,
    /// The node's answer.
    pub answer: BatchAnswer,
    /// What the receipt proves, verified on arrival; `None` if the answer came without one.
    pub verified: Option<Verified>,
}

impl Client {
    /// Signs a binary batch and submits it; verifies the receipt.
    ///
    /// # Errors
    /// Those of [`Client::submit`]; [`ClientError::Batch`] if the body is none.
    pub fn submit_batch(
        &self,
        submitter: &str,
        body: &[u8],
        signers: &[&dyn Signer],
    ) -> Result<SubmittedBatch, ClientError> {
        let (answer, replayed) = self.post_batch(Purpose::Submission, submitter, body, signers)?;
        let verified = match &answer.receipt {
            None => None,
            Some(file) => {
                Some(self.verify_submitted(file, &outgoing(submitter, body), answer.index)?)
            }
        };
        Ok(SubmittedBatch {
            replayed,
            answer,
            verified,
        })
    }

    /// Signs a binary batch for a dry run and asks what its outcomes would be.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn dry_run_batch(
        &self,
        submitter: &str,
        body: &[u8],
        signers: &[&dyn Signer],
    ) -> Result<BatchAnswer, ClientError> {
        let answer = self.post_batch(Purpose::DryRun, submitter, body, signers)?;
        Ok(answer.0)
    }

    fn post_batch(
        &self,
        purpose: Purpose,
        submitter: &str,
        body: &[u8],
        signers: &[&dyn Signer],
    ) -> Result<(BatchAnswer, bool), ClientError> {
        let (header, _) = split_batch(body)?;
        let first_id = InstructionId::from_bytes(header.first_id)
            .map_err(|_| chain::BatchError::FirstId(header.first_id))?;
        let out = outgoing(submitter, body);
        let path = match purpose {
            Purpose::DryRun => "/v1/dry-runs",
            _ => SUBMISSIONS,
        };
        let signatures = self.sign(purpose, &out, signers)?;
        let raw = self.send(path, &out, &signatures)?.good()?;
        let answer = BatchAnswer::from_bytes(&raw.bytes, first_id, header.count)
            .map_err(|error| raw.wrong(error.to_string()))?;
        Ok((answer, raw.replayed))
    }
}

fn outgoing<'a>(submitter: &'a str, body: &'a [u8]) -> Outgoing<'a> {
    Outgoing {
        submitter,
        content_type: BATCH_CONTENT_TYPE,
        body,
    }
}
