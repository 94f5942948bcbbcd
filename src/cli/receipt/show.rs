//! What a receipt proves, in words: who paid whom what, and when.

use chain::{Entry, Item, Verified, VerifiedItem, VerifierKey};
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::Failure;
use crate::cli::output::Table;
use crate::ledger::{Date, InstructionId, Month, Outcome, Reference, Time, print_minor};
use crate::wire::reference::shown;

/// What a verified receipt proves.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    index: u64,
    time: String,
    origin: String,
    log_size: u64,
    root: String,
    log_key: String,
    /// What was shown to stand behind it: `log-signed`, or `witnessed` by a policy.
    level: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    witnesses: Vec<Cosigned>,
    items: Vec<Line>,
}

/// A witness whose cosignature holds.
#[derive(Debug, Serialize)]
struct Cosigned {
    name: String,
    time: String,
}

/// What one item says.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Authorisation {
        n: u32,
        submitter: String,
        message_id: String,
        created: String,
        content_type: String,
        body_sha256: String,
        signed_by: Vec<String>,
    },
    Leg {
        n: u32,
        outcome: &'static str,
        amount: String,
        asset: String,
        from: String,
        to: String,
        id: String,
        leg: u16,
        /// The end-to-end reference of a record of a binary batch.
        #[serde(skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// From which date on it counts in value-dated balances, if it says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        value_date: Option<Date>,
        /// For which month something is due.
        #[serde(skip_serializing_if = "Option::is_none")]
        month: Option<Month>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        balances: Vec<Balance>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    Instruction {
        n: u32,
        outcome: &'static str,
        id: String,
        instruction: String,
    },
    Genesis {
        n: u32,
        document: String,
    },
}

/// An account's balance after the item, from the part that its owner alone may read.
#[derive(Debug, Serialize)]
struct Balance {
    account: String,
    posted: String,
}

impl Summary {
    pub(crate) fn of(
        entry: &Entry,
        verified: &Verified,
        key: &VerifierKey,
        witnesses: Option<&[(String, u64)]>,
    ) -> Self {
        let cosigned = |(name, time): &(String, u64)| Cosigned {
            name: name.clone(),
            time: Time::from_nanos(time.saturating_mul(1_000_000_000)).to_string(),
        };
        Self {
            index: entry.index,
            time: Time::from_nanos(entry.time).to_string(),
            origin: verified.checkpoint.origin.clone(),
            log_size: verified.checkpoint.size,
            root: verified.checkpoint.root.to_string(),
            log_key: key.to_string(),
            level: match witnesses {
                None => "log-signed",
                Some(_) => "witnessed",
            },
            witnesses: witnesses.unwrap_or_default().iter().map(cosigned).collect(),
            items: verified.items.iter().map(line).collect(),
        }
    }

    pub(crate) fn print(&self, context: &Context) -> Result<(), Failure> {
        context.out.data(self, || {
            let log = format!(
                "{}, {} entries, root {}",
                self.origin, self.log_size, self.root
            );
            let mut rows = vec![
                ("entry", format!("{} of {}", self.index, self.time)),
                ("log", log),
                ("log key", self.log_key.clone()),
            ];
            let witnesses = self.witnesses.iter();
            rows.extend(witnesses.map(|w| ("witness", format!("{} at {}", w.name, w.time))));
            self.items.iter().for_each(|item| item.rows(&mut rows));
            Table::pairs(&rows)
        })
    }
}

fn outcome(number: u16) -> &'static str {
    Outcome::from_number(number).map_or("UNKNOWN", Outcome::code)
}

fn id(bytes: [u8; 16]) -> String {
    InstructionId::from_bytes(bytes).map_or_else(|invalid| invalid.to_string(), |id| id.to_string())
}

fn line(item: &VerifiedItem) -> Line {
    let n = item.n;
    match &item.item {
        Item::Authorisation(who) => Line::Authorisation {
            n,
            submitter: who.submitter.clone(),
            message_id: who.message_id.clone(),
            created: Time::from_nanos(who.created).to_string(),
            content_type: who.content_type.clone(),
            body_sha256: who.body_hash.to_string(),
            signed_by: who.signatures.iter().map(|s| s.key_name.clone()).collect(),
        },
        Item::Leg(leg) => {
            let print = |minor| print_minor(minor, leg.scale);
            let balance = |part: &chain::PrivatePart| Balance {
                account: if part.account == leg.debit {
                    leg.debit_name()
                } else {
                    leg.credit_name()
                },
                posted: print(crate::ledger::Counters::from(part.counters).posted()),
            };
            Line::Leg {
                n,
                outcome: outcome(leg.outcome),
                amount: print(i128::try_from(leg.amount).unwrap_or(i128::MAX)),
                asset: leg.asset.clone(),
                from: leg.debit_name(),
                to: leg.credit_name(),
                id: id(leg.id),
                leg: leg.leg,
                reference: leg
                    .numbered
                    .and_then(|numbered| Reference::new(numbered.reference?))
                    .map(shown),
                value_date: leg.value_date.map(Date::from_days),
                month: leg.month.and_then(Month::from_number),
                balances: item.private.iter().map(balance).collect(),
                text: item
                    .text
                    .as_ref()
                    .map(|text| String::from_utf8_lossy(text).into_owned()),
            }
        }
        Item::Instruction(i) => Line::Instruction {
            n,
            outcome: outcome(i.outcome),
            id: id(i.id),
            instruction: i.json.clone(),
        },
        Item::Genesis(document) => Line::Genesis {
            n,
            document: document.clone(),
        },
        // A kind of item that a later version adds.
        _ => Line::Instruction {
            n,
            outcome: "UNKNOWN",
            id: String::new(),
            instruction: String::new(),
        },
    }
}

impl Line {
    fn rows(&self, rows: &mut Vec<(&'static str, String)>) {
        match self {
            Self::Authorisation {
                submitter,
                message_id,
                created,
                signed_by,
                ..
            } => {
                let signed = signed_by.join(", ");
                rows.push((
                    "asked by",
                    format!("{submitter}, message {message_id} of {created}"),
                ));
                rows.push(("signed by", signed));
            }
            Self::Leg {
                outcome,
                amount,
                asset,
                from,
                to,
                id,
                reference,
                value_date,
                month,
                balances,
                text,
                ..
            } => {
                rows.push((
                    "",
                    format!("{outcome}  {amount} {asset}  from {from}  to {to}"),
                ));
                rows.push(("instruction", id.clone()));
                rows.extend(reference.iter().map(|text| ("reference", text.clone())));
                rows.extend(
                    value_date
                        .iter()
                        .map(|date| ("value date", date.to_string())),
                );
                rows.extend(month.iter().map(|month| ("month", month.to_string())));
                for balance in balances {
                    rows.push((
                        "balance after",
                        format!("{}  {}", balance.posted, balance.account),
                    ));
                }
                rows.extend(text.iter().map(|text| ("text", text.clone())));
            }
            Self::Instruction {
                outcome,
                instruction,
                ..
            } => {
                rows.push(("", format!("{outcome}  {instruction}")));
            }
            Self::Genesis { document, .. } => rows.push(("genesis", document.clone())),
        }
    }
}
