//! A small ledger with banks, and every check that must hold after every step, whatever the test
//! is about: a dry run foretells the step and changes nothing, conservation holds, a reader that
//! follows effects and changes sees the same accounts, and whoever replays the items gets the same
//! drafts, the same bytes and the same state.

use std::collections::BTreeMap;

use chain::{Entry, Hash, VerifierKey};
use ed25519_dalek::SigningKey;
use quittance::assets::modules;
use quittance::ledger::{
    Address, Admission, Applied, Authorisation, BATCH_CONTENT_TYPE, Batch, Book, Genesis,
    Instruction, InstructionId, Message, MessageId, Operators, Original, Outcome, Parameters,
    ParticipantId, SECOND, SealedItems, Signature, State, Step, Time, VerifierKeyText, admit,
    apply, apply_again, check, dry_run, finish_entry, message_from_drafts, message_from_items,
    outcomes, seal_items, start_entry,
};

use crate::ledger_copies::Copied;
use crate::ledger_model::prefixes::Prefixes;

/// When the log begins: a whole second, so that edges of the window fall on whole milliseconds.
pub(crate) const START: u64 = 1_795_426_200 * SECOND;
pub(crate) const MILLISECOND: u64 = 1_000_000;

/// The public key that belongs to a name; the same name has the same key everywhere.
pub(crate) fn public_key(name: &str) -> [u8; 32] {
    let seed = *Hash::sha256(name.as_bytes()).as_bytes();
    SigningKey::from_bytes(&seed).verifying_key().to_bytes()
}

pub(crate) fn verifier_key(name: &str) -> VerifierKey {
    VerifierKey::new(name, &public_key(name)).unwrap()
}

fn key_text(name: &str) -> VerifierKeyText {
    VerifierKeyText::new(&verifier_key(name).to_string()).unwrap()
}

pub(crate) struct World {
    /// The state under test: saved and read back after every step.
    pub(crate) state: State,
    /// The state of somebody who only reads items, never saved.
    replayed: State,
    /// A reader who follows effects and changes, and copies of its book under way.
    pub(crate) copied: Copied,
    /// What the clock would say next; every message moves it on by a millisecond.
    pub(crate) now: u64,
    messages: u64,
    ids: u128,
    /// Holds that expired, in order.
    pub(crate) expired: Vec<InstructionId>,
    /// What the node did by itself, with its outcomes, since somebody looked.
    pub(crate) by_node: Vec<(InstructionId, Outcome)>,
    /// Outcomes of all that fell due, in order.
    pub(crate) due: Vec<Outcome>,
    /// Whether steps are only applied, and checked by whoever calls: for runs of millions. Nothing is
    /// hashed then, and no original can be proven.
    pub(crate) fast: bool,
    /// A notebook in which every entry is written and looked at. Fast worlds keep none, unless they say so.
    pub(crate) prefixes: Option<Box<Prefixes>>,
    /// Leaf hashes of the log.
    leaves: Vec<Hash>,
    /// Its entries with their items, the founding left out.
    entries: Vec<(Entry, SealedItems)>,
}

impl World {
    /// A sandbox with one operator key.
    pub(crate) fn new() -> Self {
        Self::founded(&["operators/k1"], 1)
    }

    /// A sandbox whose operators have these keys, so many of which must sign.
    pub(crate) fn founded(keys: &[&str], threshold: u32) -> Self {
        let genesis = Genesis {
            origin: "settle.example/test".into(),
            mode: "sandbox".into(),
            protocol: 1,
            log_vkey: key_text("settle.example/test"),
            operators: Operators {
                keys: keys.iter().map(|name| key_text(name)).collect(),
                threshold,
            },
            parameters: Parameters::default(),
            network_id: String::new(),
        };
        let mut state = genesis.state(Time::from_nanos(START)).unwrap();
        let founding = Hash::leaf(b"the founding");
        state.append(founding, &mut |_, _, _| ());
        Self {
            replayed: state.clone(),
            copied: Copied::of(&state, 0),
            state,
            now: START + SECOND,
            messages: 0,
            ids: 1 << 32,
            expired: Vec::new(),
            by_node: Vec::new(),
            due: Vec::new(),
            fast: false,
            prefixes: Some(Box::default()),
            leaves: vec![founding],
            entries: Vec::new(),
        }
    }

    pub(crate) fn book(&self) -> &Book {
        self.state.book()
    }

