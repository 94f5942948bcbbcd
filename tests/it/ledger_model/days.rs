//! Business days in the reference, as on the wall of an office: days are counted from the first Monday,
//! times are minutes of the day.

use super::reference::{Answer, Leg, Reference};
use super::waiting::Waiting;

/// The first Monday, nanoseconds: half past nine hours before everything begins.
const MONDAY: u64 = crate::ledger_world::START - 34_200_000_000_000;
const MINUTE: i64 = 60_000_000_000;

/// The present day of an asset.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub(super) date: u32,
    /// 0 before it opens, 1 open, 2 for banks alone, 3 for nobody, 4 over.
    pub(super) stage: usize,
    /// Whether payments are still called in, or sent away.
    pub(super) busy: bool,
    /// When it opens, ends for customers, for banks, and is over; negative on the evening before.
    pub(super) times: [i64; 4],
    /// Whether it sends away who comes late.
    pub(super) refuses: bool,
    /// Whether a day that is none stands for the next one; else for none.
    pub(super) rolls: bool,
    pub(super) ahead: u32,
    /// How many days back a value date may lie.
    pub(super) back: i64,
    pub(super) holidays: Vec<u32>,
}

impl Day {
    fn next_time(&self, sealing: bool) -> u64 {
        if self.busy || self.stage == 4 {
            return 0;
        }
        let minute = i64::from(self.date) * 1_440 + self.times[self.stage];
        let patience = if sealing && self.stage == 3 { 10 } else { 0 };
        MONDAY.saturating_add_signed((minute + patience) * MINUTE)
    }

    fn takes(&self, customer: bool) -> bool {
        self.stage == 1 && !self.busy || self.stage == 2 && !customer
    }

    fn is_over(&self, customer: bool) -> bool {
        self.stage >= if customer { 2 } else { 3 }
    }

    fn is_good(&self, date: u32) -> bool {
        date % 7 < 5 && !self.holidays.contains(&date)
    }

    /// Whether a day that is not to come was one: nobody changes them here.
    pub(super) fn was_good(&self, day: i64) -> bool {
        u32::try_from(day).is_ok_and(|day| self.is_good(day))
    }

    fn ends_month(&self) -> bool {
        // The eighth day is the first of December.
        let month = |date: u32| if date < 8 { 11 } else { 12 + (date - 8) / 31 };
        month(self.date) != month(self.good_from(self.date + 1))
    }

    fn good_from(&self, date: u32) -> u32 {
        (date..).find(|date| self.is_good(*date)).unwrap()
    }
}

fn is_customers(address: &str) -> bool {
    address.ends_with(":customer")
}

