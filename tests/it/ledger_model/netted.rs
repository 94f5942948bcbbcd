//! Netting in the reference: a list of payments, added up anew whenever somebody asks. Nothing here is
//! kept as a sum.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use super::reference::{Answer, Reference, Typed};

/// Names of the models, their assets, and whether what comes in makes no room for what goes out.
pub(super) const MODELS: [(&str, usize, bool); 3] =
    [("ach", 0, false), ("jp", 1, true), ("mini", 0, true)];
/// Seconds between closes of the second model by schedule.
pub(super) const EVERY_S: u64 = 10;
/// Windows that settled with anything in them, and draws, of all runs: a model that hardly ever clears
/// shows nothing.
pub(super) static SETTLED: AtomicU64 = AtomicU64::new(0);
pub(super) static DRAWN: AtomicU64 = AtomicU64::new(0);
/// From where the first model draws.
pub(super) const POOL: &str = "operators:pool";
/// Stages of the day with which windows of the models close, where there are days.
const STAGES: [Option<usize>; 3] = [Some(2), Some(4), None];
const SECOND: u64 = 1_000_000_000;
/// Seconds that a closed window may wait before that is a default, of each model.
const FUNDING_S: [u64; 3] = [0, 5, 0];
/// Windows that may wait.
const WAITING: u64 = 16;

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) asset: usize,
    strict: bool,
    patience: u64,
    /// When each window closed, and the last of which it was said that it is late.
    closed: BTreeMap<u64, u64>,
    late: u64,
    scheduled: bool,
    /// Account and cap of each bank that has joined.
    pub(super) members: BTreeMap<&'static str, (String, i128)>,
    /// Window, payer, payee, units.
    payments: Vec<(u64, &'static str, &'static str, i128)>,
    /// The open window, and when it began.
    pub(super) window: u64,
    began: u64,
    /// The window ended in this very message.
    ended: bool,
    pub(super) settled: u64,
    pub(super) over: bool,
    /// The stage of the day with which its windows close.
    stage: Option<usize>,
    /// The date is over and its window could not close with it.
    overdue: bool,
    /// Windows that are of more than one date.
    pub(super) crossed: BTreeSet<u64>,
    pooled: bool,
    /// Window, bank, units.
    pub(super) drawn: Vec<(u64, &'static str, i128)>,
    /// What banks owe no more, though it was drawn for them.
    repaid: BTreeMap<&'static str, i128>,
}

impl Model {
    pub(super) fn new(n: usize, now: u64, days: bool) -> Self {
        let (_, asset, strict) = MODELS[n];
        Self {
            asset,
            strict,
            patience: FUNDING_S[n] * SECOND,
            scheduled: n == 1,
            stage: STAGES[n].filter(|_| days),
            pooled: n == 0,
            window: 1,
            began: now,
            ..Self::default()
        }
    }

    fn sum(&self, windows: impl Fn(u64) -> bool, counts: impl Fn(&str, &str) -> bool) -> i128 {
        let counted = self.payments.iter();
        let counted = counted.filter(|(window, from, to, _)| windows(*window) && counts(from, to));
        counted.map(|payment| payment.3).sum()
    }

    /// What a bank sent and received in some windows.
    pub(super) fn turnover(&self, bank: &str, windows: impl Fn(u64) -> bool) -> (i128, i128) {
        let sent = self.sum(&windows, |from, _| from == bank);
        (sent, self.sum(&windows, |_, to| to == bank))
    }

    /// What it sent and received and is not settled.
    pub(super) fn open_turnover(&self, bank: &str) -> (i128, i128) {
        self.turnover(bank, |window| window > self.settled)
    }

    /// What a bank owes the pool.
    pub(super) fn owed(&self, bank: &str) -> i128 {
        let drawn = self.drawn.iter().filter(|(_, whose, _)| *whose == bank);
        drawn.map(|(.., units)| units).sum::<i128>() - self.repaid.get(bank).unwrap_or(&0)
    }

    /// What each bank gets out of a window.
    fn nets(&self, window: u64) -> Vec<(&'static str, i128)> {
        let banks = self.members.keys();
        banks
            .map(|bank| {
                let (sent, received) = self.turnover(bank, |w| w == window);
                (*bank, received - sent)
            })
            .collect()
    }

    fn close(&mut self, now: u64) {
        let even = self.nets(self.window).iter().all(|(_, net)| *net == 0);
        if even && self.settled + 1 == self.window {
            self.settled = self.window;
        }
        self.closed.insert(self.window, now);
        self.window += 1;
        self.began = now;
        self.ended = true;
        self.overdue = false;
    }

