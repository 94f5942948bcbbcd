//! `quittance participants`: who may sign, with which keys.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::wire::ParticipantStatus;

/// Lists participants, their keys and how many must sign
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance participants --key data/keys/operator-1.pem")]
pub(crate) struct ParticipantsArgs {
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &ParticipantsArgs) -> Result<(), Failure> {
    let participants = args.session.session(context)?.participants()?;
    context.out.data(&participants, || {
        let mut table = Table::new(&["participant", "role", "policy", "key", "status", "since>"]);
        for participant in &participants {
            let policy = format!("{} of {}", participant.threshold, participant.keys.len());
            for (n, key) in participant.keys.iter().enumerate() {
                let first = |text: &str| {
                    if n == 0 {
                        text.to_owned()
                    } else {
                        String::new()
                    }
                };
                let name = key.vkey.split('+').next().unwrap_or_default().to_owned();
                table.row([
                    first(participant.id.as_str()),
                    first(&match participant.status {
                        Some(ParticipantStatus::Suspended) => {
                            format!("{}, suspended", word(&participant.role))
                        }
                        _ => word(&participant.role),
                    }),
                    first(&policy),
                    name,
                    word(&key.status),
                    key.added_at.to_string(),
                ]);
            }
        }
        table
    })
}
