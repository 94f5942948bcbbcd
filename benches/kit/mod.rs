//! The stages that are measured, and what they are given: both harnesses run the same.
//!
//! Everything is made from constants, with no clock and no randomness: counts of instructions vary
//! from run to run by less than half a per cent, by the seeds of hash maps. Stages are called through
//! the library's public names.

use std::hint::black_box;

use chain::statement::{Purpose, submission_text};
use chain::{BatchHeader, BatchRecord, Hash, LeafTree, VerifierKey};
use ed25519_dalek::{Signer, SigningKey};
use quittance::assets::modules;
use quittance::ledger::{
    Applied, Authorisation, BATCH_CONTENT_TYPE, Genesis, InstructionId, Message, Operators,
    Parameters, ParticipantId, RECORD_KIND_TRANSFER, SECOND, SealedItems, Signature, State, Step,
    Time, VerifierKeyText, apply, hash_leaves, seal_items,
};
use quittance::node::{Record, pack_batch};
use quittance::store::simdisk::SimDisk;
use quittance::store::wal::{FrameKind, Mark, Wal, WalOptions};
use quittance::wire::{Body, BodyLimits, ReceiptFile, parse_batch, parse_body};

/// Transfers of a full batch.
pub(crate) const FULL: u32 = chain::batch::BATCH_RECORDS_MAX;
/// Settlements of a full message in JSON.
pub(crate) const JSON_FULL: u32 = 1_000;

const JSON: &str = "application/json";
const ORIGIN: &str = "settle.example/bench";
/// Log time: a whole second.
const NOW: u64 = 1_795_426_200 * SECOND;
/// Accounts of each bank.
const ACCOUNTS: u32 = 500;
/// Room for the frame of a full batch, and no more: a new segment is written whole.
const SEGMENT_BYTES: u64 = 1 << 20;
/// A receipt of three items, from the examples that other languages run.
const RECEIPTS: &str = include_str!("../../chain/vectors/receipt.json");

/// A ledger with two banks; `bank-a` has the first half of the accounts, and funds.
pub(crate) struct World {
    state: State,
    messages: u32,
    ids: u128,
}

