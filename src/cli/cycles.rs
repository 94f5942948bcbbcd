//! `quittance cycles`: settlement models, their windows and positions.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::ledger::ModelId;
use crate::wire::{ModelView, WindowView};

/// Lists settlement models with positions, the windows of one, or one window
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance cycles --key hsm-1.pem\n         \
                   quittance cycles ach --key hsm-1.pem\n         \
                   quittance cycles ach 17 --key hsm-1.pem")]
pub(crate) struct CyclesArgs {
    /// Name of a settlement model
    model: Option<ModelId>,
    /// Number of one of its windows
    #[arg(requires = "model")]
    window: Option<u64>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &CyclesArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    if let (Some(model), Some(window)) = (&args.model, args.window) {
        let window = client.cycle(model, window)?;
        return context.out.data(&window, || nets(&window));
    }
    let mut models = client.cycles()?;
    if let Some(model) = &args.model {
        models.retain(|known| known.model == *model);
        return context.out.data(&models, || windows(&models));
    }
    context.out.data(&models, || positions(&models))
}

/// A line a participant.
fn positions(models: &[ModelView]) -> Table {
    let mut table = Table::new(&[
        "model",
        "asset",
        "window>",
        "account",
        "sent>",
        "received>",
        "position>",
        "cap>",
        "room>",
        "owed>",
    ]);
    for model in models {
        let newest = model.windows.first().map(|window| window.window);
        for member in &model.members {
            table.row([
                model.model.to_string(),
                model.asset.to_string(),
                newest.map(|number| number.to_string()).unwrap_or_default(),
                member.account.to_string(),
                member.sent.clone(),
                member.received.clone(),
                member.position.clone(),
                member.net_debit_cap.clone(),
                member.room.clone(),
                member.owed.clone(),
            ]);
        }
    }
    table
}

/// A line a window.
fn windows(models: &[ModelView]) -> Table {
    let mut table = Table::new(&[
        "model", "window>", "state", "from>", "to>", "closed", "settled",
    ]);
    let number = |index: Option<u64>| index.map(|n| n.to_string()).unwrap_or_default();
    for window in models.iter().flat_map(|model| &model.windows) {
        let time = |at: Option<crate::ledger::Time>| at.map(|t| t.to_string()).unwrap_or_default();
        table.row([
            window.model.to_string(),
            window.window.to_string(),
            word(&window.state),
            window.from_index.to_string(),
            number(window.to_index),
            time(window.closed_at),
            time(window.settled_at),
        ]);
    }
    table
}

/// A line a participant of the window.
fn nets(window: &WindowView) -> Table {
    let mut table = Table::new(&[
        "window>",
        "state",
        "account",
        "payments>",
        "sent>",
        "received>",
        "net>",
        "drawn>",
    ]);
    for net in window.nets.iter().flatten() {
        table.row([
            window.window.to_string(),
            word(&window.state),
            net.account.to_string(),
            net.payments.to_string(),
            net.sent.clone(),
            net.received.clone(),
            net.net.clone(),
            net.drawn.clone(),
        ]);
    }
    table
}
