//! What takes a long way to get to: a window of a million payments, a queue of ten thousand, and a
//! batch on accounts with every rule there is. Too much to be walked under valgrind, so these are
//! timed only.

use chain::{Hash, VerifierKey};
use ed25519_dalek::SigningKey;
use quittance::assets::modules;
use quittance::ledger::{
    Authorisation, BATCH_CONTENT_TYPE, Batch, BatchTransfer, Genesis, Instruction, InstructionId,
    Message, MessageId, Operators, Parameters, ParticipantId, SECOND, Signature, State, Step, Time,
    VerifierKeyText, apply, tally,
};
use serde_json::{Value, json};

/// Payments in the window that is closed.
pub(crate) const WINDOW: u64 = 1_000_000;
/// Payments in the queue that is resolved.
pub(crate) const QUEUE: u64 = 10_000;
/// Banks that net, and that wait for each other.
const BANKS: u64 = 100;
/// Payments in one message of netting.
const PER_MESSAGE: u64 = 250;
/// Accounts on each side of the batch.
const ACCOUNTS: u64 = 500;
const MILLISECOND: u64 = 1_000_000;
const HOUR: u64 = 3_600 * SECOND;

fn vkey(name: &str) -> VerifierKey {
    let seed = *Hash::sha256(name.as_bytes()).as_bytes();
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    VerifierKey::new(name, &public).unwrap()
}

/// A ledger, and the time in it.
pub(crate) struct Log {
    pub(crate) state: State,
    pub(crate) now: u64,
    messages: u64,
}

impl Log {
    fn found() -> Self {
        let text = |name: &str| VerifierKeyText::new(&vkey(name).to_string()).unwrap();
        let now = 1_795_426_200 * SECOND;
        let genesis = Genesis {
            origin: "settle.example/bench".into(),
            mode: "sandbox".into(),
            protocol: 1,
            log_vkey: text("settle.example/bench"),
            operators: Operators {
                keys: vec![text("operators/k1")],
                threshold: 1,
            },
            parameters: Parameters::default(),
            network_id: String::new(),
        };
        let state = genesis.state(Time::from_nanos(now)).unwrap();
        let mut log = Self {
            state,
            now,
            messages: 0,
        };
        let asset = json!({"asset": "USD", "module": "fiat"});
        log.send("operators", vec![("add_asset", asset)]);
        log
    }

    /// The same with banks, one account each, that have so much.
    fn with_banks(count: u64, funds: &str) -> Self {
        let mut log = Self::found();
        for n in 0..count {
            let (bank, account) = (format!("bank-{n}"), format!("bank-{n}:usd"));
            let key = vkey(&format!("{bank}/k1")).to_string();
            let join = json!({"participant": bank, "role": "bank", "keys": [key], "threshold": 1});
            let mut wishes = vec![("add_participant", join), open(&account, &bank)];
            if funds != "0" {
                wishes.push(("issue", json!({"account": account, "amount": funds})));
            }
            log.send("operators", wishes);
        }
        log
    }

