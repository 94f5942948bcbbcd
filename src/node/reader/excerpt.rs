//! As much of the book as one entry needs, copied out of it: whoever hashes, proves or waits for the
//! disk must not hold the lock that the publisher waits for.

use std::collections::BTreeMap;

use super::Reader;
use crate::ledger::{
    Account, Address, Asset, Draft, Instruction, InstructionDraft, InstructionId, Names, Outcome,
};
use crate::node::shared::read;

/// The accounts and assets of one entry.
#[derive(Default)]
pub(super) struct Excerpt {
    /// Log size that it is exact at.
    pub(super) size: u64,
    /// Whether the entry's body counts as erased.
    pub(super) erased: bool,
    /// By number: an answer to a long message may need a thousand.
    accounts: Vec<Account>,
    assets: BTreeMap<u32, Asset>,
    addresses: BTreeMap<Address, u64>,
    /// By the id of an instruction about a proposal that is known: numbers of those who are asked.
    asked: BTreeMap<InstructionId, Vec<u32>>,
}

impl Names for Excerpt {
    fn account_numbered(&self, number: u64) -> Option<&Account> {
        let at = self.accounts.binary_search_by_key(&number, |it| it.number);
        self.accounts.get(at.ok()?)
    }

    fn asset_numbered(&self, number: u32) -> Option<&Asset> {
        self.assets.get(&number)
    }
}

impl Excerpt {
    /// An account that a governance instruction of the entry names.
    pub(super) fn account(&self, address: &Address) -> Option<&Account> {
        self.account_numbered(*self.addresses.get(address)?)
    }

    /// Whether the proposal that an instruction is about takes a signature of this participant.
    pub(super) fn asks(&self, instruction: InstructionId, participant: u32) -> bool {
        let asked = self.asked.get(&instruction);
        asked.is_some_and(|asked| asked.contains(&participant))
    }
}

impl Reader {
    /// Copies what the drafts of entry `index` name, and the accounts `more`.
    pub(super) fn excerpt<'d>(
        &self,
        index: u64,
        drafts: impl IntoIterator<Item = &'d Draft>,
        more: impl IntoIterator<Item = u64>,
    ) -> Excerpt {
        let mut numbers: Vec<u64> = more.into_iter().collect();
        let (mut addresses, mut proposals) = (Vec::new(), Vec::new());
        let mut sealed = 0;
        for draft in drafts {
            match draft {
                Draft::Leg(_) | Draft::Held(_) | Draft::Linked(_) => {
                    numbers.extend(draft.changes().iter().map(|change| change.account));
                }
                Draft::Instruction(i) => {
                    addresses.extend(address_of(i));
                    proposals.extend(proposal_of(i).map(|of| (i.id, of)));
                }
                Draft::Seal(seal) => sealed = u32::try_from(seal.totals.len()).unwrap_or(u32::MAX),
            }
        }
        let mut excerpt = Excerpt::default();
        let at = read(&self.shared.book);
        excerpt.size = at.size;
        excerpt.erased = at.book.erased().contains(&index);
        for address in addresses {
            if let Some(account) = at.book.account(&address) {
                excerpt.addresses.insert(address, account.number);
                numbers.push(account.number);
            }
        }
        for (instruction, of) in proposals {
            if let Some(it) = at.book.proposal(of, 0) {
                excerpt.asked.insert(instruction, it.asked.clone());
            }
        }
        for asset in (0..sealed).filter_map(|number| at.book.asset_numbered(number)) {
            excerpt.assets.insert(asset.number, asset.clone());
        }
        numbers.sort_unstable();
        numbers.dedup();
        excerpt.accounts.reserve(numbers.len());
        for number in numbers {
            let Some(account) = at.book.account_numbered(number) else {
                continue;
            };
            if let Some(asset) = at.book.asset_numbered(account.asset) {
                excerpt
                    .assets
                    .entry(asset.number)
                    .or_insert_with(|| asset.clone());
            }
            excerpt.accounts.push(account.clone());
        }
        excerpt
    }
}

/// The account that a governance instruction is about, where its owner may read it.
fn address_of(draft: &InstructionDraft) -> Option<Address> {
    if draft.outcome != Outcome::Applied {
        return None;
    }
    match serde_json::from_str(&draft.json).ok()? {
        Instruction::CloseAccount(i) => Some(i.address),
        Instruction::SetLimits(i) => Some(i.address),
        Instruction::ReopenAccount(i) => Some(i.address),
        Instruction::JoinModel(i) => Some(i.account),
        _ => None,
    }
}

/// The proposal that an instruction is about which took effect.
fn proposal_of(draft: &InstructionDraft) -> Option<InstructionId> {
    match draft.outcome {
        Outcome::Proposed => Some(draft.id),
        Outcome::Approved | Outcome::CarriedOut | Outcome::Withdrawn | Outcome::Declined => {
            match serde_json::from_str(&draft.json).ok()? {
                Instruction::Approve(i) => i.of,
                Instruction::Withdraw(i) | Instruction::Decline(i) => Some(i.of),
                _ => None,
            }
        }
        _ => None,
    }
}
