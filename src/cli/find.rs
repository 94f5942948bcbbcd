//! `quittance find`: what became of a message, an instruction or a payer's reference.

use std::collections::BTreeMap;

use clap::Args;

use super::Context;
use super::accounts::{booked, reference, signed};
use super::connect::SessionArgs;
use super::error::{Failure, Kind};
use super::output::Table;
use super::submit::{outcomes, waits};
use super::whoami::word;
use crate::client::{Client, HistoryRange, Sought};
use crate::ledger::{InstructionId, OutcomeRow, Time};
use crate::wire::reference::shown;
use crate::wire::{HistoryRow, InstructionView, OutcomeView, PresentState};

/// Finds a message, an instruction or a payment by its reference; exit code 0 found, 1 there is none
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance find --message-id 2026-11-23-000017 --key hsm-1.pem\n         \
                   quittance find --instruction 019ab0c2-7d1e-7c3a-9d55-0242ac120002 --key hsm-1.pem\n         \
                   quittance find --end-to-end-id INV-88 --key hsm-1.pem"
)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct FindArgs {
    /// The message with this id
    #[arg(
        long,
        group = "what",
        value_name = "ID",
        env = "QUITTANCE_FIND_MESSAGE_ID"
    )]
    message_id: Option<String>,
    /// The instruction with this id; of a payment that waited, what has become of it since
    #[arg(long, group = "what", value_name = "UUID", value_parser = uuid, env = "QUITTANCE_FIND_INSTRUCTION")]
    instruction: Option<InstructionId>,
    /// Transfers with exactly this reference of the payer, in JSON or in a binary batch
    #[arg(
        long,
        group = "what",
        value_name = "TEXT",
        env = "QUITTANCE_FIND_END_TO_END_ID"
    )]
    end_to_end_id: Option<String>,
    /// Look for the reference on this account only [default: every account that you may see]
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["message_id", "instruction"], env = "QUITTANCE_FIND_ACCOUNT")]
    account: Option<String>,
    /// Who submitted the message [default: you]
    #[arg(long, value_name = "ID", conflicts_with_all = ["instruction", "end_to_end_id"], env = "QUITTANCE_FIND_SUBMITTER")]
    submitter: Option<String>,
    /// `created` of the message: it is found at once, however old
    #[arg(
        long, value_name = "TIME", value_parser = time, env = "QUITTANCE_FIND_CREATED",
        conflicts_with_all = ["instruction", "end_to_end_id", "from", "to"]
    )]
    created: Option<Time>,
    /// Search entries at or after this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "instruction", env = "QUITTANCE_FIND_FROM")]
    from: Option<Time>,
    /// Search entries before this time
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "instruction", env = "QUITTANCE_FIND_TO")]
    to: Option<Time>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &FindArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    if let Some(id) = args.instruction {
        return instruction(context, &client, id);
    }
    match (&args.message_id, &args.end_to_end_id) {
        (Some(id), _) => message(context, &client, args, id),
        (None, Some(reference)) => payments(context, &client, args, reference),
        // The group asks for one of them.
        (None, None) => Err(Failure::usage("say what to find")),
    }
}

fn message(context: &Context, client: &Client, args: &FindArgs, id: &str) -> Result<(), Failure> {
    let answer = client.find_submission(&Sought {
        message_id: id.to_owned(),
        participant: args.submitter.clone(),
        created: args.created,
        from: args.from,
        to: args.to,
    })?;
    context
        .out
        .data(&answer, || outcomes(&answer.outcomes, &BTreeMap::new()))?;
    let (index, time) = (answer.index, answer.time);
    context.out.say(format_args!(
        "entry {index} at {time}; `quittance receipt get {index}` fetches the receipt"
    ));
    if answer.outcomes.iter().any(|outcome| waits(outcome.code)) {
        context.out.say(
            "that is what was answered then: `quittance find --instruction ID` says what has become \
             of it",
        );
    }
    Ok(())
}

