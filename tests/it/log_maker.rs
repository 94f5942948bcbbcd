//! Makes whole logs and exports of them from the ledger and the chain crate alone: an honest node,
//! or one that cheats, without a node's threads or files.

use std::fs;
use std::path::Path;

use chain::statement::{Purpose, submission_text};
use chain::{
    BatchHeader, BatchRecord, Checkpoint, Entry, EntryKind, Frontier, Hash, Item, LeafTree, Signer,
    TileWidths, encode_bundle, salt, tiles_between,
};
use keys::SigningKey;
use quittance::assets;
use quittance::audit::layout::{self, Identity};
use quittance::ledger::{
    Authorisation, BATCH_CONTENT_TYPE, Message, Mode, ParticipantId, RECORD_KIND_TRANSFER,
    SealedItems, Signature, State, Step, Time, apply, entry_kind, seal_items,
};
use quittance::node::{body, draft_genesis, sign_genesis};
use quittance::wire::base64::{Bytes, HashText};
use quittance::wire::{
    Body, BodyLimits, EntryView, ReceiptFile, ReceiptItem, ReceiptLevel, parse_batch, parse_body,
};

/// When the log begins: 2026-11-23 09:30 UTC, in nanoseconds.
const START: u64 = 1_795_426_200_000_000_000;
const MILLISECOND: u64 = 1_000_000;

/// What a dishonest node does to the items of an entry before it commits to them.
pub(crate) type Cheat = fn(&mut Vec<Vec<u8>>);

/// A log in the making.
pub(crate) struct LogMaker {
    pub(crate) log_key: SigningKey,
    pub(crate) operator: SigningKey,
    pub(crate) banks: [SigningKey; 2],
    genesis: Hash,
    state: State,
    frontier: Frontier,
    prev: Hash,
    now: u64,
    pub(crate) entries: Vec<[u8; Entry::LEN]>,
    pub(crate) views: Vec<EntryView>,
    checkpoints: Vec<String>,
    /// What the next body says, and what is carried out instead.
    logged: Option<(String, String)>,
    /// Spaces behind each body.
    padding: usize,
}

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, [seed; 32]).unwrap()
}

impl LogMaker {
    /// Founds a sandbox with an operator's key, and nothing else.
    pub(crate) fn found() -> Self {
        Self::found_as(None, 1)
    }

    /// Logs with the same beginning, byte for byte: one of them is what the other might have been.
    pub(crate) fn twin(payments: u64) -> Self {
        Self::found_as(Some("twins"), 1).and_payments(payments)
    }

    /// Has bodies from here on that are so much longer.
    pub(crate) fn padded(mut self, padding: usize) -> Self {
        self.padding = padding;
        self
    }

    /// A log of the same name under another key.
    pub(crate) fn under_another_key(payments: u64) -> Self {
        Self::found_as(None, 11).and_payments(payments)
    }

    fn found_as(network: Option<&str>, seed: u8) -> Self {
        let (log_key, operator) = (key("settle.example/test", seed), key("operators/one", 2));
        let founders = [operator.verifier_key().clone()];
        let mut genesis =
            draft_genesis(Mode::Sandbox, log_key.verifier_key(), &founders, 1).unwrap();
        if let Some(network) = network {
            genesis.network_id = network.to_owned();
        }
        let time = Time::from_nanos(START);
        let signature = sign_genesis(&genesis, &operator).unwrap();
        let item = genesis.authorisation(time, vec![signature]).to_item(0);
        let salt = Hash::sha256(b"salt 0");
        let sealed = SealedItems::of_genesis(&item, &genesis.to_json(), &salt);
        let entry = Entry {
            kind: EntryKind::Genesis,
            items: 2,
            index: 0,
            time: START,
            prev: Hash::ZERO,
            payload_root: sealed.root(),
            aux: Hash::ZERO,
        };
        let mut maker = Self {
            genesis: entry.leaf_hash(),
            state: genesis.state(time).unwrap(),
            banks: [key("bank-a/one", 3), key("bank-b/one", 4)],
            log_key,
            operator,
            frontier: Frontier::new(),
            prev: Hash::ZERO,
            now: START,
            entries: Vec::new(),
            views: Vec::new(),
            checkpoints: Vec::new(),
            logged: None,
            padding: 0,
        };
        let items = (0..2).map(|n| sealed.item(n).unwrap().to_vec()).collect();
        maker.append(&entry, &salt, items, None, None);
        maker
    }

    /// A sandbox with two funded banks and `payments` payments of one, some of them refused.
    pub(crate) fn with_payments(payments: u64) -> Self {
        Self::found().and_payments(payments)
    }

