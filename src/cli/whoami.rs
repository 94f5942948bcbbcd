//! `quittance whoami`: whom the node takes a key for.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;

/// Tells whom the node takes a key for
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance whoami --key hsm-1.pem --url http://127.0.0.1:7700")]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &WhoamiArgs) -> Result<(), Failure> {
    let who = args.session.session(context)?.whoami()?;
    context.out.data(&who, || {
        Table::pairs(&[
            ("participant", who.participant.to_string()),
            ("role", word(&who.role)),
            ("session until", who.expires_at.to_string()),
        ])
    })
}

/// The word that stands for a value in JSON.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => other.map(|value| value.to_string()).unwrap_or_default(),
    }
}
