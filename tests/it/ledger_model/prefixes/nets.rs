//! Netting: every cleared payment is in one window, every window in one settlement, and nets sum to zero.

use std::collections::{BTreeMap, BTreeSet};

use quittance::ledger::{Applied, Book, LegKind, Model};

use super::signed;

/// What was cleared: in which entry, from, to, how much.
type Cleared = (u64, u64, u64, i128);
type Window = (String, u64);

#[derive(Debug, Default)]
pub(super) struct Nets {
    cleared: BTreeMap<String, Vec<Cleared>>,
    /// Windows whose end was looked at, and those whose nets were paid.
    closed: BTreeSet<Window>,
    paid: BTreeSet<Window>,
    new: u64,
}

impl Nets {
    /// How many have settled since it was asked.
    pub(super) fn settled(&mut self) -> u64 {
        std::mem::take(&mut self.new)
    }

    pub(super) fn entry(&mut self, book: &Book, applied: &Applied, context: &dyn Fn() -> String) {
        let mut nets: BTreeMap<Window, BTreeMap<u64, i128>> = BTreeMap::new();
        for draft in &applied.drafts {
            let (Some(leg), Some(of)) = (draft.leg(), draft.of_window()) else {
                continue;
            };
            let name = of.model.as_str().to_owned();
            let model = book.cycles().model(&of.model).unwrap();
            let [from, to] = leg.changes.each_ref().map(|change| change.account);
            let units = signed(leg.amount);
            match leg.kind {
                LegKind::Clear => {
                    let window = range_of(model, applied.index);
                    assert_eq!(window, vec![of.window], "{name}: {}", context());
                    let cleared = self.cleared.entry(name).or_default();
                    cleared.push((applied.index, from, to, units));
                }
                LegKind::Net => {
                    let own = model.record.account;
                    assert!(from == own || to == own, "{}", context());
                    let (member, net) = if from == own {
                        (to, units)
                    } else {
                        (from, -units)
                    };
                    let of = nets.entry((name, of.window)).or_default();
                    assert!(of.insert(member, net).is_none(), "{}", context());
                }
                _ => {}
            }
        }
        for (window, paid) in nets {
            let model = book.cycles().model(&window.0.parse().unwrap()).unwrap();
            let found = model.window(window.1).unwrap();
            let mut sums = self.sums(&window.0, found.from, found.closed.index);
            sums.retain(|_, net| *net != 0);
            assert_eq!(paid, sums, "{window:?}: {}", context());
            assert!(self.paid.insert(window), "settled twice: {}", context());
            self.new += 1;
        }
        for model in book.cycles().models() {
            self.ranges(model, context);
        }
    }

    /// What each account gets out of the entries of a range.
    fn sums(&self, model: &str, from: u64, last: u64) -> BTreeMap<u64, i128> {
        let mut sums = BTreeMap::new();
        let cleared = self.cleared.get(model).into_iter().flatten();
        for (_, payer, payee, units) in cleared.filter(|one| (from..=last).contains(&one.0)) {
            *sums.entry(*payer).or_default() -= units;
            *sums.entry(*payee).or_default() += units;
        }
        sums
    }

    /// Windows follow each other without a gap, and the nets of each are those of its range.
    fn ranges(&mut self, model: &Model, context: &dyn Fn() -> String) {
        let record = &model.record;
        let name = record.name.as_str();
        let mut next = None;
        for window in model.windows() {
            let follows = next.is_none_or(|next| next == (window.number, window.from));
            assert!(
                follows && window.from <= window.closed.index,
                "{}",
                context()
            );
            next = Some((window.number + 1, window.closed.index + 1));
            let nets = window.nets.iter();
            let nets = nets.map(|net| (net.account, net.turnover.position()));
            let sum: i128 = nets.clone().map(|(_, net)| net).sum();
            assert_eq!(sum, 0, "{name} {}: {}", window.number, context());
            if self.closed.insert((name.to_owned(), window.number)) {
                let sums = self.sums(name, window.from, window.closed.index);
                assert_eq!(nets.collect::<BTreeMap<_, _>>(), sums, "{}", context());
            }
        }
        let open = (record.open.number, record.open.from);
        assert!(next.is_none_or(|next| next == open), "{}", context());
        let members = model.members();
        let whole: i128 = members.map(|(_, member)| member.whole().position()).sum();
        assert_eq!(whole, 0, "{name}: {}", context());
    }
}

/// Numbers of the windows in whose range an index is.
fn range_of(model: &Model, index: u64) -> Vec<u64> {
    let closed = model.windows();
    let closed = closed.filter(|window| (window.from..=window.closed.index).contains(&index));
    let mut all: Vec<u64> = closed.map(|window| window.number).collect();
    let open = &model.record.open;
    if model.record.closed.is_none() && open.from <= index {
        all.push(open.number);
    }
    all
}
