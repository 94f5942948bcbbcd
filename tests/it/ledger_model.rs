//! Random messages, answered by the ledger and by an independent reference; every code and every
//! balance must agree after every message. A failure names the seed: `MODEL_SEED=n` runs it alone,
//! `MODEL_RUNS=n` runs more of them.

mod held;
mod reference;

use quittance::ledger::{
    AccountRef, Capture, CloseAccount, Funds, Instruction, InstructionId, Leg, Reserve,
    SetAssetStatus, SetLimits, Step, Time, Transfer, Void, outcomes,
};

use crate::ledger_world::{MILLISECOND, START, World};
use reference::{ASSETS, Reference, Typed, Wish};

const BANKS: [&str; 3] = ["bank-a", "bank-b", "bank-c"];
const MESSAGES: u32 = 120;

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Random {
    pub(crate) state: u64,
    /// The newest holds.
    holds: Vec<u64>,
}

impl Random {
    pub(crate) const fn new(state: u64) -> Self {
        Self {
            state,
            holds: Vec::new(),
        }
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
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
            6..=10 => self.hold(),
            5 if self.one_in(3) => Wish::Suspend(usize::from(self.one_in(2)), self.one_in(3)),
            _ => {
                let legs = self.pick(&[1, 1, 1, 2, 3]);
                Wish::Pay((0..legs).map(|_| self.leg()).collect())
            }
        }
    }

    fn hold(&mut self) -> Wish {
        let of = self.below(1 + self.holds.len() as u64);
        let of = usize::try_from(of).unwrap();
        let hold = self.holds.get(of).copied().unwrap_or(77_777);
        match self.below(8) {
            0..=2 => {
                let legs = self.pick(&[1, 1, 1, 2, 3]);
                let legs = (0..legs).map(|_| self.leg()).collect();
                let after = self.pick(&[None, None, Some(0), Some(4), Some(30), Some(2_000)]);
                let over = self.pick(&[0, 0, 0, 333, 333, 10_000, 10_001]);
                Wish::Reserve(legs, after, self.one_in(2), over, self.one_in(4))
            }
            3..=4 => Wish::Void(hold),
            _ => {
                let last = self.pick(&[None, None, Some(true), Some(false)]);
                let amount = self.one_in(3).then(|| self.amount());
                Wish::Capture(hold, amount, last)
            }
        }
    }

    /// Who signs; the first submits.
    fn signers(&mut self) -> Vec<&'static str> {
        let all = ["bank-a", "bank-b", "bank-c", "operators"];
        let mut signers = vec![self.pick(&all)];
        let everybody = self.one_in(4);
        for other in all {
            if !signers.contains(&other) && (everybody || self.one_in(2)) {
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

fn legs(legs: &[reference::Leg]) -> Vec<Leg> {
    let leg = |leg: &reference::Leg| Leg {
        debit: account(&leg.debit),
        credit: account(&leg.credit),
        asset: Some(leg.asset.parse().unwrap()),
        amount: typed(leg.amount),
    };
    legs.iter().map(leg).collect()
}

fn id(number: u64) -> InstructionId {
    InstructionId::from_parts(START / MILLISECOND, u128::from(number))
}

fn instruction(number: u64, wish: &Wish, now: u64) -> Instruction {
    let id = id(number);
    match wish {
        Wish::Reserve(wished, after, multi, over, guaranteed) => Instruction::Reserve(Reserve {
            id,
            legs: legs(wished),
            expires_at: after.map(|ms| Time::from_nanos(now + ms * MILLISECOND)),
            multi: Some(*multi),
            over_capture_bp: Some(*over),
            guaranteed: Some(*guaranteed),
            end_to_end_id: None,
            remittance: None,
            debtor_name: None,
            creditor_name: None,
        }),
        Wish::Capture(hold, amount, last) => Instruction::Capture(Capture {
            id,
            hold: self::id(*hold),
            amount: amount.map(typed),
            last: *last,
        }),
        Wish::Void(hold) => Instruction::Void(Void {
            id,
            hold: self::id(*hold),
        }),
        Wish::Pay(wished) => Instruction::Transfer(Transfer {
            reference: None,
            id,
            legs: legs(wished),
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
fn start(fast: bool) -> (World, Reference) {
    let mut run = crate::ledger_tables::Run::new();
    run.world.fast = fast;
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

/// Runs one seed. A fast run leaves out what is checked after every step of the others: the dry run,
/// the replay, the snapshot; the reference is asked all the same. Gives the codes that were met, and
/// how many instructions were sent.
fn run(seed: u64, fast: bool) -> (std::collections::BTreeSet<&'static str>, u64) {
    let mut random = Random::new(seed);
    let (mut world, mut reference) = start(fast);
    let mut sent = 0;
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
        if random.one_in(5) {
            world.now += random.below(20) * MILLISECOND;
        }
        reference.now = world.now;
        let context = || format!("seed {seed}, message {step}: {signers:?} {wishes:?}");
        let instructions = wishes
            .iter()
            .map(|(id, wish)| instruction(*id, wish, world.now))
            .collect();
        let message = world.message(&signers.join("+"), atomic, instructions);
        let Step::Applied(applied) = world.send(&message) else {
            panic!("{}", context())
        };
        sent += wishes.len() as u64;
        let rows = outcomes(&applied.drafts);
        let found: Vec<&str> = rows.iter().map(|row| row.outcome.code()).collect();
        let expected = reference.message(&signers, atomic, &wishes);
        assert_eq!(found, expected, "{}", context());
        let made = wishes.iter().zip(&expected);
        let made = made.filter(|(_, code)| **code == "RESERVED");
        random.holds.extend(made.map(|((id, _), _)| *id));
        // Those that ended are asked for too, and not for ever.
        let old = random.holds.len().saturating_sub(6);
        random.holds.drain(..old);
        seen.extend(expected);
        for (address, account) in &reference.accounts {
            let expected = (account.balance, account.available());
            assert_eq!(world.balance(address), expected, "{address}: {}", context());
            let listed = reference.listed(address);
            assert_eq!((account.paying, account.receiving), listed, "{}", context());
            assert_eq!(world.pending(address), listed, "{address}: {}", context());
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
    (seen, sent)
}

/// A million instructions, when slow tests are asked for; else a few thousand.
#[test]
fn a_million_instructions_are_answered_as_by_the_reference() {
    let slow = std::env::var_os("QUITTANCE_SLOW").is_some();
    let wanted = if slow { 1_000_000 } else { 20_000 };
    let mut seen = std::collections::BTreeSet::new();
    let (mut sent, mut seed) = (0, 1_000_000);
    while sent < wanted {
        let (met, more) = run(seed, true);
        seen.extend(met);
        (sent, seed) = (sent + more, seed + 1);
    }
    println!("{sent} instructions, seeds 1000000 to {}", seed - 1);
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
        "RESERVED",
        "VOIDED",
        "HOLD_UNKNOWN",
        "HOLD_ALREADY_CAPTURED",
        "HOLD_ALREADY_VOIDED",
        "HOLD_EXPIRED",
        "HOLD_HAS_LEGS",
        "HOLD_NOT_MULTI",
        "CAPTURE_EXCEEDS_RESERVED",
        "EXPIRY_INVALID",
        "OVER_CAPTURE_TOO_HIGH",
    ] {
        assert!(seen.contains(code), "no run met {code}");
    }
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
        run(seed, false);
        return;
    }
    for seed in 0..number("MODEL_RUNS").unwrap_or(10) {
        println!("seed {seed}");
        run(seed, false);
    }
}
