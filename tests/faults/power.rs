//! The power fails, in this process: the node runs on a simulated disk that is photographed at a
//! random write or sync, and the next node opens what a power cut leaves of the photograph.
//!
//! The threads make each run different even under one seed; a failure names the seed, and running
//! it again some times finds the same window.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quittance::clock;
use quittance::ledger::{Role, Time};
use quittance::limits::{HOLDS_PAGE_MAX, QUEUE_PAGE_MAX};
use quittance::node::{HoldsQuery, Node, PaymentsQuery, Reply, Viewer};
use quittance::wire::{EntryView, HoldView, ModelView, PaymentView, ReceiptFile};

use crate::cutstore;
use crate::evidence::{Evidence, Found, Sent, Source};
use crate::load::{self, Stamp};
use crate::rich::{Rich, Watch};
use crate::world::{Attempt, BANKS, Machine, Media, World};
use crate::{Dice, kit, slow};

/// Threads that submit.
const CLIENTS: u64 = 5;
/// A load that meets no cut for so long has a fault of its own.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct NodeStamp<'a>(pub(crate) &'a Node);

static MESSAGES: AtomicU64 = AtomicU64::new(1);

impl Stamp for NodeStamp<'_> {
    fn id(&self) -> String {
        kit::id(self.0).to_string()
    }

    fn body(&self, atomic: bool, instructions: &[String]) -> (String, String) {
        let message_id = format!("p-{}", MESSAGES.fetch_add(1, Ordering::Relaxed));
        let created = Time::from_nanos(self.0.clock().now_ns());
        let body = format!(
            r#"{{"message_id":"{message_id}","created":"{created}","nonce":"AAECAwQFBgcICQoLDA0ODw==","atomic":{atomic},"instructions":[{}]}}"#,
            instructions.join(",")
        );
        (message_id, body)
    }
}

impl Watch for NodeStamp<'_> {
    fn fresh(&self) -> String {
        self.id()
    }

    fn time_in(&self, milliseconds: u64) -> String {
        let now = self.0.clock().now_ns();
        Time::from_nanos(now + milliseconds * 1_000_000).to_string()
    }
}

/// An auditor inside the process.
pub(crate) struct Inside<'a>(pub(crate) &'a Node);

impl Inside<'_> {
    fn auditor() -> Viewer {
        Viewer {
            number: u32::MAX,
            id: "auditor".parse().unwrap(),
            role: Role::Auditor,
            behind: Vec::new(),
            expires_at: Time::from_nanos(u64::MAX),
        }
    }
}

impl Source for Inside<'_> {
    fn checkpoint(&self) -> Result<String, String> {
        Ok(self.0.reader().checkpoint().to_string())
    }

    fn entry(&self, index: u64) -> Result<EntryView, String> {
        self.0
            .reader()
            .entry(index)
            .map_err(|error| error.to_string())
    }

    fn receipt(&self, index: u64) -> Result<ReceiptFile, String> {
        let receipt = self.0.reader().receipt(
            index,
            None,
            quittance::wire::ReceiptLevel::LogSigned,
            &Self::auditor(),
        );
        receipt.map_err(|error| error.to_string())
    }

    fn posted(&self, address: &str) -> Result<String, String> {
        let account = self.0.reader().account(address, &Self::auditor());
        Ok(account.map_err(|error| error.to_string())?.posted)
    }

    fn standing(&self, address: &str) -> Result<[String; 3], String> {
        let account = self.0.reader().account(address, &Self::auditor());
        let account = account.map_err(|error| error.to_string())?;
        Ok([
            account.posted,
            account.pending_debits,
            account.pending_credits,
        ])
    }

    fn holds(&self) -> Result<Vec<HoldView>, String> {
        let (mut all, mut query) = (Vec::new(), HoldsQuery::default());
        loop {
            let page = self
                .0
                .reader()
                .holds(&Self::auditor(), &query, HOLDS_PAGE_MAX);
            let page = page.map_err(|error| error.to_string())?;
            all.extend(page.items);
            query.after = page.next;
            if query.after.is_none() {
                return Ok(all);
            }
        }
    }

    fn payments(&self) -> Result<Vec<PaymentView>, String> {
        let (mut all, mut query) = (Vec::new(), PaymentsQuery::default());
        loop {
            let page = self
                .0
                .reader()
                .payments(&Self::auditor(), &query, QUEUE_PAGE_MAX);
            let page = page.map_err(|error| error.to_string())?;
            all.extend(page.items);
            query.after = page.next;
            if query.after.is_none() {
                return Ok(all);
            }
        }
    }

    fn models(&self) -> Result<Vec<ModelView>, String> {
        let page = self.0.reader().cycles(&Self::auditor());
        Ok(page.map_err(|error| error.to_string())?.items)
    }
}

