//! Accounts, assets, participants: the book, as its readers see it.

use super::{Held, ReadError, Reader, Viewer};
use crate::ledger::{Account, Address, Change, Draft, ItemRef, LegDraft, Role, Time, print_minor};
use crate::node::shared::read;
use crate::wire::{
    AccountView, AssetView, Cursor, Direction, HistoryPage, HistoryRow, ParticipantView, WhoAmI,
};

impl Reader {
    /// The accounts that the viewer may read, by number, behind the one with address `after`.
    ///
    /// # Errors
    /// [`ReadError::Cursor`] if `after` is no account of the list.
    pub fn accounts(
        &self,
        viewer: &Viewer,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<AccountView>, ReadError> {
        let at = read(&self.shared.book);
        let from = match after {
            None => 0,
            Some(address) => {
                let address = Address::new(address).map_err(|_| ReadError::Cursor)?;
                let account = at.book.account(&address).filter(|a| may_read(viewer, a));
                account.ok_or(ReadError::Cursor)?.number.saturating_add(1)
            }
        };
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let accounts = at.book.accounts().iter().skip(from);
        let mine = accounts
            .filter(|account| may_read(viewer, account))
            .take(limit);
        Ok(mine
            .filter_map(|account| AccountView::of(&at.book, account, at.size.saturating_sub(1)))
            .collect())
    }

    /// One account.
    ///
    /// # Errors
    /// [`ReadError::NotFound`], also for accounts that the viewer may not read.
    pub fn account(&self, address: &str, viewer: &Viewer) -> Result<AccountView, ReadError> {
        let at = read(&self.shared.book);
        let address = Address::new(address).map_err(|_| ReadError::NotFound)?;
        let account = at
            .book
            .account(&address)
            .filter(|account| may_read(viewer, account));
        let view = account
            .and_then(|account| AccountView::of(&at.book, account, at.size.saturating_sub(1)));
        view.ok_or(ReadError::NotFound)
    }

    /// The items that changed an account, newest first, by following the account's own chain.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn history(
        &self,
        address: &str,
        viewer: &Viewer,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<HistoryPage, ReadError> {
        let address = Address::new(address).map_err(|_| ReadError::NotFound)?;
        // The account may have changed since the view was taken: its last item is in the book's log.
        let (account, size) = {
            let at = read(&self.shared.book);
            let account = at
                .book
                .account(&address)
                .filter(|account| may_read(viewer, account));
            (account.cloned().ok_or(ReadError::NotFound)?, at.size)
        };
        let mut next = match cursor {
            None => account.last,
            Some(Cursor(item)) => Some(item),
        };
        let mut rows = Vec::new();
        let mut held: Option<Held> = None;
        while let Some(item) = next
            && rows.len() < limit
        {
            // Consecutive items of an account often stand in one entry.
            let here = match held.take().filter(|held| held.entry().index == item.index) {
                Some(here) => here,
                None => self
                    .held_below(item.index, size)
                    .map_err(|error| match error {
                        ReadError::NotFound => ReadError::Cursor,
                        other => other,
                    })?,
            };
            let (leg, change) =
                find_change(&here, item, account.number).ok_or(ReadError::Cursor)?;
            rows.push(self.row(&here, item, leg, change, account.number)?);
            next = change.previous;
            held = Some(here);
        }
        Ok(HistoryPage {
            account: address,
            items: rows,
            next: next.map(Cursor),
        })
    }

    fn row(
        &self,
        held: &Held,
        item: ItemRef,
        leg: &LegDraft,
        change: &Change,
        account: u64,
    ) -> Result<HistoryRow, ReadError> {
        let at = read(&self.shared.book);
        let [debit, credit] = &leg.changes;
        let (direction, other) = match debit.account == account {
            true => (Direction::Debit, credit.account),
            false => (Direction::Credit, debit.account),
        };
        let lost = || ReadError::Damaged(item.index, "its account is not known".to_string());
        let asset = at
            .book
            .account_numbered(account)
            .and_then(|a| at.book.asset_numbered(a.asset));
        let scale = asset.ok_or_else(lost)?.scale;
        let counterparty = at.book.account_numbered(other).ok_or_else(lost)?;
        let amount = i128::try_from(leg.amount).unwrap_or(i128::MAX);
        Ok(HistoryRow {
            index: item.index,
            item: item.item,
            time: Time::from_nanos(held.entry().time),
            kind: chain::LegKind::from(leg.kind).into(),
            id: leg.id,
            instruction: leg.instruction,
            leg: leg.leg,
            direction,
            amount: print_minor(amount, scale),
            counterparty: counterparty.address.clone(),
            balance: print_minor(change.counters.posted(), scale),
        })
    }

    /// All assets.
    #[must_use]
    pub fn assets(&self) -> Vec<AssetView> {
        read(&self.shared.book)
            .book
            .assets()
            .iter()
            .map(AssetView::of)
            .collect()
    }

    /// All participants, with the keys that anybody needs to check a signature.
    #[must_use]
    pub fn participants(&self) -> Vec<ParticipantView> {
        read(&self.shared.book)
            .book
            .participants()
            .iter()
            .map(ParticipantView::of)
            .collect()
    }

    /// Who the viewer is.
    #[must_use]
    pub fn whoami(&self, viewer: &Viewer) -> WhoAmI {
        let expires_at = viewer.expires_at;
        WhoAmI {
            participant: viewer.id.clone(),
            role: viewer.role,
            expires_at,
        }
    }
}

/// Owners read their own accounts; auditors and operators read all.
fn may_read(viewer: &Viewer, account: &Account) -> bool {
    matches!(viewer.role, Role::Auditor | Role::Operator) || account.owner == viewer.number
}

fn find_change(held: &Held, item: ItemRef, account: u64) -> Option<(&LegDraft, &Change)> {
    let at = usize::try_from(item.item).ok()?.checked_sub(1)?;
    match held.record().drafts.get(at)? {
        Draft::Leg(leg) => {
            let change = leg
                .changes
                .iter()
                .find(|change| change.account == account)?;
            Some((leg, change))
        }
        Draft::Instruction(_) => None,
    }
}
