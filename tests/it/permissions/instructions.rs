//! Every kind of instruction, asked for by everybody. Tried, not executed: nothing changes between
//! one question and the next.

use std::collections::BTreeSet;

use keys::SigningKey;

use super::asking::{City, Who, later};
use crate::kit::soon;

/// One kind of instruction and what becomes of it.
pub(super) struct Wish {
    pub(super) kind: &'static str,
    /// Its fields besides the id. `{bank}` is the asker, or its rival.
    fields: &'static str,
    /// What a bank is told for its own things and for a rival's, what the operators are told for a
    /// bank's things, and what both get who sign one body.
    pub(super) outcomes: [&'static str; 4],
    pub(super) why: &'static str,
}

/// Operators alone.
const GOVERNED: [&str; 4] = ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "APPLIED", "APPLIED"];

/// Submitters alone.
const WAITING: [&str; 4] = [
    "APPLIED",
    "PAYMENT_NOT_QUEUED",
    "PAYMENT_NOT_QUEUED",
    "PAYMENT_NOT_QUEUED",
];

pub(super) const WISHES: &[Wish] = &[
    Wish {
        kind: "transfer",
        fields: r#""legs":[{"debit":"{bank}:usd","credit":"bank-c:usd","asset":"USD","amount":"0.01"}]"#,
        outcomes: ["SETTLED", "NOT_OWNER", "NOT_OWNER", "SETTLED"],
        why: "The debited account's owner alone.",
    },
    Wish {
        kind: "issue",
        fields: r#""account":"{bank}:usd","amount":"1.00""#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "SETTLED", "SETTLED"],
        why: "The operators: funds came in.",
    },
    Wish {
        kind: "redeem",
        fields: r#""account":"{bank}:usd","amount":"1.00""#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "NOT_OWNER", "SETTLED"],
        why: "Owner and operators together: funds go out.",
    },
    Wish {
        kind: "reserve",
        fields: r#""legs":[{"debit":"{bank}:usd","credit":"bank-c:usd","asset":"USD","amount":"0.01"}]"#,
        outcomes: ["RESERVED", "NOT_OWNER", "NOT_OWNER", "RESERVED"],
        why: "The debited account's owner alone.",
    },
    Wish {
        kind: "capture",
        fields: r#""hold":"{hold}""#,
        outcomes: ["SETTLED", "HOLD_UNKNOWN", "NOT_OWNER", "SETTLED"],
        why: "The owner of either account of each leg. To others the hold is none.",
    },
    Wish {
        kind: "void",
        fields: r#""hold":"{hold}""#,
        outcomes: ["VOIDED", "HOLD_UNKNOWN", "VOIDED", "VOIDED"],
        why: "The payee's owner of each leg; the payer's, unless the hold is guaranteed; the operators.",
    },
    Wish {
        kind: "cancel",
        fields: r#""of":"{payment}""#,
        outcomes: WAITING,
        why: "Whoever submitted the payment that waits. To others it is none.",
    },
    Wish {
        kind: "requeue",
        fields: r#""of":"{payment}","position":"last""#,
        outcomes: WAITING,
        why: "Whoever submitted the payment that waits. To others it is none.",
    },
    Wish {
        kind: "set_reservation",
        fields: r#""address":"{bank}:usd","urgent":"0.01""#,
        outcomes: ["APPLIED", "NOT_OWNER", "NOT_OWNER", "APPLIED"],
        why: "The account's owner alone.",
    },
    Wish {
        kind: "return",
        fields: r#""original":{received},"reason":"AC04""#,
        outcomes: ["SETTLED", "NOT_OWNER", "NOT_OWNER", "SETTLED"],
        why: "The owner of the account that received the payment alone.",
    },
    Wish {
        kind: "reverse",
        fields: r#""original":{issued},"reason":"MS03""#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "SETTLED", "SETTLED"],
        why: "Two of the operators' keys at least, whatever their quorum; one, where there never was another. Only of funds in and out.",
    },
    Wish {
        kind: "recall",
        fields: r#""original":{spent},"reason":"DUPL""#,
        outcomes: ["RECALLED", "NOT_OWNER", "NOT_OWNER", "RECALLED"],
        why: "The owner of the account that paid alone.",
    },
    Wish {
        kind: "refuse_recall",
        fields: r#""of":"{recall}","reason":"CUST""#,
        outcomes: ["APPLIED", "RECALL_UNKNOWN", "NOT_OWNER", "APPLIED"],
        why: "The owner of the account that received the payment alone. To those who are no party the recall is none.",
    },
    Wish {
        kind: "add_participant",
        fields: r#""participant":"bank-new","role":"bank","keys":["{vkey bank-new/key-1}"],"threshold":1"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "add_key",
        fields: r#""participant":"{bank}","vkey":"{vkey {bank}/key-2}""#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "NOT_OWNER", "APPLIED"],
        why: "Participant and operators together: neither can let somebody in alone.",
    },
    Wish {
        kind: "revoke_key",
        fields: r#""participant":"{bank}","key_id":"{key id}""#,
        outcomes: GOVERNED,
        why: "The operators, so that a stolen key can be stopped by telephone.",
    },
    Wish {
        kind: "add_asset",
        fields: r#""asset":"EUR","module":"fiat""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_asset_status",
        fields: r#""asset":"USD","status":"suspended""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "open_account",
        fields: r#""address":"{bank}:new","owner":"{bank}","kind":"settlement","asset":"USD""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "open_account",
        fields: r#""address":"{bank}:new","owner":"{bank}","kind":"customer","asset":"USD""#,
        outcomes: ["APPLIED", "QUORUM_NOT_MET", "APPLIED", "APPLIED"],
        why: "Of kind `customer`: the bank below whose name it is, or the operators.",
    },
    Wish {
        kind: "close_account",
        fields: r#""address":"{bank}:empty""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_limits",
        fields: r#""address":"{bank}:usd","per_transfer_max":"5.00""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "reopen_account",
        fields: r#""address":"{bank}:closed""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "freeze",
        fields: r#""account":"{bank}:usd","case":"c-2","level":"no_debit""#,
        outcomes: GOVERNED,
        why: "The operators; their quorum is enough, for speed matters.",
    },
    Wish {
        kind: "lift",
        fields: r#""account":"{bank}:empty","case":"c-1""#,
        outcomes: GOVERNED,
        why: "Two of the operators' keys at least, whatever their quorum; one, where there never was another.",
    },
    Wish {
        kind: "suspend_participant",
        fields: r#""participant":"{bank}","incoming":"refuse","queued":"revoke""#,
        outcomes: GOVERNED,
        why: "The operators; their quorum is enough, for speed matters.",
    },
    Wish {
        kind: "resume_participant",
        fields: r#""participant":"{bank}""#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "NO_CHANGE", "NO_CHANGE"],
        why: "Two of the operators' keys at least, whatever their quorum; one, where there never was another. This bank is not suspended.",
    },
    Wish {
        kind: "admit_participant",
        fields: r#""participant":"{bank}","to":"active""#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "NO_CHANGE", "NO_CHANGE"],
        why: "The operators; this bank is active.",
    },
    Wish {
        kind: "terminate_participant",
        fields: r#""participant":"{bank}""#,
        outcomes: [
            "QUORUM_NOT_MET",
            "QUORUM_NOT_MET",
            "BALANCE_LEFT",
            "BALANCE_LEFT",
        ],
        why: "Two of the operators' keys at least, whatever their quorum; one, where there never was another. This bank has a balance.",
    },
    Wish {
        kind: "identify_participant",
        fields: r#""participant":"{bank}","bic":"DEUTDEFF500""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_via",
        fields: r#""participant":"{bank}","via":"{bank}""#,
        outcomes: [
            "QUORUM_NOT_MET",
            "QUORUM_NOT_MET",
            "PARTICIPANT_DIRECT",
            "PARTICIPANT_DIRECT",
        ],
        why: "Two of the operators' keys at least, whatever their quorum; one, where there never was another. This bank has keys of its own.",
    },
    Wish {
        kind: "set_participant_days",
        fields: r#""participant":"{bank}","holidays":["2020-01-02"]"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_parameter",
        fields: r#""name":"window_back_s","value":3600"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "protocol",
        fields: r#""version":1,"from_index":99999"#,
        outcomes: ["QUORUM_NOT_MET", "QUORUM_NOT_MET", "NO_CHANGE", "NO_CHANGE"],
        why: "The operators; there is one version so far.",
    },
    Wish {
        kind: "erase",
        fields: r#""entry_index":{index},"basis":"a request by the payer""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "add_log_key",
        fields: r#""vkey":"{vkey localhost/sandbox}","proof":"localhost/sandbox AAAA""#,
        outcomes: ["LOG_KEY_NOT_HELD"; 4],
        why: "The operators, and only a key that the node holds.",
    },
    Wish {
        kind: "retire_log_key",
        fields: r#""key_id":"{key id}""#,
        outcomes: [
            "QUORUM_NOT_MET",
            "QUORUM_NOT_MET",
            "KEY_UNKNOWN",
            "KEY_UNKNOWN",
        ],
        why: "The operators; never the last one.",
    },
    Wish {
        kind: "approve",
        fields: r#""of":"{proposal}","hash":"{hash}""#,
        outcomes: [
            "SELF_APPROVAL",
            "NOTHING_PENDING",
            "CARRIED_OUT SETTLED",
            "SELF_APPROVAL",
        ],
        why: "Whoever is asked for a signature, by another key than those that have signed; here a bank has proposed funds out. To others there is no proposal.",
    },
    Wish {
        kind: "propose",
        fields: r#""expires_at":"{later}","instructions":[{"redeem":{"id":"{fresh}","account":"{bank}:usd","amount":"1.00"}}]"#,
        outcomes: ["PROPOSED", "PROPOSAL_NOT_YOURS", "PROPOSED", "PROPOSED"],
        why: "Whoever's signature takes what is proposed, by one key.",
    },
    Wish {
        kind: "withdraw",
        fields: r#""of":"{proposal}""#,
        outcomes: [
            "WITHDRAWN",
            "NOTHING_PENDING",
            "PROPOSAL_NOT_YOURS",
            "PROPOSAL_NOT_YOURS",
        ],
        why: "Whoever made the proposal, by one key.",
    },
    Wish {
        kind: "decline",
        fields: r#""of":"{proposal}""#,
        outcomes: ["DECLINED", "NOTHING_PENDING", "DECLINED", "DECLINED"],
        why: "Whoever is asked for a signature, by one key.",
    },
    Wish {
        kind: "open_model",
        fields: r#""model":"new","asset":"USD","close":{"every_s":3600},"funding_s":600"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "join_model",
        fields: r#""model":"net-{bank}","account":"{bank}:net","net_debit_cap":"4.00""#,
        outcomes: GOVERNED,
        why: "The operators, who judge what cover there is.",
    },
    Wish {
        kind: "clear",
        fields: r#""model":"net-{bank}","payments":[{"from":"{bank}","to":"bank-c","amount":"1.00"}]"#,
        outcomes: ["CLEARED", "MODEL_UNKNOWN", "NOT_OWNER", "CLEARED"],
        why: "Every payer alone. To those who have not joined the model it is none.",
    },
    Wish {
        kind: "close_window",
        fields: r#""model":"net-{bank}""#,
        outcomes: GOVERNED,
        why: "The operators; and the node, by the model's schedule.",
    },
    Wish {
        kind: "close_model",
        fields: r#""model":"net-{bank}""#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_calendar",
        fields: r#""asset":"USD","valid_from":"2399-01-02","good_days":["mon","fri"],"holidays":[],"offset_min":0,"opens":"07:00","customer_cutoff":"17:00","interbank_cutoff":"18:00","closes":"18:30","roll":"none","cutoff_policy":"reject","max_warehouse_days":5"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "split",
        fields: r#""asset":"USD","payers":[{"account":"{bank}:usd","amount":"0.01"}],"payees":[{"account":"bank-c:usd","remainder":true}]"#,
        outcomes: ["SETTLED", "NOT_OWNER", "NOT_OWNER", "SETTLED"],
        why: "Every payer's owner alone.",
    },
    Wish {
        kind: "grant_mandate",
        fields: r#""account":"{bank}:usd","to":"bank-c","total_max":"1.00""#,
        outcomes: ["APPLIED", "NOT_OWNER", "NOT_OWNER", "APPLIED"],
        why: "The account's owner alone.",
    },
    Wish {
        kind: "revoke_mandate",
        fields: r#""mandate":"{mandate}""#,
        outcomes: ["APPLIED", "MANDATE_UNKNOWN", "MANDATE_UNKNOWN", "APPLIED"],
        why: "The account's owner, or who has the mandate. To others it is none.",
    },
    Wish {
        kind: "set_posting",
        fields: r#""debit":"settlement","credit":"customer","allowed":false"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_fees",
        fields: r#""asset":"USD","account":"operators:fees","rules":[{"basis":{"flat":"0.01"},"payer":"debtor"}]"#,
        outcomes: GOVERNED,
        why: "Two of the operators' keys at least, whatever their quorum; one, where there never was another.",
    },
    Wish {
        kind: "set_provider",
        fields: r#""participant":"{bank}","active":true"#,
        outcomes: GOVERNED,
        why: "The operators.",
    },
    Wish {
        kind: "set_rate",
        fields: r#""base":"USD","quote":"JPY","source":"desk","bid":"150/1","ask":"151/1","valid_to":"{soon}""#,
        outcomes: GOVERNED,
        why: "A provider for itself; neither of these banks is one. The operators, for what is never executed.",
    },
    Wish {
        kind: "withdraw_rate",
        fields: r#""base":"USD","quote":"JPY","source":"fix""#,
        outcomes: GOVERNED,
        why: "Whoever states the rate: a provider, or the operators.",
    },
    Wish {
        kind: "quote",
        fields: r#""for":"bank-c","receive":"{bank}:jpy","source_amount":"1","debit":"{bank}:usd","credit":"bank-c:usd","target_amount":"0.01","expires_at":"{soon}""#,
        outcomes: ["RESERVED", "NOT_OWNER", "NOT_OWNER", "RESERVED"],
        why: "The owner of both of its accounts alone.",
    },
    Wish {
        kind: "convert",
        fields: r#""debit":"{bank}:usd","credit":"{bank}:jpy","fixed":"source","amount":"0.10","limit":"0","at":{"rate":{"provider":"bank-c","source":"desk"}}"#,
        outcomes: ["SETTLED", "NOT_OWNER", "NOT_OWNER", "SETTLED"],
        why: "The debited account's owner alone: who states a rate with accounts has signed for its side.",
    },
];

