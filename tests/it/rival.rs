//! A curious rival: the same story is told twice, with other secrets of other banks, and everything
//! that the rival may read is the same, byte for byte, apart from what is random in any log.
//!
//! The story has the same messages in the same order: how many entries there are, when, and how many
//! items each has is public. Amounts, balances, limits, texts, counterparties and refusals are not.

use base64ct::{Base64, Encoding};
use chain::{Entry, Item};
use keys::SigningKey;
use serde_json::Value;

use crate::api_kit::{Answered, Door, Headers};
use crate::kit::assert_good;

/// What the rival, bank B, must not learn.
struct Secrets {
    issued: &'static str,
    limits: &'static str,
    /// Amount, creditor, text and outcome of bank A's payments.
    payments: [(&'static str, &'static str, &'static str, &'static str); 4],
    /// What bank A still has when the rival begins to ask.
    left: &'static str,
}

const ONE: Secrets = Secrets {
    issued: "1000.00",
    limits: r#""min_balance":"1.00""#,
    payments: [
        ("12.50", "bank-c:usd", "INV-88", "SETTLED"),
        ("3.25", "bank-c:usd", "for Erika", "SETTLED"),
        ("100.00", "bank-d:usd", "rent", "SETTLED"),
        ("41.75", "bank-d:usd", "x", "SETTLED"),
    ],
    left: "840.50",
};

/// Refusals where the other has payments, and as many items.
const OTHER: Secrets = Secrets {
    issued: "77.77",
    limits: r#""credit_line":"50000.00""#,
    payments: [
        (
            "60000.00",
            "bank-c:usd",
            "a long text for nobody",
            "INSUFFICIENT_FUNDS",
        ),
        ("49999.99", "bank-d:usd", "w", "SETTLED"),
        ("0.01", "bank-d:usd", "y", "SETTLED"),
        ("9.00", "bank-z:usd", "z", "ACCOUNT_UNKNOWN"),
    ],
    left: "-49924.23",
};

/// One telling of the story.
struct Story {
    door: Door,
    a: SigningKey,
    b: SigningKey,
    rival: Headers,
    /// Ids of bank A's instructions and messages, which somebody may have shown to the rival.
    known: Vec<(String, String, String)>,
}

impl Story {
    fn tell(secrets: &Secrets) -> Story {
        let door = Door::open();
        let sandbox = &door.sandbox;
        let [a, b, _, _] = ["bank-a", "bank-b", "bank-c", "bank-d"].map(|name| sandbox.bank(name));
        sandbox.asset("USD");
        sandbox.account("bank-a", "bank-a:usd", "USD", secrets.issued);
        sandbox.account("bank-b", "bank-b:usd", "USD", "7.00");
        sandbox.account("bank-c", "bank-c:usd", "USD", "0");
        sandbox.account("bank-d", "bank-d:usd", "USD", "0");
        let (id, limits) = (sandbox.id(), secrets.limits);
        assert_good(&sandbox.govern(&[format!(
            r#"{{"set_limits":{{"id":"{id}","address":"bank-a:usd",{limits}}}}}"#
        )]));
        let rival = door.session("bank-b", &b);
        let mut story = Story {
            door,
            a,
            b,
            rival,
            known: Vec::new(),
        };
        for (n, (amount, to, text, outcome)) in secrets.payments.iter().enumerate() {
            story.pay_secretly(n, amount, to, text, outcome);
            // The rival's own business goes on in between.
            story.own(n, "bank-a", "bank-a:usd", "bank-b:usd", "1.00");
            story.own(n + 10, "bank-b", "bank-b:usd", "bank-a:usd", "0.50");
        }
        assert_eq!(story.door.sandbox.posted("bank-a:usd"), secrets.left);
        story
    }

    fn pay_secretly(&mut self, n: usize, amount: &str, to: &str, text: &str, outcome: &str) {
        let pay = self.door.sandbox.transfer("bank-a:usd", to, "USD", amount);
        let pay = pay.replace("\"legs\"", &format!("\"remittance\":\"{text}\",\"legs\""));
        let id = between(&pay, "\"id\":\"").to_owned();
        let message = format!("secret-{n}");
        let body = named(&self.door.sandbox.body(&[pay]), &message);
        let answer = self.door.submit("bank-a", &[&self.a], &body);
        assert_eq!(answer.outcomes(), [outcome], "{}", answer.text());
        let created = between(&body, "\"created\":\"").to_owned();
        self.known.push((id, message, created));
    }

    /// A payment that the rival is a party of.
    fn own(&self, n: usize, who: &str, from: &str, to: &str, amount: &str) {
        let pay = self.door.sandbox.transfer(from, to, "USD", amount);
        let pay = pay.replace("\"legs\"", "\"remittance\":\"ours\",\"legs\"");
        let body = named(&self.door.sandbox.body(&[pay]), &format!("own-{n}"));
        let key = if who == "bank-a" { &self.a } else { &self.b };
        let answer = self.door.submit(who, &[key], &body);
        assert_eq!(answer.outcomes(), ["SETTLED"], "{}", answer.text());
    }

