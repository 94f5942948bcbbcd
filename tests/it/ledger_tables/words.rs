//! The words of an instruction in a table.

use ed25519_dalek::{Signer, SigningKey};
use quittance::ledger::{
    AccountRef, AddAsset, AddKey, AddLogKey, Address, Approve, AssetId, Bilateral, Cancel, Capture,
    Check, CloseAccount, Erase, Freeze, Funds, Instruction, InstructionId, KeyIdText, Leg, Lift,
    OpenAccount, ParticipantId, Protocol, QueueTerms, ReopenAccount, Requeue, Reserve,
    RetireLogKey, RevokeKey, SetAssetStatus, SetLimits, SetParameter, Time, Transfer, Until,
    Velocity, VerifierKeyText, Void,
};
use serde::de::DeserializeOwned;

use crate::ledger_world::{MILLISECOND, World, public_key, verifier_key};

/// Decimal places of the asset that an account holds.
pub(super) fn scale_of(world: &World, address: &str) -> u8 {
    let account = world
        .book()
        .account(&Address::new(address).unwrap())
        .unwrap();
    world.book().asset_numbered(account.asset).unwrap().scale
}

/// Reads an instruction, for example `pay bank-a:usd bank-b:usd USD 1.00`.
pub(super) fn instruction(
    id: InstructionId,
    wish: &str,
    now: u64,
    hold: impl Fn(&str) -> Option<InstructionId>,
) -> Instruction {
    let words: Vec<&str> = wish.split_whitespace().collect();
    match words.as_slice() {
        ["reserve", ..] => reserve(id, wish.strip_prefix("reserve ").unwrap(), now),
        ["capture", of, rest @ ..] => Instruction::Capture(Capture {
            id,
            hold: hold(of).unwrap_or(id),
            amount: rest
                .iter()
                .find(|word| !["final", "more"].contains(word))
                .map(|word| amount(word)),
            last: rest.iter().find_map(|word| match *word {
                "final" => Some(true),
                "more" => Some(false),
                _ => None,
            }),
        }),
        [
            "clear" | "model" | "end_model" | "join" | "close_window",
            ..,
        ] => super::cycles::instruction(id, wish),
        ["calendar", asset, rest @ ..] => super::calendars::instruction(id, asset, rest),
        ["provider" | "rate" | "end_rate" | "quote" | "convert", ..] => {
            super::fx::instruction(id, &words, now, hold)
        }
        ["void", of] => Instruction::Void(Void {
            id,
            hold: hold(of).unwrap_or(id),
        }),
        ["fees", ..] => super::fees::instruction(id, wish),
        ["split" | "grant" | "revoke_mandate" | "posting", ..] => {
            super::forms::instruction(id, wish, now, hold)
        }
        ["pay", ..] => transfer(id, wish.strip_prefix("pay ").unwrap(), now, hold),
        ["earmark", address, rest @ ..] => super::reservations::instruction(id, address, rest),
        ["cancel", of] => Instruction::Cancel(Cancel {
            id,
            of: hold(of).unwrap_or(id),
        }),
        ["requeue", of, rest @ ..] => Instruction::Requeue(Requeue {
            id,
            of: hold(of).unwrap_or(id),
            priority: rest
                .iter()
                .find_map(|w| w.strip_prefix("priority="))
                .map(json),
            position: rest
                .iter()
                .find_map(|w| w.strip_prefix("position="))
                .map(json),
        }),
        ["issue", account, amount] => Instruction::Issue(funds(id, account, amount)),
        ["redeem", account, amount] => Instruction::Redeem(funds(id, account, amount)),
        ["open", address, owner, kind, asset] => Instruction::OpenAccount(OpenAccount {
            id,
            address: address.parse().unwrap(),
            owner: owner.parse().unwrap(),
            kind: json(kind),
            asset: asset.parse().unwrap(),
        }),
        ["close", address] => Instruction::CloseAccount(CloseAccount {
            id,
            address: address.parse().unwrap(),
        }),
        ["limits", address, rest @ ..] => limits(id, address, rest),
        ["freeze", rest @ ..] => freeze(id, rest, now),
        ["lift", of, case] => lift(id, of, case),
        _ => govern(id, &words),
    }
}

