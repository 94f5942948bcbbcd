//! What came of a batch, as its record in the store: the drafts of its items.
//!
//! ```text
//! first id [16] | count | table | drafts
//!
//! table        for each run of 16 items: where its drafts begin u32be, root over its leaves [32]
//!
//! leg          flags u8 | debit | credit | amount | reference [32] | change | change
//!   flags      1: a leg; 2: has a reference; 4: pending amounts; 8, 16: the debited, the credited
//!              account had no item before
//! change       pending debits, pending credits (if any) | debits | credits | entry, item before
//!
//! instruction  0 | outcome | leg | detail | length, JSON
//! ```
//!
//! Ordinals and ids count on, so they are not stored. Item 0, which has no draft, is the first of the
//! first run. With the table one item is read and proven from its own run: a batch has 8,190.

use chain::Hash;

use super::table::{ROW_BYTES, RUN, Table};
use super::{Unpackable, Unpacker, put, put_wide};
use crate::ledger::{
    Change, Counters, Draft, InstructionDraft, InstructionId, ItemRef, LegDraft, LegKind, Outcome,
};

const LEG: u8 = 1;
const REFERENCE: u8 = 2;
const PENDING: u8 = 4;
const FIRST: [u8; 2] = [8, 16];
/// The number that stands for "no leg" in an instruction.
const NO_LEG: u64 = 0xffff;

/// Packs the drafts of a batch.
///
/// # Panics
/// Never: a batch leads to legs and instructions only, and to at least one; it has a root for each
/// run of [`super::RUN_LEVEL`].
pub(in crate::node) fn pack_drafts(drafts: &[Draft], runs: &[Hash], out: &mut Vec<u8>) {
    out.reserve(drafts.len() * 48 + 64);
    let first = match drafts.first() {
        Some(Draft::Leg(leg)) => leg.id,
        Some(Draft::Instruction(i)) => i.id,
        Some(Draft::Seal(_) | Draft::Held(_) | Draft::Linked(_)) | None => {
            unreachable!("a batch has transfers, and nothing else")
        }
    };
    out.extend_from_slice(&first.to_bytes());
    put(out, drafts.len() as u64);
    let table = out.len();
    out.resize(table + runs.len() * ROW_BYTES, 0);
    let start = out.len();
    for (draft, n) in drafts.iter().zip(1..) {
        if n == 1 || n % RUN == 0 {
            let run = n / RUN;
            let row = &mut out[table + run * ROW_BYTES..][..ROW_BYTES];
            row[4..].copy_from_slice(runs[run].as_bytes());
            let at = out.len() - start;
            // A record has at most 16 MiB.
            out[table + run * ROW_BYTES..][..4].copy_from_slice(&(at as u32).to_be_bytes());
        }
        match draft {
            Draft::Leg(leg) => pack_leg(leg, out),
            Draft::Instruction(i) => {
                out.push(0);
                put(out, u64::from(i.outcome.number()));
                put(out, i.leg.map_or(NO_LEG, u64::from));
                put(out, i.detail);
                put(out, i.json.len() as u64);
                out.extend_from_slice(i.json.as_bytes());
            }
            Draft::Seal(_) | Draft::Held(_) | Draft::Linked(_) => {
                unreachable!("a batch has transfers, and nothing else")
            }
        }
    }
}

fn pack_leg(leg: &LegDraft, out: &mut Vec<u8>) {
    let reference = leg.numbered.and_then(|numbered| numbered.reference);
    let pending = |change: &Change| {
        let c = &change.counters;
        c.debits_pending != 0 || c.credits_pending != 0
    };
    let pending = leg.changes.iter().any(pending);
    let mut flags = LEG;
    flags |= if reference.is_some() { REFERENCE } else { 0 };
    flags |= if pending { PENDING } else { 0 };
    for (change, first) in leg.changes.iter().zip(FIRST) {
        flags |= if change.previous.is_none() { first } else { 0 };
    }
    out.push(flags);
    for change in &leg.changes {
        put(out, change.account);
    }
    put_wide(out, leg.amount);
    if let Some(reference) = &reference {
        out.extend_from_slice(reference);
    }
    for change in &leg.changes {
        let c = &change.counters;
        if pending {
            put_wide(out, c.debits_pending);
            put_wide(out, c.credits_pending);
        }
        put_wide(out, c.debits_posted);
        put_wide(out, c.credits_posted);
        if let Some(previous) = change.previous {
            put(out, previous.index);
            put(out, u64::from(previous.item));
        }
    }
}

/// Unpacks the drafts of a batch, and the roots of their runs.
///
/// # Errors
/// [`Unpackable`].
pub(in crate::node) fn unpack_drafts(bytes: &[u8]) -> Result<(Vec<Draft>, Vec<Hash>), Unpackable> {
    let (mut table, packed) = Table::unpack(bytes)?;
    let roots = table.take_roots();
    let wrong = Unpacker(packed).wrong();
    let mut drafts = Vec::with_capacity(table.drafts().min(packed.len()));
    for run in 0..roots.len() {
        let range = table.bytes_of(run).ok_or(wrong)?;
        let packed = packed.get(range.start..range.end.min(packed.len()));
        drafts.extend(table.unpack_run(run, packed.ok_or(wrong)?)?);
    }
    Ok((drafts, roots))
}

