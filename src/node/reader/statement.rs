//! Statements: opening balance, items, closing balance, oldest first.
//!
//! Every page is exact at the same end, which its cursor carries: what is settled while somebody
//! turns pages belongs to the next statement.

use super::history::Lines;
use super::trail::Walk;
use super::{ReadError, Reader, StatementQuery, Viewer};
use crate::ledger::{Counters, SECOND, Time, print_minor};
use crate::limits::READ_AHEAD_S_MAX;
use crate::node::shared::read;
use crate::wire::{Bound, StatementCursor, StatementPage};

/// The entries of a statement.
struct Range {
    from: u64,
    to: u64,
    /// Whether entries may still come that belong to it.
    interim: bool,
}

impl Reader {
    /// A page of an account's statement.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn statement(
        &self,
        address: &str,
        viewer: &Viewer,
        query: &StatementQuery,
        limit: usize,
    ) -> Result<StatementPage, ReadError> {
        let (account, size) = self.readable(address, viewer)?;
        let range = self.range(query, size)?;
        if account.opened >= range.to {
            return Err(ReadError::NotOpened(account.opened));
        }
        let mut walk = Walk::new(self, account.number, account.last);
        if let Some(cursor) = &query.cursor {
            // Whatever is no item of this account is no cursor of its statement.
            walk.step(cursor.after)?;
        }
        let mut counters = |bound| match walk.newest_below(bound) {
            Ok(step) => Ok(step.map_or_else(Counters::default, |step| step.change.counters)),
            Err(error) => Err(error),
        };
        let (closing, opening) = (counters(range.to)?, counters(range.from)?);
        let after = query.cursor.map(|cursor| cursor.after);
        let (items, mut more) = walk.oldest(range.from, after, range.to, limit)?;

        let mut walk = Walk::new(self, account.number, account.last);
        let mut maker = Lines::new(self, viewer, &account);
        let mut lines = Vec::with_capacity(items.len());
        for item in &items {
            if walk.meter.is_spent() {
                more = true;
                break;
            }
            lines.push(maker.line(&mut walk, *item)?);
        }
        let last = lines.last().filter(|_| more);
        let next = last.map(|line| StatementCursor {
            from: range.from,
            to: range.to,
            after: line.item(),
        });
        let items = maker.rows(lines)?;

        let at = read(&self.shared.book);
        let lost = || ReadError::Damaged(account.opened, "its asset is unknown".to_owned());
        let asset = at.book.asset_numbered(account.asset).ok_or_else(lost)?;
        let owner = at
            .book
            .participant_numbered(account.owner)
            .ok_or_else(lost)?;
        let moved = |now: u128, before: u128| {
            let moved = now.saturating_sub(before);
            print_minor(i128::try_from(moved).unwrap_or(i128::MAX), asset.scale)
        };
        Ok(StatementPage {
            account: account.address.clone(),
            owner: owner.id.clone(),
            asset: asset.id.clone(),
            from_index: range.from,
            to_index: range.to,
            interim: range.interim,
            opening_balance: print_minor(opening.posted(), asset.scale),
            total_credits: moved(closing.credits_posted, opening.credits_posted),
            total_debits: moved(closing.debits_posted, opening.debits_posted),
            closing_balance: print_minor(closing.posted(), asset.scale),
            items,
            next,
        })
    }

    fn range(&self, query: &StatementQuery, size: u64) -> Result<Range, ReadError> {
        let first = |bound| match bound {
            Bound::Index(index) if index > size => Err(ReadError::BeyondLog(size)),
            Bound::Index(index) => Ok(index),
            Bound::Time(time) => self.first_from(time, size),
        };
        let from = query.from.map(first).transpose()?.unwrap_or(0);
        let to = query.to.map(first).transpose()?.unwrap_or(size);
        let mut range = Range {
            from,
            to,
            interim: self.is_open(query.to, to, size),
        };
        if let Some(cursor) = &query.cursor {
            let within = cursor.from <= cursor.after.index && cursor.after.index < cursor.to;
            let same = query.from.is_none() || cursor.from == from;
            if !within || !same || cursor.to > to {
                return Err(ReadError::Cursor);
            }
            (range.from, range.to) = (cursor.from, cursor.to);
            range.interim |= query.to.is_none();
        }
        if range.from > range.to {
            return Err(ReadError::Range);
        }
        Ok(range)
    }

    /// Whether entries may still come below a bound: not behind an entry that is past it, and not
    /// when the clock is well past it.
    fn is_open(&self, bound: Option<Bound>, to: u64, size: u64) -> bool {
        match bound {
            None => true,
            Some(Bound::Index(_)) => false,
            Some(Bound::Time(time)) => {
                let passed = Time::from_nanos(
                    time.nanos()
                        .saturating_add(READ_AHEAD_S_MAX.saturating_mul(SECOND)),
                );
                to == size && self.shared.clock.now_ns() < passed.nanos()
            }
        }
    }
}
