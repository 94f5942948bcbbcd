//! Windows that close with the business day: each within one date, whatever the event, and after a
//! long stop.

use quittance::ledger::Outcome;

use super::super::started;
use super::Run;

const DAILY: &str = "
operators: calendar USD from=2026-11-24                                 -> APPLIED
operators {
  model cust USD manual 600 day=CUSC                                    -> APPLIED
  model bank USD every=2678400 600 day=IBKC                             -> APPLIED
  model end USD manual 600 day=SYSC                                     -> APPLIED
  join end bank-a:usd 100                                               -> APPLIED
  join end bank-b:usd 100                                               -> APPLIED
}
";

/// The day after: windows have closed with the events that they name, and with the date.
const EVENTS: &str = "
clock 2026-11-24T07:00:00Z
bank-a: clear end bank-a bank-b 5                                       -> CLEARED
due DAY_OPENED
clock 2026-11-24T16:59:59Z
due
window cust 1 open
clock 2026-11-24T17:00:00Z
due CUSTOMER_CUTOFF WINDOW_CLOSED
window cust 1 settled
window bank 1 open
clock 2026-11-24T18:00:00Z
due INTERBANK_CUTOFF WINDOW_CLOSED
window cust 2 open
window bank 1 settled
window end 1 open
// What is cleared behind the cut-off for banks is of the date still.
bank-b: clear end bank-b bank-a 1                                       -> CLEARED
clock 2026-11-24T18:30:00Z
// All of them close with the date, in its last entry; nets are of the night behind it.
due DAY_CLOSED WINDOW_CLOSED WINDOW_CLOSED WINDOW_CLOSED NEXT_DATE SETTLED
range USD 2026-11-24 sealed
window cust 2 settled
window bank 2 settled
window end 1 settled
window end 2 open
balance bank-b:usd 4.00 4.00
// The operators may close one in between, and a schedule too.
operators: close_window end                                             -> APPLIED
window end 3 open
clock 2026-12-14T00:00:00Z
due any
operators: end_model end                                                -> APPLIED
window cust 3 settled
clock 2026-12-14T17:00:00Z
due DAY_OPENED CUSTOMER_CUTOFF WINDOW_CLOSED
";

fn daily(table: &str) -> Run {
    let mut run = started();
    run.table(DAILY);
    run.table(table);
    run
}

/// After two weeks in which nobody came, each window is within one date, and none is missing.
fn slept() -> Run {
    let mut run = daily(
        "clock 2026-11-24T07:00:00Z
         bank-a: clear end bank-a bank-b 5 -> CLEARED
         clock 2026-12-08T12:00:00Z",
    );
    while run.world.tick() > 0 {}
    let book = run.world.book();
    let asset = book.asset(&"USD".parse().unwrap()).unwrap().number;
    let days = &book.calendars().of_asset(asset).unwrap().past;
    assert_eq!(days.len(), 10, "weekdays from the 24th to the 7th");
    for (name, a_day) in [("cust", 2), ("bank", 2), ("end", 1)] {
        let model = book.cycles().model(&name.parse().unwrap()).unwrap();
        let windows: Vec<_> = model.windows().collect();
        assert_eq!(windows.len(), a_day * days.len(), "{name}");
        for (n, window) in windows.iter().enumerate() {
            let day = &days[n / a_day];
            assert!(day.from <= window.from, "{name} {n}");
            assert!(window.closed.index <= day.to, "{name} {n}");
        }
        let last = windows.last().unwrap();
        assert_eq!(last.closed.index, days.last().unwrap().to, "{name}");
    }
    run
}

/// Sixteen days without the funds: what comes then is refused, until a window has settled and the one
/// that should have closed has.
fn full() -> Run {
    let mut run = daily("");
    run.table("bank-b: clear end bank-b bank-a 5 -> CLEARED");
    run.table("clock 2026-12-15T18:41:00Z");
    while run.world.tick() > 0 {}
    run.table(
        "window end 16 waits
         window end 17 open
         bank-b: clear end bank-b bank-a 1 -> CLEARED
         clock 2026-12-16T18:41:00Z",
    );
    while run.world.tick() > 0 {}
    run.table(
        "window end 17 open
         bank-b: clear end bank-b bank-a 1 -> WINDOWS_TOO_MANY
         operators: close_window end -> WINDOWS_TOO_MANY
         due any
         operators: issue bank-b:usd 5 -> SETTLED
         due SETTLED WINDOW_CLOSED
         window end 16 settled
         window end 17 waits
         bank-b: clear end bank-b bank-a 1 -> CLEARED",
    );
    run
}

pub(super) fn runs() -> Vec<Run> {
    vec![daily(EVENTS), slept(), full()]
}

#[test]
fn windows_close_with_the_events_that_they_name() {
    let run = daily(EVENTS);
    assert!(run.reached.contains(&Outcome::Cleared));
}

#[test]
fn after_a_long_stop_each_window_is_within_one_date() {
    slept();
}

#[test]
fn a_window_that_cannot_close_takes_nothing_of_the_next_date() {
    full();
}
