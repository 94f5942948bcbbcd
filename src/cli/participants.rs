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
    let mut all = participants.iter();
    let named = all.any(|one| one.bic.is_some() || one.lei.is_some());
    let mut columns = vec!["participant", "role"];
    columns.extend(named.then_some(["BIC", "LEI"]).into_iter().flatten());
    columns.extend(["policy", "key", "status", "since>"]);
    let mut table = Table::new(&columns);
    for participant in participants {
        let mut whose = vec![participant.id.to_string(), standing(participant)];
        if named {
            whose.extend(identifiers(participant));
        }
        whose.push(policy(participant));
        let keys = participant.keys.iter();
        let keys = keys.map(|key| [name(key), word(&key.status), key.added_at.to_string()]);
        let mut keys: Vec<_> = keys.collect();
        // Who has none has a line all the same.
        if keys.is_empty() {
            keys.push(Default::default());
        }
        for key in keys {
            table.row(whose.iter().cloned().chain(key));
            whose.fill(String::new());
        }
    }
    table
}

/// BIC and LEI, where there are any.
fn identifiers(participant: &ParticipantView) -> [String; 2] {
    let bic = participant.bic.as_ref().map(ToString::to_string);
    let lei = participant.lei.as_ref().map(ToString::to_string);
    [bic, lei].map(Option::unwrap_or_default)
}

fn details(participant: &ParticipantView) -> Table {
    let [bic, lei] = identifiers(participant).map(|text| match text.is_empty() {
        true => "none".to_owned(),
        false => text,
    });
    let keys = participant.keys.iter();
    let keys = keys.map(|key| format!("{}, {}", name(key), word(&key.status)));
    let mut rows = vec![
        ("participant", participant.id.to_string()),
        ("role", standing(participant)),
        ("BIC", bic),
        ("LEI", lei),
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