fn govern(id: InstructionId, words: &[&str]) -> Instruction {
    match words {
        ["key", participant, key] => Instruction::AddKey(AddKey {
            id,
            participant: participant.parse().unwrap(),
            vkey: vkey(key),
        }),
        ["revoke", participant, key] => Instruction::RevokeKey(RevokeKey {
            id,
            participant: participant.parse::<ParticipantId>().unwrap(),
            key_id: KeyIdText::from_u32(verifier_key(key).id().get()),
        }),
        ["asset", asset, module] => Instruction::AddAsset(AddAsset {
            id,
            asset: asset.parse().unwrap(),
            module: (*module).into(),
            module_version: None,
        }),
        ["status", asset, status] => Instruction::SetAssetStatus(SetAssetStatus {
            id,
            asset: asset.parse::<AssetId>().unwrap(),
            status: json(status),
        }),
        ["parameter", name, value] => Instruction::SetParameter(SetParameter {
            id,
            name: (*name).into(),
            value: value.parse().unwrap(),
        }),
        ["protocol", version, from_index] => Instruction::Protocol(Protocol {
            id,
            version: version.parse().unwrap(),
            from_index: from_index.parse().unwrap(),
        }),
        ["erase", entry_index] => Instruction::Erase(Erase {
            id,
            entry_index: entry_index.parse().unwrap(),
            basis: "request of the person".into(),
        }),
        // A key of the log has the log's name; its seed is the label behind.
        ["log_key", name, seed, prover] => Instruction::AddLogKey(AddLogKey {
            id,
            vkey: VerifierKeyText::new(&log_key(name, seed).0.to_string()).unwrap(),
            proof: {
                let (vkey, _) = log_key(name, seed);
                let (_, prover) = log_key(name, prover);
                let signature = prover.sign(chain::statement::log_key_text(&vkey).as_bytes());
                let bytes = signature.to_bytes();
                let line = chain::NoteSignature::new(vkey.name(), vkey.id(), &bytes);
                line.unwrap().to_header()
            },
        }),
        ["retire_log_key", name, seed] => Instruction::RetireLogKey(RetireLogKey {
            id,
            key_id: KeyIdText::from_u32(log_key(name, seed).0.id().get()),
        }),
        other => life(id, other),
    }
}

fn life(id: InstructionId, words: &[&str]) -> Instruction {
    match words {
        ["reopen", address] => Instruction::ReopenAccount(ReopenAccount {
            id,
            address: address.parse().unwrap(),
        }),
        [
            "participant" | "suspend" | "resume" | "admit" | "end" | "identify" | "via" | "closed",
            ..,
        ] => super::standing::instruction(id, words),
        ["approve", entry_index, item] => Instruction::Approve(Approve {
            id,
            of: None,
            hash: None,
            entry_index: Some(entry_index.parse().unwrap()),
            item: Some(item.parse().unwrap()),
            item_leaf: Some(chain::Hash::ZERO.to_string()),
        }),
        other => panic!("no instruction {other:?}"),
    }
}

fn log_key(name: &str, seed: &str) -> (chain::VerifierKey, SigningKey) {
    let secret = SigningKey::from_bytes(chain::Hash::sha256(seed.as_bytes()).as_bytes());
    let public = secret.verifying_key().to_bytes();
    (chain::VerifierKey::new(name, &public).unwrap(), secret)
}

/// Reads a word of an enum as its JSON does.
pub(super) fn json<T: DeserializeOwned>(word: &str) -> T {
    serde_json::from_str(&format!("\"{word}\"")).unwrap()
}