    /// An instruction id that was not used before, of the present time.
    pub(crate) fn id(&mut self) -> InstructionId {
        self.ids += 1;
        InstructionId::from_parts(self.now / MILLISECOND, self.ids)
    }

    /// A message by `signers`, joined by `+`; the first of them submits. A signer is a participant
    /// (its key is `k1`) or a key name.
    pub(crate) fn message(
        &mut self,
        signers: &str,
        atomic: bool,
        instructions: Vec<Instruction>,
    ) -> Message {
        self.messages += 1;
        let id = format!("m-{}", self.messages);
        message(signers, &id, self.now, atomic, instructions)
    }

    /// An entry was applied: whatever holds of every prefix of a log holds of this one.
    fn entered(&mut self, applied: &Applied) {
        if let Some(mut prefixes) = self.prefixes.take()
            && (prefixes.always || !self.fast)
        {
            prefixes.entry(self.book(), applied);
            self.prefixes = Some(prefixes);
        }
    }

    /// Applies a message and what is due before it.
    fn send_fast(&mut self, message: &Message) -> Step {
        let step = loop {
            match apply(&mut self.state, self.now, message, &modules()) {
                Step::Due(applied) => {
                    self.entered(&applied);
                    check::step(self.book(), &applied)
                        .unwrap_or_else(|broken| panic!("{broken}: {:?}", applied.drafts));
                }
                step => break step,
            }
        };
        if let Step::Applied(applied) = &step {
            self.entered(applied);
            check::step(self.book(), applied)
                .unwrap_or_else(|broken| panic!("{broken}: {message:?}\n{:?}", applied.drafts));
            check::conservation(self.book()).unwrap();
        }
        self.now += MILLISECOND;
        step
    }

    /// Sends a message, with every check there is.
    pub(crate) fn send(&mut self, message: &Message) -> Step {
        if self.fast {
            return self.send_fast(message);
        }
        let before = self.state.to_snapshot();
        self.copied.before(&self.state, self.now, message);
        let verdict = admit(&self.state, self.now, message);
        let foretold = dry_run(&mut self.state, self.now, message, &modules());
        assert!(
            self.state.to_snapshot() == before,
            "a dry run changes nothing"
        );
        let due = self.send_due(message);
        let (foretold, verdict) = match due {
            0 => (foretold, verdict),
            _ => {
                let later = dry_run(&mut self.state, self.now, message, &modules());
                assert_eq!(
                    told(&later),
                    told(&foretold),
                    "a dry run foresees what is due"
                );
                (later, admit(&self.state, self.now, message))
            }
        };
        let before = self.state.to_snapshot();
        let step = apply(&mut self.state, self.now, message, &modules());
        match (&step, &foretold, &verdict) {
            (Step::Applied(applied), Step::Applied(dry), Admission::Go(admitted)) => {
                assert_eq!(dry.drafts, applied.drafts, "a dry run foretells");
                assert_eq!((dry.index, dry.time), (applied.index, applied.time));
                assert_eq!(admitted.time, applied.time);
                assert_eq!(applied.time, self.state.last_time().nanos());
                self.check_applied(message, applied);
            }
            (Step::Replay(index), Step::Replay(dry), Admission::Replay(admitted)) => {
                assert!(index == dry && index == admitted);
                assert!(
                    self.state.to_snapshot() == before,
                    "a replay changes nothing"
                );
            }
            (Step::Drop(code), Step::Drop(dry), Admission::Drop(admitted)) => {
                assert!(code == dry && code == admitted);
                assert!(self.state.to_snapshot() == before, "a drop changes nothing");
            }
            other => panic!("dry run and step differ: {other:?}"),
        }
        self.state = State::from_snapshot(&self.state.to_snapshot()).unwrap();
        self.now += MILLISECOND;
        step
    }

    /// Applies what is due before a message, as entries of their own; says how many.
    fn send_due(&mut self, message: &Message) -> usize {
        let mut count = 0;
        loop {
            let mut ahead = self.state.clone();
            let Step::Due(applied) = apply(&mut ahead, self.now, message, &modules()) else {
                return count;
            };
            self.state = ahead;
            let system = Message::of_system(applied.index, Time::from_nanos(applied.time));
            self.check_applied(&system, &applied);
            let rows = outcomes(&applied.drafts);
            self.due.extend(rows.iter().map(|row| row.outcome));
            let expired = rows.iter().filter(|row| row.outcome == Outcome::Expired);
            self.expired.extend(expired.map(|row| row.id));
            self.by_node
                .extend(rows.iter().map(|row| (row.id, row.outcome)));
            count += 1;
        }
    }