    const fn is_full(&self) -> bool {
        self.window - 1 - self.settled >= WAITING
    }
}

impl Reference {
    /// Everything that falls due: windows settle, close by schedule, and are called late, until
    /// nothing is left to do. Says whether there was anything.
    pub(super) fn cycle(&mut self) -> bool {
        let mut any = false;
        for n in 0..self.models.len() {
            self.models[n].ended = false;
            loop {
                let mut more = self.settle(n);
                let model = &mut self.models[n];
                let due = (model.began / SECOND / EVERY_S + 1) * EVERY_S * SECOND;
                let by_time = model.scheduled && self.now >= due;
                if (by_time || model.overdue) && !model.over && !model.is_full() {
                    model.close(self.now);
                    model.ended = false;
                    more = true;
                }
                // Who is late may draw from the pool.
                more = more || self.call_late(n);
                if !more {
                    break;
                }
                any = true;
            }
        }
        any
    }

    /// The day of an asset has come to a stage: windows close with it, and all with the last.
    pub(super) fn close_with(&mut self, asset: usize, stage: usize) {
        let now = self.now;
        for model in &mut self.models {
            let with = model.stage == Some(stage) || model.stage.is_some() && stage == 4;
            if !with || model.over || model.asset != asset {
                continue;
            }
            if !model.is_full() {
                model.close(now);
            } else if stage == 4 {
                model.overdue = true;
                model.crossed.insert(model.window);
            }
        }
    }

    fn call_late(&mut self, n: usize) -> bool {
        let model = &mut self.models[n];
        let next = model.settled + 1;
        let Some(closed) = model.closed.get(&next) else {
            return false;
        };
        let late = closed + model.patience <= self.now && !self.suspended[model.asset];
        late && std::mem::replace(&mut model.late, next) != next
    }

