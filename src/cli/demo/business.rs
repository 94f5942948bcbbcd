//! A business day of the yen: it is open, passes its cut-offs, closes with a seal, and the next one
//! opens.
//!
//! The calendar's offset from UTC jumps twice, as it does with summer time, so that a day ends while
//! somebody looks on. Other chapters are told meanwhile.

use std::time::Duration;

use serde_json::json;

use super::story::{A, B, expect, leg};
use super::world::World;
use super::{Figures, Teller, wrong};
use crate::cli::error::Failure;
use crate::clock::{self, Clock};
use crate::ledger::{AssetId, Date, DayPhase, Outcome, SECOND, Time};
use crate::wire::CalendarView;

const ASSET: &str = "JPY";
/// Seconds until the day ends, and until the next one opens.
const JUMPS: [u64; 2] = [4, 5];
const PATIENCE: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(20);
const MINUTES_OF_A_DAY: u64 = 1_440;

/// The day that has begun.
pub(super) struct Day {
    date: Date,
    before: String,
}

/// Sets the calendar, settles a payment on the day, and leaves one for the next.
pub(super) fn begin(
    world: &mut World,
    teller: Teller<'_>,
    figures: &mut Figures,
) -> Result<Day, Failure> {
    teller.chapter("A business day")?;
    let now = Clock::start().now_ns();
    let (offset, date) = one_in_the_night(now / SECOND);
    let jumps: Vec<_> = JUMPS
        .iter()
        .zip([75, 120])
        .map(|(after, more)| {
            let at = Time::from_nanos(now.saturating_add(after.saturating_mul(SECOND)));
            json!({"at": at, "offset_min": offset + more})
        })
        .collect();
    world.govern(&[json!({"set_calendar": {
        "asset": ASSET,
        "valid_from": date,
        "good_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "holidays": [],
        "offset_min": offset,
        "offset_changes": jumps,
        "opens": "02:30",
        "opens_day_before": true,
        "customer_cutoff": "01:45",
        "interbank_cutoff": "02:00",
        "closes": "02:15",
        "roll": "following",
        "cutoff_policy": "roll",
        "max_warehouse_days": 5,
    }})])?;
    let open = becomes(world, "open", |view| {
        view.business_date == date && view.phase == DayPhase::Open
    })?;
    let index = open.from_index;
    teller.line(&format!(
        "  entry {index}: the yen has a calendar, and {date} is open"
    ))?;
    let now = json!({"transfer": {"legs": [leg("bank-a", "bank-b", ASSET, "20000")]}});
    let settled = world.submit(A, &[], &[now])?;
    expect(&settled, Outcome::Settled, figures)?;
    let tomorrow = date.plus(1);
    let later = json!({"transfer": {
        "legs": [leg("bank-b", "bank-a", ASSET, "7000")], "settlement_date": tomorrow,
    }});
    let waits = world.submit(B, &[], &[later])?;
    expect(&waits, Outcome::Warehoused, figures)?;
    let (first, second) = (settled.answer.index, waits.answer.index);
    teller.line(&format!(
        "  entry {first}: bank-a pays 20000 JPY today; entry {second}: bank-b pays 7000 tomorrow: WAREHOUSED"
    ))?;
    let before = world.balance(world.bank(A)?, ASSET)?;
    Ok(Day { date, before })
}

/// The day's end, and what waited for the next one.
pub(super) fn end(world: &World, teller: Teller<'_>, day: &Day) -> Result<(), Failure> {
    teller.chapter("The business day ends")?;
    let Day { date, before } = day;
    let next = date.plus(1);
    let view = becomes(world, "the next day", |view| {
        view.business_date == next && view.phase == DayPhase::Open
    })?;
    let Some(over) = view.days.iter().find(|past| past.date == *date) else {
        return Err(wrong("a business date that is over is not told"));
    };
    if !over.sealed {
        return Err(wrong("a business day closed without its seal"));
    }
    let (customers, banks) = (over.customer_cutoff_index, over.interbank_cutoff_index);
    let (first, last) = (over.from_index, over.to_index);
    teller.line(&format!(
        "  entries {customers} and {banks}: the cut-offs of {date} for customers and for banks"
    ))?;
    teller.line(&format!(
        "  entry {last} closes it: the date is entries {first} to {last} of the log, and a seal has every balance behind them"
    ))?;
    let began = clock::instant();
    while world.balance(world.bank(A)?, ASSET)? == *before {
        if began.elapsed() > PATIENCE {
            return Err(wrong("a payment for a date did not settle on it"));
        }
        std::thread::sleep(MOMENT);
    }
    teller.line(&format!(
        "  {next} opens, and the 7000 JPY that waited for it settle: the node did all of it, and audits compute it again"
    ))
}

fn becomes(
    world: &World,
    what: &str,
    is: impl Fn(&CalendarView) -> bool,
) -> Result<CalendarView, Failure> {
    let asset = AssetId::new(ASSET).map_err(wrong)?;
    let began = clock::instant();
    loop {
        let view = world.bank(A)?.client.calendar(&asset, 3)?;
        if is(&view) {
            return Ok(view);
        }
        if began.elapsed() > PATIENCE {
            return Err(wrong(format_args!(
                "a business day without {what}: {view:?}"
            )));
        }
        std::thread::sleep(MOMENT);
    }
}

/// The offset from UTC by which it is one o'clock in the night, minutes, and the date there.
fn one_in_the_night(seconds: u64) -> (i64, Date) {
    let minutes = seconds / 60;
    let since_midnight = i64::try_from(minutes % MINUTES_OF_A_DAY).unwrap_or(0);
    // Offsets go from -14 to +14 hours.
    let (offset, ahead) = match 60 - since_midnight {
        offset @ -840.. => (offset, 0),
        offset => (offset + 1_440, 1),
    };
    let days = u32::try_from(minutes / MINUTES_OF_A_DAY).unwrap_or(u32::MAX);
    (offset, Date::from_days(days).plus(ahead))
}
