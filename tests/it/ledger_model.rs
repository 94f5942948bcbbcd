//! Random messages, answered by the ledger and by an independent reference; every code and every
//! balance must agree after every message. A failure names the seed, and the messages that are enough
//! for it: `MODEL_SEED=n` runs it alone, `MODEL_RUNS=n` runs more of them.

mod agreed;
mod agreed_run;
mod backs;
mod banned;
mod charged;
mod charges;
mod dated;
mod days;
mod deals;
mod dealt;
mod earmarked;
mod formed;
mod formed_run;
mod held;
mod limited;
mod met;
mod netted;
mod netted_run;
pub(crate) mod prefixes;
mod reference;
mod shrunk;
mod spoken;
mod standing;
mod valued;
mod waiting;
mod waits;
mod wish;
mod wishes;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use quittance::ledger::{Step, outcomes};

use crate::ledger_world::{MILLISECOND, START, World};
use met::{HELD, MET};
use reference::{ASSETS, Reference, Wish};
use shrunk::{Trial, checked};
use wishes::instruction;

const BANKS: [&str; 3] = ["bank-a", "bank-b", "bank-c"];
const MESSAGES: u32 = 120;
const HOUR: u64 = 3_600_000 * MILLISECOND;

/// Numbers that look random and are the same for the same seed (SplitMix64).
pub(crate) struct Random {
    pub(crate) state: u64,
    /// The newest holds.
    holds: Vec<u64>,
    /// The newest freezes.
    bans: Vec<(banned::Target, u64)>,
    /// Whether nothing is frozen or counted, so that more is settled and reserved.
    calm: bool,
    /// The newest payments that wait.
    waiting: Vec<u64>,
    /// Where legs stand, the newest last, and the newest recalls.
    places: Vec<backs::Place>,
    asked: Vec<u64>,
    /// The leg that was asked for last.
    recalled: Option<backs::Place>,
    /// The newest mandates: which, on what, to whom.
    mandates: Vec<(u64, String, &'static str)>,
    /// The newest offers.
    offers: Vec<(u64, dealt::Offered)>,
    /// Who submits.
    submitter: &'static str,
    /// The newest proposals, with their hashes.
    papers: Vec<(u64, chain::Hash)>,
    /// Whether assets have calendars; then time goes in larger steps.
    days: bool,
    /// Half of the wishes are about netting, and everybody signs: windows are full when they close.
    nets: bool,
}

impl Random {
    pub(crate) const fn new(state: u64) -> Self {
        Self {
            state,
            holds: Vec::new(),
            bans: Vec::new(),
            calm: state.is_multiple_of(2),
            waiting: Vec::new(),
            places: Vec::new(),
            asked: Vec::new(),
            recalled: None,
            mandates: Vec::new(),
            offers: Vec::new(),
            submitter: BANKS[0],
            papers: Vec::new(),
            days: false,
            nets: false,
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

    /// Who signs, and by which keys.
    fn signing(&mut self, about: bool) -> (Vec<&'static str>, Vec<&'static str>) {
        if about {
            return self.parties();
        }
        let signers = self.signers();
        (signers.clone(), signers)
    }

    /// One wish, with its id; mostly those about proposals are in messages of their own.
    fn asks(&mut self, id: u64, about: bool) -> (u64, Wish) {
        let id = if self.one_in(25) { self.below(50) } else { id };
        let wish = match about && !self.one_in(8) || self.one_in(30) {
            true => self.proposal(id),
            false => self.wish(),
        };
        (id, wish)
    }

    /// Remembers the newest holds and payments that wait, also those that approvals made. Those that
    /// ended are asked for too, and not for ever.
    fn keep_holds(
        &mut self,
        wishes: &[(u64, Wish)],
        answers: &[&'static str],
        carried: &[(u64, &'static str)],
    ) {
        let made = wishes
            .iter()
            .zip(answers)
            .map(|((id, _), code)| (*id, *code));
        for (id, code) in made.chain(carried.iter().copied()) {
            match code {
                "RESERVED" => self.holds.push(id),
                "QUEUED" if carried.contains(&(id, code)) => self.waiting.push(id),
                _ => {}
            }
        }
        let old = self.holds.len().saturating_sub(6);
        self.holds.drain(..old);
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// Banks and accounts, in both; perhaps with business days, of which the first may end a month.
fn start(fast: bool, days: bool, ends: bool) -> (World, Reference) {
    let mut run = crate::ledger_tables::Run::new();
    run.world.fast = fast;
    run.world.prefixes.as_mut().unwrap().always = true;
    let mut reference = Reference::default();
    // So that ids of the beginning last to the next day; and two operators.
    run.table(
        "operators: parameter window_back_s 86400 -> APPLIED
         operators: key operators operators/k2     -> APPLIED",
    );
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
             operators: open {bank}:customer {bank} customer USD     -> APPLIED
             operators: open {bank}:spare {bank} settlement USD      -> APPLIED"
        ));
        reference.open(&format!("{bank}:usd"), bank, 0, true);
        reference.open(&format!("{bank}:jpy"), bank, 1, true);
        reference.open(&format!("{bank}:customer"), bank, 0, true);
        reference.open(&format!("{bank}:spare"), bank, 0, true);
        run.table(&format!(
            "operators: issue {bank}:usd 3000.00      -> SETTLED
             operators: issue {bank}:jpy 200000       -> SETTLED
             operators: issue {bank}:customer 500.00  -> SETTLED"
        ));
        reference.fund(&format!("{bank}:usd"), 300_000);
        reference.fund(&format!("{bank}:jpy"), 200_000);
        reference.fund(&format!("{bank}:customer"), 50_000);
    }
    standing::start(&mut run, &mut reference);
    if days {
        dated::start(&mut run, &mut reference, ends);
    }
    netted_run::start(&mut run, &mut reference, days);
    deals::start(&mut run, &mut reference);
    charges::start(&mut run, &mut reference, ends);
    (run.world, reference)
}

fn pass_time(random: &mut Random, world: &mut World) {
    if random.one_in(5) {
        world.now += random.below(20) * MILLISECOND;
    }
    if random.one_in(12) {
        world.now += random.below(3_000) * MILLISECOND;
    }
    if random.one_in(60) {
        world.now += random.below(12_000) * MILLISECOND;
    }
    // Now and then hours pass, and one midnight.
    if random.one_in(60) && world.now < START + 18 * HOUR {
        world.now += random.below(5) * HOUR;
    }
    if random.days && random.one_in(8) && world.now < START + 21 * HOUR {
        world.now += random.below(110) * HOUR / 60;
    }
}

/// Every balance is the same, and sums are zero.
fn compare_accounts(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    for (address, account) in &reference.accounts {
        let expected = (account.balance, reference.free(address));
        assert_eq!(world.balance(address), expected, "{address}: {}", context());
        let listed = reference.listed(address);
        assert_eq!((account.paying, account.receiving), listed, "{}", context());
        assert_eq!(world.pending(address), listed, "{address}: {}", context());
    }
    netted_run::compare(world, reference, &context());
    for asset in 0..ASSETS.len() {
        let accounts = reference.accounts.values();
        let sum: i128 = accounts
            .filter(|a| a.asset == asset)
            .map(|a| a.balance)
            .sum();
        assert_eq!(sum, 0, "{}", context());
    }
}

/// Everything is the same.
fn compare(world: &World, reference: &Reference, context: &dyn Fn() -> String) {
    agreed_run::compare(world, reference, context);
    waits::compare(world, reference, context);
    earmarked::compare(world, reference, context);
    dated::compare(world, reference, context);
    valued::compare(world, reference, context);
    standing::compare(world, reference, context);
    compare_accounts(world, reference, context);
    formed_run::compare(world, reference, context);
    deals::compare(world, reference, &context());
    charges::compare(world, reference, &context());
}

/// Runs one seed. A fast run leaves out what is checked after every step of the others: the dry run,
/// the replay, the snapshot; the reference is asked all the same. Gives the codes that were met, and
/// how many instructions were sent.
fn run(seed: u64, fast: bool, trial: &Trial) -> (std::collections::BTreeSet<&'static str>, u64) {
    let mut random = Random::new(seed);
    random.days = seed % 3 == 1;
    random.nets = seed % 4 == 2;
    let ends = seed % 6 == 1;
    let (mut world, mut reference) = start(fast, random.days, ends);
    world.prefixes.as_mut().unwrap().run = format!("seed {seed}");
    let mut sent = 0;
    let mut seen = std::collections::BTreeSet::new();
    for step in 0..MESSAGES {
        let about = !random.nets && random.one_in(4);
        let (signers, keys) = random.signing(about);
        random.submitter = signers[0];
        let atomic = random.one_in(4);
        let count = random.pick(&[1, 1, 2, 4]);
        let wishes: Vec<(u64, Wish)> = (0..count)
            .map(|n| random.asks(u64::from(step) * 8 + n, about))
            .collect();
        pass_time(&mut random, &mut world);
        if trial.left_out.contains(&step) {
            continue;
        }
        if trial.tells {
            shrunk::tell(&format!(
                "message {step}: {signers:?} {keys:?} {atomic} {wishes:?}"
            ));
        }
        reference.now = world.now;
        reference.keys.clone_from(&keys);
        let context = || format!("seed {seed}, message {step}: {signers:?} {wishes:?}");
        let instructions = wishes
            .iter()
            .map(|(id, wish)| instruction(&world, *id, wish))
            .collect();
        let message = world.message(&keys.join("+"), atomic, instructions);
        let Step::Applied(applied) = world.send(&message) else {
            panic!("{}", context())
        };
        sent += wishes.len() as u64;
        let rows = outcomes(&applied.drafts);
        let (found, carried) = agreed_run::apart(&rows);
        prefixes::plain(&wishes, &found, &applied, &context());
        reference.index = i64::try_from(applied.index).unwrap();
        let expected = reference.message(&signers, atomic, &wishes);
        assert_eq!(found, expected, "{}", context());
        let expected_carried: Vec<&str> = reference.carried.iter().map(|(_, code)| *code).collect();
        assert_eq!(carried, expected_carried, "{}", context());
        random.note(&wishes, &expected);
        random.keep_holds(&wishes, &expected, &reference.carried);
        random.keep_papers(&world, &wishes, &expected);
        random.note_grants(&wishes, &expected);
        random.note_offers(made_of(&wishes, &expected));
        let asked = wishes.iter().zip(&expected);
        let asked = asked.filter(|(_, code)| **code == "RECALLED");
        random.asked.extend(asked.map(|((id, _), _)| *id));
        if !fast {
            backs::note(&world, &applied, &mut reference, &mut random);
            backs::compare(&world, &reference, &context());
        }
        seen.extend(expected);
        seen.extend(carried);
        compare(&world, &reference, &context);
    }
    seen.extend(reference.billed);
    seen.extend(world.prefixes.unwrap().met());
    (seen, sent)
}

/// What was reserved.
fn made_of<'a>(
    wishes: &'a [(u64, Wish)],
    codes: &'a [&'static str],
) -> impl Iterator<Item = &'a (u64, Wish)> {
    let made = wishes.iter().zip(codes);
    made.filter(|(_, code)| **code == "RESERVED")
        .map(|(wish, _)| wish)
}

/// A million instructions, when slow tests are asked for; else a few thousand.
#[test]
fn a_million_instructions_are_answered_as_by_the_reference() {
    let slow = std::env::var_os("QUITTANCE_SLOW").is_some();
    let wanted = if slow { 1_000_000 } else { 120_000 };
    let (sent, seed) = (AtomicU64::new(0), AtomicU64::new(1_000_000));
    let seen = Mutex::new(std::collections::BTreeSet::new());
    // Each seed is a run of its own, whoever makes it.
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while sent.load(Ordering::Relaxed) < wanted {
                    let (met, more) = checked(seed.fetch_add(1, Ordering::Relaxed), true);
                    seen.lock().unwrap().extend(met);
                    sent.fetch_add(more, Ordering::Relaxed);
                }
            });
        }
    });
    let (seen, sent, seed) = (
        seen.into_inner().unwrap(),
        sent.into_inner(),
        seed.into_inner(),
    );
    println!("{sent} instructions, seeds 1000000 to {}", seed - 1);
    for code in MET.iter().chain(HELD) {
        assert!(seen.contains(code), "no run met {code}");
    }
    let drawn = netted::DRAWN.load(Ordering::Relaxed);
    let settled = netted::SETTLED.load(Ordering::Relaxed);
    println!("{settled} windows with payments settled, {drawn} draws");
    assert!(
        settled > 0 && drawn > 0,
        "windows settle, and pools are drawn"
    );
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
        checked(seed, false);
        return;
    }
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..number("MODEL_RUNS").unwrap_or(10) {
        println!("seed {seed}");
        seen.extend(checked(seed, false).0);
    }
    // Only these runs know the hashes of the log, by which legs are proven.
    for code in [
        "RECALLED",
        "ORIGINAL_UNKNOWN",
        "ORIGINAL_NOT_RETURNABLE",
        "ALREADY_RETURNED",
        "RETURN_EXCEEDS_ORIGINAL",
        "RECALL_UNKNOWN",
        "returns",
    ] {
        assert!(seen.contains(code), "no run met {code}");
    }
}