/// An account by its address, or by its number after `@`.
fn account(word: &str) -> AccountRef {
    match word.strip_prefix('@') {
        Some(number) => AccountRef::Number(number.parse().unwrap()),
        None => AccountRef::Address(word.parse().unwrap()),
    }
}

/// Legs of four words, joined by commas. An amount ending in `u` counts minor units, and `-` for an
/// asset states none: as in a binary batch. Behind a semicolon `net`, `queue`, and with that
/// `priority=`, `cutoff`, and in milliseconds from now `until=` and `from=`; without it too, `date=`,
/// `value=`, conditions, and `under=` a mandate.
fn transfer(
    id: InstructionId,
    text: &str,
    now: u64,
    named: impl Fn(&str) -> Option<InstructionId>,
) -> Instruction {
    let (text, terms) = text.split_once(';').unwrap_or((text, ""));
    let value = |name: &str| terms.split_whitespace().find_map(|w| w.strip_prefix(name));
    let flag = |name: &str| terms.split_whitespace().any(|w| w == name);
    let after = |ms: &str| Time::from_nanos(now + ms.parse::<u64>().unwrap() * MILLISECOND);
    Instruction::Transfer(Transfer {
        check: flag("net").then_some(Check::Net),
        queue: flag("queue").then(|| QueueTerms {
            priority: value("priority=").map(json),
            till: value("till=").map(after),
            reject_at: value("until=").map(after),
            settle_from: value("from=").map(after),
            until: flag("cutoff").then_some(Until::Cutoff),
        }),
        settlement_date: value("date=").map(|date| date.parse().unwrap()),
        value_date: value("value=").map(|date| date.parse().unwrap()),
        conditions: super::forms::conditions(terms, now),
        mandate: value("under=").map(|of| named(of).unwrap_or(id)),
        ..Transfer::of_legs(id, legs(text))
    })
}

/// Legs, and behind a semicolon `for=MILLISECONDS`, `multi`, `over=BASISPOINTS`, `guaranteed`.
fn reserve(id: InstructionId, text: &str, now: u64) -> Instruction {
    let (text, terms) = text.split_once(';').unwrap_or((text, ""));
    let value = |name: &str| terms.split_whitespace().find_map(|w| w.strip_prefix(name));
    let flag = |name: &str| terms.split_whitespace().any(|w| w == name).then_some(true);
    let after = |ms: &str| Time::from_nanos(now + ms.parse::<u64>().unwrap() * MILLISECOND);
    Instruction::Reserve(Reserve {
        id,
        legs: legs(text),
        expires_at: value("for=").map(after),
        multi: flag("multi"),
        over_capture_bp: value("over=").map(|bp| bp.parse().unwrap()),
        guaranteed: flag("guaranteed"),
        end_to_end_id: None,
        remittance: None,
        debtor_name: None,
        creditor_name: None,
    })
}

fn legs(text: &str) -> Vec<Leg> {
    let leg = |leg: &str| {
        let [debit, credit, asset, amount] = leg.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("no leg {leg}")
        };
        Leg {
            debit: account(debit),
            credit: account(credit),
            asset: (asset != "-").then(|| asset.parse().unwrap()),
            amount: self::amount(amount),
        }
    };
    text.split(',').map(leg).collect()
}

pub(super) fn amount(word: &str) -> quittance::ledger::Amount {
    match word.strip_suffix('u') {
        Some(units) => quittance::ledger::Amount::of_minor_units(units.parse().unwrap()),
        None => word.parse().unwrap(),
    }
}

fn funds(id: InstructionId, account: &str, amount: &str) -> Funds {
    Funds {
        id,
        account: self::account(account),
        amount: self::amount(amount),
    }
}

