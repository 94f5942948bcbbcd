//! Freezes: between the item that imposes one and the item that lifts it nothing is booked against it.

use quittance::ledger::{Applied, Book, Draft, InstructionDraft, LegKind, Outcome, Time};

use super::{is_booked, wished};

/// One that is in force, or was by time.
#[derive(Debug)]
struct Freeze {
    /// An address, or a participant.
    of: String,
    case: String,
    debits: bool,
    credits: bool,
    until: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Freezes {
    all: Vec<Freeze>,
    /// Legs of accounts that were frozen on the other side.
    pub(super) passed: u64,
}

impl Freezes {
    pub(super) fn entry(&mut self, book: &Book, applied: &Applied, context: &dyn Fn() -> String) {
        for draft in &applied.drafts {
            if let Draft::Instruction(item) = draft
                && item.outcome == Outcome::Applied
            {
                self.note(item);
            }
            let Some(leg) = draft.leg() else { continue };
            if leg.amount == 0 || !(is_booked(leg.kind) || leg.kind == LegKind::Reserve) {
                continue;
            }
            for (side, change) in leg.changes.iter().enumerate() {
                let account = book.account_numbered(change.account).unwrap();
                let owner = book.participant_numbered(account.owner).unwrap();
                let names = [account.address.as_str(), owner.id.as_str()];
                for freeze in &self.all {
                    let over = freeze.until.is_some_and(|until| until <= applied.time);
                    if over || !names.contains(&freeze.of.as_str()) {
                        continue;
                    }
                    // What a pool brings pays at once; a freeze of credits stops payments.
                    let drawn = side == 1 && leg.kind == LegKind::Draw;
                    let stops = [freeze.debits, freeze.credits][side] && !drawn;
                    assert!(!stops, "{freeze:?}: {}", context());
                    self.passed += 1;
                }
            }
        }
    }

    fn note(&mut self, item: &InstructionDraft) {
        let Some((kind, fields)) = wished(&item.json) else {
            return;
        };
        if kind != "freeze" && kind != "lift" {
            return;
        }
        let text = |name: &str| fields[name].as_str().map(str::to_owned);
        let of = text("account").or_else(|| text("participant")).unwrap();
        let case = text("case").unwrap();
        // One that has ended by time may be imposed anew under its case.
        self.all.retain(|one| (&one.of, &one.case) != (&of, &case));
        if kind == "freeze" {
            let level = text("level").unwrap();
            let all = level == "none_allowed";
            let until = text("expires_at").map(|time| time.parse::<Time>().unwrap().nanos());
            self.all.push(Freeze {
                of,
                case,
                debits: all || level == "no_debit",
                credits: all || level == "no_credit",
                until,
            });
        }
    }
}
