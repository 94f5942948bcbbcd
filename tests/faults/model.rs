//! A ledger of one map, for balances to be compared with. It knows sequential legs, funds that do
//! not suffice, and messages that go all or nothing; it shares no code with the node.

use std::collections::BTreeMap;

/// One leg: who pays whom how many cents.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub(crate) debit: &'static str,
    pub(crate) credit: &'static str,
    pub(crate) cents: i128,
}

/// What a submission asks for.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Transfers of one or more legs each.
    Pay {
        atomic: bool,
        transfers: Vec<Vec<Leg>>,
    },
    /// Something of which [`crate::rich`] finds out what became.
    Rich,
    /// The erasure of an entry's body.
    Erase(u64),
    /// So many instructions that move no money.
    Govern(usize),
}

/// Balances in cents by address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Model(BTreeMap<&'static str, i128>);

impl Model {
    /// Starts with the same balance on every account.
    pub(crate) fn new(addresses: &[&'static str], cents: i128) -> Self {
        Self(addresses.iter().map(|address| (*address, cents)).collect())
    }

    /// Applies a submission; says for each of its instructions whether it takes effect, if this model
    /// knows its rules.
    pub(crate) fn apply(&mut self, content: &Content) -> Option<Vec<bool>> {
        match content {
            Content::Pay { atomic, transfers } => Some(self.pay(*atomic, transfers)),
            Content::Rich => None,
            Content::Erase(_) => Some(vec![true]),
            Content::Govern(count) => Some(vec![true; *count]),
        }
    }

    fn pay(&mut self, atomic: bool, transfers: &[Vec<Leg>]) -> Vec<bool> {
        let before = self.0.clone();
        let good: Vec<bool> = transfers.iter().map(|legs| self.transfer(legs)).collect();
        if atomic && good.contains(&false) {
            self.0 = before;
            return vec![false; good.len()];
        }
        good
    }

    fn transfer(&mut self, legs: &[Leg]) -> bool {
        let before = self.0.clone();
        for leg in legs {
            *self.0.get_mut(leg.debit).unwrap() -= leg.cents;
            *self.0.get_mut(leg.credit).unwrap() += leg.cents;
            if self.0[leg.debit] < 0 {
                self.0 = before;
                return false;
            }
        }
        true
    }

    /// Every address with its balance as the node prints it.
    pub(crate) fn balances(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0
            .iter()
            .map(|(address, cents)| (*address, money(*cents)))
    }

    /// The sum over all accounts.
    pub(crate) fn total(&self) -> i128 {
        self.0.values().sum()
    }
}

/// Cents as a decimal string.
pub(crate) fn money(cents: i128) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[test]
fn a_refused_leg_takes_its_transfer_back_and_an_atomic_message_all_of_them() {
    let leg = |debit, credit, cents| Leg {
        debit,
        credit,
        cents,
    };
    let mut model = Model::new(&["a", "b"], 10);
    let pay = |atomic| Content::Pay {
        atomic,
        transfers: vec![
            vec![leg("a", "b", 5)],
            vec![leg("a", "b", 5), leg("a", "b", 1)],
        ],
    };
    assert_eq!(model.clone().apply(&pay(true)), Some(vec![false, false]));
    assert_eq!(model.apply(&pay(false)), Some(vec![true, false]));
    assert_eq!(model.0["a"], 5);
    assert_eq!(model.total(), 20);
}