/// Loads the node until the ordered cut has struck; what was answered before it is evidence.
#[expect(clippy::print_stderr, reason = "last words of a test that hangs")]
fn load_until_cut(
    world: &World,
    machine: &Machine,
    (evidence, rich): (&Mutex<Evidence>, &Rich),
    seed: u64,
) {
    let give_up = clock::instant() + PATIENCE;
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let dice = Dice(seed.wrapping_mul(31).wrapping_add(client));
            scope.spawn(move || {
                client_until_cut(world, machine, (evidence, rich), dice);
            });
        }
        // A reader who keeps every checkpoint that it gets to see.
        scope.spawn(|| {
            while !machine.disk.is_cut() {
                if clock::instant() > give_up {
                    // Threads that wait for one another cannot be joined, so there is no panic.
                    eprintln!("seed of the load {seed}: the node has come to a stop");
                    std::process::abort();
                }
                let checkpoint = machine.node.reader().checkpoint().to_string();
                if !machine.disk.is_cut() {
                    evidence.lock().unwrap().checkpoints.insert(checkpoint);
                }
                std::thread::sleep(Duration::from_micros(300));
            }
        });
    });
}

fn client_until_cut(
    world: &World,
    machine: &Machine,
    (evidence, rich): (&Mutex<Evidence>, &Rich),
    mut dice: Dice,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let stamp = NodeStamp(&machine.node);
    while !machine.disk.is_cut() {
        let sent = match dice.below(25) {
            0 => erasable(evidence).map(|index| load::erasure(&stamp, index)),
            1..12 => Some(load::rich(&mut dice, &stamp, &stamp, rich)),
            _ => None,
        };
        let sent = sent.unwrap_or_else(|| load::payment(&mut dice, &stamp));
        let at = {
            let mut evidence = evidence.lock().unwrap();
            evidence.sent.push(sent.clone());
            evidence.sent.len() - 1
        };
        let submission = kit::submission(
            &machine.node,
            sent.submitter,
            &[world.signer(sent.submitter)],
            &sent.body,
        );
        let reply = runtime.block_on(machine.node.submit(submission));
        let Ok(Reply::Applied(applied)) = reply else {
            panic!("not applied: {reply:?}")
        };
        let answer = machine.node.reader().answer(&applied).unwrap();
        // Whatever comes back after the cut has reached nobody.
        if !machine.disk.is_cut() {
            let mut evidence = evidence.lock().unwrap();
            evidence.checkpoints.insert(applied.checkpoint.to_string());
            evidence.sent[at].answer = Some(Box::new(answer));
        }
    }
}

/// An acknowledged payment that nobody has asked to erase yet; from now on somebody has.
fn erasable(evidence: &Mutex<Evidence>) -> Option<u64> {
    let mut evidence = evidence.lock().unwrap();
    let mut payments = evidence
        .sent
        .iter_mut()
        .rev()
        .filter(|sent| sent.submitter != "operators");
    let sent = payments.find(|sent| sent.answer.is_some() && !sent.erasing)?;
    sent.erasing = true;
    sent.answer.as_ref().map(|answer| answer.index)
}

fn check(world: &World, node: &Node, evidence: &Evidence) -> Result<Found, String> {
    evidence.check(&Inside(node), &world.log_key, &world.start, 5)
}

/// Sends everything again that was never answered, and some of what was: it must be where it was,
/// or be applied once.
fn send_again(world: &World, node: &Node, sent: &mut [Sent], found: &Found) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for (n, sent) in sent.iter_mut().enumerate() {
        if sent.answer.is_some() && n % 7 != 0 {
            continue;
        }
        let signer = world.signer(sent.submitter);
        let submission = kit::submission(node, sent.submitter, &[signer], &sent.body);
        let reply = runtime.block_on(node.submit(submission));
        match (found.placed.get(&sent.message_id), reply) {
            (Some(index), Ok(Reply::Replay { index: again })) if *index == again => {}
            (None, Ok(Reply::Applied(applied))) => {
                let answer = node.reader().answer(&applied).map_err(|e| e.to_string())?;
                sent.answer = Some(Box::new(answer));
            }
            (place, reply) => {
                let id = &sent.message_id;
                return Err(format!("{id} was at {place:?}, sent again: {reply:?}"));
            }
        }
    }
    Ok(())
}

/// What there is at the end of the lives of one log, or of several.
#[derive(Debug, Default)]
struct Lived {
    entries: u64,
    /// Legs that are more than plain payments.
    rich: u64,
}

