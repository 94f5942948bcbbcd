//! `quittance assets`: the assets of a log.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;

/// Lists the assets of the log
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance assets --key hsm-1.pem")]
pub(crate) struct AssetsArgs {
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &AssetsArgs) -> Result<(), Failure> {
    let assets = args.session.session(context)?.assets()?;
    context.out.data(&assets, || {
        let mut table = Table::new(&["asset", "decimals>", "status", "module"]);
        for asset in &assets {
            let scale = asset.scale.to_string();
            table.row([
                asset.id.as_str(),
                &scale,
                &word(&asset.status),
                &asset.module,
            ]);
        }
        table
    })
}