    pub(crate) fn and_payments(self, payments: u64) -> Self {
        let mut maker = self;
        let participant = |maker: &Self, at: usize, id: &str| {
            let vkey = maker.banks[at].verifier_key().to_string();
            format!(
                r#"{{"add_participant":{{"id":"{}","participant":"{id}","role":"bank","keys":["{vkey}"],"threshold":1}}}}"#,
                maker.id(at as u64)
            )
        };
        let mut wishes = vec![
            participant(&maker, 0, "bank-a"),
            participant(&maker, 1, "bank-b"),
        ];
        let usd = |n| {
            format!(
                r#"{{"add_asset":{{"id":"{}","asset":"USD","module":"fiat"}}}}"#,
                maker.id(n)
            )
        };
        wishes.push(usd(2));
        for (n, bank) in [(3, "bank-a"), (4, "bank-b")] {
            let id = maker.id(n);
            wishes.push(format!(
                r#"{{"open_account":{{"id":"{id}","address":"{bank}:usd","owner":"{bank}","kind":"settlement","asset":"USD"}}}}"#
            ));
        }
        let id = maker.id(5);
        wishes.push(format!(
            r#"{{"issue":{{"id":"{id}","account":"bank-a:usd","amount":"5.00"}}}}"#
        ));
        maker.submit("operators", &wishes, None);
        for _ in 0..payments {
            maker.pay("1.00", None);
        }
        maker
    }

    /// An instruction id of now.
    fn id(&self, n: u64) -> quittance::ledger::InstructionId {
        let millis = (self.now + MILLISECOND) / MILLISECOND;
        quittance::ledger::InstructionId::from_parts(millis, u128::from(n + 1) << 8)
    }

