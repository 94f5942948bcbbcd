//! Random messages, answered by the ledger and by an independent reference; every code and every
//! balance must agree after every message. A failure names the seed: `MODEL_SEED=n` runs it alone,
//! `MODEL_RUNS=n` runs more of them.

mod reference;

use quittance::ledger::{
    AccountRef, CloseAccount, Funds, Instruction, InstructionId, Leg, SetAssetStatus, SetLimits,
    Step, Transfer, outcomes,
};

use crate::ledger_world::{MILLISECOND, START, World};
use reference::{ASSETS, Reference, Typed, Wish};

const BANKS: [&str; 3] = ["bank-a", "bank-b", "bank-c"];
const MESSAGES: u32 = 120;

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn amount(&mut self) -> Typed {
        let units = match self.below(8) {
            0 => 0,
            1 => self.below(3),
            2..=5 => self.below(5_000),
            _ => self.below(100_000),
        };
        Typed {
            units: i128::from(units),
            decimals: self.pick(&[0, 0, 2, 2, 2, 3]),
        }
    }

    fn account(&mut self) -> String {
        if self.one_in(40) {
            return self.pick(&["nowhere", "operators:issuance.USD"]).into();
        }
        let bank = self.pick(&BANKS);
        format!("{bank}:{}", self.pick(&["usd", "usd", "jpy", "customer"]))
    }

    fn leg(&mut self) -> reference::Leg {
        let debit = self.account();
        // Mostly legs that could be meant: the same asset on both sides and in between.
        let asset = if debit.ends_with("jpy") { "JPY" } else { "USD" };
        let mut credit = self.account();
        if credit.ends_with("jpy") != debit.ends_with("jpy") && !self.one_in(10) {
            credit = debit.replace(&debit[..6], self.pick(&BANKS));
        }
        let asset = if self.one_in(30) {
            self.pick(&["USD", "JPY", "EUR"])
        } else {
            asset
        };
        let amount = self.amount();
        reference::Leg {
            debit,
            credit,
            asset,
            amount,
        }
    }

    fn wish(&mut self) -> Wish {
        match self.below(20) {
            0..=1 => Wish::Issue(self.account(), self.amount()),
            2 => Wish::Redeem(self.account(), self.amount()),
            3 => {
                let limit = |random: &mut Self| random.one_in(2).then(|| random.amount());
                Wish::Limits(self.account(), [limit(self), limit(self), limit(self)])
            }
            4 if self.one_in(6) => Wish::Close(self.account()),
            5 if self.one_in(3) => Wish::Suspend(usize::from(self.one_in(2)), self.one_in(3)),
            _ => {
                let legs = self.pick(&[1, 1, 1, 2, 3]);
                Wish::Pay((0..legs).map(|_| self.leg()).collect())
            }
        }
    }

    /// Who signs; the first submits.
    fn signers(&mut self) -> Vec<&'static str> {
        let all = ["bank-a", "bank-b", "bank-c", "operators"];
        let mut signers = vec![self.pick(&all)];
        for other in all {
            if !signers.contains(&other) && self.one_in(2) {
                signers.push(other);
            }
        }
        signers
    }
}

fn typed(amount: Typed) -> quittance::ledger::Amount {
    let (units, decimals) = (amount.units, usize::try_from(amount.decimals).unwrap());
    let digits = format!("{units:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let text = match decimals {
        0 => whole.to_owned(),
        _ => format!("{whole}.{fraction}"),
    };
    text.parse().unwrap()
}

fn account(address: &str) -> AccountRef {
    AccountRef::Address(address.parse().unwrap())
}

fn funds(id: InstructionId, address: &str, amount: Typed) -> Funds {
    Funds {
        id,
        account: account(address),
        amount: typed(amount),
    }
}

fn instruction(id: u64, wish: &Wish) -> Instruction {
    let id = InstructionId::from_parts(START / MILLISECOND, u128::from(id));
    match wish {
        Wish::Pay(legs) => Instruction::Transfer(Transfer {
            reference: None,
            id,
            legs: legs
                .iter()
                .map(|leg| Leg {
                    debit: account(&leg.debit),
                    credit: account(&leg.credit),
                    asset: Some(leg.asset.parse().unwrap()),
                    amount: typed(leg.amount),
                })
                .collect(),
            end_to_end_id: None,
            remittance: None,
            debtor_name: None,
            creditor_name: None,
        }),
        Wish::Issue(address, amount) => Instruction::Issue(funds(id, address, *amount)),
        Wish::Redeem(address, amount) => Instruction::Redeem(funds(id, address, *amount)),
        Wish::Limits(address, [credit_line, min_balance, largest]) => {
            Instruction::SetLimits(SetLimits {
                id,
                address: address.parse().unwrap(),
                credit_line: credit_line.map(typed),
                min_balance: min_balance.map(typed),
                per_transfer_max: largest.map(typed),
            })
        }
        Wish::Close(address) => Instruction::CloseAccount(CloseAccount {
            id,
            address: address.parse().unwrap(),
        }),
        Wish::Suspend(asset, suspend) => {
            let status = if *suspend {
                "\"suspended\""
            } else {
                "\"active\""
            };
            Instruction::SetAssetStatus(SetAssetStatus {
                id,
                asset: ASSETS[*asset].0.parse().unwrap(),
                status: serde_json::from_str(status).unwrap(),
            })
        }
    }
}

