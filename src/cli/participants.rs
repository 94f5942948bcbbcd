//! `quittance participants`: who may sign, with which keys, and how far it takes part.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::ledger::{Incoming, ParticipantState};
use crate::wire::{KeyView, ParticipantView};

/// Lists participants, their keys and how many must sign
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance participants --key data/keys/operator-1.pem\n         \
                   quittance participants DEUTDEFF500 --key data/keys/operator-1.pem"
)]
pub(crate) struct ParticipantsArgs {
    /// Id, BIC or LEI of one participant
    #[arg(value_name = "WHO")]
    who: Option<String>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ParticipantsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    if let Some(one) = &args.who {
        let participant = client.participant(one)?;
        return context.out.data(&participant, || details(&participant));
    }
    let participants = client.participants()?;
    context.out.data(&participants, || lines(&participants))
}

/// All of them, a line a key.
fn lines(participants: &[ParticipantView]) -> Table {
    let mut table = Table::new(&["participant", "role", "policy", "key", "status", "since>"]);
    for participant in participants {
        if participant.keys.is_empty() {
            let none = String::new;
            let (id, policy) = (participant.id.to_string(), policy(participant));
            table.row([id, standing(participant), policy, none(), none(), none()]);
        }
        for (n, key) in participant.keys.iter().enumerate() {
            let first = |text: String| if n == 0 { text } else { String::new() };
            table.row([
                first(participant.id.to_string()),
                first(standing(participant)),
                first(policy(participant)),
                name(key),
                word(&key.status),
                key.added_at.to_string(),
            ]);
        }
    }
    table
}

fn details(participant: &ParticipantView) -> Table {
    let none = || "none".to_owned();
    let keys = participant.keys.iter();
    let keys = keys.map(|key| format!("{}, {}", name(key), word(&key.status)));
    let (bic, lei) = (participant.bic.as_ref(), participant.lei.as_ref());
    let mut rows = vec![
        ("participant", participant.id.to_string()),
        ("role", standing(participant)),
        ("BIC", bic.map_or_else(none, ToString::to_string)),
        ("LEI", lei.map_or_else(none, ToString::to_string)),
        ("policy", policy(participant)),
        ("keys", keys.collect::<Vec<_>>().join("; ")),
    ];
    if !participant.holidays.is_empty() {
        let days = participant.holidays.iter().map(ToString::to_string);
        rows.push(("closed on", days.collect::<Vec<_>>().join(", ")));
    }
    Table::pairs(&rows)
}

/// For example `bank, suspended`; that it is active goes without saying.
fn standing(participant: &ParticipantView) -> String {
    let mut said = word(&participant.role);
    if let Some(status) = participant.status
        && status != ParticipantState::Active
    {
        said += &format!(", {}", word(&status));
    }
    if participant.incoming == Some(Incoming::Refuse) {
        said += ", receives nothing";
    }
    said
}

/// For example `1 of 2`, or `via bank-a` of who has no keys of its own.
fn policy(participant: &ParticipantView) -> String {
    match &participant.via {
        Some(via) => format!("via {via}"),
        None => format!("{} of {}", participant.threshold, participant.keys.len()),
    }
}

fn name(key: &KeyView) -> String {
    key.vkey.split('+').next().unwrap_or_default().to_owned()
}
