//! Bodies: opened with their key, and compared with the items that the node made of them.
//!
//! Written against the format, not against the node's own code: an audit that shares the code of
//! what it checks would share its mistakes.

use chain::{Hash, Item, ItemView, LegKind, LegView, Record, salt};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::report::Divergence;
use crate::ledger::{AccountRef, Authorisation, Funds, Instruction, Leg, Message};
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

/// Compares an opened body with the message that its items are of: what is asked for, and the texts.
///
/// Legs are compared with what their items state of accounts and assets; that this is true of them
/// is for the replay to find.
pub(super) fn compare(
    index: u64,
    body: &[u8],
    message: &Message,
    items: &[ItemView<'_>],
    key: &[u8; 32],
) -> Result<(), Divergence> {
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
    let mut rest = items.get(1..).unwrap_or_default();
    for (n, (asked, logged)) in (0u32..).zip(asked.iter().zip(logged)) {
        let own = rest.iter().take_while(|item| instruction(item) == Some(n));
        let (own, behind) = rest.split_at(own.count());
        if !same(asked, own) {
            let what = format!("instruction {n}");
            return Err(differs(&what, &asked.to_json(), &logged.to_json()));
        }
        rest = behind;
    }
    texts(index, items, &parsed.texts, key)
}

/// Ordinal of the instruction that an item belongs to.
const fn instruction(item: &ItemView<'_>) -> Option<u32> {
    match item {
        ItemView::Leg(leg) => Some(leg.instruction),
        ItemView::Other(Item::Instruction(i)) => Some(i.instruction),
        ItemView::Other(_) => None,
    }
}

/// Whether an item is a fee, or tax on one: it has no text.
const fn is_charge(item: &ItemView<'_>) -> bool {
    match item {
        ItemView::Leg(leg) => matches!(leg.kind, LegKind::Fee | LegKind::FeeTax),
        ItemView::Other(_) => false,
    }
}

/// Checks that the text commitments in the items are to the texts of the body.
fn texts(
    index: u64,
    items: &[ItemView<'_>],
    texts: &[Option<Box<str>>],
    key: &[u8; 32],
) -> Result<(), Divergence> {
    for (n, item) in (0u32..).zip(items) {
        let Some(instruction) = instruction(item) else {
            continue;
        };
        let text = usize::try_from(instruction)
            .ok()
            .and_then(|i| texts.get(i)?.as_deref());
        let text = text.filter(|_| !is_charge(item));
        let expected = text.map(|text| salt::commit(&salt::text_salt(key, n), text.as_bytes()));
        if item.text() != expected.as_ref() {
            let what = format!("the text of item {n}");
            let [expected, found] = [expected.as_ref(), item.text()]
                .map(|hash| hash.map_or_else(|| "none".to_owned(), ToString::to_string));
            return Err(Divergence::at(index, what, expected, found));
        }
    }
    Ok(())
}

/// Makes the body of a batch from the message that the items were replayed as, and compares its
/// hash with the one that was signed.
pub(super) fn compare_batch(
    index: u64,
    message: &Message,
    texts: &[(u32, Hash)],
) -> Result<(), Divergence> {
    let Some(batch) = &message.batch else {
        return Ok(());
    };
    // Its records have no room for a text.
    if let Some((n, text)) = texts.first() {
        let what = format!("the text of item {n}");
        return Err(Divergence::at(index, what, "none", text));
    }
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

/// Whether an instruction of a body is the one that these items state. Settled legs state account
/// numbers, addresses and minor units; everything else is kept as it was written.
fn same(asked: &Instruction, items: &[ItemView<'_>]) -> bool {
    // Behind an instruction stand the legs that came of it, which were computed again.
    if let [ItemView::Other(Item::Instruction(logged)), ..] = items {
        return asked.to_json() == logged.json;
    }
    let is_issue = matches!(asked, Instruction::Issue(_));
    match asked {
        Instruction::Transfer(asked) => {
            let id = asked.id.to_bytes();
            // Fees were computed again, and nobody asked for them.
            let items = || items.iter().filter(|item| !is_charge(item));
            let mut legs = asked.legs.iter().zip(items());
            let same = |(asked, item): (&Leg, &ItemView<'_>)| match item {
                ItemView::Leg(leg) => is_leg(&id, asked, leg),
                ItemView::Other(_) => false,
            };
            asked.legs.len() == items().count() && legs.all(same)
        }
        Instruction::Issue(asked) | Instruction::Redeem(asked) => match items {
            [ItemView::Leg(leg)] => is_funds(is_issue, asked, leg),
            _ => false,
        },
        _ => false,
    }
}

fn is_leg(id: &[u8; 16], asked: &Leg, leg: &LegView<'_>) -> bool {
    leg.kind == LegKind::Transfer
        && leg.id == *id
        && is_account(&asked.debit, leg.debit, leg.debit_address)
        && is_account(&asked.credit, leg.credit, leg.credit_address)
        && asked
            .asset
            .as_ref()
            .is_none_or(|id| id.as_str() == leg.asset)
        && asked.amount.to_minor(leg.scale) == Ok(leg.amount)
}

fn is_funds(is_issue: bool, asked: &Funds, leg: &LegView<'_>) -> bool {
    let (kind, number, address) = match is_issue {
        true => (LegKind::Issue, leg.credit, leg.credit_address),
        false => (LegKind::Redeem, leg.debit, leg.debit_address),
    };
    leg.kind == kind
        && leg.id == asked.id.to_bytes()
        && is_account(&asked.account, number, address)
        && asked.amount.to_minor(leg.scale) == Ok(leg.amount)
}

fn is_account(asked: &AccountRef, number: u64, address: &str) -> bool {
    match asked {
        AccountRef::Address(asked) => asked.as_str() == address,
        AccountRef::Number(asked) => *asked == number,
    }
}

/// Opens a body and compares its hash with the authorisation's. `None` if there is no key.
pub(super) fn open_and_compare(
    index: u64,
    who: &chain::Authorisation,
    record: &Record<'_>,
    key: Option<&[u8; 32]>,
) -> Result<Option<Vec<u8>>, Divergence> {
    let Some(key) = key else {
        return Ok(None);
    };
    if record.sealed_body.is_empty() {
        let what = "the body's key";
        return Err(Divergence::at(index, what, "none: no body", "a key"));
    }
    let Some(opened) = open(key, record.sealed_body) else {
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
