//! How long a close and a settlement take that end a window of a million payments among a hundred
//! participants: `cargo run --release -p quittance-benches --example netting`.
#![expect(
    clippy::unwrap_used,
    reason = "a figure made by hand ends at the first surprise"
)]
#![expect(clippy::print_stdout, reason = "it is what it is for")]

use std::time::Instant;

use chain::{Hash, VerifierKey};
use ed25519_dalek::SigningKey;
use quittance::assets::modules;
use quittance::ledger::{
    Authorisation, Genesis, Instruction, InstructionId, Message, MessageId, Operators, Parameters,
    ParticipantId, SECOND, Signature, State, Step, Time, VerifierKeyText, apply,
};
use serde_json::{Value, json};

const PARTICIPANTS: u64 = 100;
const PAYMENTS: u64 = 1_000_000;
const PER_MESSAGE: u64 = 250;
const MILLISECOND: u64 = 1_000_000;

fn vkey(name: &str) -> VerifierKey {
    let seed = *Hash::sha256(name.as_bytes()).as_bytes();
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    VerifierKey::new(name, &public).unwrap()
}

struct Log {
    state: State,
    now: u64,
    messages: u64,
}

impl Log {
    fn new() -> Self {
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
        Self {
            state,
            now,
            messages: 0,
        }
    }

    /// Applies a message, and what is due before it; all of it must take effect.
    fn send(&mut self, signer: &str, wishes: Vec<(&str, Value)>) {
        self.messages += 1;
        self.now += MILLISECOND;
        let instructions = wishes
            .into_iter()
            .enumerate()
            .map(|(n, (kind, mut fields))| {
                let number = u128::from(self.messages) << 16 | n as u128;
                let id = InstructionId::from_parts(self.now / MILLISECOND, number);
                fields["id"] = id.to_string().into();
                serde_json::from_value::<Instruction>(json!({ kind: fields })).unwrap()
            });
        let instructions: Vec<_> = instructions.collect();
        let message = self.message(signer, instructions);
        loop {
            match apply(&mut self.state, self.now, &message, &modules()) {
                Step::Due(_) => {}
                Step::Applied(applied) => {
                    let (_, refused) = quittance::ledger::tally(&applied.drafts);
                    assert_eq!(refused, 0, "{:?}", applied.drafts);
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn message(&self, signer: &str, instructions: Vec<Instruction>) -> Message {
        let name = format!("{signer}/k1");
        let participant = ParticipantId::new(signer).unwrap();
        let id = format!("m-{}", self.messages);
        Message {
            authorisation: Authorisation {
                submitter: participant.clone(),
                content_type: "application/json".into(),
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
            batch: None,
            seal: None,
        }
    }
}

fn main() {
    let mut log = Log::new();
    log.send(
        "operators",
        vec![("add_asset", json!({"asset": "USD", "module": "fiat"}))],
    );
    let model = json!({"model": "ach", "asset": "USD", "close": "manual", "funding_s": 60});
    log.send("operators", vec![("open_model", model)]);
    for n in 0..PARTICIPANTS {
        let (bank, account) = (format!("bank-{n}"), format!("bank-{n}:usd"));
        let key = vkey(&format!("{bank}/k1")).to_string();
        let open = json!({"address": account, "owner": bank, "kind": "settlement", "asset": "USD"});
        log.send(
            "operators",
            vec![
                (
                    "add_participant",
                    json!({"participant": bank, "role": "bank", "keys": [key], "threshold": 1}),
                ),
                ("open_account", open),
                ("issue", json!({"account": account, "amount": "1000000"})),
                (
                    "join_model",
                    json!({"model": "ach", "account": account, "net_debit_cap": "1000000"}),
                ),
            ],
        );
    }
    let begun = Instant::now();
    for n in 0..PAYMENTS / PER_MESSAGE {
        let from = n % PARTICIPANTS;
        let payments = (0..PER_MESSAGE).map(|m| {
            let to = (from + 1 + (n + m) % (PARTICIPANTS - 1)) % PARTICIPANTS;
            let cents = 1 + (n * 7 + m * 13) % 90;
            json!({"from": format!("bank-{from}"), "to": format!("bank-{to}"),
                "amount": format!("0.{cents:02}")})
        });
        let clear = json!({"model": "ach", "payments": payments.collect::<Vec<_>>()});
        log.send(&format!("bank-{from}"), vec![("clear", clear)]);
    }
    println!("{PAYMENTS} payments cleared in {:?}", begun.elapsed());
    let close = log.message(
        "operators",
        vec![
            serde_json::from_value(json!({"close_window": {
        "id": InstructionId::from_parts(log.now / MILLISECOND, 77).to_string(), "model": "ach"}}))
            .unwrap(),
        ],
    );
    let begun = Instant::now();
    let step = apply(&mut log.state, log.now, &close, &modules());
    let closed = begun.elapsed();
    let Step::Applied(_) = step else {
        panic!("{step:?}")
    };
    let begun = Instant::now();
    let step = apply(&mut log.state, log.now, &Message::of_tick(), &modules());
    let settled = begun.elapsed();
    let Step::Due(applied) = step else {
        panic!("{step:?}")
    };
    println!(
        "closed in {closed:?}, {} nets settled in {settled:?}",
        applied.drafts.len()
    );
}
