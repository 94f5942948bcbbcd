//! Clients of a real node over HTTP: three banks in three currencies, an operator, an auditor. They
//! pay, send long messages, ask for what is refused, read, open accounts, have bodies erased, and
//! keep whatever they are told as evidence.

mod load;
mod manifold;
mod source;

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use chain::{Signer, VerifierKey};
use keys::{Passphrase, SigningKey};
use quittance::client::{Client, ClientError, Outgoing};
use quittance::clock::Clock;
use quittance::ledger::{InstructionId, Time};
use quittance::wire::{Answer, ErrorCode};

use crate::Dice;
use crate::evidence::{Evidence, Sent, Start};
use crate::model::{Content, Leg, Model};
use crate::rich::{Rich, Watch};
use crate::world::BANKS;
pub(crate) use load::Load;
pub(crate) use source::Reading;

/// Currencies with their decimals.
const ASSETS: [(&str, usize); 3] = [("USD", 2), ("JPY", 0), ("KWD", 3)];
/// One account for each bank and currency: `bank * 3 + currency`.
const ACCOUNTS: [&str; 9] = [
    "bank-a:usd",
    "bank-a:jpy",
    "bank-a:kwd",
    "bank-b:usd",
    "bank-b:jpy",
    "bank-b:kwd",
    "bank-c:usd",
    "bank-c:jpy",
    "bank-c:kwd",
];
/// What stands on each account at the start, in minor units: little, so that funds often do not
/// suffice.
const FUNDS: i128 = 1_000_000;
/// Transfers in a long message, at most.
const LONG: u64 = 60;

/// Everybody who has to do with one log, and what they know.
pub(crate) struct Crowd {
    operator: SigningKey,
    banks: Vec<SigningKey>,
    pub(crate) auditor: SigningKey,
    log_key: VerifierKey,
    pub(crate) start: Start,
    evidence: Mutex<Evidence>,
    rich: Rich,
    /// Up to here the evidence was compared once.
    compared: usize,
    made: AtomicU64,
    /// What the clients' clocks are wrong by, in seconds.
    pub(crate) skew_s: AtomicI64,
    pub(crate) counts: Counts,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) acknowledged: AtomicU64,
    pub(crate) instructions: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) dry_runs: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) turned_away: AtomicU64,
    pub(crate) sent_again: AtomicU64,
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

/// Not let in; nothing was logged.
struct TurnedAway;

impl Crowd {
    /// Registers everybody with a node that was just founded in `folder`.
    pub(crate) fn found(folder: &Path, url: &str) -> Self {
        let keys = folder.join("data/keys");
        let passphrase = Passphrase::from_file(&keys.join("passphrase")).unwrap();
        let generate = |name: &str| SigningKey::generate(name).unwrap();
        let mut crowd = Self {
            operator: keys::read_key_file(&keys.join("operator-1.pem"), &passphrase).unwrap(),
            banks: BANKS.map(|bank| generate(&format!("{bank}/key"))).into(),
            auditor: generate("auditor/key"),
            log_key: keys::read_vkey_file(&folder.join("data/log.vkey")).unwrap(),
            start: Start {
                size: 0,
                model: Model::new(&ACCOUNTS, FUNDS),
            },
            evidence: Mutex::default(),
            rich: Rich::of(BANKS.len()),
            compared: 0,
            made: AtomicU64::new(0),
            skew_s: AtomicI64::new(0),
            counts: Counts::default(),
        };
        let client = crowd.client(url);
        let sent = crowd.sent("operators", false, &crowd.governance(), Content::Govern(0));
        let answer = crowd.submit(&client, &sent).ok().flatten().unwrap();
        assert!(
            answer.outcomes.iter().all(|row| row.code.is_good()),
            "{answer:?}"
        );
        crowd.start.size = answer.index + 1;
        crowd
    }