    fn settle(&mut self, n: usize) -> bool {
        let mut any = false;
        while self.models[n].settled + 1 < self.models[n].window {
            let model = &self.models[n];
            let nets = model.nets(model.settled + 1);
            let account = |bank: &str| model.members[bank].0.clone();
            // What each has too little, when it was told so; nobody more than its net.
            let lacks: Vec<(&'static str, i128)> = nets
                .iter()
                .map(|(bank, net)| (*bank, -net - self.free(&account(bank)).max(0)))
                .filter(|(_, lack)| *lack > 0)
                .collect();
            let sum: i128 = lacks.iter().map(|(_, lack)| lack).sum();
            let told = model.pooled && model.late == model.settled + 1;
            let covered = told && (sum == 0 || self.may_pay(POOL) && sum <= self.free(POOL));
            // Freezes count, urgent payments that wait do not.
            let stopped = |(bank, net): &(&'static str, i128)| {
                let address = account(bank);
                let pays = || self.may_pay(&address) && (covered || self.free(&address) >= -net);
                *net < 0 && !pays() || *net > 0 && !self.may_get(&address)
            };
            if self.suspended[model.asset] || nets.iter().any(stopped) {
                return any;
            }
            let full = nets.iter().any(|(_, net)| *net != 0);
            SETTLED.fetch_add(u64::from(full), Ordering::Relaxed);
            DRAWN.fetch_add(lacks.len() as u64, Ordering::Relaxed);
            for (bank, lack) in &lacks {
                let (pool, address) = (POOL.to_owned(), account(bank));
                for (address, units) in [(pool, -lack), (address, *lack)] {
                    self.accounts.get_mut(&address).unwrap().balance += units;
                }
            }
            let nets: Vec<_> = nets
                .iter()
                .map(|(bank, net)| (account(bank), *net))
                .collect();
            for (address, net) in nets {
                // As what is urgent.
                self.use_jars(&address, (-net).max(0));
                self.accounts.get_mut(&address).unwrap().balance += net;
            }
            let model = &mut self.models[n];
            model.settled += 1;
            let drawn = lacks
                .into_iter()
                .map(|(bank, lack)| (model.settled, bank, lack));
            model.drawn.extend(drawn);
            any = true;
        }
        any
    }

    pub(super) fn clear(
        &mut self,
        signers: &[&'static str],
        n: usize,
        payments: &[(&'static str, &'static str, Typed)],
    ) -> Answer {
        let model = self.models.get(n).ok_or("MODEL_UNKNOWN")?;
        let of_it = |signer: &&'static str| model.members.contains_key(signer);
        if !signers.contains(&"operators") && !signers.iter().any(of_it) {
            return Err("MODEL_UNKNOWN");
        }
        let known = |bank| model.members.contains_key(bank);
        if !payments
            .iter()
            .all(|(from, to, _)| known(from) && known(to))
        {
            return Err("MEMBER_UNKNOWN");
        }
        if !payments.iter().all(|(from, ..)| signers.contains(from)) {
            return Err("NOT_OWNER");
        }
        if self.suspended[model.asset] {
            return Err("ASSET_SUSPENDED");
        }
        let mut found = Vec::new();
        for (from, to, amount) in payments {
            if from == to {
                return Err("SELF_TRANSFER");
            }
            found.push((*from, *to, amount.to_units(model.asset)?));
        }
        if model.over {
            return Err("MODEL_CLOSED");
        }
        if model.ended {
            return Err("WINDOW_ENDS");
        }
        if model.overdue {
            return Err("WINDOWS_TOO_MANY");
        }
        for (from, to, units) in found {
            let account = |bank: &str| model_account(&self.models[n], bank);
            if !self.may_pay(&account(from)) || !self.may_get(&account(to)) {
                return Err("ACCOUNT_FROZEN");
            }
            if self.is_suspended(&account(from)) {
                return Err("PARTICIPANT_SUSPENDED");
            }
            self.take_part(&account(from), &account(to))?;
            let model = &mut self.models[n];
            model.payments.push((model.window, from, to, units));
            let (sent, received) = model.open_turnover(from);
            let counted = if model.strict { sent } else { sent - received };
            if counted > model.members[from].1 {
                return Err("NDC_EXCEEDED");
            }
        }
        Ok(())
    }

    pub(super) fn close_window(&mut self, n: usize, for_good: bool) -> Answer {
        let now = self.now;
        let model = self.models.get_mut(n).ok_or("MODEL_UNKNOWN")?;
        if model.over {
            return Err("MODEL_CLOSED");
        }
        if model.ended {
            return Err("WINDOW_ENDS");
        }
        if model.is_full() && !for_good {
            return Err("WINDOWS_TOO_MANY");
        }
        model.over = for_good;
        model.close(now);
        Ok(())
    }

    pub(super) fn join(
        &mut self,
        n: usize,
        address: &str,
        cap: Typed,
        still: Option<Typed>,
    ) -> Answer {
        let account = self.accounts.get(address).ok_or("ACCOUNT_UNKNOWN")?;
        let bank = self.owner(address);
        let model = self.models.get(n).ok_or("MODEL_UNKNOWN")?;
        if account.asset != model.asset {
            return Err("ASSET_MISMATCH");
        }
        let cap = cap.as_limit(model.asset)?;
        let still = still.map(|still| still.as_limit(model.asset)).transpose()?;
        if account.is_closed() {
            return Err("ACCOUNT_CLOSED");
        }
        if address.contains("customer") || bank == "operators" {
            return Err("ACCOUNT_KIND_NOT_ALLOWED");
        }
        let known = model.members.get(bank);
        let owed = model.owed(bank);
        let left = still.unwrap_or(owed);
        if known.is_some_and(|(with, before)| with == address && *before == cap) && left == owed {
            return Err("NO_CHANGE");
        }
        if model.over && (known.is_none() || still.is_none()) {
            return Err("MODEL_CLOSED");
        }
        match known {
            Some((with, _)) if with != address => return Err("MEMBER_EXISTS"),
            _ if left > owed => return Err("OWED_EXCEEDED"),
            None if self.is_joined(address) => return Err("MODEL_OVERLAP"),
            None if self.reached.contains_key(bank) => return Err("PARTICIPANT_INDIRECT"),
            _ => {}
        }
        let model = &mut self.models[n];
        *model.repaid.entry(bank).or_default() += owed - left;
        model.members.insert(bank, (address.to_owned(), cap));
        Ok(())
    }

    /// Why a model still needs an account.
    pub(super) fn is_needed(&self, address: &str) -> Option<&'static str> {
        match (self.is_joined(address), self.is_pool(address)) {
            (true, _) => Some("ACCOUNT_JOINED"),
            (_, true) => Some("POOL_NAMED"),
            _ => None,
        }
    }

    /// Whether a model may still draw from an account.
    fn is_pool(&self, address: &str) -> bool {
        let ends = |model: &Model| model.over && model.settled + 1 == model.window;
        address == POOL && self.models.iter().any(|model| model.pooled && !ends(model))
    }

    /// Whether a model may still settle on an account.
    pub(super) fn is_joined(&self, address: &str) -> bool {
        self.models.iter().any(|model| {
            let over = model.over && model.settled + 1 == model.window;
            !over && model.members.values().any(|(with, _)| with == address)
        })
    }
}

fn model_account(model: &Model, bank: &str) -> String {
    model.members[bank].0.clone()
}