    /// Asks for what is due, as a node does when nobody submits anything.
    pub(crate) fn tick(&mut self) -> usize {
        let tick = Message::of_tick();
        let mut count = 0;
        if self.fast {
            while let Step::Due(applied) = apply(&mut self.state, self.now, &tick, &modules()) {
                self.entered(&applied);
                count += 1;
            }
        } else {
            count = self.send_due(&tick);
        }
        self.now += MILLISECOND;
        count
    }

    /// Logs a seal, which has no door.
    pub(crate) fn seal(&mut self, message: &Message) {
        let Step::Applied(applied) = apply(&mut self.state, self.now, message, &modules()) else {
            panic!("the seal is not due")
        };
        self.check_applied(message, &applied);
        self.state = State::from_snapshot(&self.state.to_snapshot()).unwrap();
    }

    fn check_applied(&mut self, message: &Message, applied: &Applied) {
        self.entered(applied);
        check::conservation(self.book()).unwrap();
        check::step(self.book(), applied).unwrap();
        let leaf = self.append(message, applied);
        self.replay(message, applied, leaf);
        let made = (applied, leaf);
        self.copied.after(&self.state, self.now, message, made);
        let (followed, book) = (self.copied.book(), self.book());
        assert_eq!(followed.accounts(), book.accounts());
        assert_eq!(followed.participants(), book.participants());
        assert_eq!(followed.assets(), book.assets());
        assert_eq!(followed.parameters(), book.parameters());
        assert!(followed.holds().eq(book.holds()));
        assert!(
            followed
                .proposals_after(None)
                .eq(book.proposals_after(None))
        );
        assert!(followed.guards().eq(book.guards()));
        assert!(followed.queue().iter().eq(book.queue().iter()));
        assert_eq!(followed.cycles(), book.cycles());
        assert_eq!(followed.calendars(), book.calendars());
        assert!(followed.mandates_after(None).eq(book.mandates_after(None)));
        assert_eq!(followed.postings(), book.postings());
        assert_eq!(followed.fx(), book.fx());
        assert_eq!(followed.fees(), book.fees());
        let (followed, returns) = (followed.returns(), book.returns());
        assert!(followed.all_returned().eq(returns.all_returned()));
        assert!(followed.recalls_after(None).eq(returns.recalls_after(None)));
    }

    /// Makes the entry of a message that was applied, and appends it to the log; gives its leaf hash.
    fn append(&mut self, message: &Message, applied: &Applied) -> Hash {
        let item_0 = message.authorisation.to_item(message.len());
        let salt = salt(applied);
        let sealed = seal_items(self.book(), &item_0, &applied.drafts, &salt, |_, _| None);
        let prev = *self.leaves.last().unwrap();
        let entry = finish_entry(start_entry(applied, prev), sealed.tree());
        let leaf = entry.leaf_hash();
        self.state.append(leaf, &mut |_, _, _| ());
        self.leaves.push(leaf);
        self.entries.push((entry, sealed));
        leaf
    }

    /// Item `n` of an entry, with its proof as the log stands now.
    pub(crate) fn original(&self, index: u64, n: u32) -> Original {
        let at = usize::try_from(index).unwrap();
        let (entry, sealed) = &self.entries[at - 1];
        let level = (at ^ self.leaves.len()).ilog2();
        let sibling = |k: u32| {
            let first = ((at >> k) ^ 1) << k;
            chain::root_of(&self.leaves[first..first + (1 << k)])
        };
        let proof = chain::Original {
            entry: *entry,
            n,
            item: sealed.item(usize::try_from(n).unwrap()).unwrap().to_vec(),
            salt: chain::salt::item_salt(&Hash::sha256(&index.to_be_bytes()), n),
            item_proof: sealed.tree().inclusion_proof(u64::from(n)).unwrap(),
            proof: (0..level).map(sibling).collect(),
        };
        Original::from(&proof)
    }