impl World {
    /// Founds the ledger and fills it through the same rules as any other message.
    pub(crate) fn new() -> Self {
        let genesis = Genesis {
            origin: ORIGIN.into(),
            mode: "sandbox".into(),
            protocol: 1,
            log_vkey: key_text(ORIGIN),
            operators: Operators {
                keys: vec![key_text("operators/k1")],
                threshold: 1,
            },
            parameters: Parameters::default(),
            network_id: String::new(),
        };
        let mut world = Self {
            state: genesis.state(Time::from_nanos(NOW)).unwrap(),
            messages: 0,
            ids: 0,
        };
        let first = ["bank-a", "bank-b"].map(|bank| {
            let key = verifier_key(&format!("{bank}/k1"));
            format!(r#"{{"add_participant":{{"id":"{}","participant":"{bank}","role":"bank","keys":["{key}"],"threshold":1}}}}"#, world.id())
        });
        let asset = format!(
            r#"{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}}"#,
            world.id()
        );
        world.govern(&[first.as_slice(), &[asset]].concat());
        for bank in ["bank-a", "bank-b"] {
            let open = |n| {
                let id = world.id();
                format!(
                    r#"{{"open_account":{{"id":"{id}","address":"{bank}:usd-{n}","owner":"{bank}","kind":"settlement","asset":"USD"}}}}"#
                )
            };
            let open: Vec<_> = (0..ACCOUNTS).map(open).collect();
            world.govern(&open);
        }
        let issue = |n| {
            let id = world.id();
            format!(
                r#"{{"issue":{{"id":"{id}","account":"bank-a:usd-{n}","amount":"1000000000.00"}}}}"#
            )
        };
        let issue: Vec<_> = (0..ACCOUNTS).map(issue).collect();
        world.govern(&issue);
        world
    }

    fn id(&mut self) -> InstructionId {
        self.ids += 1;
        InstructionId::from_parts(NOW / 1_000_000, self.ids << 20)
    }

    fn message_id(&mut self) -> String {
        self.messages += 1;
        format!("bench-{}", self.messages)
    }

    fn govern(&mut self, instructions: &[String]) {
        let body = self.json(instructions);
        let message = message("operators", JSON, body.as_bytes());
        let step = apply_to(&mut self.state, &message);
        let count = instructions.len();
        assert!(matches!(step, Step::Applied(applied) if applied.drafts.len() == count));
    }

    fn json(&mut self, instructions: &[String]) -> String {
        let (id, created) = (self.message_id(), Time::from_nanos(NOW));
        let all = instructions.join(",");
        format!(
            r#"{{"message_id":"{id}","created":"{created}","nonce":"AAAAAAAAAAAAAAAAAAAAAA==","instructions":[{all}]}}"#
        )
    }

    /// A message in JSON with so many settlements.
    pub(crate) fn json_body(&mut self, settlements: u32) -> Vec<u8> {
        let settle = |n| {
            let (id, debit, credit) = (self.id(), n * 7 % ACCOUNTS, n * 13 % ACCOUNTS);
            format!(
                r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd-{debit}","credit":"bank-b:usd-{credit}","asset":"USD","amount":"12.50"}}],"end_to_end_id":"INV-{n}"}}}}"#
            )
        };
        let all: Vec<_> = (0..settlements).map(settle).collect();
        self.json(&all).into_bytes()
    }

    /// A full binary batch; every third transfer has a reference.
    pub(crate) fn batch_body(&mut self) -> Vec<u8> {
        let number = |address: &str| {
            let account = self.state.book().account(&address.parse().unwrap());
            account.unwrap().number
        };
        let (payer, payee) = (number("bank-a:usd-0"), number("bank-b:usd-0"));
        let header = BatchHeader {
            atomic: false,
            count: FULL,
            created: NOW,
            message_id: self.message_id(),
            first_id: self.id().to_bytes(),
        };
        let mut body = header.to_bytes().unwrap().to_vec();
        for n in 0..FULL {
            let record = BatchRecord {
                debit: payer + u64::from(n * 7 % ACCOUNTS),
                credit: payee + u64::from(n * 13 % ACCOUNTS),
                amount: u128::from(n) + 1,
                pending_id: [0; 16],
                kind: RECORD_KIND_TRANSFER,
                flags: 0,
                timeout: 0,
                reference: [u8::from(n % 3 == 0); 32],
            };
            body.extend_from_slice(&record.to_bytes());
        }
        body
    }
}

fn signing_key(name: &str) -> SigningKey {
    SigningKey::from_bytes(Hash::sha256(name.as_bytes()).as_bytes())
}

fn verifier_key(name: &str) -> VerifierKey {
    VerifierKey::new(name, &signing_key(name).verifying_key().to_bytes()).unwrap()
}

fn key_text(name: &str) -> VerifierKeyText {
    VerifierKeyText::new(&verifier_key(name).to_string()).unwrap()
}

/// The message that a body is; the ledger takes its signature for verified.
fn message(submitter: &str, content_type: &str, bytes: &[u8]) -> Message {
    let body = match content_type {
        BATCH_CONTENT_TYPE => read_batch(bytes),
        _ => read_json(bytes),
    };
    let key_name = format!("{submitter}/k1");
    let participant: ParticipantId = submitter.parse().unwrap();
    Message {
        authorisation: Authorisation {
            submitter: participant.clone(),
            content_type: content_type.into(),
            body_hash: *Hash::sha256(bytes).as_bytes(),
            created: body.created,
            message_id: body.message_id,
            atomic: body.atomic,
            signatures: vec![Signature {
                participant,
                key_id: verifier_key(&key_name).id().get(),
                key_name,
                signature: [7; 64],
            }],
        },
        instructions: body.instructions,
        batch: body.batch,
        seal: None,
    }
}

/// A state and a message for it.
pub(crate) struct Asked {
    pub(crate) state: State,
    pub(crate) message: Message,
}

impl Asked {
    pub(crate) fn batch() -> Self {
        let mut world = World::new();
        let body = world.batch_body();
        let message = message("bank-a", BATCH_CONTENT_TYPE, &body);
        let state = world.state;
        Self { state, message }
    }

    pub(crate) fn json(settlements: u32) -> Self {
        let mut world = World::new();
        let body = world.json_body(settlements);
        let message = message("bank-a", JSON, &body);
        let state = world.state;
        Self { state, message }
    }
}

/// A message that was applied: the ledger after it, and what came of it.
pub(crate) struct Done {
    state: State,
    message: Message,
    applied: Applied,
    item_0: chain::Authorisation,
}

impl Done {
    pub(crate) fn of(asked: Asked) -> Self {
        let Asked { mut state, message } = asked;
        let Step::Applied(applied) = apply_to(&mut state, &message) else {
            panic!("the message is not applied")
        };
        // A refusal costs something else than a settlement.
        assert_eq!(applied.drafts.len(), message.len() as usize);
        let is_leg = |draft| matches!(draft, &quittance::ledger::Draft::Leg(_));
        assert!(message.batch.is_none() || applied.drafts.iter().all(is_leg));
        let item_0 = message.authorisation.to_item(message.len());
        Self {
            state,
            message,
            applied,
            item_0,
        }
    }

