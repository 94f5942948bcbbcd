//! kill -9 of the real binary, at random moments, under load from several clients.
//!
//! What a client was told is kept. After each restart every acknowledged entry must stand where it
//! stood, byte for byte, and everything that was never answered is sent again with identical bytes:
//! so in the end each payment has happened exactly once, and the balance says so.

use std::cell::RefCell;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chain::Signer;
use keys::{Passphrase, SigningKey};
use quittance::client::{Client, Outgoing};
use quittance::clock::Clock;
use quittance::ledger::{InstructionId, Time};
use quittance::wire::Answer;

use crate::crowd::Reading;
use crate::process::Process;
use crate::rich::{Follower, Rich, Watch};
use crate::{Dice, folder};

const ROUNDS: u64 = 30;
const CLIENTS: u64 = 4;
/// Banks with accounts for what is more than a payment.
const BANKS: usize = 2;
/// Funds of the payer in cents; every payment is one cent.
const FUNDS: i64 = 100_000_000;

/// Makes ids and bodies.
struct Maker {
    clock: Clock,
    dice: Dice,
    made: u64,
}

impl Maker {
    fn id(&mut self) -> InstructionId {
        let random = u128::from(self.dice.below(u64::MAX)) << 10 | u128::from(self.made % 1_024);
        InstructionId::from_parts(self.clock.now_ns() / 1_000_000, random)
    }

    fn body(&mut self, instructions: &[String]) -> String {
        self.made += 1;
        let created = Time::from_nanos(self.clock.now_ns());
        let id = self.dice.below(u64::MAX);
        format!(
            r#"{{"message_id":"kill-{id}","created":"{created}","nonce":"AAECAwQFBgcICQoLDA0ODw==","instructions":[{}]}}"#,
            instructions.join(",")
        )
    }

    fn payment(&mut self) -> String {
        let id = self.id();
        self.body(&[format!(
            r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"0.01"}}]}}}}"#
        )])
    }
}

/// A client's maker, where several things are made at once.
struct Making<'a>(RefCell<&'a mut Maker>);

impl Watch for Making<'_> {
    fn fresh(&self) -> String {
        self.0.borrow_mut().id().to_string()
    }

    fn time_in(&self, milliseconds: u64) -> String {
        let now = self.0.borrow().clock.now_ns();
        Time::from_nanos(now + milliseconds * 1_000_000).to_string()
    }
}

/// What one client knows when the node is gone.
#[derive(Default)]
pub(crate) struct Knows {
    acknowledged: Vec<Answer>,
    unanswered: Vec<String>,
    /// The same of what is more than a payment.
    rich: Vec<Answer>,
    rich_unanswered: Vec<String>,
}

impl Knows {
    /// How many payments were acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.len() as u64
    }

    /// How many of them a node does not know.
    pub(crate) fn lost(&self, client: &Client) -> u64 {
        let lost = self.acknowledged.iter().filter(|answer| {
            let kept = answer.receipt.as_ref().unwrap();
            let now = client.receipt(answer.index, None);
            now.is_err() || now.is_ok_and(|(now, _)| now.entry != kept.entry)
        });
        lost.count() as u64
    }
}

fn send(client: &Client, key: &SigningKey, submitter: &str, body: &str) -> Option<Answer> {
    let out = Outgoing {
        submitter,
        content_type: "application/json",
        body: body.as_bytes(),
    };
    match client.submit(&out, &[key as &dyn Signer]) {
        Ok(submitted) => {
            assert!(submitted.verified.is_some(), "the receipt proves itself");
            Some(submitted.answer)
        }
        Err(error) if error.is_passing() => None,
        Err(error) => panic!("{error}"),
    }
}

/// Pays until the node is gone.
fn pay(url: &str, (key, rich): (&SigningKey, &Rich), seed: u64, stop: &AtomicBool) -> Knows {
    let clock = Clock::start();
    let mut maker = Maker {
        clock,
        dice: Dice(seed),
        made: 0,
    };
    let mut knows = Knows::default();
    let client = Client::new(url).unwrap();
    while !stop.load(Ordering::Relaxed) {
        if maker.dice.below(3) == 0 {
            let mut dice = maker.dice.clone();
            let wishes = rich.wishes(&mut dice, 0, &Making(RefCell::new(&mut maker)));
            let body = maker.body(&wishes);
            match send(&client, key, "bank-a", &body) {
                Some(answer) => knows.rich.push(answer),
                None => {
                    knows.rich_unanswered.push(body);
                    break;
                }
            }
        }
        let body = maker.payment();
        match send(&client, key, "bank-a", &body) {
            Some(answer) => {
                assert!(answer.outcomes.iter().all(|row| row.code.is_good()));
                knows.acknowledged.push(answer);
            }
            None => {
                knows.unanswered.push(body);
                break;
            }
        }
    }
    knows
}

