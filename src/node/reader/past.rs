//! Balances as they were: at a log index, or at a time.

use super::trail::{Meter, Walk};
use super::visible::may_read;
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Account, Address, Counters, Date, Role, SECOND, Time};
use crate::limits::{ACCOUNTS_SCAN, READ_AHEAD_S_MAX};
use crate::node::shared::read;
use crate::wire::{AccountView, Seen};

/// Of an asset that has no business dates.
pub(super) const NO_CALENDAR: &str = "the asset has no calendar";

/// A moment of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum At {
    /// After the newest entry.
    #[default]
    Now,
    /// After the entry with this index.
    Index(u64),
    /// After the last entry at or before this time.
    Time(Time),
    /// At the close of this business date, in the calendar of the account's asset.
    Close(Date),
}

impl Reader {
    /// The accounts that the viewer may read, by number, behind the one with address `after`, all
    /// at one log index, and whether there may be more. Accounts that were opened later are left
    /// out. There are fewer than `limit` where more would cost too much.
    ///
    /// # Errors
    /// [`ReadError::Cursor`] if `after` is no account of the list; those of [`Reader::account_at`].
    pub fn accounts(
        &self,
        viewer: &Viewer,
        after: Option<&str>,
        limit: usize,
        at: At,
    ) -> Result<(Vec<AccountView>, bool), ReadError> {
        let from = match after {
            None => 0,
            Some(address) => {
                let address = Address::new(address).map_err(|_| ReadError::Cursor)?;
                let at = read(&self.shared.book);
                let account = at.book.account(&address).filter(|a| may_read(viewer, a));
                account.ok_or(ReadError::Cursor)?.number.saturating_add(1)
            }
        };
        let index = self.index_at(at)?;
        // One more than asked for tells whether there is another page.
        let ask = limit.saturating_add(1);
        let mut numbers = self.numbers(viewer, from, ask, index.unwrap_or(u64::MAX));
        let mut more = numbers.len() > limit;
        numbers.truncate(limit);
        let (accounts, newest) = {
            let at = read(&self.shared.book);
            let accounts = numbers.iter();
            let accounts = accounts.filter_map(|n| at.book.account_numbered(*n).cloned());
            (accounts.collect::<Vec<_>>(), at.size.saturating_sub(1))
        };
        let index = index.unwrap_or(newest);
        let mut meter = self.meter();
        let mut then = Vec::with_capacity(accounts.len());
        for account in &accounts {
            match self.account_then(account, index, &mut meter) {
                Ok(account) => then.extend(account),
                Err(ReadError::Unfinished) if !then.is_empty() => {
                    more = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        let seen = self.seen(viewer, index, &then)?;
        let at = read(&self.shared.book);
        let views = then.iter();
        let views = views.filter_map(|account| AccountView::of(&at.book, account, seen));
        Ok((views.collect(), more))
    }

    /// The numbers of the viewer's accounts from `from` on. The book is looked through in pieces,
    /// so that the publisher never waits for the whole of it.
    fn numbers(&self, viewer: &Viewer, from: u64, limit: usize, index: u64) -> Vec<u64> {
        let mut from = usize::try_from(from).unwrap_or(usize::MAX);
        let mut numbers = Vec::new();
        while numbers.len() < limit {
            let at = read(&self.shared.book);
            let accounts = at.book.accounts();
            if from >= accounts.len() {
                break;
            }
            let to = from.saturating_add(ACCOUNTS_SCAN);
            let piece = accounts.range(from..to);
            from = to;
            let mine = piece.filter(|a| may_read(viewer, a) && a.opened <= index);
            numbers.extend(mine.map(|account| account.number));
        }
        numbers.truncate(limit);
        numbers
    }

    /// One account as it is now.
    ///
    /// # Errors
    /// [`ReadError::NotFound`], also for accounts that the viewer may not read.
    pub fn account(&self, address: &str, viewer: &Viewer) -> Result<AccountView, ReadError> {
        self.account_at(address, viewer, At::Now)
    }

    /// One account at a moment.
    ///
    /// # Errors
    /// [`ReadError::NotFound`], also for accounts that the viewer may not read;
    /// [`ReadError::BeyondLog`], [`ReadError::TimeAhead`], [`ReadError::BeforeLog`] and
    /// [`ReadError::NotOpened`] for moments without an answer, [`ReadError::NoDay`] for dates that have
    /// not closed; [`ReadError::Unfinished`].
    pub fn account_at(
        &self,
        address: &str,
        viewer: &Viewer,
        at: At,
    ) -> Result<AccountView, ReadError> {
        let (account, size) = self.readable(address, viewer)?;
        let at = match at {
            At::Close(date) => At::Index(self.close_of(&account, date)?),
            at => at,
        };
        let index = self.index_at(at)?.unwrap_or(size.saturating_sub(1));
        let then = self.account_then(&account, index, &mut self.meter())?;
        let then = then.ok_or(ReadError::NotOpened(account.opened))?;
        let seen = self.seen(viewer, index, std::slice::from_ref(&then))?;
        let at = read(&self.shared.book);
        AccountView::of(&at.book, &then, seen).ok_or(ReadError::NotFound)
    }

    /// Index of the entry that closed a business date of an account's asset.
    fn close_of(&self, account: &Account, date: Date) -> Result<u64, ReadError> {
        let at = read(&self.shared.book);
        let calendar = at.book.calendars().of_asset(account.asset);
        let calendar = calendar.ok_or(ReadError::NoDay(NO_CALENDAR))?;
        match calendar.past(date) {
            Some(day) => Ok(day.to),
            None if date >= calendar.day.date => {
                Err(ReadError::NoDay("that business date is not over yet"))
            }
            None => Err(ReadError::NoDay(
                "that was no business date of the asset, or one longer ago than is kept",
            )),
        }
    }

    /// What views of these accounts need to know of a moment. Freezes end by time alone, so it is
    /// looked for where there are any.
    pub(super) fn seen(
        &self,
        viewer: &Viewer,
        index: u64,
        accounts: &[Account],
    ) -> Result<Seen, ReadError> {
        let timed = {
            let at = read(&self.shared.book);
            let mut accounts = accounts.iter();
            accounts.any(|account| AccountView::needs_time(&at.book, account))
        };
        Ok(Seen {
            at_index: index,
            time: if timed {
                self.time_of(index)?.nanos()
            } else {
                0
            },
            cases: viewer.role != Role::Bank,
        })
    }

    /// An account as it stood after entry `index`, from the account as it stands now.
    pub(super) fn account_then(
        &self,
        account: &Account,
        index: u64,
        meter: &mut Meter,
    ) -> Result<Option<Account>, ReadError> {
        if account.opened > index {
            return Ok(None);
        }
        let unchanged = account.last.is_none_or(|last| last.index <= index);
        let counters = if unchanged {
            account.counters
        } else {
            let left = std::mem::replace(meter, Meter::of(0));
            let mut walk = Walk::new(self, account.number, account.last).with(left);
            let step = walk.newest_below(index.saturating_add(1))?;
            *meter = walk.meter;
            step.map_or_else(Counters::default, |step| step.change.counters)
        };
        Ok(account.at(index, counters))
    }

    /// The log index of a moment; `None` for now.
    ///
    /// # Errors
    /// [`ReadError::BeyondLog`], [`ReadError::TimeAhead`], [`ReadError::BeforeLog`].
    fn index_at(&self, at: At) -> Result<Option<u64>, ReadError> {
        let end = self.end();
        match at {
            At::Now => Ok(None),
            At::Index(index) if index >= end => Err(ReadError::BeyondLog(end)),
            At::Index(index) => Ok(Some(index)),
            // It is another index for each asset.
            At::Close(_) => Err(ReadError::NoDay("a business date is one of an asset")),
            At::Time(time) => {
                let now = self.shared.clock.now_ns();
                let known = now.saturating_add(READ_AHEAD_S_MAX.saturating_mul(SECOND));
                if time.nanos() > known {
                    return Err(ReadError::TimeAhead(Time::from_nanos(now)));
                }
                let next = Time::from_nanos(time.nanos().saturating_add(1));
                match self.first_from(next, end)?.checked_sub(1) {
                    Some(index) => Ok(Some(index)),
                    None => Err(ReadError::BeforeLog(self.time_of(0)?)),
                }
            }
        }
    }

    /// Index of the first entry at or after a time; `end` if there is none below it. Entries stand
    /// in the order of their times, so this looks at one entry for each bit of the log's size.
    pub(super) fn first_from(&self, time: Time, end: u64) -> Result<u64, ReadError> {
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low.midpoint(high);
            if self.time_of(middle)? < time {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Time of an entry below the watermark.
    pub(super) fn time_of(&self, index: u64) -> Result<Time, ReadError> {
        if let Some(logged) = self.recent(index) {
            return Ok(Time::from_nanos(logged.entry.time));
        }
        let damaged = |what: String| ReadError::Damaged(index, what);
        let bytes = self.shared.store.entries(index, 1)?.pop();
        let bytes = bytes.ok_or_else(|| damaged("it is missing".to_owned()))?;
        let entry = chain::Entry::from_bytes(&bytes).map_err(|error| damaged(error.to_string()))?;
        Ok(Time::from_nanos(entry.time))
    }
}