    /// Applies a message, and what is due before it; all of it must take effect.
    fn send(&mut self, signer: &str, wishes: Vec<(&str, Value)>) {
        let message = self.message(signer, wishes);
        loop {
            match apply(&mut self.state, self.now, &message, &modules()) {
                Step::Due(_) => {}
                Step::Applied(applied) => {
                    let (_, refused) = tally(&applied.drafts);
                    assert_eq!(refused, 0, "{:?}", applied.drafts);
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// A message of now with these wishes.
    pub(crate) fn message(&mut self, signer: &str, wishes: Vec<(&str, Value)>) -> Message {
        self.messages += 1;
        self.now += MILLISECOND;
        let instruction = |(n, (kind, mut fields)): (usize, (&str, Value))| {
            let number = u128::from(self.messages) << 16 | n as u128;
            let id = InstructionId::from_parts(self.now / MILLISECOND, number);
            fields["id"] = id.to_string().into();
            serde_json::from_value::<Instruction>(json!({ kind: fields })).unwrap()
        };
        let instructions = wishes.into_iter().enumerate().map(instruction).collect();
        self.of(signer, "application/json", instructions, None)
    }

    fn of(
        &self,
        signer: &str,
        content_type: &str,
        instructions: Vec<Instruction>,
        batch: Option<Batch>,
    ) -> Message {
        let name = format!("{signer}/k1");
        let participant = ParticipantId::new(signer).unwrap();
        let id = format!("m-{}", self.messages);
        Message {
            authorisation: Authorisation {
                submitter: participant.clone(),
                content_type: content_type.into(),
                body_hash: *Hash::sha256(id.as_bytes()).as_bytes(),
                created: Time::from_nanos(self.now),
                message_id: MessageId::new(&id).unwrap(),
                atomic: false,
                signatures: vec![Signature {
                    participant,
                    key_id: vkey(&name).id().get(),
                    key_name: name,
                    signature: [7; 64],
                }],
            },
            instructions,
            batch,
            seal: None,
        }
    }

    fn number(&self, address: &str) -> u64 {
        let account = self.state.book().account(&address.parse().unwrap());
        account.unwrap().number
    }
}

fn open(address: &str, owner: &str) -> (&'static str, Value) {
    let open = json!({"address": address, "owner": owner, "kind": "settlement", "asset": "USD"});
    ("open_account", open)
}

fn leg(debit: &str, credit: &str, amount: &str) -> Value {
    json!({"debit": debit, "credit": credit, "asset": "USD", "amount": amount})
}

/// A window with [`WINDOW`] payments among [`BANKS`] banks, and the message that closes it.
pub(crate) fn window() -> (Log, Message) {
    let mut log = Log::with_banks(BANKS, "1000000");
    let model = json!({"model": "ach", "asset": "USD", "close": "manual", "funding_s": 60});
    log.send("operators", vec![("open_model", model)]);
    for n in 0..BANKS {
        let account = format!("bank-{n}:usd");
        let join = json!({"model": "ach", "account": account, "net_debit_cap": "1000000"});
        log.send("operators", vec![("join_model", join)]);
    }
    for n in 0..WINDOW / PER_MESSAGE {
        let from = n % BANKS;
        let payments = (0..PER_MESSAGE).map(|m| {
            let to = (from + 1 + (n + m) % (BANKS - 1)) % BANKS;
            let cents = 1 + (n * 7 + m * 13) % 90;
            json!({"from": format!("bank-{from}"), "to": format!("bank-{to}"),
                "amount": format!("0.{cents:02}")})
        });
        let clear = json!({"model": "ach", "payments": payments.collect::<Vec<_>>()});
        log.send(&format!("bank-{from}"), vec![("clear", clear)]);
    }
    let close = log.message("operators", vec![("close_window", json!({"model": "ach"}))]);
    (log, close)
}

/// Does what the node does when nobody submits anything; gives how many items that makes.
pub(crate) fn resolve(state: &mut State, now: u64) -> usize {
    let (tick, mut items) = (Message::of_tick(), 0);
    while let Step::Due(applied) = apply(state, now, &tick, &modules()) {
        items += applied.drafts.len();
    }
    items
}

/// A ring of banks without funds, each of which has sent a hundred payments to the next, that may
/// settle from one moment on: then all of them do, against each other.
pub(crate) fn ring() -> Log {
    let mut log = Log::with_banks(BANKS, "0");
    let from = Time::from_nanos(log.now + HOUR);
    for n in 0..QUEUE {
        let bank = n % BANKS;
        let (debit, credit) = (
            format!("bank-{bank}:usd"),
            format!("bank-{}:usd", (bank + 1) % BANKS),
        );
        let pay = json!({"legs": [leg(&debit, &credit, "1.00")], "queue": {"settle_from": from}});
        log.send(&format!("bank-{bank}"), vec![("transfer", pay)]);
    }
    log.now += HOUR;
    log
}

/// A chain of banks without funds, each of which waits to pass on what the one before sends: funds for
/// the first have come.
pub(crate) fn chain() -> Log {
    let mut log = Log::with_banks(BANKS + 1, "0");
    for n in 0..QUEUE {
        let bank = BANKS - 1 - n % BANKS;
        let (debit, credit) = (format!("bank-{bank}:usd"), format!("bank-{}:usd", bank + 1));
        let pay = json!({"legs": [leg(&debit, &credit, "1.00")], "queue": {}});
        log.send(&format!("bank-{bank}"), vec![("transfer", pay)]);
    }
    let funds = json!({"account": "bank-0:usd", "amount": "100.00"});
    log.send("operators", vec![("issue", funds)]);
    log
}

/// A full batch between accounts without a rule, or with every rule that lets it pass, and beside holds
/// and a queue.
pub(crate) fn batch(records: u32, rules: bool) -> (Log, Message) {
    let mut log = Log::with_banks(2, "0");
    for bank in ["bank-0", "bank-1"] {
        let open = |n| open_owned(bank, n);
        log.send("operators", (0..ACCOUNTS).map(open).collect());
    }
    let issue = |n| {
        (
            "issue",
            json!({"account": format!("bank-0:{n}"), "amount": "1000000000"}),
        )
    };
    log.send("operators", (0..ACCOUNTS).map(issue).collect());
    if rules {
        restrict(&mut log);
    }
    let (payer, payee) = (log.number("bank-0:0"), log.number("bank-1:0"));
    let transfers = (0..u64::from(records)).map(|n| BatchTransfer {
        debit: payer + n * 7 % ACCOUNTS,
        credit: payee + n * 13 % ACCOUNTS,
        amount: u128::from(n) + 1,
        reference: n.is_multiple_of(3).then_some([1; 32]),
    });
    log.messages += 1;
    let batch = Batch {
        first_id: InstructionId::from_parts(log.now / MILLISECOND, u128::from(log.messages) << 16),
        transfers: transfers.collect(),
    };
    let message = log.of("bank-0", BATCH_CONTENT_TYPE, Vec::new(), Some(batch));
    (log, message)
}

fn open_owned(bank: &str, n: u64) -> (&'static str, Value) {
    open(&format!("{bank}:{n}"), bank)
}

/// Limits of every kind on every account, and holds and payments that wait.
fn restrict(log: &mut Log) {
    const MUCH: &str = "100000000000";
    let limits = |bank: &str, other: &str, n| {
        let limits = json!({"address": format!("{bank}:{n}"), "max_balance": MUCH,
            "per_transfer_max": MUCH, "multilateral": MUCH,
            "velocity": [{"seconds": 3_600, "direction": "debit", "amount": MUCH, "count": 4_000_000}],
            "bilateral": [{"counterparty": other, "amount": MUCH}]});
        ("set_limits", limits)
    };
    for (bank, other) in [("bank-0", "bank-1"), ("bank-1", "bank-0")] {
        log.send(
            "operators",
            (0..ACCOUNTS).map(|n| limits(bank, other, n)).collect(),
        );
    }
    for n in 0..ACCOUNTS {
        let (debit, credit) = (format!("bank-0:{n}"), format!("bank-1:{n}"));
        let reserve = json!({"legs": [leg(&debit, &credit, "1.00")]});
        log.send("bank-0", vec![("reserve", reserve)]);
        let pay = json!({"legs": [leg("bank-0:usd", &credit, "1.00")], "queue": {}});
        log.send("bank-0", vec![("transfer", pay)]);
    }
}
