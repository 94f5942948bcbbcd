//! `quittance demo`: the whole story in one command, on a sandbox of its own.
//!
//! Everything goes the way a bank's requests go: over HTTP, signed, with receipts. Only the folder
//! is temporary. What is told is measured or checked here; a claim that does not hold ends it.

mod agreed;
mod business;
mod day;
mod proof;
mod story;
mod world;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Context;
use super::error::{Failure, Kind};
use super::output::Table;
use super::run::Signals;
use crate::client::Submitted;
use crate::clock;
use crate::ledger::InstructionId;
use world::World;

/// Shows what this is: banks, settlements, refusals, receipts, an audit, a caught forgery
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance demo")]
pub(crate) struct DemoArgs {
    /// Keep the node up afterwards, until Ctrl-C
    #[arg(long, env = "QUITTANCE_SERVE")]
    serve: bool,
    /// Leave an export of the log in this folder
    #[arg(long, value_name = "DIR", env = "QUITTANCE_EXPORT")]
    export: Option<PathBuf>,
}

/// What was measured and shown, for `--output json`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Figures {
    settled: usize,
    refused: usize,
    batch_settlements: usize,
    batch_seconds: f64,
    batch_per_second: f64,
    receipts_verified: usize,
    log_entries: u64,
    audit_items: u64,
    audit_seconds: f64,
    forgery_caught: String,
    seconds: f64,
}

/// Tells the story line by line; silent when the figures alone are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Teller<'a> {
    context: &'a Context,
}

impl Teller<'_> {
    fn chapter(&self, title: &str) -> Result<(), Failure> {
        self.line(&format!("\n{title}"))
    }

    fn line(&self, text: &str) -> Result<(), Failure> {
        if self.context.out.is_json() {
            return Ok(());
        }
        self.context.out.text(text)
    }
}

pub(super) fn run(context: &Context, args: &DemoArgs) -> Result<(), Failure> {
    let began = clock::instant();
    let mut signals = Signals::catch()?;
    let teller = Teller { context };
    let mut figures = Figures::default();
    let mut world = World::found(teller)?;
    story::play(&mut world, teller, &mut figures)?;
    proof::play(
        context,
        &world,
        teller,
        &mut figures,
        args.export.as_deref(),
    )?;
    figures.seconds = began.elapsed().as_secs_f64();
    balances(context, &world)?;
    teller.line(&format!(
        "\nall of it in {:.1} s; nothing is left behind",
        figures.seconds
    ))?;
    if context.out.is_json() {
        context.out.data(&figures, || Table::new(&[]))?;
    }
    if args.serve {
        let out = &context.out;
        out.say(format_args!(
            "the node stays up at {}; stop it with Ctrl-C",
            world.url()
        ));
        out.say(format_args!(
            "its folder, for as long as it runs: {}",
            world.folder().display()
        ));
        signals.wait();
    }
    world.end();
    Ok(())
}

fn balances(context: &Context, world: &World) -> Result<(), Failure> {
    if context.out.is_json() {
        return Ok(());
    }
    context.out.text("\nBalances at the end")?;
    let mut table = Table::new(&["bank", "USD>", "EUR>", "JPY>", "KWD>", "XTS>"]);
    for bank in &world.banks {
        let mut row = vec![bank.id.clone()];
        for asset in world::ASSETS {
            row.push(world.balance(bank, asset)?);
        }
        table.row(row);
    }
    context.out.data(&(), || table)
}

/// The id of the one instruction of a submission.
pub(super) fn id_of(done: &Submitted) -> Result<InstructionId, Failure> {
    let id = done.answer.outcomes.first().map(|outcome| outcome.id);
    id.ok_or_else(|| wrong("no outcome"))
}

/// A claim of the demo does not hold.
pub(super) fn wrong(what: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Invalid, format_args!("the demo went wrong: {what}"))
}
