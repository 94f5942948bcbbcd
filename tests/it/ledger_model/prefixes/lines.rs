//! Lines of accounts: whatever is urgent or high and still waits was overtaken by nothing that had to
//! stand behind it.

use std::collections::BTreeMap;

use quittance::ledger::{Applied, Book, Draft, InstructionId, LegKind, Payment};

use super::{signed, wished};

/// 0 urgent, 1 high, 2 normal; then where it stands.
type Place = (u8, i64, u32, u32, InstructionId);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Waiting {
    place: Place,
    since: u64,
    payers: Vec<u64>,
    /// For funds, and not for its time.
    waits: bool,
}

#[derive(Debug, Default)]
pub(super) struct Lines {
    before: Vec<Waiting>,
    /// How often something was booked beside what waited all the while.
    pub(super) passed: u64,
}

fn waiting(payment: &Payment) -> Waiting {
    let rank = &payment.rank;
    Waiting {
        place: (
            rank.priority as u8,
            rank.order,
            rank.ordinal,
            rank.key.0,
            rank.key.1,
        ),
        since: payment.index,
        payers: payment.legs.iter().map(|leg| leg.debit).collect(),
        waits: payment.is_waiting(),
    }
}

impl Lines {
    pub(super) fn entry(&mut self, book: &Book, applied: &Applied, context: &dyn Fn() -> String) {
        let after: Vec<Waiting> = book.queue().iter().map(waiting).collect();
        let strict = |one: &&Waiting| one.waits && one.place.0 < 2;
        let stays: Vec<&Waiting> = self.before.iter().filter(strict).collect();
        let stays: Vec<&Waiting> = stays
            .into_iter()
            .filter(|one| after.contains(one))
            .collect();
        // What each instruction takes from each account on balance.
        let mut urgency: BTreeMap<(u32, InstructionId), u8> = BTreeMap::new();
        let mut taken: BTreeMap<(u32, InstructionId, u64), i128> = BTreeMap::new();
        for draft in &applied.drafts {
            if let Draft::Instruction(item) = draft {
                let key = (item.instruction, item.id);
                urgency.insert(key, priority(&item.json));
            }
            let Some(leg) = draft.leg() else { continue };
            let [from, to] = leg.changes.each_ref().map(|change| change.account);
            match leg.kind {
                LegKind::Queued => {
                    let since = draft.since().unwrap();
                    let settled = self.before.iter();
                    let mut settled =
                        settled.filter(|one| one.since == since && one.place.4 == leg.id);
                    let place = settled.next().unwrap().place;
                    let overtaken =
                        |one: &&&Waiting| one.place < place && one.payers.contains(&from);
                    let overtaken = stays.iter().find(overtaken);
                    assert_eq!(overtaken, None, "{place:?}: {}", context());
                    self.passed += stays.len() as u64;
                }
                LegKind::Transfer
                | LegKind::Mandated
                | LegKind::Valued
                | LegKind::Reserve
                | LegKind::Redeem
                | LegKind::Split
                | LegKind::Return
                | LegKind::Exchange => {
                    let units = signed(leg.amount);
                    let key = (leg.instruction, leg.id);
                    *taken.entry((key.0, key.1, from)).or_default() += units;
                    *taken.entry((key.0, key.1, to)).or_default() -= units;
                }
                _ => {}
            }
        }
        for ((instruction, id, account), units) in taken {
            let own = urgency.get(&(instruction, id)).copied().unwrap_or(2);
            let overtaken = |one: &&&Waiting| one.place.0 <= own && one.payers.contains(&account);
            if units > 0 {
                let overtaken = stays.iter().find(overtaken);
                assert_eq!(overtaken, None, "account {account}: {}", context());
                self.passed += stays.len() as u64;
            }
        }
        self.before = after;
    }
}

/// How urgent a payment is that says so.
fn priority(json: &str) -> u8 {
    let wish = wished(json).map(|(_, fields)| fields);
    let word = wish.and_then(|fields| Some(fields["queue"]["priority"].as_str()?.to_owned()));
    match word.as_deref() {
        Some("urgent") => 0,
        Some("high") => 1,
        _ => 2,
    }
}
