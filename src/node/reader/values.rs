//! Value-dated balances: what is booked at the close of a business date, with each payment counted from
//! its value date on.
//!
//! ```text
//!  business date   asked for ── close │ ............ present
//!  booked          at the close, from the account's own chain
//!  differs         by what the book keeps of the last month; for dates before that, by what stands
//!                  in the chain between the close and the last entry that could say so
//! ```

use super::past::NO_CALENDAR;
use super::trail::Walk;
use super::{ReadError, Reader, Viewer};
use crate::ledger::{Account, Date, print_minor};
use crate::limits::BACK_VALUE_DAYS_MAX;
use crate::node::shared::read;
use crate::wire::{AccountView, ValueDatedView};

/// A business date, and an account as it stands now: all from one moment of the book.
struct Asked {
    account: Account,
    scale: u8,
    business_date: Date,
    /// Index of the newest entry.
    newest: u64,
    /// Index of the entry that closed the date; of the present one, the newest.
    close: u64,
    differs: Differs,
}

/// By how much the value-dated balance is above the booked one.
enum Differs {
    /// By so much, minor units.
    By(i128),
    /// By what the items behind the close say, up to an entry behind which none can.
    Until(u64),
}

impl Reader {
    /// One account as it is now, with its value-dated balance at a date.
    ///
    /// # Errors
    /// [`ReadError::NotFound`], also for accounts that the viewer may not read; [`ReadError::NoDay`] if
    /// the account's asset has no calendar, or the date is to come, or before the calendar's first;
    /// [`ReadError::Unfinished`].
    pub fn account_valued(
        &self,
        address: &str,
        viewer: &Viewer,
        date: Date,
    ) -> Result<AccountView, ReadError> {
        let (account, _) = self.readable(address, viewer)?;
        let asked = self.asked(account.number, date)?;
        let then = self.account_then(&asked.account, asked.close, &mut self.meter())?;
        let booked = then.map_or(0, |then| then.counters.posted());
        let differs = match asked.differs {
            Differs::By(minor) => minor,
            Differs::Until(end) => self.differs(&asked, end)?,
        };
        let seen = self.seen(viewer, asked.newest, std::slice::from_ref(&asked.account))?;
        let print = |minor| print_minor(minor, asked.scale);
        let at = read(&self.shared.book);
        let view = AccountView::of(&at.book, &asked.account, seen).ok_or(ReadError::NotFound)?;
        Ok(AccountView {
            value_dated: Some(ValueDatedView {
                date,
                business_date: asked.business_date,
                balance: print(booked.saturating_add(differs)),
                booked: print(booked),
                booked_at_index: asked.close,
                r#final: matches!(asked.differs, Differs::Until(_)),
            }),
            ..view
        })
    }

    fn asked(&self, number: u64, date: Date) -> Result<Asked, ReadError> {
        let at = read(&self.shared.book);
        let account = at
            .book
            .account_numbered(number)
            .ok_or(ReadError::NotFound)?;
        let asset = at.book.asset_numbered(account.asset);
        let calendar = at.book.calendars().of_asset(account.asset);
        let calendar = calendar.ok_or(ReadError::NoDay(NO_CALENDAR))?;
        let business_date = calendar.business_date(date);
        let business_date = business_date.ok_or(ReadError::NoDay(
            "no business date of the asset had begun on that date",
        ))?;
        let newest = at.size.saturating_sub(1);
        let close = calendar.past(business_date).map_or(newest, |day| day.to);
        let differs = match at.book.value_difference(account, business_date) {
            Some(minor) => Differs::By(minor),
            None => {
                // A payment has its value date at most so many days before the date it is booked on.
                let last = business_date.plus(BACK_VALUE_DAYS_MAX);
                let last = calendar.business_date(last).unwrap_or(business_date);
                Differs::Until(calendar.past(last).map_or(newest, |day| day.to))
            }
        };
        Ok(Asked {
            account: account.clone(),
            scale: asset.ok_or(ReadError::NotFound)?.scale,
            business_date,
            newest,
            close,
            differs,
        })
    }

    /// What payments that were booked behind the close have for dates up to it.
    fn differs(&self, asked: &Asked, end: u64) -> Result<i128, ReadError> {
        let account = &asked.account;
        let mut walk = Walk::new(self, account.number, account.last);
        let newest = walk.newest_below(end.saturating_add(1))?;
        let mut next = newest.map(|step| step.item);
        let mut differs = 0i128;
        while let Some(item) = next.filter(|item| item.index > asked.close) {
            if walk.meter.is_spent() {
                return Err(ReadError::Unfinished);
            }
            let (_, draft, change) = walk.look(item)?;
            let valued = draft
                .value_date()
                .is_some_and(|date| date <= asked.business_date);
            if let Some(leg) = draft.leg().filter(|_| valued) {
                let amount = i128::try_from(leg.amount).unwrap_or(i128::MAX);
                let [debit, _] = &leg.changes;
                differs = match debit.account == account.number {
                    true => differs.saturating_sub(amount),
                    false => differs.saturating_add(amount),
                };
            }
            next = change.previous;
        }
        Ok(differs)
    }
}