/// Registers two banks and an auditor, and funds the payer.
pub(crate) fn set_up(folder: &Path, url: &str) -> (SigningKey, SigningKey) {
    let keys = folder.join("data/keys");
    let passphrase = Passphrase::from_file(&keys.join("passphrase")).unwrap();
    let operator = keys::read_key_file(&keys.join("operator-1.pem"), &passphrase).unwrap();
    let bank = SigningKey::generate("bank-a/key").unwrap();
    let auditor = SigningKey::generate("auditor/key").unwrap();
    let other = SigningKey::generate("bank-b/key").unwrap();
    let mut maker = Maker {
        clock: Clock::start(),
        dice: Dice(1),
        made: 0,
    };
    let mut wishes = vec![format!(
        r#"{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}}"#,
        maker.id()
    )];
    for (name, role, key) in [
        ("bank-a", "bank", &bank),
        ("bank-b", "bank", &other),
        ("auditor", "auditor", &auditor),
    ] {
        wishes.push(format!(
            r#"{{"add_participant":{{"id":"{}","participant":"{name}","role":"{role}","keys":["{}"],"threshold":1}}}}"#,
            maker.id(),
            key.verifier_key()
        ));
    }
    for name in ["bank-a", "bank-b"] {
        wishes.push(format!(
            r#"{{"open_account":{{"id":"{}","address":"{name}:usd","owner":"{name}","kind":"settlement","asset":"USD"}}}}"#,
            maker.id()
        ));
    }
    wishes.push(format!(
        r#"{{"issue":{{"id":"{}","account":"bank-a:usd","amount":"{}.00"}}}}"#,
        maker.id(),
        FUNDS / 100
    ));
    {
        let making = Making(RefCell::new(&mut maker));
        let id = || making.fresh();
        wishes.extend(Rich::governance(BANKS, r#"{"every_s":10}"#, &id));
    }
    let body = maker.body(&wishes);
    let client = Client::new(url).unwrap();
    let answer = send(&client, &operator, "operators", &body).unwrap();
    assert!(
        answer.outcomes.iter().all(|row| row.code.is_good()),
        "{answer:?}"
    );
    (bank, auditor)
}

/// A client with a session, which trusts the log's key from the data folder.
pub(crate) fn reader(
    folder: &Path,
    url: &str,
    participant: &str,
    key: &SigningKey,
    nonce: u64,
) -> Client {
    let trusted = keys::read_vkey_file(&folder.join("data/log.vkey")).unwrap();
    let mut client = Client::new(url).unwrap().trusting(Some(trusted));
    let now = Time::from_nanos(Clock::start().now_ns()).to_string();
    let nonce = (u128::from(nonce) << 64 | 7).to_be_bytes();
    client.open_session(participant, &now, &nonce, key).unwrap();
    client
}

/// Puts the node under load, kills it at a random moment, and gives what its clients know.
pub(crate) fn load_and_kill(node: Process, bank: &SigningKey, dice: &mut Dice) -> Vec<Knows> {
    let rich = Rich::of(BANKS);
    let stop = AtomicBool::new(false);
    let seeds: Vec<u64> = (0..CLIENTS).map(|_| dice.below(u64::MAX)).collect();
    let wait = Duration::from_millis(20 + dice.below(250));
    let url = node.url.clone();
    std::thread::scope(|scope| {
        let clients: Vec<_> = seeds
            .iter()
            .map(|seed| scope.spawn(|| pay(&url, (bank, &rich), *seed, &stop)))
            .collect();
        std::thread::sleep(wait);
        node.kill();
        stop.store(true, Ordering::Relaxed);
        clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect()
    })
}

/// Compares what the clients know with what the node says, sends what was never answered again,
/// and gives how many payments are known to have happened.
pub(crate) fn compare(client: &Client, bank: &SigningKey, known: &[Knows]) -> u64 {
    let mut happened = 0;
    for knows in known {
        for answer in &knows.acknowledged {
            let kept = answer.receipt.as_ref().unwrap();
            let (now, _) = client.receipt(answer.index, None).unwrap();
            assert_eq!(
                now.entry, kept.entry,
                "entry {} is what it was",
                answer.index
            );
        }
        for answer in &knows.rich {
            let kept = answer.receipt.as_ref().unwrap();
            let (now, _) = client.receipt(answer.index, None).unwrap();
            assert_eq!(now.entry, kept.entry, "entry {}", answer.index);
        }
        for body in &knows.rich_unanswered {
            let answer = send(client, bank, "bank-a", body).expect("the node is up");
            let again = send(client, bank, "bank-a", body).expect("the node is up");
            assert_eq!(again.index, answer.index);
        }
        happened += knows.acknowledged.len() as u64;
        for body in &knows.unanswered {
            let answer = send(client, bank, "bank-a", body).expect("the node is up");
            assert!(answer.outcomes[0].code.is_good(), "{answer:?}");
            let again = send(client, bank, "bank-a", body).expect("the node is up");
            assert_eq!(again.index, answer.index);
            happened += 1;
        }
    }
    happened
}

/// Asserts that a node says of holds, of what waits, of positions and balances what its log leads to.
pub(crate) fn follow(
    follower: &mut Follower,
    folder: &Path,
    url: &str,
    (auditor, nonce): (&SigningKey, u64),
) {
    let client = reader(folder, url, "auditor", auditor, nonce);
    let followed = follower.follow(&Reading(&client));
    followed.unwrap_or_else(|why| panic!("{why}"));
}

/// Asserts that the payer's balance is what `paid` payments leave.
pub(crate) fn assert_balance(client: &Client, paid: u64) {
    let balance = client.account("bank-a:usd").unwrap().posted;
    let left = FUNDS - i64::try_from(paid).unwrap();
    assert_eq!(
        balance,
        format!("{}.{:02}", left / 100, left % 100),
        "{paid} payments"
    );
}

/// The dice of a test: from `KILL_SEED`, or the time; printed either way.
pub(crate) fn dice() -> Dice {
    let seed = std::env::var("KILL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| Clock::start().now_ns());
    println!("KILL_SEED={seed}");
    Dice(seed)
}

#[test]
fn killed_thirty_times_nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let mut dice = dice();
    let folder = folder();
    let mut node = Process::start(folder.path());
    let (bank, auditor) = set_up(folder.path(), &node.url);
    let (mut paid, mut follower) = (0, Follower::default());
    for _ in 0..ROUNDS {
        let known = load_and_kill(node, &bank, &mut dice);
        node = Process::start(folder.path());
        let seen = (&auditor, dice.below(u64::MAX));
        follow(&mut follower, folder.path(), &node.url, seen);
        let nonce = dice.below(u64::MAX);
        let client = reader(folder.path(), &node.url, "bank-a", &bank, nonce);
        paid += compare(&client, &bank, &known);
        assert_balance(&client, paid);
    }
    assert!(paid > ROUNDS, "there was load: {paid} payments");
    let rich = follower.rich;
    assert!(rich > ROUNDS, "nothing but plain payments");
    println!("{ROUNDS} kills, {paid} payments, {rich} legs of more than payments");
    audit(folder.path(), &node.url, &auditor);
}

/// Everything once more, by the auditor's program: hashes, links, signatures, replay.
pub(crate) fn audit(folder: &Path, url: &str, auditor: &SigningKey) {
    let passphrase = Passphrase::new("throw-away").unwrap();
    let key_file = folder.join("auditor.pem");
    keys::write_key_file(&key_file, auditor, &passphrase).unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_quittance"))
        .args([
            "audit",
            url,
            "--log-vkey",
            "data/log.vkey",
            "--key",
            "auditor.pem",
        ])
        .env("QUITTANCE_PASSPHRASE", "throw-away")
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (words, table) = (
        String::from_utf8_lossy(&out.stderr),
        String::from_utf8_lossy(&out.stdout),
    );
    assert_eq!(out.status.code(), Some(0), "{words}\n{table}");
}