    /// Bank A pays bank B, with a text.
    pub(crate) fn pay(&mut self, amount: &str, cheat: Option<Cheat>) {
        let id = self.id(0);
        let wish = format!(
            r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"{amount}"}}],"end_to_end_id":"INV-1"}}}}"#
        );
        self.submit("bank-a", &[wish], cheat);
    }

    /// The bank signs a payment of `signed`, and the node carries out one of `logged`: items,
    /// balances and outcomes fit each other, and the body alone tells.
    pub(crate) fn pay_other_than_signed(&mut self, signed: &str, logged: &str) {
        self.logged = Some((format!("\"{signed}\""), format!("\"{logged}\"")));
        self.pay(signed, None);
    }

    /// The operators erase the body of an entry: its key is gone afterwards.
    pub(crate) fn erase(&mut self, index: u64) {
        let id = self.id(0);
        let wish =
            format!(r#"{{"erase":{{"id":"{id}","entry_index":{index},"basis":"request 7"}}}}"#);
        self.submit("operators", &[wish], None);
        self.views[usize::try_from(index).unwrap()].body_key = None;
    }

    /// Bank A pays bank B these amounts, in minor units, by a binary batch.
    pub(crate) fn pay_batch(&mut self, amounts: &[u128], cheat: Option<Cheat>) {
        self.now += MILLISECOND;
        let number = |address: &str| {
            let account = self.state.book().account(&address.parse().unwrap());
            account.unwrap().number
        };
        let header = BatchHeader {
            atomic: false,
            count: u32::try_from(amounts.len()).unwrap(),
            created: self.now,
            message_id: format!("b-{}", self.entries.len()),
            first_id: self.id(0).to_bytes(),
        };
        let record = |amount: &u128| BatchRecord {
            debit: number("bank-a:usd"),
            credit: number("bank-b:usd"),
            amount: *amount,
            pending_id: [0; 16],
            kind: RECORD_KIND_TRANSFER,
            flags: 0,
            timeout: 0,
            reference: [0; 32],
        };
        let mut body = header.to_bytes().unwrap().to_vec();
        body.extend(amounts.iter().flat_map(|amount| record(amount).to_bytes()));
        let parsed = parse_batch(&body, header.count).unwrap();
        let message = self.signed("bank-a", BATCH_CONTENT_TYPE, &body, parsed);
        self.log(&message, &[], None, cheat);
    }

    fn submit(&mut self, submitter: &str, wishes: &[String], cheat: Option<Cheat>) {
        self.now += MILLISECOND;
        let (index, created) = (self.entries.len(), Time::from_nanos(self.now));
        let json = format!(
            r#"{{"message_id":"m-{index}","created":"{created}","nonce":"AAAAAAAAAAAAAAAAAAAAAA==","instructions":[{}]}}{}"#,
            wishes.join(","),
            " ".repeat(self.padding)
        );
        let parsed = parse_body(json.as_bytes(), &BodyLimits::default()).unwrap();
        let texts = parsed.texts.clone();
        let mut message = self.signed(submitter, "application/json", json.as_bytes(), parsed);
        if let Some((signed, logged)) = self.logged.take() {
            let other = json.replace(&signed, &logged);
            let other = parse_body(other.as_bytes(), &BodyLimits::default()).unwrap();
            message.instructions = other.instructions;
        }
        self.log(&message, &texts, Some(json), cheat);
    }

    /// Carries a message out and logs it; `body` is kept, under its key.
    fn log(
        &mut self,
        message: &Message,
        texts: &[Option<Box<str>>],
        body: Option<String>,
        cheat: Option<Cheat>,
    ) {
        let who = message.authorisation.to_item(message.len());
        let Step::Applied(applied) = apply(&mut self.state, self.now, message, &assets::modules())
        else {
            panic!("a test's message is admitted");
        };
        let index = u64::try_from(self.entries.len()).unwrap();
        let salt = Hash::sha256(&index.to_be_bytes());
        let entry_key = *Hash::sha256(&[7, index.to_be_bytes()[7]]).as_bytes();
        let text = |n: u32, instruction: u32| {
            let text = texts
                .get(usize::try_from(instruction).unwrap())?
                .as_deref()?;
            let salt = salt::text_salt(&entry_key, n);
            Some(salt::commit(&salt, text.as_bytes()))
        };
        let sealed = seal_items(self.state.book(), &who, &applied.drafts, &salt, text);
        let items = (0..sealed.len()).map(|n| sealed.item(n).unwrap().to_vec());
        let mut items: Vec<Vec<u8>> = items.collect();
        if let Some(cheat) = cheat {
            cheat(&mut items);
        }
        let entry = Entry {
            kind: entry_kind(&applied),
            items: u32::try_from(items.len()).unwrap(),
            index,
            time: applied.time,
            prev: self.prev,
            payload_root: tree(&salt, &items).root(),
            aux: Hash::ZERO,
        };
        let key = body.is_some().then_some(entry_key);
        let sealed_body = body.map(|body| body::seal(&entry_key, body.into_bytes()));
        self.append(&entry, &salt, items, sealed_body, key);
    }

    /// The message of a body, signed by its submitter.
    fn signed(&self, submitter: &str, kind: &str, body: &[u8], parsed: Body) -> Message {
        let signer = match submitter {
            "bank-a" => &self.banks[0],
            _ => &self.operator,
        };
        let hash = Hash::sha256(body);
        let origin = self.log_key.verifier_key().name();
        let (purpose, genesis) = (Purpose::Submission, &self.genesis);
        let text = submission_text(purpose, origin, genesis, submitter, kind, &hash);
        let vkey = signer.verifier_key();
        let participant: ParticipantId = submitter.parse().unwrap();
        let signature = Signature {
            participant: participant.clone(),
            key_name: vkey.name().into(),
            key_id: vkey.id().get(),
            signature: signer.sign(text.as_bytes()).unwrap(),
        };
        let authorisation = Authorisation {
            submitter: participant,
            content_type: kind.into(),
            body_hash: *hash.as_bytes(),
            created: parsed.created,
            message_id: parsed.message_id,
            atomic: parsed.atomic,
            signatures: vec![signature],
        };
        Message {
            authorisation,
            instructions: parsed.instructions,
            batch: parsed.batch,
            seal: None,
        }
    }

    fn append(
        &mut self,
        entry: &Entry,
        salt: &Hash,
        items: Vec<Vec<u8>>,
        sealed_body: Option<Vec<u8>>,
        body_key: Option<[u8; 32]>,
    ) {
        self.prev = entry.leaf_hash();
        self.frontier.push(self.prev, &mut |_, _, _| ());
        self.state.append(self.prev, &mut |_, _, _| ());
        self.entries.push(entry.to_bytes());
        self.views.push(EntryView {
            index: entry.index,
            entry: Bytes(entry.to_bytes().to_vec()),
            salt: HashText(*salt),
            items: items.into_iter().map(Bytes).collect(),
            content_type: sealed_body.as_ref().map(|_| "application/json".into()),
            sealed_body: sealed_body.map(Bytes),
            body_key: body_key.map(|key| HashText(Hash::from_bytes(key))),
        });
        let checkpoint = Checkpoint {
            origin: self.log_key.verifier_key().name().into(),
            size: self.frontier.size(),
            root: self.frontier.root(),
        };
        self.checkpoints
            .push(checkpoint.sign(&[&self.log_key]).unwrap().to_string());
    }

    /// The checkpoint at a size.
    pub(crate) fn checkpoint(&self, size: usize) -> &str {
        &self.checkpoints[size - 1]
    }

    /// A receipt for item `n` of an entry, at the newest checkpoint.
    pub(crate) fn receipt(&self, index: usize, n: u32) -> ReceiptFile {
        let view = &self.views[index];
        let entry = Entry::from_bytes(&view.entry.0).unwrap();
        let items: Vec<Vec<u8>> = view.items.iter().map(|item| item.0.clone()).collect();
        let leaves = LeafTree::new(self.entries.iter().map(|entry| Hash::leaf(entry)).collect());
        let opening = chain::ItemOpening {
            n,
            bytes: items[usize::try_from(n).unwrap()].clone(),
            salt: salt::item_salt(&view.salt.0, n),
            proof: tree(&view.salt.0, &items)
                .inclusion_proof(u64::from(n))
                .unwrap(),
            private: Vec::new(),
            text: None,
        };
        assert_eq!(ReceiptItem::of(&opening).n, n);
        let receipt = chain::Receipt {
            entry,
            items: vec![opening],
            proof: leaves
                .inclusion_proof(u64::try_from(index).unwrap())
                .unwrap(),
            checkpoint: self.checkpoint(self.entries.len()).as_bytes().to_vec(),
        };
        let vkey = self.log_key.verifier_key().to_string();
        ReceiptFile::from_receipt(&receipt, ReceiptLevel::LogSigned, &vkey, 1).unwrap()
    }

    /// Writes an export of the first `size` entries.
    pub(crate) fn export(&self, folder: &Path, size: usize) {
        let leaves = LeafTree::new(
            self.entries[..size]
                .iter()
                .map(|entry| Hash::leaf(entry))
                .collect(),
        );
        let log = folder.join("log");
        let write = |path: &Path, bytes: &[u8]| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let total = u64::try_from(size).unwrap();
        for path in tiles_between(0, total) {
            write(
                &log.join(path.to_string()),
                &path.encode_hashes(&leaves).unwrap(),
            );
        }
        let widths = TileWidths::at(0, total);
        let full = (0..widths.full).map(|n| (n, chain::TILE_WIDTH));
        for (n, width) in full.chain((widths.partial > 0).then_some((widths.full, widths.partial)))
        {
            let path = chain::TilePath::entries(n, width).unwrap();
            let first = usize::try_from(n).unwrap() * 256;
            let entries = &self.entries[first..first + usize::from(width)];
            write(
                &log.join(path.to_string()),
                &encode_bundle(path, entries).unwrap(),
            );
        }
        write(
            &folder.join(layout::CHECKPOINT),
            self.checkpoint(size).as_bytes(),
        );
        let vkey = format!("{}\n", self.log_key.verifier_key());
        write(&folder.join(layout::LOG_VKEY), vkey.as_bytes());
        let origin = self.log_key.verifier_key().name().to_owned();
        let identity = Identity {
            origin,
            genesis_hash: HashText(self.genesis),
        };
        write(
            &folder.join(layout::GENESIS),
            &serde_json::to_vec(&identity).unwrap(),
        );
        let mut keys = String::new();
        let mut files: std::collections::BTreeMap<String, Vec<u8>> = Default::default();
        for view in &self.views[..size] {
            if let Some(key) = &view.body_key {
                keys.push_str(&layout::body_key_line(view.index, key.0.as_bytes()));
            }
            let file = files.entry(layout::records_file(view.index)).or_default();
            file.extend(record_of(view));
        }
        for (name, records) in files {
            write(&folder.join(name), &records);
        }
        write(&folder.join(layout::BODY_KEYS), keys.as_bytes());
    }
}

/// The record of an entry, as it stands in a file.
pub(crate) fn record_of(view: &EntryView) -> Vec<u8> {
    let mut record = Vec::new();
    let sealed_body = view.sealed_body.as_ref();
    let parts = chain::RecordParts {
        entry: view.entry.0.as_slice().try_into().unwrap(),
        salt: &view.salt.0,
        key: None,
        sealed_body: sealed_body.map_or(&[][..], |body| &body.0),
    };
    parts.write(&mut record, view.items.iter().map(|item| item.0.as_slice()));
    record
}

/// The payload tree of an entry.
fn tree(entry_salt: &Hash, items: &[Vec<u8>]) -> LeafTree {
    let leaf = |(n, item): (u32, &Vec<u8>)| salt::item_leaf(&salt::item_salt(entry_salt, n), item);
    LeafTree::new((0u32..).zip(items).map(leaf).collect())
}

/// Changes the item that pays, so that it says another amount.
pub(crate) fn pays_more(items: &mut [Vec<u8>]) {
    let Ok(Item::Leg(mut leg)) = Item::parse(&items[1]) else {
        panic!("item 1 is a leg")
    };
    leg.amount += 1;
    items[1] = Item::Leg(leg).to_bytes();
}