    /// The record of a batch.
    pub(crate) fn record(&self) -> Record {
        let drafts = self.applied.drafts.clone();
        Record::of_batch([9; 32], &self.item_0, drafts, self.state.book()).0
    }
}

/// A key, a statement and a signature over it.
pub(crate) struct Signed {
    key: VerifierKey,
    statement: String,
    signature: [u8; 64],
}

impl Signed {
    pub(crate) fn new() -> Self {
        let hash = Hash::sha256(b"body");
        let purpose = Purpose::Submission;
        let statement = submission_text(purpose, ORIGIN, &hash, "bank-a", JSON, &hash);
        let key = signing_key("bank-a/k1");
        Self {
            key: verifier_key("bank-a/k1"),
            signature: key.sign(statement.as_bytes()).to_bytes(),
            statement,
        }
    }
}

/// A receipt file as its holder has it, and the log's key.
pub(crate) struct Held {
    json: String,
    key: VerifierKey,
}

impl Held {
    pub(crate) fn new() -> Self {
        let all: serde_json::Value = serde_json::from_str(RECEIPTS).unwrap();
        Self {
            json: all["valid"][0]["receipt"].to_string(),
            key: all["key"].as_str().unwrap().parse().unwrap(),
        }
    }
}

/// A write-ahead log in memory, with a segment ready.
pub(crate) fn wal() -> Wal {
    let options = WalOptions {
        segment_bytes: SEGMENT_BYTES,
        segments: 1,
        salt: [5; 32],
    };
    Wal::open(SimDisk::new().shared(), &options, None)
        .unwrap()
        .0
}

// The stages.

pub(crate) fn read_batch(bytes: &[u8]) -> Body {
    parse_batch(bytes, FULL).unwrap()
}

pub(crate) fn read_json(bytes: &[u8]) -> Body {
    parse_body(bytes, &BodyLimits::default()).unwrap()
}

pub(crate) fn verify(signed: &Signed) {
    let Signed {
        key,
        statement,
        signature,
    } = signed;
    key.verify(black_box(statement).as_bytes(), signature)
        .unwrap();
}

pub(crate) fn apply_to(state: &mut State, message: &Message) -> Step {
    apply_at(state, NOW, message)
}

pub(crate) fn apply_at(state: &mut State, now: u64, message: &Message) -> Step {
    apply(state, now, message, &modules())
}

/// The items of a batch, hashed by one thread, and the tree over them.
pub(crate) fn hash_batch(done: &Done) -> LeafTree {
    let mut first = Vec::new();
    done.item_0.write(&mut first);
    let salt = Hash::from_bytes([9; 32]);
    let drafts = &done.applied.drafts;
    LeafTree::new(hash_leaves(done.state.book(), &first, drafts, 0, &salt))
}

/// The items of a message in JSON, and the tree over them.
pub(crate) fn seal(done: &Done) -> SealedItems {
    let salt = Hash::from_bytes([9; 32]);
    let drafts = &done.applied.drafts;
    seal_items(done.state.book(), &done.item_0, drafts, &salt, |_, _| None)
}

pub(crate) fn decode(record: &[u8]) -> Record {
    Record::from_bytes(record).unwrap()
}

/// What the committer writes of a batch, and its frame; the disk is memory.
pub(crate) fn frame(wal: &mut Wal, done: &Done) -> u64 {
    let Some(batch) = &done.message.batch else {
        panic!("the message is no batch")
    };
    let packed = pack_batch(&done.message.authorisation, batch);
    let mark = Mark {
        size: 1,
        root: Hash::ZERO,
    };
    wal.commit(FrameKind::Group, mark, &[&packed]).unwrap()
}

pub(crate) fn check(held: &Held) -> chain::Verified {
    let file = ReceiptFile::from_json(black_box(&held.json).as_bytes()).unwrap();
    file.to_receipt().unwrap().verify(&held.key).unwrap()
}
