//! Proposals: what takes the signatures of several, and waits for them (LEDGER F05, F09, F18).
//!
//! ```text
//!  propose ──▶ open ──approve, by the last who is asked──▶ carried out, in the same entry
//!               ├──withdraw, decline───────────────────▶ withdrawn, declined
//!               └──its time comes──────────────────────▶ expired
//! ```
//!
//! A proposal ends once. One that has ended is known as long as ids are, without what it proposed, so
//! that whoever comes late is told what became of it; then it is forgotten. Of what one participant made
//! only the newest are known.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use chain::Hash;
use serde::{Deserialize, Serialize};

use super::book::Book;
use super::ended::Ended;
use super::id::{InstructionId, ParticipantId};
use super::instruction::Instruction;
use super::participant::Key;
use super::shards::Shards;
use crate::limits::PROPOSALS_ENDED_MAX;

/// What a proposal's hash begins with, so that it is the hash of nothing else.
const HASH_CONTEXT: &str = "quittance proposal v1";

/// A key that signed: the number of its participant, and its place among the participant's keys,
/// which are never taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyRef {
    /// Number of the participant.
    pub participant: u32,
    /// Place of the key, in the order of registration, from 0.
    pub key: u32,
}

/// How a proposal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalEnd {
    /// By the last approval.
    CarriedOut,
    /// By who made it.
    Withdrawn,
    /// By somebody who was asked.
    Declined,
    /// By its time.
    Expired,
}

/// The end of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalEnded {
    /// How.
    pub how: ProposalEnd,
    /// Number of the participant that ended it; 0 if it was its time.
    pub by: u32,
    /// Index of the entry that ended it.
    pub index: u64,
    /// That entry's time, nanoseconds since 1970 UTC.
    pub time: u64,
}

/// Something proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The id of the instruction that made it; nobody else's proposal has it.
    pub id: InstructionId,
    /// Number of the participant that submitted it.
    pub maker: u32,
    /// Index of the entry that made it.
    pub index: u64,
    /// That entry's time, nanoseconds since 1970 UTC.
    pub time: u64,
    /// When it expires, nanoseconds since 1970 UTC.
    pub expires: u64,
    /// What an approval is bound to: see [`proposal_hash`].
    pub hash: [u8; 32],
    /// The instruction that made it, as JSON, as its item has it; empty when it has ended.
    pub json: String,
    /// Numbers of the participants whose signatures it takes, ascending.
    pub asked: Vec<u32>,
    /// Whether two operators must sign, whatever their quorum is.
    pub four_eyes: bool,
    /// The keys that signed so far, ascending; those of the maker's message too.
    pub keys: Vec<KeyRef>,
    /// Its end, if it has come.
    pub ended: Option<ProposalEnded>,
}

/// What an approval is bound to: SHA-256 of a line that says what it is, a line with the maker, and
/// the `propose` as JSON, exactly as its item has it.
#[must_use]
pub fn proposal_hash(maker: &ParticipantId, json: &str) -> [u8; 32] {
    let parts: [&[u8]; 5] = [
        HASH_CONTEXT.as_bytes(),
        b"\n",
        maker.as_str().as_bytes(),
        b"\n",
        json.as_bytes(),
    ];
    *Hash::sha256_parts(&parts).as_bytes()
}

impl Proposal {
    /// Whether it can still be approved.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it takes a participant's signature.
    #[must_use]
    pub fn asks(&self, participant: u32) -> bool {
        self.asked.binary_search(&participant).is_ok()
    }

    /// What it proposes; nothing when it has ended.
    #[must_use]
    pub fn instructions(&self) -> Vec<Instruction> {
        match serde_json::from_str(&self.json) {
            Ok(Instruction::Propose(i)) => i.instructions,
            _ => Vec::new(),
        }
    }

    /// How many keys of a participant signed and are still active.
    #[must_use]
    pub fn signed(&self, book: &Book, participant: u32) -> u32 {
        let Some(participant) = book.participant_numbered(participant) else {
            return 0;
        };
        let active = |key: &Key| key.revoked.is_none();
        let keys = self.keys.iter().filter(|key| {
            let at = usize::try_from(key.key).unwrap_or(usize::MAX);
            key.participant == participant.number && participant.keys.get(at).is_some_and(active)
        });
        u32::try_from(keys.count()).unwrap_or(u32::MAX)
    }

    /// How many more keys of a participant it takes.
    #[must_use]
    pub fn missing(&self, book: &Book, participant: u32) -> u32 {
        let Some(record) = book.participant_numbered(participant) else {
            return u32::MAX;
        };
        let needed = match self.four_eyes && participant == 0 && record.keys.len() > 1 {
            true => record.threshold.max(2),
            false => record.threshold,
        };
        needed.saturating_sub(self.signed(book, participant))
    }
}

/// Proposals by their ids.
pub(super) type ById = Shards<InstructionId, Proposal>;

/// All proposals that are open, and those that ended lately.
#[derive(Debug, Clone, Default)]
pub(super) struct Proposals {
    by_id: ById,
    /// Those that are open, soonest to expire first.
    due: BTreeSet<(u64, InstructionId)>,
    /// Those that ended.
    ended: Ended,
    /// How many open ones each participant made.
    open: BTreeMap<u32, usize>,
}

impl Proposals {
    /// A proposal that is open or ended at or after `floor`.
    pub(super) fn get(&self, id: InstructionId, floor: u64) -> Option<&Proposal> {
        let known = |it: &&Proposal| it.ended.is_none_or(|ended| ended.time >= floor);
        self.by_id.get(id).filter(known)
    }