    /// Does what an auditor does: reads the items, applies them, compares.
    fn replay(&mut self, message: &Message, applied: &Applied, leaf: Hash) {
        let item_0 = message.authorisation.to_item(message.len());
        let salt = salt(applied);
        let sealed = seal_items(self.book(), &item_0, &applied.drafts, &salt, |_, _| None);
        let items: Vec<chain::ItemView<'_>> = (0..sealed.len())
            .map(|n| chain::ItemView::parse(sealed.item(n).unwrap()).unwrap())
            .collect();
        let read = message_from_items(&items).unwrap();
        assert_eq!(read.authorisation, message.authorisation);
        let from_drafts = message_from_drafts(read.authorisation.clone(), &applied.drafts);
        assert_eq!(from_drafts.as_ref(), Ok(&read));
        let again = apply_again(&mut self.replayed, applied.time, &read, &modules()).unwrap();
        assert_eq!(again, *applied, "a replay gives the same drafts");
        let book = self.replayed.book();
        let resealed = seal_items(book, &item_0, &again.drafts, &salt, |_, _| None);
        assert_eq!(resealed, sealed, "a replay gives the same bytes");
        self.replayed.append(leaf, &mut |_, _, _| ());
        let same = self.replayed.to_snapshot() == self.state.to_snapshot();
        assert!(same, "a replay gives the same state");
    }

    /// Posted balance and what is available of an account at the time of the last entry, minor units.
    pub(crate) fn balance(&self, address: &str) -> (i128, i128) {
        let account = self
            .book()
            .account(&Address::new(address).unwrap())
            .unwrap();
        let time = self.state.last_time().nanos();
        let available = self.book().available(account, time);
        (account.counters.posted(), available)
    }

    /// Pending debits and credits of an account, minor units.
    pub(crate) fn pending(&self, address: &str) -> (i128, i128) {
        let account = self
            .book()
            .account(&Address::new(address).unwrap())
            .unwrap();
        let c = &account.counters;
        let signed = |minor: u128| i128::try_from(minor).unwrap();
        (signed(c.debits_pending), signed(c.credits_pending))
    }

    /// Counters and last item of every account.
    pub(crate) fn chains(&self) -> BTreeMap<String, String> {
        let accounts = self.book().accounts().iter();
        accounts
            .map(|a| {
                (
                    a.address.to_string(),
                    format!("{:?} {:?}", a.counters, a.last),
                )
            })
            .collect()
    }
}

/// The salt of an entry.
fn salt(applied: &Applied) -> Hash {
    Hash::sha256(&applied.index.to_be_bytes())
}

/// The outcomes that a step tells of.
fn told(step: &Step) -> Vec<Outcome> {
    match step {
        Step::Applied(applied) => outcomes(&applied.drafts)
            .iter()
            .map(|row| row.outcome)
            .collect(),
        _ => Vec::new(),
    }
}

/// A message with everything given.
pub(crate) fn message(
    signers: &str,
    id: &str,
    created: u64,
    atomic: bool,
    instructions: Vec<Instruction>,
) -> Message {
    let body = format!("{id} {created} {atomic} {instructions:?}");
    let signatures: Vec<Signature> = signers.split('+').map(signature).collect();
    Message {
        authorisation: Authorisation {
            submitter: signatures[0].participant.clone(),
            content_type: "application/json".into(),
            body_hash: *Hash::sha256(body.as_bytes()).as_bytes(),
            created: Time::from_nanos(created),
            message_id: MessageId::new(id).unwrap(),
            atomic,
            signatures,
        },
        instructions,
        batch: None,
        seal: None,
    }
}

/// The same as a binary batch.
pub(crate) fn batch_message(
    signers: &str,
    id: &str,
    created: u64,
    atomic: bool,
    batch: Batch,
) -> Message {
    let mut message = message(signers, id, created, atomic, Vec::new());
    let who = &mut message.authorisation;
    who.content_type = BATCH_CONTENT_TYPE.into();
    who.body_hash = *Hash::sha256(&batch.to_body(who).unwrap()).as_bytes();
    message.batch = Some(batch);
    message
}

/// A signature as `admit` sees it: verified already, so its bytes do not matter.
fn signature(signer: &str) -> Signature {
    let (participant, name) = match signer.split_once('/') {
        Some((participant, _)) => (participant, signer.to_owned()),
        None => (signer, format!("{signer}/k1")),
    };
    Signature {
        participant: ParticipantId::new(participant).unwrap(),
        key_id: verifier_key(&name).id().get(),
        key_name: name,
        signature: [7; 64],
    }
}
