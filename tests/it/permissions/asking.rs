//! Everybody who may ask, and a town of which everybody may ask something.

use std::net::SocketAddr;

use chain::statement::Purpose;
use keys::SigningKey;
use quittance::ledger::Original;
use quittance::ledger::{SECOND, Time, proposal_hash};
use quittance::wire::ReceiptFile;

use super::{Ask, Line};
use crate::api_kit::{Answered, Door, Headers, call};
use crate::kit::{Sandbox, assert_good, soon};

/// Who asks, and for whose things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Without credentials.
    Nobody,
    /// With a token or a key that this log does not know.
    Stranger,
    /// A bank, for what is its own.
    BankOwn,
    /// A bank, for what is a rival's.
    BankOther,
    /// An auditor, for what is a bank's.
    Auditor,
    /// The operators, for what is a bank's.
    Operator,
}

impl Who {
    /// In the order of the table.
    pub(super) const ALL: [Who; 6] = [
        Who::Nobody,
        Who::Stranger,
        Who::BankOwn,
        Who::BankOther,
        Who::Auditor,
        Who::Operator,
    ];

    /// Whose name stands in a request.
    fn name(self) -> &'static str {
        match self {
            Who::Nobody | Who::Stranger => "stranger",
            Who::BankOwn | Who::BankOther => "bank-a",
            Who::Auditor => "auditor-1",
            Who::Operator => "operators",
        }
    }
}

/// What is a bank's.
struct Things {
    account: &'static str,
    index: u64,
    instruction: String,
    lookup: String,
    hold: String,
    payment: String,
    /// Id and hash of a proposal.
    proposal: (String, String),
    back: Back,
    mandate: String,
    quote: String,
}

/// Legs of a bank's with their proofs, and a recall of what it received.
struct Back {
    received: String,
    spent: String,
    issued: String,
    recall: String,
}

/// Two rivals, each of which paid bank C; an auditor; the operators.
pub(super) struct City {
    pub(super) door: Door,
    /// Of bank A, the auditor and a stranger.
    keys: [SigningKey; 3],
    rival: SigningKey,
    sessions: [Headers; 3],
    things: [Things; 2],
}

