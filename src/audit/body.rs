//! Bodies: opened with their key, and compared with the items that the node made of them.
//!
//! Written against the format, not against the node's own code: an audit that shares the code of
//! what it checks would share its mistakes.

use chain::{Entry, Hash};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::record::Record;
use super::report::Divergence;
use crate::ledger::{AccountRef, Authorisation, Book, Instruction, Leg, Message};
use crate::wire::{BodyLimits, parse_body};

/// Opens a sealed body: AES-256-GCM, nonce zero, no associated data. `None` if it does not open.
pub(super) fn open(key: &[u8; 32], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let mut bytes = sealed.to_vec();
    let len = key
        .open_in_place(nonce, Aad::empty(), &mut bytes)
        .ok()?
        .len();
    bytes.truncate(len);
    Some(bytes)
}

/// The text parts that a body gives to its instructions.
pub(super) type Texts = Vec<Option<Box<str>>>;

/// Compares an opened body with the message that the items were replayed as; gives back the texts.
/// `book` is the book after the entry.
pub(super) fn compare(
    index: u64,
    body: &[u8],
    message: &Message,
    book: &Book,
) -> Result<Texts, Divergence> {
    let differs = |what: &str, expected: &dyn std::fmt::Display, found: &dyn std::fmt::Display| {
        Divergence::at(
            index,
            format!("the body's {what} and the items differ"),
            expected,
            found,
        )
    };
    let parsed = parse_body(body, &BodyLimits::default()).map_err(|error| {
        let found = format!("{} at {:?}", error.code, error.pointer);
        Divergence::at(index, "the body", "one that the door accepts", found)
    })?;
    let Authorisation {
        created,
        message_id,
        atomic,
        ..
    } = &message.authorisation;
    if parsed.message_id != *message_id {
        return Err(differs("message id", &parsed.message_id, message_id));
    }
    if parsed.created != *created {
        return Err(differs("`created`", &parsed.created, created));
    }
    if parsed.atomic != *atomic {
        return Err(differs("`atomic`", &parsed.atomic, atomic));
    }
    let (asked, logged) = (&parsed.instructions, &message.instructions);
    if asked.len() != logged.len() {
        return Err(differs(
            "number of instructions",
            &asked.len(),
            &logged.len(),
        ));
    }
    for (n, (asked, logged)) in asked.iter().zip(logged).enumerate() {
        if !same(asked, logged, book) {
            let what = format!("instruction {n}");
            return Err(differs(&what, &asked.to_json(), &logged.to_json()));
        }
    }
    Ok(parsed.texts)
}

/// Makes the body of a batch from the message that the items were replayed as, and compares its
/// hash with the one that was signed.
pub(super) fn compare_batch(index: u64, message: &Message) -> Result<(), Divergence> {
    let Some(batch) = &message.batch else {
        return Ok(());
    };
    let what = "the body that the items make up";
    let body = batch
        .to_body(&message.authorisation)
        .map_err(|error| Divergence::at(index, what, "a batch that the door accepts", error))?;
    let (signed, made) = (
        Hash::from_bytes(message.authorisation.body_hash),
        Hash::sha256(&body),
    );
    match signed == made {
        true => Ok(()),
        false => Err(Divergence::at(index, what, signed, made)),
    }
}

/// Whether an instruction of a body is the one that the items state. Settled legs state account
/// numbers and minor units; everything else is kept as it was written.
fn same(asked: &Instruction, logged: &Instruction, book: &Book) -> bool {
    match (asked, logged) {
        (Instruction::Transfer(a), Instruction::Transfer(b)) if a.legs.len() == b.legs.len() => {
            let mut legs = a.legs.iter().zip(&b.legs);
            a.id == b.id
                && (asked.to_json() == logged.to_json() || legs.all(|(a, b)| same_leg(a, b, book)))
        }
        (Instruction::Issue(a), Instruction::Issue(b))
        | (Instruction::Redeem(a), Instruction::Redeem(b)) => {
            let as_leg = |funds: &crate::ledger::Funds| Leg {
                debit: funds.account.clone(),
                credit: funds.account.clone(),
                asset: None,
                amount: funds.amount,
            };
            a.id == b.id && (asked == logged || same_leg(&as_leg(a), &as_leg(b), book))
        }
        _ => asked.to_json() == logged.to_json(),
    }
}

fn same_leg(asked: &Leg, logged: &Leg, book: &Book) -> bool {
    let number = |reference: &AccountRef| book.account_ref(reference).map(|account| account.number);
    let Some(asset) = book
        .account_ref(&logged.debit)
        .and_then(|account| book.asset_numbered(account.asset))
    else {
        return false;
    };
    number(&asked.debit).is_some()
        && number(&asked.debit) == number(&logged.debit)
        && number(&asked.credit) == number(&logged.credit)
        && asked.asset.as_ref().is_none_or(|id| *id == asset.id)
        && asked.amount.to_minor(asset.scale) == logged.amount.to_minor(asset.scale)
}
/// Opens a body and compares its hash with the authorisation's. `None` if there is no key.
pub(super) fn open_and_compare(
    entry: &Entry,
    record: &Record,
) -> Result<Option<Vec<u8>>, Divergence> {
    let index = entry.index;
    let Some(Ok(chain::Item::Authorisation(who))) =
        record.items.first().map(|b| chain::Item::parse(b))
    else {
        return Ok(None);
    };
    let (Some(key), Some(sealed)) = (&record.body_key, &record.sealed_body) else {
        return match record.body_key {
            None => Ok(None),
            Some(_) => Err(Divergence::at(
                index,
                "the body's key",
                "none: no body",
                "a key",
            )),
        };
    };
    let Some(opened) = open(key, sealed) else {
        let what = "the sealed body";
        return Err(Divergence::at(
            index,
            what,
            "to open under its key",
            "a changed byte or key",
        ));
    };
    let hash = Hash::sha256(&opened);
    if hash != who.body_hash {
        return Err(Divergence::at(
            index,
            "the body's hash",
            who.body_hash,
            hash,
        ));
    }
    Ok(Some(opened))
}
