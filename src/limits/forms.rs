//! Bounds of the protocol: conditions, mandates and rates.

use super::HOLD_DAYS_MAX;

/// Conditions of one instruction: each is one look at an account.
pub const CONDITIONS_MAX: usize = 16;

/// Mandates on one account: every biller of a household, and more than a company has collectors.
pub const MANDATES_OF_ACCOUNT_MAX: usize = 64;

/// Mandates that one participant has granted: each takes about 250 bytes of every node's memory, so a
/// bank's most are 25 MB. They are counted where they are granted, so that nobody can use up
/// somebody else's.
pub const MANDATES_OF_PARTICIPANT_MAX: u64 = 100_000;

/// Accounts that a mandate may be restricted to: each debit under it looks through them.
pub const MANDATE_CREDITORS_MAX: usize = 16;

/// The longest span that the use of a mandate is counted in, in seconds: a leap year.
pub const MANDATE_PERIOD_S_MAX: u64 = 366 * 86_400;

/// Name of a source of rates, as short as that of a model.
pub const SOURCE_BYTES_MAX: usize = 32;

/// Banks that state rates: with the operators and all their rates about 2 MB of memory.
pub const PROVIDERS_MAX: usize = 32;

/// Lines of rates, each of a pair and a source, of one participant.
pub const RATE_LINES_MAX: usize = 64;

/// Rates of one line that are in force or to come.
pub const RATES_IN_LINE_MAX: usize = 8;

/// Days ahead that a rate may end.
pub const RATE_DAYS_MAX: u64 = HOLD_DAYS_MAX;

/// Changes of an account's reservation that are remembered, for whoever asks for the past: each urgent or
/// high payment may be one. The log has them all.
pub const RESERVATIONS_KEPT: usize = 16;

/// Rules in the schedule of fees of one asset: each payment goes through them once.
pub const FEE_RULES_MAX: usize = 64;

/// Tiers in one rule.
pub const FEE_TIERS_MAX: usize = 16;

/// Versions of a schedule of fees that are remembered, with the one in force; the log has them all.
pub const FEE_VERSIONS_KEPT: usize = 16;