/// An instruction as the asker, or its rival, would have it.
fn instruction(city: &City, wish: &Wish, whose: Who) -> String {
    let bank = ["bank-a", "bank-b"][usize::from(whose == Who::BankOther)];
    let key_id = city.bank_key(whose).verifier_key().id().to_string();
    let mut fields = wish
        .fields
        .replace("{bank}", bank)
        .replace("{key id}", &key_id)
        .replace("{hold}", city.hold(whose))
        .replace("{payment}", city.payment(whose))
        .replace("{proposal}", city.proposal(whose).0)
        .replace("{hash}", city.proposal(whose).1)
        .replace("{fresh}", &city.door.sandbox.id().to_string())
        .replace("{later}", &later(&city.door.sandbox).to_string())
        .replace("{mandate}", city.mandate(whose))
        .replace("{soon}", &soon())
        .replace("{index}", &city.index(whose).to_string());
    fields = city.with_legs(&fields, whose);
    if let Some((before, rest)) = fields.split_once("{vkey ") {
        let (name, after) = rest.split_once('}').unwrap();
        let key = SigningKey::generate(name).unwrap();
        fields = format!("{before}{}{after}", key.verifier_key());
    }
    let id = city.door.sandbox.id();
    format!(r#"{{"{}":{{"id":"{id}",{fields}}}}}"#, wish.kind)
}

fn tried(city: &City, who: &str, signers: &[&SigningKey], instruction: &str) -> String {
    let body = city.door.sandbox.body(&[instruction.to_owned()]);
    let answer = city.door.dry_run(who, signers, &body);
    match answer.status {
        200 => answer.outcomes().join(" "),
        _ => answer.problem(),
    }
}

#[test]
fn every_kind_is_decided_as_the_table_says() {
    let city = City::new();
    let bank = city.key(Who::BankOwn);
    let (operator, auditor) = (city.key(Who::Operator), city.key(Who::Auditor));
    let mut wrong = Vec::new();
    for wish in WISHES {
        let own = instruction(&city, wish, Who::BankOwn);
        let other = instruction(&city, wish, Who::BankOther);
        // Ids may be tried as often as one likes.
        let told = [
            tried(&city, "bank-a", &[bank], &own),
            tried(&city, "bank-a", &[bank], &other),
            tried(&city, "operators", &[operator], &own),
            tried(&city, "operators", &[operator, bank], &own),
        ];
        if told != wish.outcomes {
            wrong.push(format!("{} {}: {told:?}", wish.kind, wish.fields));
        }
        assert_eq!(
            tried(&city, "operators", &[operator], &other),
            wish.outcomes[2],
            "banks are treated alike: {other}"
        );
        assert_eq!(
            tried(&city, "auditor-1", &[auditor], &own),
            "ROLE_NOT_ALLOWED",
            "{own}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_has_its_line() {
    let city = City::new();
    let id = city.door.sandbox.id();
    let unknown = format!(r#"{{"buy_votes":{{"id":"{id}"}}}}"#);
    let body = city.door.sandbox.body(&[unknown]);
    let answer = city
        .door
        .dry_run("bank-a", &[city.key(Who::BankOwn)], &body);
    assert_eq!(answer.problem(), "INSTRUCTION_UNKNOWN");
    // The refusal lists the kinds that there are.
    let text = answer.json()["detail"].as_str().unwrap().to_owned();
    let listed = text.split("expected one of").nth(1).unwrap_or_default();
    let known: BTreeSet<&str> = listed
        .split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let promised: BTreeSet<&str> = WISHES.iter().map(|wish| wish.kind).collect();
    assert_eq!(known, promised, "{text}");
}
