//! Fees: a schedule for each asset, and what of it is due on a leg (LEDGER F15).
//!
//! ```text
//!  set_fees ──▶ the schedule of an asset, one version behind the other
//!                  │ first rule that is for the pair of accounts
//!  a leg settles ──┴──▶ leg ─▶ fee ─▶ tax on it, in the same entry
//! ```
//!
//! A fee is worked out once, when its leg settles, from the leg's amount alone: the leg itself never
//! changes. It is a leg of its own behind it, of kind fee, from whoever pays it to the account that
//! the schedule names; tax on it is another. What rounds to nothing is a leg of 0, so that both
//! parties can prove that nothing was due.
//!
//! Beside that, something may be due of accounts for each month: entries of the node's own charge it at
//! the end of the month's last business date.
//!
//! Invariants: whoever pays the leg pays its part out of what is available besides; whoever receives
//! the leg pays its part out of that very leg, and never more than it. So no fee takes an account
//! below its floor that the leg did not.

mod charge;
mod instruction;
mod monthly;
mod record;
mod schedule;
mod set;

pub use instruction::{
    FeeBasis, FeePayer, FeePeriod, FeeRule, FeeTax, FeeTier, PeriodicFee, SetFees,
};
pub use record::Fees;
pub use schedule::{FeeBand, FeeSchedule, FeeTerms, MonthlyTerms, TaxTerms};

pub(super) use charge::{
    Extra, at_leg, charge, extra_of, is_charged, moves_of, post_extra, receiver_pays, with,
};
pub(super) use monthly::{charge_month, charges_any, of_one_entry};
pub(super) use set::set_fees;
