//! Balance proofs: one account under the newest seal.

use chain::{BalanceProof, Hash, salt};

use super::trail::{Meter, Walk};
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Counters, Frozen, ItemRef};
use crate::node::shared::read;
use crate::wire::BalanceFile;

impl Reader {
    /// Proves what an account held at the newest seal.
    ///
    /// # Errors
    /// [`ReadError::NotFound`], also for accounts that the viewer may not read;
    /// [`ReadError::NotSealed`] if there is no seal yet, or the account is younger than it;
    /// [`ReadError::Unfinished`] while a start is still computing the newest seal's tree.
    pub fn balance_proof(&self, address: &str, viewer: &Viewer) -> Result<BalanceFile, ReadError> {
        let (account, _) = self.readable(address, viewer)?;
        let (last, tree) = self.shared.seals().newest();
        let last = last.ok_or(ReadError::NotSealed("no seal has been made yet"))?;
        let tree = tree.ok_or(ReadError::Unfinished)?;
        // The book is ahead of the view for as long as a group is being published.
        if last.index >= self.size() {
            return Err(ReadError::Unfinished);
        }
        let damaged = |what: String| ReadError::Damaged(last.index, what);
        let number = account.number;
        let proof = tree.tree.inclusion_proof(number);
        let younger = "the account was opened after the newest seal";
        let account_proof = proof.map_err(|_| ReadError::NotSealed(younger))?;
        let mut bytes = Vec::new();
        {
            let at = read(&self.shared.book);
            let fields = tree.frozen.fields(&at.book, number);
            fields.ok_or(ReadError::NotFound)?.write(&mut bytes);
        }
        let proof = BalanceProof {
            account: bytes,
            salt: salt::account_salt(&tree.secret, number),
            account_proof,
            entry: *self.held(last.index)?.entry(),
            proof: self.proof(last.index, self.size())?,
            checkpoint: self.checkpoint().as_bytes().to_vec(),
        };
        BalanceFile::from_proof(&proof, &self.shared.log_key().to_string())
            .map_err(|error| damaged(error.to_string()))
    }

    /// The accounts as they stood at a log size, from their own chains.
    pub(in crate::node) fn frozen_at(&self, size: u64) -> Result<Frozen, ReadError> {
        let mut accounts = Vec::new();
        loop {
            let number = accounts.len() as u64;
            let account = {
                let at = read(&self.shared.book);
                at.book.account_numbered(number).cloned()
            };
            // Numbers are given in the order of opening.
            let Some(account) = account.filter(|account| account.opened < size) else {
                return Ok(Frozen::from_accounts(size, accounts));
            };
            let unchanged = account.last.is_none_or(|last| last.index < size);
            let then: (Counters, Option<ItemRef>) = if unchanged {
                (account.counters, account.last)
            } else {
                let mut walk = Walk::new(self, number, account.last).with(Meter::of(u64::MAX));
                let step = walk.newest_below(size)?;
                step.map_or_else(Default::default, |s| (s.change.counters, Some(s.item)))
            };
            accounts.push(then);
        }
    }

    /// The root that a seal's entry states.
    pub(in crate::node) fn seal_root(&self, index: u64) -> Result<Hash, ReadError> {
        Ok(self.held(index)?.entry().aux)
    }
}