/// Banks and accounts, in both.
fn start() -> (World, Reference) {
    let mut run = crate::ledger_tables::Run::new();
    let mut reference = Reference::default();
    for (asset, (name, _)) in ASSETS.iter().enumerate() {
        run.table(&format!("operators: asset {name} fiat -> APPLIED"));
        reference.open(
            &format!("operators:issuance.{name}"),
            "operators",
            asset,
            false,
        );
    }
    for bank in BANKS {
        run.table(&format!(
            "operators: participant {bank} bank 1 {bank}/k1          -> APPLIED
             operators: open {bank}:usd {bank} settlement USD        -> APPLIED
             operators: open {bank}:jpy {bank} settlement JPY        -> APPLIED
             operators: open {bank}:customer {bank} customer USD     -> APPLIED"
        ));
        reference.open(&format!("{bank}:usd"), bank, 0, true);
        reference.open(&format!("{bank}:jpy"), bank, 1, true);
        reference.open(&format!("{bank}:customer"), bank, 0, true);
    }
    (run.world, reference)
}

fn run(seed: u64) -> std::collections::BTreeSet<&'static str> {
    let mut random = Random(seed);
    let (mut world, mut reference) = start();
    let mut seen = std::collections::BTreeSet::new();
    for step in 0..MESSAGES {
        let signers = random.signers();
        let atomic = random.one_in(4);
        let count = random.pick(&[1, 1, 2, 4]);
        let wishes: Vec<(u64, Wish)> = (0..count)
            .map(|n| {
                let repeated = random.one_in(25);
                let id = if repeated {
                    random.below(50)
                } else {
                    u64::from(step) * 8 + n
                };
                (id, random.wish())
            })
            .collect();
        let context = || format!("seed {seed}, message {step}: {signers:?} {wishes:?}");
        let instructions = wishes
            .iter()
            .map(|(id, wish)| instruction(*id, wish))
            .collect();
        let message = world.message(&signers.join("+"), atomic, instructions);
        let Step::Applied(applied) = world.send(&message) else {
            panic!("{}", context())
        };
        let rows = outcomes(&applied.drafts);
        let found: Vec<&str> = rows.iter().map(|row| row.outcome.code()).collect();
        let expected = reference.message(&signers, atomic, &wishes);
        assert_eq!(found, expected, "{}", context());
        seen.extend(expected);
        for (address, account) in &reference.accounts {
            let expected = (account.balance, account.available());
            assert_eq!(world.balance(address), expected, "{address}: {}", context());
        }
        for asset in 0..ASSETS.len() {
            let accounts = reference.accounts.values();
            let sum: i128 = accounts
                .filter(|a| a.asset == asset)
                .map(|a| a.balance)
                .sum();
            assert_eq!(sum, 0, "{}", context());
        }
    }
    seen
}

#[test]
fn the_ledger_answers_as_the_reference_does() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    if let Some(seed) = number("MODEL_SEED") {
        println!("seed {seed}");
        run(seed);
        return;
    }
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..number("MODEL_RUNS").unwrap_or(10) {
        println!("seed {seed}");
        seen.extend(run(seed));
    }
    // A model that only ever refuses proves little.
    for code in [
        "SETTLED",
        "APPLIED",
        "MESSAGE_ABORTED",
        "ID_ALREADY_USED",
        "QUORUM_NOT_MET",
        "ACCOUNT_UNKNOWN",
        "NOT_OWNER",
        "ASSET_UNKNOWN",
        "ASSET_MISMATCH",
        "ASSET_SUSPENDED",
        "SELF_TRANSFER",
        "POSTING_NOT_ALLOWED",
        "AMOUNT_ZERO",
        "PRECISION_EXCEEDED",
        "ACCOUNT_CLOSED",
        "LIMIT_PER_TRANSFER",
        "INSUFFICIENT_FUNDS",
        "ACCOUNT_NOT_EMPTY",
        "ACCOUNT_KIND_NOT_ALLOWED",
        "NO_CHANGE",
    ] {
        assert!(seen.contains(code), "no run met {code}");
    }
}
