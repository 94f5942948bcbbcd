//! `quittance postings`: which kinds of accounts may pay which.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::wire::PostingView;

/// Lists which kinds of accounts may pay which
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance postings --key hsm-1.pem")]
pub(crate) struct PostingsArgs {
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &PostingsArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let postings = client.postings()?;
    context.out.data(&postings, || lines(&postings))
}

fn lines(postings: &[PostingView]) -> Table {
    let mut table = Table::new(&["from", "to", "allowed"]);
    for posting in postings {
        table.row([
            word(&posting.debit),
            word(&posting.credit),
            if posting.allowed { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table
}