    fn governance(&self) -> Vec<String> {
        let parties = BANKS
            .iter()
            .zip(&self.banks)
            .map(|(bank, key)| (*bank, "bank", key));
        let mut all: Vec<String> = parties
            .chain([("auditor", "auditor", &self.auditor)])
            .map(|(name, role, key)| {
                let (id, key) = (self.id(), key.verifier_key());
                format!(r#"{{"add_participant":{{"id":"{id}","participant":"{name}","role":"{role}","keys":["{key}"],"threshold":1}}}}"#)
            })
            .collect();
        // All balances are sealed every second.
        all.push(format!(
            r#"{{"set_parameter":{{"id":"{}","name":"seal_interval_s","value":1}}}}"#,
            self.id()
        ));
        for (asset, _) in ASSETS {
            let id = self.id();
            all.push(format!(
                r#"{{"add_asset":{{"id":"{id}","asset":"{asset}","module":"fiat"}}}}"#
            ));
        }
        for (n, account) in ACCOUNTS.iter().enumerate() {
            let (asset, scale) = ASSETS[n % 3];
            all.push(self.opening(account, asset));
            let (id, funds) = (self.id(), amount(FUNDS, scale));
            all.push(format!(
                r#"{{"issue":{{"id":"{id}","account":"{account}","amount":"{funds}"}}}}"#
            ));
        }
        let id = || self.id().to_string();
        all.extend(Rich::governance(BANKS.len(), r#""manual""#, &id));
        all
    }

    fn opening(&self, address: &str, asset: &str) -> String {
        let (id, owner) = (self.id(), address.split_once(':').unwrap().0);
        format!(
            r#"{{"open_account":{{"id":"{id}","address":"{address}","owner":"{owner}","kind":"settlement","asset":"{asset}"}}}}"#
        )
    }

    fn now_ns(&self) -> u64 {
        let skew = self.skew_s.load(Ordering::Relaxed) * 1_000_000_000;
        Clock::start().now_ns().saturating_add_signed(skew)
    }

    fn id(&self) -> InstructionId {
        let n = u128::from(self.made.fetch_add(1, Ordering::Relaxed));
        let random = n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) >> 54;
        InstructionId::from_parts(self.now_ns() / 1_000_000, random)
    }

    fn sent(
        &self,
        submitter: &'static str,
        atomic: bool,
        wishes: &[String],
        content: Content,
    ) -> Sent {
        let message_id = format!("m-{}", self.made.fetch_add(1, Ordering::Relaxed));
        let created = Time::from_nanos(self.now_ns());
        let body = format!(
            r#"{{"message_id":"{message_id}","created":"{created}","nonce":"AAECAwQFBgcICQoLDA0ODw==","atomic":{atomic},"instructions":[{}]}}"#,
            wishes.join(",")
        );
        Sent {
            submitter,
            message_id,
            body,
            content,
            answer: None,
            erasing: false,
        }
    }

    /// Transfers of a bank between accounts of one currency each.
    fn payment(&self, dice: &mut Dice, bank: usize, count: u64) -> Sent {
        let transfers: Vec<Vec<Leg>> = (0..count)
            .map(|_| (0..=dice.below(3)).map(|_| leg(dice, bank)).collect())
            .collect();
        let wishes: Vec<String> = transfers
            .iter()
            .map(|legs| self.transfer(dice, legs))
            .collect();
        let atomic = dice.below(4) == 0;
        self.sent(
            BANKS[bank],
            atomic,
            &wishes,
            Content::Pay { atomic, transfers },
        )
    }

    fn transfer(&self, dice: &mut Dice, legs: &[Leg]) -> String {
        let text = match dice.below(2) {
            0 => String::new(),
            _ => format!(r#","remittance":"invoice {}""#, dice.below(1_000_000)),
        };
        let legs = legs.iter().map(|leg| {
            let Leg {
                debit,
                credit,
                cents,
            } = leg;
            let at = ACCOUNTS
                .iter()
                .position(|account| account == debit)
                .unwrap();
            let (asset, scale) = ASSETS[at % 3];
            let amount = amount(*cents, scale);
            format!(
                r#"{{"debit":"{debit}","credit":"{credit}","asset":"{asset}","amount":"{amount}"}}"#
            )
        });
        let (id, legs) = (self.id(), legs.collect::<Vec<_>>().join(","));
        format!(r#"{{"transfer":{{"id":"{id}","legs":[{legs}]{text}}}}}"#)
    }

    /// What is more than a payment, by a bank; or the end of a window, by the operator.
    fn rich(&self, dice: &mut Dice, bank: usize) -> Sent {
        let (submitter, wishes) = match dice.below(12) {
            0 => ("operators", vec![Rich::close(self)]),
            _ => (BANKS[bank], self.rich.wishes(dice, bank, self)),
        };
        self.sent(submitter, dice.below(4) == 0, &wishes, Content::Rich)
    }

    fn client(&self, url: &str) -> Client {
        Client::new(url)
            .unwrap()
            .trusting(Some(self.log_key.clone()))
    }

    fn key(&self, participant: &str) -> &SigningKey {
        let bank = BANKS.iter().position(|bank| *bank == participant);
        bank.map_or(&self.operator, |bank| &self.banks[bank])
    }

    /// Opens a session as the auditor.
    pub(crate) fn reader(&self, url: &str) -> Result<Client, ClientError> {
        let mut client = self.client(url);
        let time = Time::from_nanos(self.now_ns()).to_string();
        let n = u128::from(self.made.fetch_add(1, Ordering::Relaxed));
        let nonce = (n << 64 | u128::from(Clock::start().now_ns())).to_be_bytes();
        client.open_session("auditor", &time, &nonce, &self.auditor)?;
        Ok(client)
    }

    fn evidence(&self) -> MutexGuard<'_, Evidence> {
        self.evidence.lock().unwrap()
    }

    /// Submits; `None` if nobody knows what became of it.
    fn submit(&self, client: &Client, sent: &Sent) -> Result<Option<Answer>, TurnedAway> {
        let out = Outgoing {
            submitter: sent.submitter,
            content_type: "application/json",
            body: sent.body.as_bytes(),
        };
        match client.submit(&out, &[self.key(sent.submitter) as &dyn Signer]) {
            Ok(submitted) => {
                assert!(submitted.verified.is_some(), "the receipt proves itself");
                Ok(Some(submitted.answer))
            }
            Err(error) if is_turned_away(&error) => {
                add(&self.counts.turned_away, 1);
                Err(TurnedAway)
            }
            Err(error) if error.is_passing() => Ok(None),
            Err(error) => panic!("{error}: {}", sent.body),
        }
    }
}

impl Watch for Crowd {
    fn fresh(&self) -> String {
        self.id().to_string()
    }

    fn time_in(&self, milliseconds: u64) -> String {
        Time::from_nanos(self.now_ns() + milliseconds * 1_000_000).to_string()
    }
}

/// Not let in: nothing was logged, and the node says so.
pub(crate) fn is_turned_away(error: &ClientError) -> bool {
    matches!(
        error.code(),
        Some(ErrorCode::QueueFull | ErrorCode::StorageReserve | ErrorCode::ShuttingDown)
    )
}

fn leg(dice: &mut Dice, bank: usize) -> Leg {
    let mut side = |sides: u64| usize::try_from(dice.below(sides)).unwrap();
    let (asset, other) = (side(3), (bank + 1 + side(2)) % 3);
    Leg {
        debit: ACCOUNTS[3 * bank + asset],
        credit: ACCOUNTS[3 * other + asset],
        cents: i128::from(1 + dice.below(200_000)),
    }
}

/// Minor units as a decimal string.
fn amount(minor: i128, scale: usize) -> String {
    if scale == 0 {
        return minor.to_string();
    }
    let unit = 10_i128.pow(u32::try_from(scale).unwrap());
    format!("{}.{:0scale$}", minor / unit, minor % unit)
}
