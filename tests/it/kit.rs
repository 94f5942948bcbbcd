//! What several tests need: a sandbox in a temporary folder, its operator, and banks with keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chain::{Signer, statement};
use keys::{Passphrase, SigningKey};
use quittance::config::Config;
use quittance::ledger::{
    Authorisation, InstructionId, Message, ParticipantId, Role, Signature, Time,
};
use quittance::node::{self, Founding, Node, OpenOptions, Reply, Submission, Viewer, body};
use quittance::wire::{BodyLimits, parse_body};
use tempfile::TempDir;

/// A sandbox whose node runs in this process.
pub(crate) struct Sandbox {
    _folder: TempDir,
    pub(crate) config: Config,
    node: Option<Arc<Node>>,
    pub(crate) operator: SigningKey,
    /// How it is opened the next time.
    pub(crate) options: OpenOptions,
}

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// A configuration for a small node in `folder`.
pub(crate) fn config(folder: &std::path::Path) -> Config {
    let data = folder.join("data");
    let set = |key: &str, value: &str| (key.to_string(), value.to_string());
    let overrides = vec![
        set("data.dir", data.to_str().unwrap()),
        set("api.listen", "127.0.0.1:0"),
        set("admin.listen", "127.0.0.1:0"),
        set("wal.segment_bytes", "16777216"),
        set("wal.segments_min", "2"),
        set("store.cache_bytes", "16777216"),
        set("store.flush_ms", "100"),
    ];
    Config::load(None, std::iter::empty::<(String, String)>(), overrides).unwrap()
}

