//! Payments that are given back or asked back: where their proofs come from, and how they are sent.

use std::path::Path;
use std::process::ExitCode;

use chain::{Item, LegKind};
use clap::Args;
use serde_json::{Value, json};

use super::Context;
use super::error::{Failure, Kind};
use super::files;
use super::receipt::read_receipt;
use super::submit::{SendingArgs, not_sent};
use crate::ledger::Original;
use crate::wire::{ReceiptFile, ReceiptLevel};

/// Which payment, and what becomes of the instruction.
#[derive(Debug, Args)]
pub(crate) struct OriginalArgs {
    /// Log index of the payment's entry, or a file with its receipt
    #[arg(value_name = "INDEX|FILE")]
    payment: String,
    /// Number of the payment's item in the entry [default: the only payment in the receipt]
    #[arg(long, value_name = "N", env = "QUITTANCE_ITEM")]
    item: Option<u32>,
    /// Print the instruction, for a body of your own, and send nothing; with a FILE, nobody is asked
    /// for anything
    #[arg(long, conflicts_with_all = ["dry_run", "sign_only"], env = "QUITTANCE_PRINT")]
    print: bool,
    #[command(flatten)]
    sending: SendingArgs,
}

/// Sends an instruction of this kind about the payment, with these fields beside it.
pub(super) fn send(
    context: &Context,
    args: OriginalArgs,
    kind: &str,
    fields: Value,
) -> Result<ExitCode, Failure> {
    let original = original(context, &args).map_err(not_sent)?;
    let mut instruction = json!({ "original": original });
    for (name, value) in fields.as_object().into_iter().flatten() {
        instruction[name] = value.clone();
    }
    let instruction = json!({ kind: instruction });
    if args.print {
        context.out.text(&instruction.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    args.sending.send(context, instruction)
}

/// The payment's leg with its proof, as new as can be had.
fn original(context: &Context, args: &OriginalArgs) -> Result<Original, Failure> {
    let file = match args.payment.parse::<u64>() {
        Ok(index) => {
            let client = args.sending.session.session(context)?;
            let (file, _) = client.receipt_at(index, args.item, ReceiptLevel::LogSigned)?;
            file
        }
        Err(_) => {
            let file = read_receipt(&files::read(Path::new(&args.payment))?)?;
            match args.print {
                true => file,
                // Its own proof may lead to a subtree that is no longer remembered.
                false => {
                    let client = args.sending.session.node.client(context)?;
                    client.refresh(&file, ReceiptLevel::LogSigned)?.0
                }
            }
        }
    };
    of_receipt(&file, args.item)
}

fn of_receipt(file: &ReceiptFile, item: Option<u32>) -> Result<Original, Failure> {
    let receipt = file
        .to_receipt()
        .map_err(|error| Failure::new(Kind::Invalid, "this is no whole receipt").because(error))?;
    let is_payment = |bytes: &[u8]| match Item::parse(bytes) {
        // Nobody gives back a return, nor a fee behind a payment.
        Ok(Item::Leg(leg)) => {
            let behind = matches!(
                leg.kind,
                LegKind::Return
                    | LegKind::Fee
                    | LegKind::FeeTax
                    | LegKind::PeriodFee
                    | LegKind::PeriodTax
            );
            leg.kind.is_posted() && !behind
        }
        _ => false,
    };
    let payments = receipt.items.iter().filter(|item| is_payment(&item.bytes));
    let payments: Vec<u32> = payments.map(|item| item.n).collect();
    let n = match (item, payments.as_slice()) {
        (Some(n), _) => n,
        (None, [n]) => *n,
        (None, []) => {
            return Err(Failure::usage("the receipt opens no payment")
                .hint("`quittance receipt show` lists what is in it"));
        }
        (None, many) => {
            let many: Vec<String> = many.iter().map(ToString::to_string).collect();
            return Err(Failure::usage(format_args!(
                "the receipt opens {} payments: items {}",
                many.len(),
                many.join(", ")
            ))
            .hint("name one with --item"));
        }
    };
    let proof = chain::Original::of_receipt(&receipt, n);
    let proof = proof.filter(|proof| proof.subtree().is_ok());
    let proof = proof.ok_or_else(|| {
        Failure::new(
            Kind::Invalid,
            format_args!("the receipt does not prove item {n}"),
        )
    })?;
    Ok(Original::from(&proof))
}
