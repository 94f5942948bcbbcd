//! The wire: texts and bytes that cross the node's border, and the ledger's types they stand for.
//!
//! Pure like the ledger: no clock, no input or output, no secrets. Node, client and command line
//! share these types, so that what one writes the other reads.
//!
//! | module | holds |
//! |---|---|
//! | `account_view` | accounts, with their limits and freezes |
//! | [`body`] | the JSON body of a submission, read strictly |
//! | `batch` | the binary batch, read strictly |
//! | `batch_answer` | the answer to a binary batch |
//! | [`code`] | every code that the API can answer, in one table |
//! | [`explain`] | what a code means, error or outcome |
//! | [`problem`] | the answer to a request that changed nothing (RFC 9457) |
//! | `detail` | what the number beside an outcome is |
//! | [`answer`] | the answer to a submission that is in the log |
//! | [`receipt`] | the receipt file |
//! | [`reference`] | references of binary batches as people write and read them |
//! | `calendar` | calendars and business days |
//! | `cycle` | settlement models and windows |
//! | `fees` | schedules of fees, and what came of them |
//! | `fx` | rates and quotes |
//! | `hold` | holds |
//! | `recall` | open recalls |
//! | `returned` | payments of which something was given back |
//! | `mandate` | mandates, and which kinds of accounts may pay which |
//! | `payment` | payments that wait |
//! | `proposal` | what waits for signatures |
//! | `numbers` | the numbers of accounts whose addresses somebody knows |
//! | [`view`] | what readers are shown: accounts, history, entries, the log |
//! | [`session`] | the answer to a session note |
//! | [`base64`] | bytes and hashes as text |

#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::indexing_slicing
    )
)]

mod account_view;
pub mod answer;
mod balance;
mod batch;
mod batch_answer;
pub mod body;
#[cfg(test)]
mod body_back_tests;
mod body_check;
mod body_error;
mod body_forms;
mod body_lists;
#[cfg(test)]
mod body_tests;
mod calendar;
pub mod code;
mod cycle;
mod detail;
pub mod explain;
mod fees;
mod fx;
mod hold;
mod mandate;
mod numbers;
mod payment;
pub mod problem;
mod proposal;
mod proven;
pub mod recall;
pub mod receipt;
pub mod reference;
mod returned;
pub mod session;
pub mod statement;
pub mod view;

pub use crate::ledger::base64;
pub use crate::ledger::base64::{Bytes, HashText};
pub use account_view::{
    AccountView, BilateralView, FreezeOf, FreezeView, ReservedView, Seen, ValueDatedView,
    VelocityView,
};
pub use answer::{Answer, BalanceRow, OutcomeView};
pub use balance::{BALANCE_VERSION, BalanceFile, BalanceFileError};
pub use batch::parse_batch;
pub use batch_answer::{BatchAnswer, BatchAnswerError, batch_answer};
pub use body::{Body, BodyLimits, parse_body};
pub use body_error::BodyError;
pub use calendar::{
    BusinessDayView, CalendarEvent, CalendarView, CalendarsPage, NextEvent, VersionView,
};
pub use code::ErrorCode;
pub use cycle::{CyclesPage, MemberView, ModelView, NetView, WindowState, WindowView};
pub use detail::Detail;
pub use explain::{Explanation, explain};
pub use fees::{FeeKind, FeeRow, FeeRuleView, FeeTierView, FeesPage, FeesView, PeriodicFeeView};
pub use fx::{QuoteView, QuotesPage, RateView, RatesPage};
pub use hold::{HoldLegView, HoldState, HoldView, HoldsPage};
pub use mandate::{MandateView, MandatesPage, PostingView};
pub use numbers::{AccountNumber, NumbersView};
pub use payment::{
    PaymentCursor, PaymentCursorError, PaymentLegView, PaymentState, PaymentView, PaymentsPage,
};
pub use problem::{Problem, ProblemDetail};
pub use proposal::{AskedView, ProposalState, ProposalView, ProposalsPage};
pub use proven::{PROVEN_VERSION, ProvenError, ProvenStatement};
pub use recall::{RecallView, RecallsPage};
pub use receipt::{ReceiptFile, ReceiptFileError, ReceiptItem, ReceiptLevel, ReceiptPart};
pub use returned::{ReturnedView, ReturnsPage};
pub use session::SessionAnswer;
pub use statement::{
    Bound, BoundError, InstructionLeg, InstructionView, PresentState, PresentView, StatementCursor,
    StatementPage,
};
pub use view::{
    AccountsPage, AssetView, Cursor, Direction, EntriesPage, EntryView, HistoryPage, HistoryRow,
    KeyStatus, KeyView, LogKeyView, LogView, OriginalView, ParticipantView, RECORDS_TYPE, RowTexts,
    WhoAmI,
};
