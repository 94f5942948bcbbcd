//! Fees in the runs: what is asked, and what is compared after every message.

use quittance::ledger::{
    FeeBasis, FeePayer, FeePeriod, FeeRule, FeeTax, FeeTier, Instruction, InstructionId, Outcome,
    PeriodicFee, SetFees,
};

use super::charged::{Monthly, Price, Tarif, Tariff};
use super::reference::{ASSETS, Reference, Typed};
use super::wishes::typed;
use super::{BANKS, Random};
use crate::ledger_tables::Run;
use crate::ledger_world::World;

const PAYERS: [FeePayer; 3] = [FeePayer::Debtor, FeePayer::Creditor, FeePayer::Shared];

impl Random {
    pub(super) fn tariff(&mut self) -> Tariff {
        let asset = self.pick(&["USD", "USD", "USD", "JPY"]);
        let asset = if self.one_in(40) { "EUR" } else { asset };
        let count = self.pick(&[0, 1, 1, 2, 3]);
        let to = |random: &mut Self, name: &str| match random.one_in(20) {
            true => random.account(),
            false => format!("operators:{name}.{}", asset.to_lowercase()),
        };
        let full = count > 0;
        let to_fees = (full != self.one_in(40)).then(|| to(self, "fees"));
        let tax = ((full || self.one_in(40)) && self.one_in(3)).then(|| {
            let bps = self.pick(&[1, 1_900, 2_500, 10_000]);
            (to(self, "tax"), if self.one_in(30) { 0 } else { bps })
        });
        Tariff {
            asset,
            to: to_fees,
            tax,
            lines: (0..count).map(|_| self.tarif()).collect(),
            monthly: (full && self.one_in(if self.days { 2 } else { 12 })).then(|| self.monthly()),
        }
    }

    fn monthly(&mut self) -> Vec<Monthly> {
        let count = self.pick(&[0, 1, 1, 2]);
        let line = |random: &mut Self| {
            let kind = random.pick(&["settlement", "customer"]);
            let kind = if random.one_in(20) { "fee" } else { kind };
            let bank = random.pick(&BANKS);
            let bank = if random.one_in(30) { "bank-x" } else { bank };
            let (kind, bank) = (
                random.one_in(2).then_some(kind),
                random.one_in(3).then_some(bank),
            );
            (kind, bank, random.little())
        };
        (0..count).map(|_| line(self)).collect()
    }

    fn tarif(&mut self) -> Tarif {
        let kind = |random: &mut Self| {
            let kind = random.pick(&["settlement", "customer"]);
            let kind = if random.one_in(40) { "issuance" } else { kind };
            random.one_in(3).then_some(kind)
        };
        let bank = |random: &mut Self| {
            let bank = random.pick(&BANKS);
            let bank = if random.one_in(40) { "bank-x" } else { bank };
            random.one_in(4).then_some(bank)
        };
        let price = match self.below(8) {
            0 => Price::Free,
            1 => Price::Fixed(self.little()),
            // Dear enough that whoever can pay often cannot pay the fee as well.
            2 => Price::Fixed(Typed {
                units: i128::from(self.below(2_000)),
                decimals: 0,
            }),
            3..=5 => Price::Part(self.part()),
            _ => Price::Steps(self.steps()),
        };
        let free = matches!(price, Price::Free) != self.one_in(40);
        let bound = |random: &mut Self, n: u64| match !free && random.one_in(n) {
            true => Some(random.little()),
            false => None,
        };
        Tarif {
            kinds: [kind(self), kind(self)],
            banks: [bank(self), bank(self)],
            price,
            least: bound(self, 4),
            most: bound(self, 6),
            payer: (!free).then(|| self.pick(&[0, 0, 1, 2])),
        }
    }

    fn part(&mut self) -> u32 {
        self.pick(&[0, 1, 25, 150, 1_000, 10_000, 10_001])
    }

    /// An amount, mostly a small one without decimals.
    fn little(&mut self) -> Typed {
        let decimals = if self.one_in(20) { 3 } else { 0 };
        Typed {
            units: i128::from(self.below(4)),
            decimals,
        }
    }

    fn steps(&mut self) -> Vec<(Option<Typed>, Option<Typed>, Option<u32>)> {
        let count = self.pick(&[0, 1, 2, 2, 3]);
        let mut steps = Vec::new();
        for n in 1..=count {
            let ends = Typed {
                units: i128::from(n * 10 + if self.one_in(15) { 0 } else { self.below(8) }),
                decimals: 0,
            };
            let ends = (n < count || self.one_in(30)).then_some(ends);
            let fixed = self.one_in(2).then(|| self.little());
            let part = self.one_in(2).then(|| self.part());
            steps.push((ends.filter(|_| !self.one_in(30)), fixed, part));
        }
        steps
    }
}