/// An account of either rival that takes nothing, and one that is closed.
fn freeze_and_close(sandbox: &Sandbox) {
    for bank in ["bank-a", "bank-b"] {
        let (freeze, close) = (sandbox.id(), sandbox.id());
        assert_good(&sandbox.govern(&[
            format!(r#"{{"freeze":{{"id":"{freeze}","account":"{bank}:empty","case":"c-1","level":"no_credit"}}}}"#),
            format!(r#"{{"close_account":{{"id":"{close}","address":"{bank}:closed"}}}}"#),
        ]));
    }
}

/// What a bank can give back and ask for: bank C has paid it something, and asks for that.
fn back(
    door: &Door,
    (who, account, key): (&str, &str, &SigningKey),
    c: &SigningKey,
    spent: u64,
) -> Back {
    let sandbox = &door.sandbox;
    let index = |answer: &Answered| answer.json()["index"].as_u64().unwrap();
    let paid = sandbox.body(&[sandbox.transfer("bank-c:usd", account, "USD", "0.25")]);
    let received = index(&door.submit("bank-c", &[c], &paid));
    let issue = format!(
        r#"{{"issue":{{"id":"{}","account":"{account}","amount":"0.50"}}}}"#,
        sandbox.id()
    );
    let issue = sandbox.body(&[issue]);
    let issued = index(&door.submit("operators", &[&sandbox.operator], &issue));
    let own = door.session(who, key);
    let theirs = original(door, received, &door.session("bank-c", c));
    let id = sandbox.id();
    let recall = format!(r#"{{"recall":{{"id":"{id}","original":{theirs},"reason":"UPAY"}}}}"#);
    let asked = door.submit("bank-c", &[c], &sandbox.body(&[recall]));
    assert_eq!(asked.outcomes(), ["RECALLED"], "{}", asked.text());
    Back {
        received: original(door, received, &own),
        spent: original(door, spent, &own),
        issued: original(door, issued, &own),
        recall: id.to_string(),
    }
}

/// Item 1 of an entry with its proof, out of a receipt.
fn original(door: &Door, index: u64, session: &Headers) -> String {
    let receipt = door.get(&format!("/v1/receipts/{index}?item=1"), session.clone());
    let file = ReceiptFile::from_json(receipt.text().as_bytes()).unwrap();
    let proof = chain::Original::of_receipt(&file.to_receipt().unwrap(), 1).unwrap();
    serde_json::to_string(&Original::from(&proof)).unwrap()
}

/// Accounts with funds, empty ones, and those that will be closed.
fn accounts(sandbox: &Sandbox) {
    for (bank, account, funds) in [
        ("bank-a", "bank-a:usd", "1000.00"),
        ("bank-b", "bank-b:usd", "1000.00"),
        ("bank-c", "bank-c:usd", "0"),
        ("bank-a", "bank-a:empty", "0"),
        ("bank-b", "bank-b:empty", "0"),
        ("bank-a", "bank-a:closed", "0"),
        ("bank-b", "bank-b:closed", "0"),
    ] {
        sandbox.account(bank, account, "USD", funds);
    }
    // An account for fees, and no schedule.
    let [open, _] = sandbox.charging();
    assert_good(&sandbox.govern(&[open]));
}

/// A bank that deals dollars and yen, and a rate of the operators.
fn deal(door: &Door, dealer: &SigningKey) {
    let sandbox = &door.sandbox;
    sandbox.asset("JPY");
    for bank in ["bank-a", "bank-b"] {
        sandbox.account(bank, &format!("{bank}:jpy"), "JPY", "0");
    }
    sandbox.account("bank-c", "bank-c:jpy", "JPY", "100000");
    let rate = |source: &str, more: &str| {
        let (id, soon) = (sandbox.id(), soon());
        format!(
            r#"{{"set_rate":{{"id":"{id}","base":"USD","quote":"JPY","source":"{source}","bid":"150/1","ask":"151/1","valid_to":"{soon}"{more}}}}}"#
        )
    };
    let provider = sandbox.id();
    assert_good(&sandbox.govern(&[
        format!(r#"{{"set_provider":{{"id":"{provider}","participant":"bank-c","active":true}}}}"#),
        rate("fix", ""),
    ]));
    let through = r#","execute":{"base":"bank-c:usd","quote":"bank-c:jpy","max":"50.00"}"#;
    let body = sandbox.body(&[rate("desk", through)]);
    let stated = door.submit("bank-c", &[dealer], &body);
    assert_eq!(stated.outcomes(), ["APPLIED"], "{}", stated.text());
}

impl City {
    pub(super) fn new() -> City {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let [a, b, c] = ["bank-a", "bank-b", "bank-c"].map(|name| sandbox.bank(name));
        let auditor = SigningKey::generate("auditor-1/key-1").unwrap();
        assert_good(&sandbox.govern(&[format!(
            r#"{{"add_participant":{{"id":"{}","participant":"auditor-1","role":"auditor","keys":["{}"],"threshold":1}}}}"#,
            sandbox.id(),
            chain::Signer::verifier_key(&auditor)
        )]));
        sandbox.asset("USD");
        accounts(sandbox);
        net(sandbox);
        deal(&door, &c);
        freeze_and_close(sandbox);
        let paid = |who, account, key: &SigningKey| {
            let body = sandbox.body(&[sandbox.transfer(account, "bank-c:usd", "USD", "1.00")]);
            let answer = door.submit(who, &[key], &body);
            assert_eq!(answer.outcomes(), ["SETTLED"], "{}", answer.text());
            let reserve = sandbox.body(&[sandbox.reserve(account, "bank-c:usd", "USD", "1.00")]);
            let reserved = door.submit(who, &[key], &reserve);
            assert_eq!(reserved.outcomes(), ["RESERVED"], "{}", reserved.text());
            let hold = &reserved.json()["outcomes"][0]["id"];
            let large = sandbox.transfer(account, "bank-c:usd", "USD", "5000.00");
            let large = sandbox.body(&[large.replacen("\"legs\"", "\"queue\":{},\"legs\"", 1)]);
            let queued = door.submit(who, &[key], &large);
            assert_eq!(queued.outcomes(), ["QUEUED"], "{}", queued.text());
            let payment = &queued.json()["outcomes"][0]["id"];
            let (proposal, propose) = redeem(sandbox, who, account);
            let proposed = door.submit(who, &[key], &sandbox.body(&[propose]));
            assert_eq!(proposed.outcomes(), ["PROPOSED"], "{}", proposed.text());
            let index = answer.json()["index"].as_u64().unwrap();
            let back = back(&door, (who, account, key), &c, index);
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            let [created, id] = ["created", "message_id"].map(|name| body[name].as_str().unwrap());
            Things {
                account,
                index,
                back,
                instruction: answer.json()["outcomes"][0]["id"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
                hold: hold.as_str().unwrap().to_owned(),
                payment: payment.as_str().unwrap().to_owned(),
                proposal,
                mandate: grant(&door, who, account, key),
                quote: quote(&door, who, &c),
                lookup: format!("participant={who}&created={created}&message_id={id}"),
            }
        };
        let things = [
            paid("bank-a", "bank-a:usd", &a),
            paid("bank-b", "bank-b:usd", &b),
        ];
        let sessions = [
            door.session("bank-a", &a),
            door.session("auditor-1", &auditor),
            door.session("operators", &sandbox.operator),
        ];
        City {
            rival: b,
            keys: [a, auditor, SigningKey::generate("stranger/key-1").unwrap()],
            sessions,
            things,
            door,
        }
    }

    /// Asks what a line says; gives what is told: the status, and the code or outcomes.
    ///
    /// For those to whom both banks are the same there are two answers, one for each.
    pub(super) fn ask(&self, to: SocketAddr, line: &Line, who: Who) -> Vec<String> {
        let things = match who {
            Who::BankOther => &self.things[1..],
            Who::BankOwn => &self.things[..1],
            _ => &self.things[..],
        };
        let method = line.method.to_uppercase();
        let answers = things.iter().map(|things| {
            let path = fill(line.path, things);
            match line.ask {
                Ask::Read(query) => {
                    let query = query.replace("{lookup}", &things.lookup);
                    let query = query.replace("{account}", things.account);
                    let path = format!("{path}{query}");
                    call(to, &method, &path, &self.token(who), b"")
                }
                Ask::Transfer => {
                    let trial = line.path.contains("dry-run");
                    let (headers, body) = self.transfer(who, things, trial);
                    call(to, &method, &path, &headers, body.as_bytes())
                }
                Ask::Note => {
                    let headers = vec![("Content-Type", "text/plain".to_owned())];
                    let note = self.note(who);
                    call(to, &method, &path, &headers, note.as_bytes())
                }
            }
        });
        answers.map(|answer| told(&answer)).collect()
    }

    /// A route's path with things of the asker's own, or its rival's.
    pub(super) fn path(&self, path: &str, who: Who) -> String {
        fill(path, &self.things[usize::from(who == Who::BankOther)])
    }

    fn token(&self, who: Who) -> Headers {
        match who {
            Who::Nobody => Vec::new(),
            Who::Stranger => vec![("Authorization", format!("Bearer qs_{}", "A".repeat(43)))],
            Who::BankOwn | Who::BankOther => self.sessions[0].clone(),
            Who::Auditor => self.sessions[1].clone(),
            Who::Operator => self.sessions[2].clone(),
        }
    }

    /// The key that somebody signs with.
    pub(super) fn key(&self, who: Who) -> &SigningKey {
        match who {
            Who::BankOwn | Who::BankOther => &self.keys[0],
            Who::Auditor => &self.keys[1],
            Who::Nobody | Who::Stranger => &self.keys[2],
            Who::Operator => &self.door.sandbox.operator,
        }
    }

    /// The key of the bank whose things are meant.
    pub(super) fn bank_key(&self, whose: Who) -> &SigningKey {
        match whose {
            Who::BankOther => &self.rival,
            _ => &self.keys[0],
        }
    }

    /// A hold that is the asker's own, or its rival's.
    pub(super) fn hold(&self, whose: Who) -> &str {
        &self.things[usize::from(whose == Who::BankOther)].hold
    }

    /// A text with the asker's legs and recall in the place of their names, or its rival's.
    pub(super) fn with_legs(&self, text: &str, whose: Who) -> String {
        let back = &self.things[usize::from(whose == Who::BankOther)].back;
        text.replace("{received}", &back.received)
            .replace("{spent}", &back.spent)
            .replace("{issued}", &back.issued)
            .replace("{recall}", &back.recall)
    }

    /// A payment that waits, the asker's own or its rival's.
    pub(super) fn payment(&self, whose: Who) -> &str {
        &self.things[usize::from(whose == Who::BankOther)].payment
    }

    /// A proposal of the asker's own, or its rival's: its id and hash.
    pub(super) fn proposal(&self, whose: Who) -> (&str, &str) {
        let (id, hash) = &self.things[usize::from(whose == Who::BankOther)].proposal;
        (id, hash)
    }

    /// A mandate that the asker granted, or its rival.
    pub(super) fn mandate(&self, whose: Who) -> &str {
        &self.things[usize::from(whose == Who::BankOther)].mandate
    }

    /// The entry of a payment that is the asker's own, or its rival's.
    pub(super) fn index(&self, whose: Who) -> u64 {
        self.things[usize::from(whose == Who::BankOther)].index
    }

    fn transfer(&self, who: Who, things: &Things, trial: bool) -> (Headers, String) {
        let sandbox = &self.door.sandbox;
        let transfer = sandbox.transfer(things.account, "bank-c:usd", "USD", "0.01");
        let body = sandbox.body(&[transfer]);
        let purpose = if trial {
            Purpose::DryRun
        } else {
            Purpose::Submission
        };
        let mut headers = self
            .door
            .signed(purpose, who.name(), &[self.key(who)], &body);
        if who == Who::Nobody {
            headers.retain(|(name, _)| *name == "Content-Type");
        }
        (headers, body)
    }

    fn note(&self, who: Who) -> String {
        let name = match who {
            Who::BankOther => "bank-b",
            who => who.name(),
        };
        let note = self.door.session_note(name, self.key(who));
        if who == Who::Nobody {
            // The text alone.
            return note.split("\n\n").next().unwrap().to_owned();
        }
        note
    }
}

/// When a proposal that is made now may expire.
pub(super) fn later(sandbox: &Sandbox) -> Time {
    Time::from_nanos(sandbox.id().time() + 86_400 * SECOND)
}

/// Funds out, proposed by a bank: id and hash, and the instruction.
fn redeem(sandbox: &Sandbox, who: &str, account: &str) -> ((String, String), String) {
    let (id, wish, later) = (sandbox.id(), sandbox.id(), later(sandbox));
    let text = format!(
        r#"{{"propose":{{"id":"{id}","expires_at":"{later}","instructions":[{{"redeem":{{"id":"{wish}","account":"{account}","amount":"1.00"}}}}]}}}}"#
    );
    let hash = chain::Hash::from_bytes(proposal_hash(&who.parse().unwrap(), &text));
    ((id.to_string(), hash.to_string()), text)
}

/// Lets bank C debit an account; gives the mandate.
fn grant(door: &Door, who: &str, account: &str, key: &SigningKey) -> String {
    let id = door.sandbox.id();
    let mandate = door.sandbox.body(&[format!(
        r#"{{"grant_mandate":{{"id":"{id}","account":"{account}","to":"bank-c","total_max":"5.00"}}}}"#
    )]);
    let granted = door.submit(who, &[key], &mandate);
    assert_eq!(granted.outcomes(), ["APPLIED"], "{}", granted.text());
    id.to_string()
}

/// A firm quote of bank C's for a rival.
fn quote(door: &Door, who: &str, c: &SigningKey) -> String {
    let (id, soon) = (door.sandbox.id(), soon());
    let quote = door.sandbox.body(&[format!(
        r#"{{"quote":{{"id":"{id}","for":"{who}","debit":"bank-c:jpy","credit":"{who}:jpy","receive":"bank-c:usd","source_amount":"1.00","target_amount":"150","expires_at":"{soon}"}}}}"#
    )]);
    let quoted = door.submit("bank-c", &[c], &quote);
    assert_eq!(quoted.outcomes(), ["RESERVED"], "{}", quoted.text());
    id.to_string()
}

/// A settlement model for each of the rivals, which bank C has joined too; and a calendar.
fn net(sandbox: &Sandbox) {
    for bank in ["bank-a", "bank-b"] {
        let own = format!("{bank}:net");
        sandbox.account(bank, &own, "USD", "5.00");
        let other = format!("bank-c:{bank}");
        sandbox.account("bank-c", &other, "USD", "0");
        let mut asked = vec![format!(
            r#"{{"open_model":{{"id":"{}","model":"net-{bank}","asset":"USD","close":"manual","funding_s":60}}}}"#,
            sandbox.id()
        )];
        for account in [own, other] {
            asked.push(format!(
                r#"{{"join_model":{{"id":"{}","model":"net-{bank}","account":"{account}","net_debit_cap":"5.00"}}}}"#,
                sandbox.id()
            ));
        }
        assert_good(&sandbox.govern(&asked));
    }
    let calendar = format!(
        r#"{{"set_calendar":{{"id":"{}","asset":"USD","valid_from":"2399-01-01","good_days":["fri"],"holidays":[],"offset_min":0,"opens":"07:00","customer_cutoff":"17:00","interbank_cutoff":"18:00","closes":"18:30","roll":"none","cutoff_policy":"reject","max_warehouse_days":5}}}}"#,
        sandbox.id()
    );
    assert_good(&sandbox.govern(&[calendar]));
}

/// A path with these things in the place of its parameters.
fn fill(path: &str, things: &Things) -> String {
    let id = match path {
        _ if path.starts_with("/v1/holds") => &things.hold,
        _ if path.starts_with("/v1/proposals") => &things.proposal.0,
        _ if path.starts_with("/v1/mandates") => &things.mandate,
        _ if path.starts_with("/v1/quotes") => &things.quote,
        _ => &things.instruction,
    };
    path.replace("{address}", things.account)
        .replace("{id}", id)
        .replace("{model}", &format!("net-{}", &things.account[..6]))
        .replace("{window}", "1")
        .replace("{asset}", "USD")
        .replace("{participant}", &things.account[..6])
        .replace("{index}", &things.index.to_string())
        .replace("{path:.*}", "entries/000.p/1")
        .replace("{file}", "start.js")
        .replace("{code}", "NOT_OWNER")
}

/// Status, and the code of a problem or the codes of outcomes.
fn told(answer: &Answered) -> String {
    if answer.status >= 400 {
        return format!("{} {}", answer.status, answer.problem());
    }
    let is_json = answer.header("content-type") == Some("application/json");
    if is_json && answer.json()["outcomes"].is_array() {
        return format!("{} {}", answer.status, answer.outcomes().join(" "));
    }
    answer.status.to_string()
}