    /// Everything that the rival gets for what it can ask.
    fn seen(&self) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        for path in self.paths() {
            let answer = self.door.get(&path, self.rival.clone());
            // Ids and times are random in the question as well.
            let asked: Vec<String> = path.split(['/', '=']).map(masked_words).collect();
            let asked = asked.join("/");
            seen.push((asked.clone(), shape(&path, &answer)));
            let Some(tag) = answer.header("etag") else {
                continue;
            };
            let mut again = self.rival.clone();
            again.push(("If-None-Match", tag.to_owned()));
            let again = self.door.get(&path, again);
            seen.push((format!("{asked} again"), shape(&path, &again)));
        }
        for (n, (debit, credit, amount)) in PROBES.iter().enumerate() {
            let pay = self.door.sandbox.transfer(debit, credit, "USD", amount);
            let body = named(&self.door.sandbox.body(&[pay]), &format!("probe-{n}"));
            let tried = self.door.dry_run("bank-b", &[&self.b], &body);
            seen.push((format!("try {body}"), shape("", &tried)));
            // For real, after all: what the submitter of a refusal is told.
            let refused = self.door.submit("bank-b", &[&self.b], &body);
            seen.push((format!("send {body}"), shape("", &refused)));
        }
        // Entries after the probes, too.
        let newest = self.door.get("/log/checkpoint", Vec::new());
        seen.push(("newest".into(), shape("/log/checkpoint", &newest)));
        for (asked, _) in &mut seen {
            *asked = masked_words(asked);
        }
        seen
    }

    fn paths(&self) -> Vec<String> {
        let size = self.door.size();
        let mut paths: Vec<String> = [
            "/v1/accounts",
            "/v1/assets",
            "/v1/participants",
            "/v1/whoami",
            "/v1/log",
            "/v1/entries",
            "/log/checkpoint",
            "/v1/accounts?at_index=9",
            "/v1/accounts/bank-b:usd/statement",
        ]
        .map(String::from)
        .to_vec();
        paths.push(format!("/log/tile/0/000.p/{size}"));
        paths.push(format!("/log/tile/entries/000.p/{size}"));
        for bank in ["bank-a", "bank-b", "bank-c", "bank-d", "bank-z"] {
            let account = format!("/v1/accounts/{bank}:usd");
            paths.push(format!("{account}?at_index={}", size - 1));
            for more in ["", "/history", "/history?limit=1", "/statement"] {
                paths.push(format!("{account}{more}"));
            }
        }
        for index in 0..=size {
            paths.push(format!("/v1/entries/{index}"));
            paths.push(format!("/v1/receipts/{index}"));
            paths.push(format!("/v1/receipts/{index}?item=1"));
        }
        for (id, message, created) in &self.known {
            paths.push(format!("/v1/instructions/{id}"));
            paths.push(format!("/v1/submissions?message_id={message}"));
            for who in ["bank-a", "bank-b"] {
                paths.push(format!(
                    "/v1/submissions?participant={who}&created={created}&message_id={message}"
                ));
            }
        }
        paths
    }
}

/// What the rival tries in order to find out what others have.
const PROBES: [(&str, &str, &str); 8] = [
    ("bank-a:usd", "bank-b:usd", "0.01"),
    ("bank-a:usd", "bank-b:usd", "840.51"),
    ("bank-a:usd", "bank-c:usd", "100000000.00"),
    ("bank-d:usd", "bank-b:usd", "41.75"),
    ("bank-b:usd", "bank-a:usd", "0.01"),
    ("bank-b:usd", "bank-c:usd", "0.01"),
    ("bank-b:usd", "bank-d:usd", "99.00"),
    ("bank-b:usd", "bank-z:usd", "0.01"),
];

/// The message with a name of its own instead of one that is counted up.
fn named(body: &str, name: &str) -> String {
    let counted = between(body, "\"message_id\":\"");
    body.replacen(&format!("\"{counted}\""), &format!("\"{name}\""), 1)
}

fn between<'t>(text: &'t str, before: &str) -> &'t str {
    let rest = text.split_once(before).unwrap().1;
    rest.split('"').next().unwrap()
}