fn limits(id: InstructionId, address: &str, words: &[&str]) -> Instruction {
    let value = |name: &str| {
        let word = words.iter().find_map(|word| word.strip_prefix(name))?;
        Some(word.parse().unwrap())
    };
    Instruction::SetLimits(SetLimits {
        id,
        address: address.parse().unwrap(),
        credit_line: value("credit="),
        min_balance: value("min="),
        per_transfer_max: value("max="),
        max_balance: value("top="),
        velocity: velocity(words),
        bilateral: bilateral(words),
        multilateral: value("all="),
    })
}

/// Rules `debit/60=5.00`, `credit/60=-x2`, `net/month=1x2`: so much, so often, within so many seconds or a
/// period.
fn velocity(words: &[&str]) -> Option<Vec<Velocity>> {
    let rule = |word: &&str| {
        let (direction, rest) = word.split_once('/')?;
        let (seconds, most) = rest.split_once('=').unwrap();
        let (most, count) = match most.split_once('x') {
            Some((most, count)) => (most, Some(count.parse().unwrap())),
            None => (most, None),
        };
        Some(Velocity {
            seconds: seconds.parse().ok(),
            period: seconds.parse::<u32>().is_err().then(|| json(seconds)),
            direction: json(direction),
            amount: (most != "-").then(|| amount(most)),
            count,
        })
    };
    let rules: Vec<Velocity> = words.iter().filter_map(rule).collect();
    (!rules.is_empty()).then_some(rules)
}

/// Limits `to:bank-b=5.00`.
fn bilateral(words: &[&str]) -> Option<Vec<Bilateral>> {
    let limit = |word: &&str| {
        let (counterparty, amount) = word.strip_prefix("to:")?.split_once('=').unwrap();
        Some(Bilateral {
            counterparty: counterparty.parse().unwrap(),
            amount: self::amount(amount),
        })
    };
    let limits: Vec<Bilateral> = words.iter().filter_map(limit).collect();
    (!limits.is_empty()).then_some(limits)
}

/// Whom a freeze is for: an account by its address, a participant by its id, with none for `none`
/// and both for `both`.
fn target(word: &str) -> (Option<Address>, Option<ParticipantId>) {
    match word {
        "none" => (None, None),
        "both" => ("bank-a:usd".parse().ok(), "bank-a".parse().ok()),
        _ if word.contains(':') || word == "nowhere" => (word.parse().ok(), None),
        _ => (None, word.parse().ok()),
    }
}

/// `freeze bank-a:usd case-1 no_debit`, then perhaps an amount, `for=MILLISECONDS`.
fn freeze(id: InstructionId, words: &[&str], now: u64) -> Instruction {
    let [of, case, level, rest @ ..] = words else {
        panic!("no freeze {words:?}")
    };
    let (account, participant) = target(of);
    let after = |ms: &str| Time::from_nanos(now + ms.parse::<u64>().unwrap() * MILLISECOND);
    Instruction::Freeze(Freeze {
        id,
        account,
        participant,
        case: case.parse().unwrap(),
        level: json(level),
        amount: rest
            .iter()
            .find(|word| !word.contains('='))
            .map(|word| amount(word)),
        expires_at: rest.iter().find_map(|w| w.strip_prefix("for=")).map(after),
    })
}

fn lift(id: InstructionId, of: &str, case: &str) -> Instruction {
    let (account, participant) = target(of);
    Instruction::Lift(Lift {
        id,
        account,
        participant,
        case: case.parse().unwrap(),
    })
}

/// A key by its name; `name=other` is the key of `other` under `name`, `name!` a weak key.
pub(super) fn vkey(word: &str) -> VerifierKeyText {
    let vkey = if let Some(name) = word.strip_suffix('!') {
        // The neutral element: signatures by it say nothing.
        let mut point = [0; 32];
        point[0] = 1;
        chain::VerifierKey::new(name, &point)
    } else if let Some((name, other)) = word.split_once('=') {
        chain::VerifierKey::new(name, &public_key(other))
    } else {
        Ok(verifier_key(word))
    };
    VerifierKeyText::new(&vkey.unwrap().to_string()).unwrap()
}