pub(super) fn instruction(id: InstructionId, tariff: &Tariff) -> Instruction {
    let kind = |name: &str| serde_json::from_str(&format!("\"{name}\"")).unwrap();
    let rule = |line: &Tarif| FeeRule {
        debit_kind: line.kinds[0].map(kind),
        credit_kind: line.kinds[1].map(kind),
        debit_owner: line.banks[0].map(|bank| bank.parse().unwrap()),
        credit_owner: line.banks[1].map(|bank| bank.parse().unwrap()),
        basis: match &line.price {
            Price::Free => FeeBasis::None,
            Price::Fixed(fixed) => FeeBasis::Flat(typed(*fixed)),
            Price::Part(part) => FeeBasis::Bps(*part),
            Price::Steps(steps) => {
                let tier = |step: &(Option<Typed>, Option<Typed>, Option<u32>)| FeeTier {
                    up_to: step.0.map(typed),
                    flat: step.1.map(typed),
                    bps: step.2,
                };
                FeeBasis::Tiered(steps.iter().map(tier).collect())
            }
        },
        min: line.least.map(typed),
        max: line.most.map(typed),
        payer: line.payer.map(|payer| PAYERS[usize::from(payer)]),
    };
    Instruction::SetFees(SetFees {
        id,
        asset: tariff.asset.parse().unwrap(),
        account: tariff.to.as_ref().map(|to| to.parse().unwrap()),
        tax: tariff.tax.as_ref().map(|(to, bps)| FeeTax {
            account: to.parse().unwrap(),
            bps: *bps,
        }),
        rules: tariff.lines.iter().map(rule).collect(),
        periodic: tariff
            .monthly
            .as_ref()
            .map(|lines| lines.iter().map(by_month).collect()),
    })
}

fn by_month((kind, bank, flat): &Monthly) -> PeriodicFee {
    let kind = kind.map(|kind| serde_json::from_str(&format!("\"{kind}\"")).unwrap());
    PeriodicFee {
        account_kind: kind,
        account_owner: bank.map(|bank| bank.parse().unwrap()),
        period: FeePeriod::Month,
        flat: typed(*flat),
    }
}

/// The accounts that fees and taxes go to; where the month `ends`, with what it costs.
pub(super) fn start(run: &mut Run, reference: &mut Reference, ends: bool) {
    for (asset, (name, _)) in ASSETS.iter().enumerate() {
        for what in ["fees", "tax"] {
            let address = format!("operators:{what}.{}", name.to_lowercase());
            run.table(&format!(
                "operators: open {address} operators fee {name} -> APPLIED"
            ));
            reference.open(&address, "operators", asset, false);
        }
    }
    if ends {
        run.table(
            "operators+operators/k2: fees USD operators:fees.usd tax=operators:tax.usd/1900 [kind=customer flat=7] [owner=bank-a flat=0] [flat=31] -> APPLIED",
        );
        let whole = |units| Typed { units, decimals: 0 };
        let tariff = Tariff {
            asset: "USD",
            to: Some("operators:fees.usd".into()),
            tax: Some(("operators:tax.usd".into(), 1_900)),
            lines: Vec::new(),
            monthly: Some(vec![
                (Some("customer"), None, whole(7)),
                (None, Some("bank-a"), whole(0)),
                (None, None, whole(31)),
            ]),
        };
        reference.tariffs[0] = (1, Some(tariff));
    }
}

/// The same versions are in force, with as many rules.
pub(super) fn compare(world: &World, reference: &Reference, context: &str) {
    for (name, (count, tariff)) in ASSETS.iter().map(|asset| asset.0).zip(&reference.tariffs) {
        let asset = world.book().asset(&name.parse().unwrap()).unwrap().number;
        let last = world.book().fees().versions(asset).last();
        assert_eq!(last.map_or(0, |last| last.number), *count, "{context}");
        let rules = world.book().fees().in_force(asset).map(|s| s.rules.len());
        assert_eq!(rules, tariff.as_ref().map(|t| t.lines.len()), "{context}");
    }
    if !world.fast {
        let owed = world
            .due
            .iter()
            .filter(|outcome| **outcome == Outcome::FeeOwed);
        let billed = reference.billed.iter().filter(|code| **code == "FEE_OWED");
        assert_eq!(owed.count(), billed.count(), "{context}");
    }
}