/// An answer without what is random: status, headers, body, and the length that is left.
fn shape(path: &str, answer: &Answered) -> String {
    let mut shape = answer.status.to_string();
    // The server keeps headers in a hash map: their order is random and says nothing.
    let mut headers = answer.headers.clone();
    headers.sort();
    for (name, value) in &headers {
        let value = match name.as_str() {
            // Times are written without trailing zeros; the masked body stands for the length.
            "date" | "quittance-request-id" | "content-length" => "*".into(),
            "content-type" => value.clone(),
            "etag" => format!("{} bytes", value.len()),
            _ => masked_words(value),
        };
        shape.push_str(&format!("\n{name}: {value}"));
    }
    shape.push_str("\n\n");
    let json = serde_json::from_slice::<Value>(&answer.body);
    shape.push_str(&match json {
        Ok(json) => masked(json).to_string(),
        Err(_) if path.contains("/tile/entries/") && answer.status == 200 => bundle(&answer.body),
        Err(_) if path.contains("/tile/") => format!("{} bytes", answer.body.len()),
        Err(_) => masked_words(&answer.text()),
    });
    shape
}

/// The entries of a bundle: all that is neither a hash nor a time.
fn bundle(bytes: &[u8]) -> String {
    let entries = bytes.chunks_exact(2 + Entry::LEN).map(|chunk| {
        assert_eq!(chunk[..2], [0, 120]);
        entry(&chunk[2..])
    });
    entries.collect::<Vec<_>>().join("\n")
}

fn entry(bytes: &[u8]) -> String {
    let e = Entry::from_bytes(bytes).unwrap();
    format!("{:?} {} items {} aux {:?}", e.kind, e.index, e.items, e.aux)
}

fn masked(json: Value) -> Value {
    match json {
        Value::Array(values) => values.into_iter().map(masked).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let random = |name: &str| name == "request_id";
            let fields = fields.filter(|(name, _)| !random(name));
            fields.map(|(name, value)| (name, masked(value))).collect()
        }
        Value::String(text) => Value::String(masked_words(&text)),
        other => other,
    }
}

/// The text with its random words masked: ids, times, hashes, keys, signatures, sealed bytes.
fn masked_words(text: &str) -> String {
    let inner = |c: char| c.is_ascii_alphanumeric() || "+/=-:.".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
        if end == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        out.push_str(&word(&rest[..end]));
        rest = &rest[end..];
    }
    out
}

fn word(word: &str) -> String {
    let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    if word.len() == 36 && is_hex(&word.replace('-', "")) {
        return "<id>".into();
    }
    if word.starts_with("20") && word.ends_with('Z') && word.contains('T') {
        return "<time>".into();
    }
    if word.len() == 8 && is_hex(word) {
        return "<key id>".into();
    }
    let parts: Vec<&str> = word.splitn(3, '+').collect();
    if let [name, id, key] = parts[..]
        && id.len() == 8
        && is_hex(id)
        && key.len() == 44
    {
        return format!("{name}+<key>");
    }
    match Base64::decode_vec(word) {
        Ok(bytes) if bytes.len() == Entry::LEN => entry(&bytes),
        Ok(bytes) if bytes.len() >= 16 => item(&bytes),
        _ => word.to_owned(),
    }
}

/// An item without ids and hashes; of anything else, the length alone.
fn item(bytes: &[u8]) -> String {
    match Item::parse(bytes) {
        Ok(Item::Leg(mut leg)) => {
            leg.id = [0; 16];
            leg.text = leg.text.map(|_| chain::Hash::from_bytes([0; 32]));
            leg.private.fill(chain::Hash::from_bytes([0; 32]));
            format!("{leg:?}")
        }
        Ok(Item::Instruction(mut i)) => {
            i.id = [0; 16];
            i.json = masked_words(&i.json);
            format!("{i:?}")
        }
        Ok(Item::Genesis(json)) => masked_words(&json),
        _ => format!("<{} bytes>", bytes.len()),
    }
}

#[test]
fn other_secrets_of_others_change_nothing_that_a_rival_sees() {
    let (one, other) = (Story::tell(&ONE), Story::tell(&OTHER));
    let (one, other) = (one.seen(), other.seen());
    assert!(one.len() > 150, "{}", one.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
    // It did see its own: what hides everything would prove nothing.
    let whole: String = one.iter().map(|(_, shape)| shape.as_str()).collect();
    for own in [
        "\"posted\":\"9.00\"",
        "bank-a:usd",
        "\"ours\"",
        "SETTLED",
        "NOT_OWNER",
    ] {
        assert!(whole.contains(own), "{own} is not in what the rival reads");
    }
    for secret in ["840.50", "1000.00", "INV-88", "Erika", "12.50", "50000.00"] {
        assert!(!whole.contains(secret), "{secret}");
    }
}

/// The comparison itself must notice: a bank that owns the secret sees the two stories differ.
#[test]
fn the_comparison_tells_the_owners_stories_apart() {
    let seen = [&ONE, &OTHER].map(|secrets| {
        let mut story = Story::tell(secrets);
        story.rival = story.door.session("bank-a", &story.a);
        story.seen()
    });
    let different = seen[0]
        .iter()
        .zip(&seen[1])
        .filter(|(one, other)| one != other);
    assert!(different.count() > 8);
}