impl Sandbox {
    /// Founds and opens a sandbox.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let founded = node::init(&config, Founding::Sandbox).unwrap();
        let passphrase = Passphrase::from_file(founded.passphrase_file.as_ref().unwrap()).unwrap();
        let operator =
            keys::read_key_file(founded.operator_key.as_ref().unwrap(), &passphrase).unwrap();
        let node = Node::open(&config, &OpenOptions::default()).unwrap();
        Self {
            _folder: folder,
            config,
            node: Some(node),
            operator,
            options: OpenOptions::default(),
        }
    }

    /// The running node.
    pub(crate) fn node(&self) -> &Arc<Node> {
        self.node.as_ref().unwrap()
    }

    /// Stops the node and opens it again.
    pub(crate) fn reopen(&mut self) {
        self.reopen_after(|_| {});
    }

    /// The same; in between, `change` has the data folder to itself.
    pub(crate) fn reopen_after(&mut self, change: impl FnOnce(&std::path::Path)) {
        // The old node holds the folder's lock until it is dropped.
        let old = self.node.take().unwrap();
        old.shutdown();
        drop(old);
        change(&self.config.data_dir);
        self.node = Some(Node::open(&self.config, &self.options).unwrap());
    }

    /// Stops the node; its folder stays.
    pub(crate) fn stop(&mut self) {
        if let Some(node) = self.node.take() {
            node.shutdown();
        }
    }

    /// Submits a body as `submitter`, signed by `signers`; waits for the answer.
    pub(crate) fn submit(&self, submitter: &str, signers: &[&SigningKey], body: &str) -> Reply {
        let submission = self.submission(submitter, signers, body);
        futures_block(self.node().submit(submission)).unwrap()
    }

    /// Builds a submission as the door does.
    pub(crate) fn submission(
        &self,
        submitter: &str,
        signers: &[&SigningKey],
        body: &str,
    ) -> Submission {
        submission(self.node(), submitter, signers, body)
    }

    /// Governance by the operator.
    pub(crate) fn govern(&self, instructions: &[String]) -> Reply {
        let body = self.body(instructions);
        self.submit("operators", &[&self.operator], &body)
    }

    /// A message with these instructions, created now.
    pub(crate) fn body(&self, instructions: &[String]) -> String {
        body_at(self.node(), instructions)
    }

    /// A new instruction id, of now.
    pub(crate) fn id(&self) -> InstructionId {
        id(self.node())
    }

    /// Registers a bank with one key; gives the key.
    pub(crate) fn bank(&self, name: &str) -> SigningKey {
        self.participant(name, "bank")
    }

    /// Registers an auditor with one key; gives the key.
    pub(crate) fn auditor_key(&self, name: &str) -> SigningKey {
        self.participant(name, "auditor")
    }

    fn participant(&self, name: &str, role: &str) -> SigningKey {
        let key = SigningKey::generate(&format!("{name}/key-1")).unwrap();
        let reply = self.govern(&[format!(
            r#"{{"add_participant":{{"id":"{}","participant":"{name}","role":"{role}","keys":["{}"],"threshold":1}}}}"#,
            self.id(),
            key.verifier_key()
        )]);
        assert_good(&reply);
        key
    }

    /// Registers an asset.
    pub(crate) fn asset(&self, asset: &str) {
        let id = self.id();
        assert_good(&self.govern(&[format!(
            r#"{{"add_asset":{{"id":"{id}","asset":"{asset}","module":"fiat"}}}}"#
        )]));
    }

    /// Opens a settlement account and issues funds to it.
    pub(crate) fn account(&self, owner: &str, address: &str, asset: &str, amount: &str) {
        let (open, issue) = (self.id(), self.id());
        let mut instructions = vec![format!(
            r#"{{"open_account":{{"id":"{open}","address":"{address}","owner":"{owner}","kind":"settlement","asset":"{asset}"}}}}"#
        )];
        if amount != "0" {
            instructions.push(format!(
                r#"{{"issue":{{"id":"{issue}","account":"{address}","amount":"{amount}"}}}}"#
            ));
        }
        assert_good(&self.govern(&instructions));
    }

    /// What opens an account for fees in dollars, and charges payments.
    pub(crate) fn charging(&self) -> [String; 2] {
        let (open, set) = (self.id(), self.id());
        [
            format!(
                r#"{{"open_account":{{"id":"{open}","address":"operators:fees","owner":"operators","kind":"fee","asset":"USD"}}}}"#
            ),
            format!(
                r#"{{"set_fees":{{"id":"{set}","asset":"USD","account":"operators:fees","tax":{{"account":"operators:fees","bps":1}},"rules":[{{"debit_kind":"customer","basis":"none"}},{{"basis":{{"tiered":[{{"up_to":"1","flat":"0"}},{{"bps":1}}]}},"max":"1","payer":"debtor"}}]}}}}"#
            ),
        ]
    }

    /// A transfer instruction of one leg.
    pub(crate) fn transfer(&self, debit: &str, credit: &str, asset: &str, amount: &str) -> String {
        let id = self.id();
        format!(
            r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"{debit}","credit":"{credit}","asset":"{asset}","amount":"{amount}"}}]}}}}"#
        )
    }

    /// A reservation of one leg.
    pub(crate) fn reserve(&self, debit: &str, credit: &str, asset: &str, amount: &str) -> String {
        let transfer = self.transfer(debit, credit, asset, amount);
        transfer.replacen("transfer", "reserve", 1)
    }

    /// A viewer of the given participant.
    pub(crate) fn viewer(&self, name: &str) -> Viewer {
        let participants = self.node().reader().participants(&self.auditor());
        let (number, view) = participants
            .iter()
            .enumerate()
            .find(|(_, p)| p.id.as_str() == name)
            .unwrap();
        Viewer {
            number: u32::try_from(number).unwrap(),
            id: view.id.clone(),
            role: view.role,
            behind: Vec::new(),
            expires_at: Time::from_nanos(u64::MAX),
        }
    }

    /// A viewer who may read everything, though no such participant is registered.
    pub(crate) fn auditor(&self) -> Viewer {
        Viewer {
            number: u32::MAX,
            id: "auditor".parse().unwrap(),
            role: Role::Auditor,
            behind: Vec::new(),
            expires_at: Time::from_nanos(u64::MAX),
        }
    }

    /// The posted balance of an account.
    pub(crate) fn posted(&self, address: &str) -> String {
        self.node()
            .reader()
            .account(address, &self.auditor())
            .unwrap()
            .posted
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A new instruction id with the time of the node's clock.
pub(crate) fn id(node: &Node) -> InstructionId {
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    // Spread over the random bits, so that ids do not look consecutive.
    let random = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    InstructionId::from_parts(node.clock().now_ns() / 1_000_000, random >> 54)
}

/// A message with these instructions, created now.
pub(crate) fn body_at(node: &Node, instructions: &[String]) -> String {
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    let created = Time::from_nanos(node.clock().now_ns());
    format!(
        r#"{{"message_id":"m-{n}","created":"{created}","nonce":"AAECAwQFBgcICQoLDA0ODw==","instructions":[{}]}}"#,
        instructions.join(",")
    )
}

/// Signs and parses a body, as the door does with one that comes in.
pub(crate) fn submission(
    node: &Node,
    submitter: &str,
    signers: &[&SigningKey],
    body: &str,
) -> Submission {
    let hash = chain::Hash::sha256(body.as_bytes());
    let text = statement::submission_text(
        statement::Purpose::Submission,
        node.origin(),
        &node.genesis_hash(),
        submitter,
        "application/json",
        &hash,
    );
    let signatures = signers
        .iter()
        .map(|key| {
            let vkey = key.verifier_key();
            let (participant, _) = vkey.name().split_once('/').unwrap();
            Signature {
                participant: participant.parse::<ParticipantId>().unwrap(),
                key_name: vkey.name().to_string(),
                key_id: vkey.id().get(),
                signature: key.sign(text.as_bytes()).unwrap(),
            }
        })
        .collect();
    let parsed = parse_body(body.as_bytes(), &BodyLimits::default()).unwrap();
    let key = Node::draw_key().unwrap();
    let sealed_body = body::seal(&key, body.as_bytes().to_vec());
    let authorisation = Authorisation {
        submitter: submitter.parse().unwrap(),
        content_type: "application/json".to_string(),
        body_hash: *hash.as_bytes(),
        created: parsed.created,
        message_id: parsed.message_id,
        atomic: parsed.atomic,
        signatures,
    };
    Submission {
        message: Message {
            authorisation,
            instructions: parsed.instructions,
            batch: None,
            seal: None,
        },
        texts: parsed.texts,
        key,
        sealed_body: Arc::new(sealed_body),
    }
}

/// An hour from now, as bodies state times.
pub(crate) fn soon() -> String {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let then = now + std::time::Duration::from_secs(3_600);
    quittance::ledger::Time::from_nanos(u64::try_from(then.as_nanos()).unwrap()).to_string()
}

/// Asserts that every outcome of a reply is good.
pub(crate) fn assert_good(reply: &Reply) {
    for code in codes(reply) {
        assert!(code == "SETTLED" || code == "APPLIED", "{code}: {reply:?}");
    }
}

/// The outcome codes of a reply.
pub(crate) fn codes(reply: &Reply) -> Vec<&'static str> {
    match reply {
        Reply::Applied(applied) => applied
            .logged
            .outcomes()
            .iter()
            .map(|row| row.outcome.code())
            .collect(),
        Reply::DryRun(dry) => dry.outcomes.iter().map(|row| row.outcome.code()).collect(),
        other => panic!("not an outcome: {other:?}"),
    }
}

/// Waits for a future outside any runtime.
pub(crate) fn futures_block<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}
