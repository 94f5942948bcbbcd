//! Bounds of what takes more than one to come to its end: proposals, returns and recalls.

/// The most that a parameter may say. What was returned is remembered for so long.
pub const RETURN_S_MAX: u64 = 400 * 86_400;

/// Seconds after which a recall ends that nobody has answered, if no parameter says otherwise: 15 days.
pub const RECALL_S: u64 = 15 * 86_400;

/// The most that a parameter may say: two months.
pub const RECALL_S_MAX: u64 = 62 * 86_400;

/// Payments of which one participant may have given something back within the longest window, and open
/// recalls of one participant: each takes about 200 bytes of every node's memory.
pub const RETURNS_KEPT_MAX: u64 = 1_000_000;

/// Instructions in one proposal: what people look through before they agree.
pub const PROPOSAL_INSTRUCTIONS_MAX: usize = 16;

/// A proposal as JSON, as the state keeps it while it is open: about two hundred legs. The longest is
/// carried out in less time than the largest message.
pub const PROPOSAL_BYTES_MAX: usize = 16 << 10;

/// How far ahead a proposal may expire, in days: what nobody has agreed to in a month is asked anew.
pub const PROPOSAL_DAYS_MAX: u64 = 31;

/// Open proposals of one participant: an eighth of all, so that no bank alone keeps the others out, and
/// several together not the operators: a participant's equal part of all is kept for it.
pub const PROPOSALS_PARTICIPANT_MAX: usize = PROPOSALS_MAX / 8;

/// Proposals of one participant that have ended and are remembered: the newest of them.
pub const PROPOSALS_ENDED_MAX: u64 = 256;

/// Open proposals in the whole log: twice as many, if some have less than their equal part when there
/// are so many; 64 MiB of state at the very most.
pub const PROPOSALS_MAX: usize = 2_048;
