//! `quittance version`: what this binary is.

use clap::Args;
use serde::Serialize;

use super::Context;
use super::error::Failure;
use super::output::Table;
use crate::ledger::PROTOCOL_VERSION;

/// Tells the version of this binary and of the protocol it speaks
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance version --output json")]
pub(crate) struct VersionArgs {}

#[derive(Debug, Serialize)]
struct Version {
    version: &'static str,
    protocol: u32,
    receipt: u32,
}

pub(super) fn run(context: &Context, _: &VersionArgs) -> Result<(), Failure> {
    let version = Version {
        version: env!("CARGO_PKG_VERSION"),
        protocol: PROTOCOL_VERSION,
        receipt: crate::wire::receipt::RECEIPT_VERSION,
    };
    context.out.data(&version, || {
        Table::pairs(&[
            ("quittance", version.version.to_owned()),
            ("protocol", version.protocol.to_string()),
            ("receipt", version.receipt.to_string()),
        ])
    })
}
