//! Netting cycles: payments between participants that count at once and settle later, as one net a
//! participant and window (LEDGER F12).
//!
//! ```text
//!  window 1                       window 2                          windows are ranges of log indexes
//!  from ─clear─clear─ ... ─close │ from ─clear─ ...
//!                          index k   k + 1
//!  open ──close──▶ closed ──every net debtor has the funds──▶ settled
//!                    └──not by closed + funding_s──▶ defaulted ──funds come, or the pool has them──▶ settled
//! ```
//!
//! A window settles as a whole, in one entry of the node's, behind the windows before it; it is never
//! unwound. Sums are kept with each payment, so that a close costs as much as there are participants.
//!
//! Invariants: in every window what was sent is what was received; a payment is in the window that is
//! open at its index, and in no other; the model's own account is at zero between entries.

mod clear;
mod close;
mod daily;
mod instruction;
mod model;
mod pool;
mod record;

pub use daily::DayEvent;
pub use instruction::{
    Clear, ClearPayment, CloseModel, CloseRule, CloseWindow, CountUnsettled, JoinModel, OpenModel,
};
pub use record::{
    ClosedWindow, CycleEffect, Cycles, Member, Model, ModelRecord, ModelTerms, Moment, OpenWindow,
    Turnover, WindowNet,
};

pub(super) use clear::clear;
pub(super) use close::{close_window, next_due, step};
pub(super) use daily::close_with;
pub(super) use model::{close_model, is_joined, join_model, open_model};
pub(super) use pool::is_pool;
