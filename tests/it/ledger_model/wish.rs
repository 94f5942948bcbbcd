//! What can be wished for: an instruction as somebody says it, not as the ledger reads it.

use super::backs::Place;
use super::banned::Target;
use super::limited::Asked;
use super::reference::{ASSETS, Leg, Typed};
use super::standing::Change;
use super::{dealt, formed};

#[derive(Debug, Clone)]
pub(super) enum Wish {
    Pay(Vec<Leg>),
    Issue(String, Typed),
    Redeem(String, Typed),
    Limits(String, [Option<Typed>; 3], Box<Asked>),
    Close(String),
    /// The asset and whether it is suspended from now on.
    Suspend(usize, bool),
    /// Legs, milliseconds until it expires, several captures, tolerance, guaranteed.
    Reserve(Vec<Leg>, Option<u64>, bool, u16, bool),
    /// A hold by its number, how much, whether it is the last one.
    Capture(u64, Option<Typed>, Option<bool>),
    Void(u64),
    /// Whom, the number of the case, the level, how much, milliseconds until it ends.
    Freeze(Target, u64, usize, Option<Typed>, Option<u64>),
    Lift(Target, u64),
    Reopen(String),
    /// A bank, and how far it takes part from now on.
    Stand(&'static str, Change),
    /// Legs that are looked at as one set.
    Net(Vec<Leg>),
    /// Legs, priority, milliseconds until it is revoked, until it may go and until it should be gone.
    Wait(Vec<Leg>, u8, [Option<u64>; 3]),
    /// An account, and what is reserved on it for urgent and for high payments.
    Earmark(String, [Option<Typed>; 2]),
    Cancel(u64),
    /// Legs, the day from the first Monday on, and how it waits for funds: not, in the queue, there
    /// until the cut-off.
    Dated(Vec<Leg>, Option<i64>, u8),
    /// A payment, its new priority, whether it goes first or last.
    Requeue(u64, Option<u8>, Option<bool>),
    /// Which model, and who pays whom how much.
    Clear(usize, Vec<(&'static str, &'static str, Typed)>),
    /// Which model, and whether it is the last of its windows.
    CloseWindow(usize, bool),
    /// Which model, the account, the cap, what is owed still.
    Join(usize, String, Typed, Option<Typed>),
    /// What is proposed, and for how many milliseconds.
    Propose(Vec<(u64, Wish)>, u64),
    /// A proposal, by which hash, and whether that is its hash.
    Agree(u64, chain::Hash, bool),
    /// A proposal, and whether it is its maker that ends it.
    EndPaper(u64, bool),
    /// A leg, or none that is known, and how much of it.
    Return(Option<Place>, Option<Typed>),
    Reverse(Place, Option<Typed>),
    Recall(Place),
    /// A recall by its number.
    RefuseRecall(u64),
    Split(Box<formed::Shares>),
    /// Legs with conditions or under a mandate.
    Told(Box<formed::Told>),
    Grant(Box<formed::Grant>),
    Revoke(u64),
    /// From one kind of account to another, and whether it may be.
    Rule(&'static str, &'static str, bool),
    /// A bank and whether it states prices from now on.
    Provider(&'static str, bool),
    Price(dealt::Stated),
    /// Which assets, and where the prices come from.
    EndPrice((usize, usize), u8),
    Offer(dealt::Offered),
    Exchange(dealt::Exchanged),
    /// What payments cost from now on.
    Tariff(Box<super::charged::Tariff>),
}

impl Typed {
    /// An amount that moves: more than nothing.
    pub(super) fn to_units(self, asset: usize) -> Result<i128, &'static str> {
        match self.units {
            0 => Err("AMOUNT_ZERO"),
            _ => self.as_limit(asset),
        }
    }

    /// A limit may be zero.
    pub(super) fn as_limit(self, asset: usize) -> Result<i128, &'static str> {
        match ASSETS[asset].1.checked_sub(self.decimals) {
            None => Err("PRECISION_EXCEEDED"),
            Some(up) => Ok(self.units * 10i128.pow(up)),
        }
    }
}
