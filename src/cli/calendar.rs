//! `quittance calendar`: business days, and on which one a payment would settle.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::ledger::{AssetId, Date};
use crate::wire::CalendarView;

/// Shows the business days of assets, or of one with the log indexes of its dates
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance calendar --key hsm-1.pem\n         \
                   quittance calendar EUR --key hsm-1.pem\n         \
                   quittance calendar EUR --days 250 --key hsm-1.pem")]
pub(crate) struct CalendarArgs {
    /// The asset
    asset: Option<AssetId>,
    /// How many business dates that are over are listed
    #[arg(long, default_value_t = 20, value_name = "N", env = "QUITTANCE_DAYS")]
    days: u32,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &CalendarArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    match &args.asset {
        Some(asset) => {
            let calendar = client.calendar(asset, args.days)?;
            context.out.data(&calendar, || days(&calendar))
        }
        None => {
            let calendars = client.calendars()?;
            context.out.data(&calendars, || present(&calendars))
        }
    }
}

/// A line a calendar.
fn present(calendars: &[CalendarView]) -> Table {
    let mut table = Table::new(&[
        "asset",
        "business date",
        "phase",
        "next",
        "at",
        "customers settle",
        "banks settle",
    ]);
    let date = |date: Option<Date>| date.map_or_else(|| "-".to_owned(), |date| date.to_string());
    for calendar in calendars {
        table.row([
            calendar.asset.to_string(),
            calendar.business_date.to_string(),
            word(&calendar.phase),
            word(&calendar.next.event),
            calendar
                .next
                .at
                .map(|at| at.to_string())
                .unwrap_or_default(),
            date(calendar.customer_payments_settle),
            date(calendar.interbank_payments_settle),
        ]);
    }
    table
}

/// A line a business date, the present one first.
fn days(calendar: &CalendarView) -> Table {
    let mut table = Table::new(&["asset", "business date", "phase", "from>", "to>", "sealed"]);
    table.row([
        calendar.asset.to_string(),
        calendar.business_date.to_string(),
        word(&calendar.phase),
        calendar.from_index.to_string(),
        String::new(),
        String::new(),
    ]);
    for day in &calendar.days {
        table.row([
            calendar.asset.to_string(),
            day.date.to_string(),
            "over".to_owned(),
            day.from_index.to_string(),
            day.to_index.to_string(),
            if day.sealed { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table
}