    /// All of them.
    pub(super) const fn by_id(&self) -> &ById {
        &self.by_id
    }

    /// How many open ones a participant made.
    pub(super) fn open_of(&self, participant: u32) -> usize {
        self.open.get(&participant).copied().unwrap_or(0)
    }

    /// How many are open.
    pub(super) fn open(&self) -> usize {
        self.due.len()
    }

    /// When the next one expires, nanoseconds since 1970 UTC.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.due.first().map(|(time, _)| *time)
    }

    /// The first that expires at or before `time`.
    pub(super) fn due_at(&self, time: u64) -> Option<&Proposal> {
        let (at, id) = self.due.first()?;
        self.by_id.get(*id).filter(|_| *at <= time)
    }

    /// The first that ended before `floor`.
    pub(super) fn ended_before(&self, floor: u64) -> Option<InstructionId> {
        self.ended.before(floor)
    }

    /// The first of a participant's that ended, if there are more than are remembered.
    pub(super) fn ended_beyond(&self, participant: u32) -> Option<InstructionId> {
        self.ended.beyond(participant, PROPOSALS_ENDED_MAX)
    }

    /// Puts a proposal in the place of what was known under its id, or forgets it; gives back what
    /// was.
    pub(super) fn put(&mut self, id: InstructionId, it: Option<Proposal>) -> Option<Proposal> {
        let before = self.by_id.put(id, it.clone());
        if let Some(before) = &before {
            self.count(before, false);
        }
        if let Some(it) = &it {
            self.count(it, true);
        }
        before
    }

    fn count(&mut self, it: &Proposal, present: bool) {
        if let Some(ended) = it.ended {
            self.ended.note(it.maker, (ended.time, it.id), 1, present);
        } else {
            match present {
                true => self.due.insert((it.expires, it.id)),
                false => self.due.remove(&(it.expires, it.id)),
            };
            let open = self.open.entry(it.maker).or_insert(0);
            *open = match present {
                true => open.saturating_add(1),
                false => open.saturating_sub(1),
            };
            if *open == 0 {
                self.open.remove(&it.maker);
            }
        }
    }
}

impl Book {
    /// A proposal that is open or ended at or after `floor`, nanoseconds since 1970 UTC.
    #[must_use]
    pub fn proposal(&self, id: InstructionId, floor: u64) -> Option<&Proposal> {
        self.proposals.get(id, floor)
    }

    /// The proposals behind one with this id, by id.
    pub fn proposals_after(&self, id: Option<InstructionId>) -> impl Iterator<Item = &Proposal> {
        self.proposals.by_id().after(id).map(|(_, it)| it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(n: u128, maker: u32, expires: u64) -> Proposal {
        Proposal {
            id: InstructionId::from_parts(1, n),
            maker,
            index: 1,
            time: 1,
            expires,
            hash: [0; 32],
            json: String::new(),
            asked: alloc::vec![0, 3, 9],
            four_eyes: false,
            keys: Vec::new(),
            ended: None,
        }
    }

    #[test]
    fn what_is_due_and_what_ended_follow_every_change_and_its_undoing() {
        let mut all = Proposals::default();
        let (late, early, other) = (proposal(1, 7, 9), proposal(2, 7, 5), proposal(3, 8, 7));
        for it in [&late, &early, &other] {
            assert_eq!(all.put(it.id, Some(it.clone())), None);
        }
        assert_eq!((all.open(), all.open_of(7), all.open_of(8)), (3, 2, 1));
        assert_eq!(
            (all.next_due(), all.due_at(4), all.due_at(5)),
            (Some(5), None, Some(&early))
        );
        let mut over = early.clone();
        over.ended = Some(ProposalEnded {
            how: ProposalEnd::Expired,
            by: 0,
            index: 2,
            time: 6,
        });
        assert_eq!(all.put(early.id, Some(over.clone())), Some(early.clone()));
        assert_eq!(
            (all.open(), all.open_of(7), all.next_due()),
            (2, 1, Some(7))
        );
        assert_eq!(all.get(early.id, 6), Some(&over));
        assert_eq!(all.get(early.id, 7), None);
        assert_eq!(
            (all.ended_before(6), all.ended_before(7)),
            (None, Some(early.id))
        );
        // Undone: as if it had never ended.
        assert_eq!(all.put(early.id, Some(early.clone())), Some(over));
        assert_eq!((all.ended_before(7), all.next_due()), (None, Some(5)));
        for it in [early, late, other] {
            assert!(all.put(it.id, None).is_some());
        }
        assert_eq!((all.open(), all.open_of(7), all.next_due()), (0, 0, None));
        assert_eq!(all.by_id().len(), 0);
    }

    #[test]
    fn the_hash_binds_maker_and_content() {
        let [a, b] = ["bank-a", "bank-b"].map(|id| ParticipantId::new(id).unwrap());
        let hash = proposal_hash(&a, "{}");
        assert_eq!(
            hash,
            *Hash::sha256(b"quittance proposal v1\nbank-a\n{}").as_bytes()
        );
        assert_ne!(hash, proposal_hash(&b, "{}"));
        assert_ne!(hash, proposal_hash(&a, "{ }"));
    }

    #[test]
    fn who_is_asked_is_found() {
        let it = proposal(1, 3, 5);
        let asked = (0..10).filter(|n| it.asks(*n)).collect::<Vec<_>>();
        assert_eq!(asked, [0, 3, 9]);
    }
}
