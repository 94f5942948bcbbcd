//! Payment against payment: no prefix of a log has one leg of a conversion without the other.

use std::collections::BTreeMap;

use quittance::ledger::{Book, Draft, LegKind, Step, outcomes};

use super::run;

/// What every bank has of an asset, minor units.
fn holdings(book: &Book) -> BTreeMap<(u32, u32), i128> {
    let mut all = BTreeMap::new();
    for account in book.accounts() {
        *all.entry((account.owner, account.asset)).or_default() += account.counters.posted();
    }
    all
}

#[test]
fn no_prefix_of_the_log_has_one_leg_alone() {
    let mut run = run(&["
bank-b: #2 quote bank-a bank-b:usd 7.00 bank-b:jpy bank-a:jpy 1050 until=50000 -> RESERVED
"]);
    let wishes = [
        "convert bank-a:usd bank-a:jpy pay 10.01 limit=0 at=bank-b/desk",
        "convert bank-a:usd bank-a:jpy pay 7.00 limit=0 at=#2",
        "convert bank-a:usd bank-a:jpy pay 49.00 limit=0 at=bank-b/desk",
        "convert bank-a:jpy bank-a:usd get 1.00 limit=999 at=bank-b/desk",
        "convert bank-a:usd bank-a:jpy pay 7.00 limit=0 at=#2",
    ];
    let mut settled = 0;
    for wish in wishes {
        let before = holdings(run.world.book());
        let instruction = run.instruction(wish);
        let message = run.world.message("bank-a", false, vec![instruction]);
        let Step::Applied(applied) = run.world.send(&message) else {
            panic!("{wish}")
        };
        let after = holdings(run.world.book());
        let changed = before
            .iter()
            .filter(|(key, sum)| after[key] != **sum)
            .count();
        let legs: Vec<LegKind> = applied
            .drafts
            .iter()
            .filter_map(Draft::leg)
            .map(|leg| leg.kind)
            .collect();
        match outcomes(&applied.drafts)[0].outcome.is_good() {
            // Both banks, both assets.
            true => {
                assert_eq!((changed, legs.len()), (4, 2), "{wish}");
                settled += 1;
            }
            false => assert_eq!((changed, legs.len()), (0, 0), "{wish}"),
        }
    }
    assert_eq!(settled, 3);
}