/// Several lives of one log with a power cut at the end of each. `lies` names the files whose syncs
/// keep nothing, if any.
fn lives(world: &World, seed: u64, lies: Option<&str>) -> Result<Lived, String> {
    let mut dice = Dice(seed);
    let mut media = world.media();
    let (evidence, rich) = (Mutex::new(Evidence::default()), Rich::of(BANKS.len()));
    for _ in 0..2 + dice.below(2) {
        if let Some(prefix) = lies {
            media.disk.set_sync_lies_in(prefix);
        }
        // A third of the cuts strikes while the node opens, or soon after.
        let cut_after = match dice.below(3) {
            0 => dice.below(40),
            _ => 40 + dice.below(500),
        };
        let attempt = Attempt::new(&world.config, media, cut_after);
        let load_seed = dice.below(u64::MAX);
        match &attempt.machine {
            Ok(machine) => load_until_cut(world, machine, (&evidence, &rich), load_seed),
            Err(error) => return Err(format!("the node does not open: {error}")),
        }
        media = attempt
            .survivors(dice.below(u64::MAX))
            .ok_or("the load ended before the cut")?;
        // The ghost may end in peace; nothing it does reaches the survivors.
        if let Ok(machine) = attempt.machine {
            machine.stop();
        }
        let machine = Machine::open(&world.config, look(&media, lies))
            .map_err(|error| format!("the node does not open: {error}"))?;
        let checked = check(world, &machine.node, &evidence.lock().unwrap());
        machine.stop();
        checked?;
    }
    finish(world, media, evidence.into_inner().unwrap())
}

/// A copy to look at, so that looking repairs nothing for the next life.
fn look(media: &Media, lies: Option<&str>) -> Media {
    let copy = Media {
        disk: media.disk.duplicate(),
        batches: media.batches.clone(),
    };
    copy.disk.set_sync_lies(lies.is_some());
    copy
}

/// The last life: sends everything again, stops in an orderly way, opens once more.
fn finish(world: &World, media: Media, mut evidence: Evidence) -> Result<Lived, String> {
    let open = |media| {
        Machine::open(&world.config, media)
            .map_err(|error| format!("the node does not open: {error}"))
    };
    let machine = open(media)?;
    let checked = check(world, &machine.node, &evidence)
        .and_then(|found| send_again(world, &machine.node, &mut evidence.sent, &found))
        .and_then(|()| check(world, &machine.node, &evidence));
    let media = machine.stop();
    checked?;
    let machine = open(media)?;
    let checked = check(world, &machine.node, &evidence);
    machine.stop();
    checked.map(|found| Lived {
        entries: found.size - world.start.size,
        rich: found.rich,
    })
}

/// Runs `lives` for many seeds on both cores; gives the seeds that lost something, with what.
fn run(seeds: u64, lies: Option<&str>) -> (Lived, Vec<(u64, String)>) {
    let world = World::new();
    let next = AtomicU64::new(0);
    let lived = Mutex::new(Lived::default());
    let lost = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    match lives(&world, seed, lies) {
                        Ok(found) => {
                            let mut lived = lived.lock().unwrap();
                            lived.entries += found.entries;
                            lived.rich += found.rich;
                        }
                        Err(why) => lost.lock().unwrap().push((seed, why)),
                    }
                }
            });
        }
    });
    (lived.into_inner().unwrap(), lost.into_inner().unwrap())
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let seeds = if slow() { 400 } else { 40 };
    let (lived, lost) = run(seeds, None);
    println!("{seeds} seeds, at the end of their lives {lived:?}");
    for (seed, why) in &lost {
        println!("seed {seed}: {why}");
    }
    assert!(
        lost.is_empty(),
        "{} of {seeds} seeds lost something",
        lost.len()
    );
    assert!(lived.rich > seeds, "hardly more than plain payments");
}

/// The control: without syncs the same test must fail, and so it must without those of one kind of
/// file alone, or else it would prove nothing.
#[test]
fn without_syncs_the_same_test_fails() {
    let seeds = if slow() { 40 } else { 6 };
    for lies in ["", "wal/", "keys.slots", cutstore::FILE] {
        let (_, lost) = run(seeds, Some(lies));
        println!(
            "syncs of {lies:?} taken out: {} of {seeds} seeds lost",
            lost.len()
        );
        for (seed, why) in &lost {
            println!("  seed {seed}: {why}");
        }
        assert!(
            !lost.is_empty(),
            "nothing is lost without the syncs of {lies:?}"
        );
    }
}
