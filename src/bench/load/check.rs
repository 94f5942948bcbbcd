//! Verifies sampled answers offline: what was asked for was done, and the proof holds.

use chain::outcomes::{BatchOutcome, split_outcomes};
use chain::{Hash, Item, VerifierKey};

use crate::bench::BenchError;
use crate::bench::job::{AnswerForm, Series};
use crate::ledger::Outcome;
use crate::wire::{AccountView, Answer, HistoryPage, ReceiptFile};

/// Knows the log's key, and nothing else.
pub(super) struct Checker {
    log_key: VerifierKey,
}

fn wrong(error: impl std::fmt::Display) -> BenchError {
    BenchError::Answer(error.to_string())
}

impl Checker {
    pub(super) fn new(log_vkey: &str) -> Result<Self, BenchError> {
        let log_key = VerifierKey::parse(log_vkey).map_err(wrong)?;
        Ok(Self { log_key })
    }

    /// Checks one answer against the request that it was given to.
    pub(super) fn check(
        &self,
        series: &Series,
        request: &[u8],
        answer: &[u8],
    ) -> Result<(), BenchError> {
        match series.answer {
            AnswerForm::Json => {
                let answer: Answer = serde_json::from_slice(answer).map_err(wrong)?;
                let good = answer.outcomes.iter().filter(|row| row.code.is_good());
                all_settled(good.count(), series)?;
                let file = answer.receipt.as_ref().ok_or_else(|| wrong("no receipt"))?;
                self.submitted(file, request, answer.index)
            }
            AnswerForm::Outcomes => {
                let (header, rows, receipt) = split_outcomes(answer).map_err(wrong)?;
                let good = rows
                    .iter()
                    .filter(|row| BatchOutcome::from_bytes(row).is_ok_and(is_good));
                all_settled(good.count(), series)?;
                let file = ReceiptFile::from_json(receipt).map_err(wrong)?;
                self.submitted(&file, request, header.index)
            }
            AnswerForm::Receipt => {
                let file = ReceiptFile::from_json(answer).map_err(wrong)?;
                let receipt = file.to_receipt().map_err(wrong)?;
                receipt.verify(&self.log_key).map_err(wrong)?;
                asked_for(request, &format!("/v1/receipts/{}?", receipt.entry.index))
            }
            AnswerForm::Account => {
                let account: AccountView = serde_json::from_slice(answer).map_err(wrong)?;
                asked_for(request, &format!("/v1/accounts/{} ", account.address))
            }
            AnswerForm::History => {
                let page: HistoryPage = serde_json::from_slice(answer).map_err(wrong)?;
                asked_for(request, &format!("/v1/accounts/{}/history", page.account))
            }
        }
    }

    /// Verifies the receipt of a submission: it is for these very bytes.
    fn submitted(&self, file: &ReceiptFile, request: &[u8], index: u64) -> Result<(), BenchError> {
        let receipt = file.to_receipt().map_err(wrong)?;
        let verified = receipt.verify(&self.log_key).map_err(wrong)?;
        let head = request.windows(4).position(|window| window == b"\r\n\r\n");
        let body = head
            .and_then(|head| request.get(head + 4..))
            .unwrap_or_default();
        let ours = verified.items.iter().any(|item| match &item.item {
            Item::Authorisation(who) => who.body_hash == Hash::sha256(body),
            _ => false,
        });
        match ours && receipt.entry.index == index {
            true => Ok(()),
            false => Err(wrong("the receipt is for another submission")),
        }
    }
}

fn is_good(row: BatchOutcome) -> bool {
    Outcome::from_number(row.outcome).is_some_and(Outcome::is_good)
}

fn all_settled(good: usize, series: &Series) -> Result<(), BenchError> {
    match good as u64 == series.counts {
        true => Ok(()),
        false => Err(wrong(format_args!("{good} of {} settled", series.counts))),
    }
}

fn asked_for(request: &[u8], path: &str) -> Result<(), BenchError> {
    let line = request
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    match String::from_utf8_lossy(line).contains(path) {
        true => Ok(()),
        false => Err(wrong(format_args!("{path} was not asked for"))),
    }
}
