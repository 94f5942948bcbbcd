//! Foreign exchange: rates, firm quotes, conversions (LEDGER F09).
//!
//! ```text
//!  set_rate ──▶ a line of rates ──in force, and with accounts to execute on──▶ convert
//!  quote ─────▶ a hold of what it pays ──used once──▶ convert
//!                     ├──void───────▶ withdrawn         payer ──source amount──▶ dealer's account
//!                     └──expires_at─▶ expired           dealer's account ──target amount──▶ payee
//! ```
//!
//! A conversion is one instruction in one entry: both legs or none. One amount is fixed; the other
//! follows from the rate by exact integers and one rounding, always against who converts. What the
//! rounding left stands in the leg as a rational, so that whoever reads both legs computes it again.
//!
//! Invariants: nobody but a bank that signed a rate with accounts, or a quote, pays for it out of its
//! accounts; a quote is used once; the amounts of a quote are those of its conversion.

mod convert;
mod desk;
mod instruction;
mod of;
mod quote;
mod ratio;
mod record;

pub use instruction::{
    Convert, ConvertAt, Execution, Fixed, Quote, RateName, SetProvider, SetRate, WithdrawRate,
};
pub use of::OfExchange;
pub use ratio::Ratio;
pub use record::{Fx, FxEffect, InForce, Rate, RateExecution, RateKey};

pub(super) use convert::convert;
pub(super) use desk::{set_provider, set_rate, withdraw_rate};
pub(super) use quote::quote;