fn instruction(context: &Context, client: &Client, id: InstructionId) -> Result<(), Failure> {
    let found = client.instruction(id)?;
    context.out.data(&found, || legs(&found))?;
    let (index, time, code) = (found.index, found.time, found.outcome.code.code());
    context
        .out
        .say(format_args!("{code}, entry {index} at {time}"));
    let receipts = |index: u64, items: &[u32]| {
        for item in items {
            context.out.say(format_args!(
                "`quittance receipt get {index} --item {item}` fetches the receipt"
            ));
        }
    };
    receipts(index, &found.items);
    let Some(present) = &found.present else {
        return Ok(());
    };
    match (present.code, present.index, present.time) {
        (Some(code), Some(index), Some(time)) if index != found.index => {
            let code = code.code();
            context
                .out
                .say(format_args!("since then {code}, entry {index} at {time}"));
            receipts(index, &present.items);
        }
        // What was found says itself how it ended.
        (Some(_), ..) => {}
        _ => {
            let what = match present.state {
                PresentState::Warehoused => "its time",
                _ => "funds",
            };
            context.out.say(format_args!(
                "it waits still, for {what}, as of entry {}: `quittance queue` shows its place",
                present.at_index
            ));
        }
    }
    Ok(())
}

/// The legs that moved money, in the entry where they did; without any, the outcome alone.
fn legs(found: &InstructionView) -> Table {
    let present = found.present.as_ref();
    let later = present.and_then(|present| Some((present.code?, present.index?, present)));
    let (code, index, legs) = match later {
        Some((code, index, present)) => (code, index, &present.legs),
        None => (found.outcome.code, found.index, &found.legs),
    };
    if legs.is_empty() {
        let mut outcome = found.outcome;
        if code != outcome.code {
            outcome = OutcomeView::of(&OutcomeRow {
                instruction: outcome.instruction,
                id: outcome.id,
                outcome: code,
                leg: None,
                detail: 0,
            });
        }
        return outcomes(&[outcome], &BTreeMap::new());
    }
    let mut columns = vec!["outcome", "leg>", "amount>", "asset", "from", "to", "item"];
    let referenced = legs.iter().any(|leg| leg.reference.is_some());
    columns.extend(referenced.then_some("reference"));
    let mut table = Table::new(&columns);
    for leg in legs {
        let mut cells = vec![
            code.code().to_owned(),
            leg.leg.to_string(),
            leg.amount.clone(),
            leg.asset.to_string(),
            leg.debit.clone(),
            leg.credit.clone(),
            format!("{index}.{}", leg.item),
        ];
        cells.extend(referenced.then(|| leg.reference.map_or_else(String::new, shown)));
        table.row(cells);
    }
    table
}

/// A line of history with the account that it is of.
#[derive(Debug, serde::Serialize)]
struct Payment {
    account: String,
    #[serde(flatten)]
    row: HistoryRow,
}

fn payments(
    context: &Context,
    client: &Client,
    args: &FindArgs,
    text: &str,
) -> Result<(), Failure> {
    let accounts = match &args.account {
        Some(address) => vec![address.clone()],
        None => {
            let all = client.accounts()?;
            all.iter()
                .map(|account| account.address.to_string())
                .collect()
        }
    };
    let range = HistoryRange {
        from: args.from,
        to: args.to,
        end_to_end_id: Some(text.to_owned()),
    };
    let mut found = Vec::new();
    for account in accounts {
        let mut cursor = None;
        loop {
            let page = client.history_in(&account, &range, cursor)?;
            found.extend(page.items.into_iter().map(|row| Payment {
                account: account.clone(),
                row,
            }));
            match page.next {
                None => break,
                next => cursor = next,
            }
        }
    }
    if found.is_empty() {
        let nowhere = format_args!("no transfer that you may see has the reference {text:?}");
        return Err(Failure::new(Kind::Refused, nowhere)
            .hint("a reference is compared as a whole; erased texts are found no more"));
    }
    context.out.data(&found, || listed(&found))
}

fn listed(found: &[Payment]) -> Table {
    let mut table = Table::new(&[
        "time",
        "item",
        "account",
        "kind",
        "outcome",
        "amount>",
        "booked>",
        "counterparty",
        "instruction",
        "reference",
    ]);
    for Payment { account, row } in found {
        table.row([
            row.time.to_string(),
            format!("{}.{}", row.index, row.item),
            account.clone(),
            word(&row.kind),
            row.outcome.code().to_owned(),
            signed(row),
            booked(row),
            row.counterparty.clone(),
            row.id.to_string(),
            reference(row),
        ]);
    }
    table
}

fn time(text: &str) -> Result<Time, String> {
    let wrong = "give a time such as 2026-01-31T23:59:59Z";
    text.parse().map_err(|_| wrong.to_owned())
}

fn uuid(text: &str) -> Result<InstructionId, String> {
    let wrong = "an instruction id is a UUID of version 7 in lower case";
    text.parse().map_err(|_| wrong.to_owned())
}
