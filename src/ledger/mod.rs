//! The ledger: the rules of money, pure.
//!
//! ```text
//!   (state, proposed time, message) ──admit──▶ Go ──apply──▶ drafts (items) + effects
//!                                      ├─────▶ Replay(index)
//!                                      └─────▶ Drop(code)
//! ```
//!
//! Nothing here knows a clock, a file, a network or a random number; two machines that apply the
//! same log prefix hold the same state. Invariants, asserted by [`check`] in tests and by audits:
//! per asset the balances of all accounts sum to zero; no debit takes an account below its floor;
//! a refused instruction changes no counter.
//!
//! Three kinds of failure: a *refusal* is an [`Outcome`] in the log; an impossible value is an
//! [`Invalid`] and never gets here; a broken invariant is a panic.

#![warn(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing
)]

mod account;
mod admit;
mod amount;
mod apply;
mod asset;
pub mod base64;
mod batch;
mod book;
mod bounds;
mod calendar;
mod capture;
pub mod check;
mod clearing;
mod condition;
mod control;
mod copying;
mod cycle;
mod days;
mod dense;
mod draft;
mod due;
mod edge;
mod ended;
mod fees;
mod freeze;
mod freezes;
mod fx;
mod genesis;
mod governance;
mod guard;
mod guarding;
mod hold;
mod holding;
mod id;
mod identifier;
mod index;
mod indirect;
mod instruction;
mod invalid;
mod items;
mod life;
mod log_key;
mod mandate;
mod mandating;
mod message;
pub mod module;
mod ordered;
mod outcome;
mod parameter;
mod participant;
mod posting;
mod proposal;
mod proposing;
mod queue;
mod queueing;
mod reference;
mod replay;
mod reserving;
mod returning;
mod returns;
mod seal;
mod shards;
mod sharing;
mod snapshot;
mod sparse;
mod splitting;
mod standing;
mod state;
mod telling;
mod time;
mod transfer;
mod usage;
mod values;
mod valuing;
mod window;

pub use account::{Account, AccountKind, AccountStatus, Counters, ItemRef, Limits, Terms};
pub use admit::{Admission, Admitted, Rejection, Standing, admit, foresee, foresee_window};
pub use amount::{Amount, AmountUnfit, MINOR_MAX, SCALE_MAX, print_minor};
pub use apply::{Applied, Step, apply, dry_run};
pub use asset::{Asset, AssetStatus};
pub use batch::{BATCH_CONTENT_TYPE, Batch, BatchTransfer, RECORD_KIND_TRANSFER};
pub use book::{Book, BookHead, Effect};
pub use bounds::{BilateralLimit, Bounds, Period, VelocityDirection, VelocityRule, VelocityWindow};
pub use calendar::{
    BusinessDay, Calendar, CalendarVersion, Calendars, CutoffPolicy, Date, DayPhase, Doors, Month,
    OffsetChange, PastDay, Roll, SetCalendar, TimeOfDay, Weekday,
};
pub use capture::StateCapture;
pub use control::{Bilateral, Freeze, Lift, ReopenAccount, SetLimits, Velocity};
pub use copying::{Copies, Copying, Ticket};
pub use cycle::{
    Clear, ClearPayment, CloseModel, CloseRule, CloseWindow, ClosedWindow, CountUnsettled,
    CycleEffect, Cycles, DayEvent, JoinModel, Member, Model, ModelRecord, ModelTerms, Moment,
    OpenModel, OpenWindow, Turnover, WindowNet,
};
pub use dense::Dense;
pub(crate) use draft::leg_kinds;
pub use draft::{
    About, Change, Draft, HeldLeg, InstructionDraft, LegDraft, LegKind, LinkedLeg, OfHold,
    OfOriginal, OfWindow, OutcomeRow, outcomes, tally,
};
pub use due::{SYSTEM_CONTENT_TYPE, TICK_CONTENT_TYPE};
pub use edge::{Edge, Node};
pub use fees::{
    FeeBand, FeeBasis, FeePayer, FeePeriod, FeeRule, FeeSchedule, FeeTax, FeeTerms, FeeTier, Fees,
    MonthlyTerms, PeriodicFee, SetFees, TaxTerms,
};
pub use freezes::{FreezeLevel, FreezeRecord, Freezes};
pub use fx::{
    Convert, ConvertAt, Execution, Fixed, Fx, FxEffect, InForce, OfExchange, Quote, Rate,
    RateExecution, RateKey, RateName, Ratio, SetProvider, SetRate, WithdrawRate,
};
pub use genesis::{GENESIS_CONTENT_TYPE, Genesis, GenesisError, Operators};
pub use governance::PROTOCOL_VERSION;
pub use guard::Guard;
pub use hold::{Hold, HoldEnd, HoldEnded, HoldLeg, HoldTerms, QuoteTerms};
pub use id::{
    Address, AssetId, CaseId, InstructionId, MessageId, ModelId, ParticipantId, SourceId,
};
pub use identifier::{Bic, Lei};
pub use instruction::{
    AccountRef, AddAsset, AddKey, AddLogKey, AddParticipant, AdmitParticipant, Approve, Cancel,
    Capture, Check, CloseAccount, Condition, EndProposal, Erase, Funds, GrantMandate,
    IdentifyParticipant, Incoming, Instruction, KeyIdText, Leg, MandatePeriod, OfParticipant,
    OpenAccount, Original, Payee, Payer, Position, Priority, Propose, Protocol, QueueTerms, Queued,
    Recall, RecallReason, RefusalReason, RefuseRecall, Requeue, Reserve, RetireLogKey, Return,
    ReturnReason, ReversalReason, Reverse, RevokeKey, RevokeMandate, SetAssetStatus, SetParameter,
    SetParticipantDays, SetPosting, SetReservation, SetVia, Split, SuspendParticipant, Transfer,
    Until, VerifierKeyText, Void,
};
pub use invalid::Invalid;
pub use items::{
    Names, SealedItems, entry_kind, finish_entry, hash_leaves, is_entry_of, seal_items, seal_part,
    start_entry, write_items,
};
pub use log_key::signing_at;
pub use mandate::{Mandate, MandateTerms, MandateUsage, Spans};
pub use message::{Authorisation, Message, Signature};
pub use module::{AssetModule, Mode, Modules};
pub use outcome::Outcome;
pub use parameter::{ParameterRefusal, Parameters};
pub use participant::{Key, Participant, ParticipantState, Role};
pub use posting::Postings;
pub use proposal::{KeyRef, Proposal, ProposalEnd, ProposalEnded, proposal_hash};
pub use queue::{Payment, PaymentKey, Queue, QueuedLeg, Rank};
pub use reference::Reference;
pub use replay::{
    Again, MessageFromItems, ReplayError, apply_again, message_from_drafts, message_from_items,
};
pub use reserving::{Reservation, Reserved};
pub use returns::{RecallCase, Returned, Returns, ReturnsEffect};
pub use seal::{Frozen, SEAL_CONTENT_TYPE, SealDraft, SealOrder, SealRef, SealTotals};
pub use snapshot::SnapshotError;
pub use state::State;
pub use time::{SECOND, Time};
pub use values::{ValueKey, Values};
pub use window::{MessageRecord, Window, content_hash};