impl Reference {
    /// The days of what pays, each once, in the order of the legs.
    fn days_of<'a>(&self, payers: impl Iterator<Item = &'a String>) -> Vec<usize> {
        let mut assets = Vec::new();
        for payer in payers {
            let asset = self.accounts[payer].asset;
            if self.days[asset].is_some() && !assets.contains(&asset) {
                assets.push(asset);
            }
        }
        assets
    }

    fn day(&self, asset: usize) -> &Day {
        self.days[asset].as_ref().unwrap()
    }

    /// The day on which a payment settles; none for now.
    pub(super) fn timing(
        &mut self,
        signers: &[&'static str],
        legs: &[Leg],
        asked: Option<i64>,
        until_cutoff: bool,
    ) -> Result<Option<u32>, &'static str> {
        let assets = self.days_of(legs.iter().map(|leg| &leg.debit));
        let days: Vec<Day> = assets
            .iter()
            .map(|asset| self.day(*asset).clone())
            .collect();
        if days.is_empty() {
            return match asked.is_some() || until_cutoff {
                true => Err("CALENDAR_UNKNOWN"),
                false => Ok(None),
            };
        }
        let customer = legs
            .iter()
            .any(|leg| is_customers(&leg.debit) || is_customers(&leg.credit));
        let free = self.free_days(legs.iter().flat_map(|leg| [&leg.debit, &leg.credit]));
        let good = |date: u32| {
            let good = |day: &Day| day.date <= date && day.is_good(date);
            !free.contains(&date) && days.iter().all(good)
        };
        let takes = |day: &Day| day.takes(customer) && !free.contains(&day.date);
        let is_over = |day: &Day| day.is_over(customer) || free.contains(&day.date);
        let good_from = |date: u32| (date..).find(|date| good(*date)).unwrap();
        let next = |day: &Day| match is_over(day) {
            true => day.good_from(day.date + 1),
            false => day.date,
        };
        let earliest = days.iter().map(next).max().unwrap();
        let refuses = days.iter().any(|day| day.refuses);
        let Some(asked) = asked else {
            if days.iter().all(takes) {
                return Ok(None);
            }
            let own = |leg: &Leg| self.signer(&leg.debit) == signers[0];
            if refuses || !legs.iter().all(own) {
                return Err("CUTOFF_PASSED");
            }
            self.rolled = days.iter().any(is_over);
            return Ok(Some(good_from(earliest)));
        };
        let present = days.iter().map(|day| day.date).max().unwrap();
        let ahead = days.iter().map(|day| day.ahead).min().unwrap();
        if asked < i64::from(present) {
            return Err("DATE_PAST");
        }
        let asked = u32::try_from(asked).unwrap();
        if asked > present + ahead {
            return Err("DATE_TOO_FAR");
        }
        let mut date = match good(asked) {
            true => asked,
            false if days.iter().all(|day| day.rolls) => good_from(asked),
            false => return Err("DATE_NOT_GOOD"),
        };
        if date < earliest {
            if refuses {
                return Err("CUTOFF_PASSED");
            }
            date = good_from(earliest);
        }
        if days.iter().all(|day| day.date >= date && takes(day)) {
            return Ok(None);
        }
        self.rolled = date != asked;
        Ok(Some(date))
    }

    pub(super) fn dated(
        &mut self,
        signers: &[&'static str],
        (ordinal, id): (usize, u64),
        legs: &[Leg],
        (day, how): (Option<i64>, u8),
    ) -> Answer {
        self.owned(signers, legs)?;
        if let Some(day) = self.timing(signers, legs, day, how == 2)? {
            return self.wait_for(signers, (ordinal, id), legs, (day, how != 1, 2, [None; 2]));
        }
        if how == 0 {
            return self.at_once(signers, legs);
        }
        let before = self.waiting.len();
        self.wait(signers, (ordinal, id), legs, (2, [None; 3]))?;
        if self.waiting.len() > before {
            self.waiting.last_mut().unwrap().short_lived = how == 2;
        }
        Ok(())
    }

    /// Whether the days of these accounts take what moves between them.
    pub(super) fn are_open(&self, addresses: &[&String]) -> Answer {
        let customer = addresses.iter().any(|address| is_customers(address));
        let assets = self.days_of(addresses.iter().copied());
        let free = self.free_days(addresses.iter().copied());
        let takes = |day: &Day| day.takes(customer) && !free.contains(&day.date);
        match assets.iter().all(|asset| takes(self.day(*asset))) {
            true => Ok(()),
            false => Err("CUTOFF_PASSED"),
        }
    }

    fn has_customers(payment: &Waiting) -> bool {
        let mut moves = payment.moves.iter();
        moves.any(|(from, to, _)| is_customers(from) || is_customers(to))
    }

    /// Whether the days of its assets take a payment.
    pub(super) fn lets(&self, payment: &Waiting) -> bool {
        let assets = self.days_of(payment.moves.iter().map(|(from, ..)| from));
        let (customer, free) = (Self::has_customers(payment), self.free_of(payment));
        let takes = |day: &Day| day.takes(customer) && !free.contains(&day.date);
        assets.iter().all(|asset| takes(self.day(*asset)))
    }

    /// On which days somebody is away whose accounts these are.
    fn free_days<'a>(&self, addresses: impl Iterator<Item = &'a String>) -> Vec<u32> {
        let lists = addresses.filter_map(|address| self.away.get(self.owner(address)));
        let days = lists.flatten();
        days.filter_map(|day| u32::try_from(*day).ok()).collect()
    }

    fn free_of(&self, payment: &Waiting) -> Vec<u32> {
        self.free_days(payment.moves.iter().flat_map(|(from, to, _)| [from, to]))
    }

    /// When a bank is away from now on, unless that is another thing for a day that has begun.
    pub(super) fn stay_away(&mut self, bank: &'static str, days: &[i64]) -> Answer {
        let before = self.away.get(bank).cloned().unwrap_or_default();
        if before == days {
            return Err("NO_CHANGE");
        }
        if bank == "operators" {
            return Err("PARTICIPANT_NOT_BANK");
        }
        if days.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err("CALENDAR_INVALID");
        }
        let begun = self.days.iter().flatten().filter(|day| day.stage > 0);
        for day in begun {
            let date = i64::from(day.date);
            if before.contains(&date) != days.contains(&date) {
                return Err("CALENDAR_TOO_EARLY");
            }
        }
        if self.has_ended(bank) {
            return Err("STATE_NOT_ALLOWED");
        }
        self.away.insert(bank, days.to_vec());
        Ok(())
    }

    /// Payments that the day calls in or sends away, by their places on the list.
    fn called_by(&self, asset: usize) -> Vec<usize> {
        let called = |payment: &Waiting| {
            let assets = self.days_of(payment.moves.iter().map(|(from, ..)| from));
            let (customer, free) = (Self::has_customers(payment), self.free_of(payment));
            if !assets.contains(&asset) {
                return false;
            }
            if self.day(asset).stage > 1 {
                let day = self.day(asset);
                let over = day.is_over(customer) && !free.contains(&day.date);
                return payment.short_lived && payment.lines_up() && over;
            }
            payment.day.is_some_and(|date| {
                assets.iter().all(|other| {
                    let day = self.day(*other);
                    let open = *other == asset || day.takes(customer);
                    day.date >= date && open && !free.contains(&day.date)
                })
            })
        };
        let list = self.waiting.iter().enumerate();
        list.filter(|(_, p)| called(p)).map(|(n, _)| n).collect()
    }

    /// All that days have to do by now, with what was due before them, and what settles in between.
    pub(super) fn days_go_on(&mut self, mut look: bool) -> bool {
        loop {
            let sealing = self.sealing;
            let times = self.days.iter().enumerate();
            let times =
                times.filter_map(|(asset, day)| Some((day.as_ref()?.next_time(sealing), asset)));
            let Some((time, asset)) = times.min().filter(|(time, _)| *time <= self.now) else {
                return look;
            };
            let hold = self.next_expiry();
            let others = hold.into_iter().chain(self.next_call()).min();
            if others.is_some_and(|other| other < time) {
                look |= match hold.is_some_and(|hold| hold <= self.now) {
                    true => self.expire(),
                    false => self.call(),
                };
                continue;
            }
            if look {
                self.run();
            }
            self.event(asset);
            look = true;
        }
    }

    fn event(&mut self, asset: usize) {
        let stage = self.day(asset).stage;
        if self.day(asset).busy && stage == 4 {
            self.bill_all(asset);
            self.days[asset].as_mut().unwrap().busy = false;
            return;
        }
        if self.day(asset).busy {
            for n in self.called_by(asset).into_iter().rev() {
                match stage {
                    1 => self.waiting[n].day = None,
                    _ => {
                        let payment = self.waiting.remove(n);
                        self.strike(&payment);
                    }
                }
            }
            self.days[asset].as_mut().unwrap().busy = false;
            return;
        }
        if stage < 3 {
            self.days[asset].as_mut().unwrap().stage += 1;
            if stage == 0 {
                self.opened[asset].push((self.now, self.day(asset).date));
            }
            let busy = !self.called_by(asset).is_empty();
            self.days[asset].as_mut().unwrap().busy = busy;
            self.close_with(asset, self.day(asset).stage);
            return;
        }
        let (now, sealing) = (self.now, self.sealing);
        let mut closed = Vec::new();
        for (asset, day) in self.days.iter_mut().enumerate() {
            let Some(day) = day else { continue };
            if day.stage == stage && !day.busy && day.next_time(sealing) <= now {
                match stage {
                    3 => {
                        day.stage = 4;
                        closed.push(asset);
                    }
                    _ => {
                        day.date = day.good_from(day.date + 1);
                        day.stage = 0;
                    }
                }
            }
        }
        for asset in closed {
            self.close_with(asset, 4);
        }
        self.sealing = true;
        // Whoever has closed just now, on the last day of its month, sends its bills first.
        for asset in 0..self.days.len() {
            let closed = self.days[asset].as_ref();
            let closed = closed.is_some_and(|day| day.stage == 4 && stage == 3 && day.ends_month());
            if closed && self.has_bills(asset) {
                self.days[asset].as_mut().unwrap().busy = true;
            }
        }
    }
}
