//! Holds: what was reserved is captured, given back or still there, to the unit; and each ends once.

use std::collections::BTreeMap;

use quittance::ledger::{Applied, Book, Draft, InstructionId, LegDraft, LegKind};

use super::{signed, wished};

/// One leg of a hold.
#[derive(Debug, Default)]
struct Line {
    from: u64,
    to: u64,
    reserved: i128,
    /// Out of what was reserved, and above it.
    captured: i128,
    above: i128,
    given_back: i128,
    left: i128,
}

#[derive(Debug, Default)]
struct Hold {
    lines: Vec<Line>,
    /// Hundredths of a percent that captures may go above.
    over: i128,
}

#[derive(Debug, Default)]
pub(super) struct Held {
    holds: BTreeMap<InstructionId, Hold>,
    pub(super) ended: u64,
}

impl Hold {
    fn is_over(&self) -> bool {
        self.lines.iter().all(|line| line.left == 0)
    }
}

impl Held {
    pub(super) fn entry(&mut self, book: &Book, applied: &Applied, context: &dyn Fn() -> String) {
        let mut over = BTreeMap::new();
        let mut touched: BTreeMap<(InstructionId, InstructionId), usize> = BTreeMap::new();
        for draft in &applied.drafts {
            if let Draft::Instruction(item) = draft
                && let Some((kind, fields)) = wished(&item.json)
                && kind == "reserve"
            {
                let bp = fields["over_capture_bp"].as_i64().unwrap_or(0);
                over.insert(item.id, i128::from(bp));
            }
            let Some(leg) = draft.leg() else { continue };
            let of = draft.of_hold().map_or(leg.id, |of| of.hold);
            match leg.kind {
                LegKind::Reserve => {
                    let hold = self.holds.entry(leg.id).or_default();
                    hold.over = over.get(&leg.id).copied().unwrap_or(0);
                    hold.lines.push(Line {
                        from: leg.changes[0].account,
                        to: leg.changes[1].account,
                        reserved: signed(leg.amount),
                        left: signed(leg.amount),
                        ..Line::default()
                    });
                }
                LegKind::Capture | LegKind::Void | LegKind::Expire => {
                    let unreserved = draft.of_hold().map_or(0, |of| signed(of.unreserved));
                    self.lower(of, leg, unreserved, context);
                    *touched.entry((of, leg.id)).or_default() += 1;
                }
                _ => {}
            }
        }
        for ((of, _), legs) in touched {
            let hold = &self.holds[&of];
            assert_eq!(legs, hold.lines.len(), "a part of {of}: {}", context());
            self.ended += u64::from(hold.is_over());
        }
        self.agree(book, context);
    }

    /// What one leg takes of a hold, which must not be over.
    fn lower(
        &mut self,
        of: InstructionId,
        leg: &LegDraft,
        unreserved: i128,
        context: &dyn Fn() -> String,
    ) {
        let hold = self.holds.get_mut(&of).unwrap();
        // The second leg of a conversion is the only one of a quote.
        let at = if hold.lines.len() == 1 {
            0
        } else {
            usize::from(leg.leg)
        };
        let (over, line) = (hold.over, &mut hold.lines[at]);
        assert!(line.left > 0, "{of} is over: {}", context());
        let units = signed(leg.amount);
        match leg.kind {
            LegKind::Capture => {
                let inside = units.min(line.left);
                line.captured += inside;
                line.above += units - inside;
                line.given_back += unreserved - inside;
                line.left -= unreserved;
            }
            _ => {
                assert_eq!(units, line.left, "all of {of}: {}", context());
                line.given_back += units;
                line.left = 0;
            }
        }
        let sum = line.captured + line.given_back + line.left;
        assert_eq!(sum, line.reserved, "{of}: {}", context());
        assert!(
            line.left >= 0 && line.given_back >= 0,
            "{of}: {}",
            context()
        );
        let most = line.reserved * over / 10_000;
        let above = line.captured + line.above - line.reserved;
        assert!(above <= most, "{of}: {}", context());
    }

    /// The book has the same of every hold that is open, and what is pending is what is left of them.
    fn agree(&self, book: &Book, context: &dyn Fn() -> String) {
        let mut pending: BTreeMap<u64, (i128, i128)> = BTreeMap::new();
        let mut open = 0;
        for hold in book.holds().filter(|hold| hold.ended.is_none()) {
            let noted = &self.holds[&hold.id];
            open += 1;
            for (found, line) in hold.legs.iter().zip(&noted.lines) {
                let found = [found.reserved, found.captured, found.remaining].map(signed);
                let captured = line.captured + line.above;
                assert_eq!(found, [line.reserved, captured, line.left], "{}", context());
            }
        }
        for (_, hold) in self.holds.iter().filter(|(_, hold)| !hold.is_over()) {
            open -= 1;
            for line in &hold.lines {
                pending.entry(line.from).or_default().0 += line.left;
                pending.entry(line.to).or_default().1 += line.left;
            }
        }
        assert_eq!(open, 0, "as many are open: {}", context());
        for account in book.accounts() {
            let c = &account.counters;
            let found = (signed(c.debits_pending), signed(c.credits_pending));
            let expected = pending.get(&account.number).copied().unwrap_or_default();
            assert_eq!(found, expected, "{}: {}", account.address, context());
        }
    }
}