/// Unpacks drafts of a batch, number `first` and on, that are all that these bytes hold.
pub(super) fn unpack_some(
    bytes: &[u8],
    numbers: core::ops::Range<u32>,
    first: InstructionId,
) -> Result<Vec<Draft>, Unpackable> {
    let mut from = Unpacker(bytes);
    let mut drafts = Vec::with_capacity(numbers.len().min(bytes.len()));
    for n in numbers {
        let id = first.count_on(n);
        let flags = from.byte()?;
        drafts.push(match flags {
            0 => Draft::Instruction(unpack_instruction(&mut from, n, id)?),
            flags if flags & LEG == LEG && flags < 32 => {
                Draft::Leg(unpack_leg(&mut from, flags, n, id)?)
            }
            _ => return Err(from.wrong()),
        });
    }
    from.end()?;
    Ok(drafts)
}

fn unpack_leg(
    from: &mut Unpacker<'_>,
    flags: u8,
    instruction: u32,
    id: InstructionId,
) -> Result<LegDraft, Unpackable> {
    let accounts = [from.long()?, from.long()?];
    let amount = from.wide()?;
    let reference = match flags & REFERENCE {
        0 => None,
        _ => Some(from.array()?),
    };
    let mut change = |account: u64, first: u8| -> Result<Change, Unpackable> {
        let (debits_pending, credits_pending) = match flags & PENDING {
            0 => (0, 0),
            _ => (from.wide()?, from.wide()?),
        };
        let counters = Counters {
            debits_pending,
            debits_posted: from.wide()?,
            credits_pending,
            credits_posted: from.wide()?,
        };
        let previous = match flags & first {
            0 => Some(ItemRef {
                index: from.long()?,
                item: from.int()?,
            }),
            _ => None,
        };
        Ok(Change {
            account,
            counters,
            previous,
        })
    };
    let changes = [
        change(accounts[0], FIRST[0])?,
        change(accounts[1], FIRST[1])?,
    ];
    Ok(LegDraft {
        kind: LegKind::Transfer,
        instruction,
        leg: 0,
        id,
        amount,
        changes,
        numbered: Some(chain::Numbered { reference }),
    })
}

fn unpack_instruction(
    from: &mut Unpacker<'_>,
    instruction: u32,
    id: InstructionId,
) -> Result<InstructionDraft, Unpackable> {
    let wrong = from.wrong();
    let outcome = u16::try_from(from.int()?)
        .ok()
        .and_then(Outcome::from_number);
    let leg = u16::try_from(from.int()?).map_err(|_| wrong)?;
    let detail = from.long()?;
    let len = usize::try_from(from.int()?).map_err(|_| wrong)?;
    let json = core::str::from_utf8(from.bytes(len)?).map_err(|_| wrong)?;
    Ok(InstructionDraft {
        instruction,
        outcome: outcome.ok_or(wrong)?,
        leg: Some(leg).filter(|leg| u64::from(*leg) != NO_LEG),
        id,
        detail,
        json: json.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::table::runs_of;
    use super::*;

    fn change(account: u64, pending: u128, previous: Option<ItemRef>) -> Change {
        Change {
            account,
            counters: Counters {
                debits_pending: pending,
                debits_posted: (1 << 96) - 1,
                credits_pending: 0,
                credits_posted: 3,
            },
            previous,
        }
    }

    fn leg(n: u32, pending: u128, reference: Option<[u8; 32]>) -> Draft {
        let before = ItemRef {
            index: 9,
            item: 8_000,
        };
        Draft::Leg(LegDraft {
            kind: LegKind::Transfer,
            instruction: n,
            leg: 0,
            id: InstructionId::from_parts(1_795_426_200_000, 1).count_on(n),
            amount: 1 << (n % 90),
            changes: [change(1, pending, Some(before)), change(2, 0, None)],
            numbered: Some(chain::Numbered { reference }),
        })
    }

    fn packed(drafts: &[Draft]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let runs: Vec<Hash> = (0..runs_of(drafts.len()))
            .map(|n| Hash::sha256(&n.to_be_bytes()))
            .collect();
        pack_drafts(drafts, &runs, &mut bytes);
        let (again, same) = unpack_drafts(&bytes).unwrap();
        assert_eq!(
            (again.as_slice(), same.as_slice()),
            (drafts, runs.as_slice())
        );
        // The same run by run, as whoever wants one of them reads it.
        let (mut table, rest) = Table::unpack(&bytes).unwrap();
        assert_eq!(table.take_roots(), runs);
        let mut again = Vec::new();
        for run in 0..runs.len() {
            let range = table.bytes_of(run).unwrap();
            let packed = &rest[range.start..range.end.min(rest.len())];
            let drafts = table.unpack_run(run, packed).unwrap();
            again.extend(drafts);
            if let Some(short) = packed.len().checked_sub(1) {
                assert!(table.unpack_run(run, &packed[..short]).is_err());
            }
        }
        assert_eq!(again, drafts);
        assert!(table.bytes_of(runs.len()).is_none());
        bytes
    }

    #[test]
    fn drafts_come_back_as_they_were() {
        let refused = Draft::Instruction(InstructionDraft {
            instruction: 2,
            outcome: Outcome::InsufficientFunds,
            leg: Some(0),
            id: InstructionId::from_parts(1_795_426_200_000, 1).count_on(2),
            detail: 77,
            json: "{}".into(),
        });
        let drafts = [leg(0, 0, None), leg(1, 5, Some([1; 32])), refused];
        let mut bytes = packed(&drafts);
        for cut in 0..bytes.len() {
            assert!(unpack_drafts(&bytes[..cut]).is_err(), "{cut}");
        }
        bytes.push(0);
        assert!(unpack_drafts(&bytes).is_err());
        assert!(packed(&drafts[..1]).len() < 110);
    }

    #[test]
    fn every_number_of_drafts_has_its_runs() {
        for count in [1, 14, 15, 16, 17, 30, 31, 32, 33, 64] {
            let drafts: Vec<Draft> = (0..count).map(|n| leg(n, 0, None)).collect();
            packed(&drafts);
        }
    }
}
