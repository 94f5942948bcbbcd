//! Every bound of the system, in one place, with the relations between them checked by the
//! compiler.
//!
//! The first half binds everybody who reads or writes a log: changing one changes which entries
//! exist, so it takes a `protocol` instruction, not an edit. The second half guards one node;
//! where `node.toml` may set a value, the constant is the most it may say ("downwards only").
//! Names end in the unit.

mod cases;
mod forms;

pub use cases::{
    PROPOSAL_BYTES_MAX, PROPOSAL_DAYS_MAX, PROPOSAL_INSTRUCTIONS_MAX, PROPOSALS_ENDED_MAX,
    PROPOSALS_MAX, PROPOSALS_PARTICIPANT_MAX, RECALL_S, RECALL_S_MAX, RETURN_S_MAX,
    RETURNS_KEPT_MAX,
};
pub use forms::{
    CONDITIONS_MAX, FEE_RULES_MAX, FEE_TIERS_MAX, FEE_VERSIONS_KEPT, MANDATE_CREDITORS_MAX,
    MANDATE_PERIOD_S_MAX, MANDATES_OF_ACCOUNT_MAX, MANDATES_OF_PARTICIPANT_MAX, PROVIDERS_MAX,
    RATE_DAYS_MAX, RATE_LINES_MAX, RATES_IN_LINE_MAX, RESERVATIONS_KEPT, SOURCE_BYTES_MAX,
};

// ---- bounds of the protocol -------------------------------------------------------------------

/// Body of one submission. A megabyte is read, hashed and answered in milliseconds, and a full
/// binary batch fits.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Instructions in one JSON message: about what fits a megabyte of JSON with its items' receipts.
pub const INSTRUCTIONS_MAX: usize = 1_000;

/// Legs of one transfer: a payroll or a netting result, still small enough to undo in one step.
pub const LEGS_MAX: usize = 256;

/// Accounts of one split, payers and payees together: it has at most one leg less.
pub const PLACES_MAX: usize = LEGS_MAX;

/// Records in one binary batch, and items in one `system` entry: the batch size of the peer we
/// measure against, and the largest item tree an entry needs.
pub const BATCH_RECORDS_MAX: usize = 8_189;

/// Header of a binary batch.
pub const BATCH_HEADER_BYTES: usize = 128;

/// One record of a binary batch.
pub const BATCH_RECORD_BYTES: usize = 128;

/// Items in one entry besides the authorisation, from JSON: one bound for every kind of body, so
/// that proof depth and memory are the same whatever the door was given.
pub const ITEMS_MAX: usize = BATCH_RECORDS_MAX;

/// An entry of the log; a commitment, never a payload.
pub const ENTRY_BYTES: usize = 120;

/// Message id: an ISO 20022 MsgId (35) with room for a bank's own prefix.
pub const MESSAGE_ID_BYTES_MAX: usize = 64;

/// Account address: an IBAN (34) or `bank:purpose` with room.
pub const ADDRESS_BYTES_MAX: usize = 64;

/// Participant id: short, for it stands in every key name and address.
pub const PARTICIPANT_BYTES_MAX: usize = 32;

/// Label of a key, the part of its name after the slash.
pub const KEY_LABEL_BYTES_MAX: usize = 32;

/// Key name of a participant: id, slash, label.
pub const KEY_NAME_BYTES_MAX: usize = PARTICIPANT_BYTES_MAX + 1 + KEY_LABEL_BYTES_MAX;

/// Origin of a log, which is also the name of its key: a host name (253) fits, with its path.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// Asset id: the longest fungible CAIP-19 id (chain 41, slash, namespace 8, colon, reference 128).
pub const ASSET_ID_BYTES_MAX: usize = 41 + 1 + 8 + 1 + 128;

/// Signatures on one submission: two parties with four-eyes policies use four; each costs 20 us.
pub const SIGNATURES_MAX: usize = 16;

/// Active keys of one participant: more than one submission could carry are of no use at once, and
/// twice as many leave room for rotation.
pub const KEYS_PER_PARTICIPANT_MAX: usize = 2 * SIGNATURES_MAX;

/// End-to-end id, in characters (ISO 20022 Max35Text).
pub const END_TO_END_ID_CHARS_MAX: usize = 35;

/// Remittance text, in characters (ISO 20022 Max140Text).
pub const REMITTANCE_CHARS_MAX: usize = 140;

/// Name of a party, in characters (ISO 20022 Max140Text).
pub const NAME_CHARS_MAX: usize = 140;

/// Nonce of a JSON or XML body, so that a kept hash gives nothing away.
pub const NONCE_BYTES: usize = 16;

/// Days ahead that a hold may expire: a little more than a year, which no authorisation of a card
/// or a rental outlives.
pub const HOLD_DAYS_MAX: u64 = 400;

/// Open holds of one participant, each of their legs counted as one: a leg takes about 100 bytes of
/// every node's memory and a hold as much again, so a bank's most are 200 MB.
pub const HOLDS_OPEN_MAX: u64 = 1_000_000;

/// Legs of a participant's newest holds that have ended and are remembered, at the very least: as many
/// as it may have open, if that is more.
pub const HOLDS_ENDED_LEGS_MIN: u64 = 4_096;

/// The most that captures may go above what is reserved, in basis points of it: twice the amount.
pub const OVER_CAPTURE_BP_MAX: u16 = 10_000;

/// Velocity rules of one account: pays and receives, by the hour and by the day.
pub const VELOCITY_RULES_MAX: usize = 4;

/// The longest window of a velocity rule, in seconds: 31 days, the longest month.
pub const VELOCITY_SECONDS_MAX: u32 = 31 * 86_400;

/// Slices that the window of a velocity rule is counted in: what moved counts up to a fiftieth of
/// the window too long, and an account's window takes about 5 kB at most.
pub const VELOCITY_SLICES: u64 = 50;

/// Bilateral limits of one account: all large counterparties of a bank, in about 2 kB.
pub const BILATERAL_LIMITS_MAX: usize = 32;

/// Freezes in force of one account or participant: each posting looks at all of them.
pub const FREEZES_MAX: usize = 16;

/// Id of a case in the operators' files, as an ISO 20022 Max35Text.
pub const CASE_BYTES_MAX: usize = 35;
/// Days ahead that a payment may be warehoused or revoked.
pub const QUEUE_DAYS_MAX: u64 = HOLD_DAYS_MAX;

/// Payments that may wait to debit one account: a bank with more of them needs funds, not a queue.
pub const QUEUE_ACCOUNT_MAX: usize = 1_000;

/// Legs of one participant's payments that may wait: a quarter of all, so that no bank alone keeps
/// the others out. Nor do several together: a participant's equal part of all is kept for it.
pub const QUEUE_PARTICIPANT_LEGS_MAX: u64 = QUEUE_LEGS_MAX / 4;

/// Legs that may wait in the whole log: twice as many, if some have less than their equal part when so
/// many wait. A run looks at all payments that wait, and every log stands still meanwhile.
pub const QUEUE_LEGS_MAX: u64 = 16_384;

/// Rounds of one run; what they leave goes on in the next run.
pub const CLEARING_ROUNDS_MAX: usize = 16;

/// Log time between a run that left something to settle and the next, in nanoseconds: a quarter of a
/// second, more than twice what the largest run takes, so that entries of others have most of the time.
pub const CLEARING_REST_NS: u64 = 250_000_000;

/// Name of a settlement model: it stands in every leg that is cleared, and in an address.
pub const MODEL_NAME_BYTES_MAX: usize = 32;

/// Settlement models of one log, closed ones too: each is a scheme with its own rules and calendar,
/// and all of them are looked at before every entry.
pub const MODELS_MAX: usize = 32;

/// Participants of one model: their nets, two legs at most each, fit one entry, and a close costs as
/// much as there are of them.
pub const MEMBERS_MAX: usize = 500;

/// Windows of one model that are closed and not settled: a day's worth of hourly ones, less the night.
/// The open window grows when there are so many.
pub const WINDOWS_UNSETTLED_MAX: u64 = 16;

/// Windows of one model that have settled and are still shown: with those that have not, about 1.5 MB
/// of memory for 500 participants.
pub const WINDOWS_SETTLED_KEPT: u64 = 48;

/// Fewest seconds between closes by schedule: each is an entry, also when nothing was cleared.
pub const CLOSE_EVERY_S_MIN: u64 = 10;

/// Most seconds between closes by schedule: a month of 31 days.
pub const CLOSE_EVERY_S_MAX: u64 = 31 * 86_400;

/// Most seconds that a closed window may wait for funds before that is a default: the same.
pub const FUNDING_S_MAX: u64 = 31 * 86_400;

/// Calendars of one log: one an asset at most, and all of them are looked at before every entry.
pub const CALENDARS_MAX: usize = 64;

/// Versions of one calendar that are kept: the one in force and those for later dates.
pub const CALENDAR_VERSIONS_MAX: usize = 8;

/// Holidays in one version of a calendar: ten years with forty each.
pub const HOLIDAYS_MAX: usize = 400;

/// How many days behind the first date of a version its last holiday may lie: ten years and a bit.
pub const HOLIDAYS_AHEAD_DAYS_MAX: u32 = 3_660;

/// Changes of the offset from UTC in one version: two a year for twenty years.
pub const OFFSET_CHANGES_MAX: usize = 40;

/// Minutes that local time may be ahead of UTC, or behind it.
pub const OFFSET_MIN_MAX: u16 = 14 * 60;

/// Days ahead that a settlement date may lie, whatever the calendar says: a leap year.
pub const WAREHOUSE_DAYS_MAX: u32 = 366;

/// Days back that a value date may lie, whatever the calendar says, and that differences of value-dated
/// balances are kept: a month, so 31 an account at most, of some hundred bytes each.
pub const BACK_VALUE_DAYS_MAX: u32 = 31;

/// Business days of one calendar that are kept: about fifteen years, 200 kB of memory.
pub const BUSINESS_DAYS_KEPT: usize = 4_000;

/// Days among which a good one is looked for. A version has one in a week, but for its holidays.
pub const DATE_SEARCH_DAYS: u32 = 7 * (HOLIDAYS_MAX as u32 + 1);

/// Seconds for which a day that would close waits for a seal that is outstanding.
pub const DAY_SEAL_WAIT_S: u64 = 600;

/// Complete subtrees of the log's tree that are remembered on each level: a proof that was made when
/// `n` entries had followed the one proven holds for 128 `n` more at least, and a log of 2^40 entries
/// takes 330 kB of every node's memory.
pub const TREE_NODES_KEPT: u64 = 256;

/// Seconds after a payment in which it may be returned or recalled, if no parameter says otherwise: 13
/// months.
pub const RETURN_S: u64 = 396 * 86_400;

/// Hashes that prove an item in its entry: enough for 2^32 items.
pub const ITEM_PROOF_HASHES_MAX: usize = 32;

/// Hashes that prove an entry in a subtree of the log.
pub const SUBTREE_PROOF_HASHES_MAX: usize = 63;

/// An item that is proven: a leg has 600 bytes at most, with the longest names.
pub const PROVEN_ITEM_BYTES_MAX: usize = 2_048;
/// Allowed distance between a session note's time and the clock.
pub const SESSION_NOTE_AGE_S_MAX: u64 = 60;

/// A parameter that is raised must not find forgotten what was returned.
const _: () = assert!(RETURN_S <= RETURN_S_MAX && RECALL_S <= RECALL_S_MAX);

// ---- bounds of one node -----------------------------------------------------------------------

/// A body signed by as many keys as allowed, with its statement: what one submission may add to a
/// WAL frame besides the body.
pub const SUBMISSION_OVERHEAD_BYTES_MAX: usize = 16 << 10;

/// A session note: the six lines and one signature, with room.
pub const SESSION_NOTE_BYTES_MAX: usize = 4 << 10;

/// One `Quittance-Signature` header: name, space, base64 of key id and signature (68 bytes).
pub const SIGNATURE_HEADER_BYTES_MAX: usize = KEY_NAME_BYTES_MAX + 1 + 92;

/// Item receipts inside one answer; further items come from `GET /v1/receipts/{index}?item=n`.
pub const RECEIPT_ITEMS_MAX: usize = 16;

/// Accounts on one page.
pub const ACCOUNTS_PAGE_MAX: usize = 200;

/// Proposals on one page: each may have 16 KiB.
pub const PROPOSALS_PAGE_MAX: usize = 50;

/// Proposals looked at under one hold of the book's lock.
pub const PROPOSALS_SCAN: usize = 4_096;

/// Holds on one page.
pub const HOLDS_PAGE_MAX: usize = 200;

/// Legs of holds looked at for one page, and one hold's more at most, under one hold of the book's lock.
pub const HOLDS_SCAN: usize = 4_096;

/// Mandates on one page.
pub const MANDATES_PAGE_MAX: usize = 200;

/// Mandates looked at for one page, under one hold of the book's lock.
pub const MANDATES_SCAN: usize = 4_096;

/// Rates on one page, and those that the last provider on it has besides.
pub const RATES_PAGE: usize = 200;

/// Schedules of fees on one page: each may have 64 rules of 16 tiers.
pub const FEES_PAGE: usize = 20;

/// Payments that wait on one page.
pub const QUEUE_PAGE_MAX: usize = 200;

/// Business dates that are over on one answer: all that are kept, 40 bytes each in memory.
pub const DAYS_PAGE_MAX: usize = BUSINESS_DAYS_KEPT;

/// Recalls, or payments of which something was given back, on one page.
pub const RECALLS_PAGE_MAX: usize = 200;

/// The same, looked at for one page under one hold of the book's lock.
pub const RECALLS_SCAN: usize = 4_096;

/// Addresses in one question for numbers: 13 kB of a request's head at most.
pub const NUMBERS_MAX: usize = 200;

/// Lines of an account's history on one page: each follows the chain by one step.
pub const HISTORY_PAGE_MAX: usize = 200;

/// Lines of a statement on one page.
pub const STATEMENT_PAGE_MAX: usize = 200;

/// Entries on one page, for auditors.
pub const ENTRIES_PAGE_MAX: usize = 200;

/// Bytes of items and bodies on a page of entries; the entry that passes it is the last.
pub const ENTRIES_PAGE_BYTES: usize = 4 << 20;

/// Bounds of the stored bytes that one read may look through (`api.limits.read_bytes_max`).
pub const READ_BYTES_MIN: u64 = 64 << 10;
/// See [`READ_BYTES_MIN`]: many seconds of a loaded machine.
pub const READ_BYTES_MAX: u64 = 1 << 30;

/// Reads by sessions that look into the log at one time; the others wait for their turn, so that
/// whoever asks for the past takes no more than this from the threads that settle.
pub const READS_AT_ONCE_MAX: usize = 16;

/// What the smallest entry counts for.
pub const READ_STEP_BYTES: u64 = 1 << 10;

/// Places on the chains of accounts that reads remember, so that the past is near: about 4 MiB.
pub const TRAIL_MARKS_MAX: usize = 65_536;

/// Heads of batches that reads remember, in bytes: about 40 kB of a full one, so some eight hundred with
/// six million transfers. A proof without it hashes 32 items and 512 nodes, with it 16 items.
pub const HEADS_BYTES_MAX: usize = 32 << 20;

/// Trees over full tiles that proofs went through, in bytes: 16 KiB each, so two thousand tiles with half
/// a million entries. A proof without it hashes 255 nodes in each tile on its way.
pub const TILE_TREES_BYTES_MAX: usize = 32 << 20;

/// Large JSON messages that reads have decoded, in bytes: about 500 kB each with a thousand transfers, so
/// some hundred and thirty. A page of history may come by one message in every line.
pub const DECODED_BYTES_MAX: usize = 64 << 20;

/// Large JSON messages that reads have made the items of, in bytes: about 700 kB each with a thousand
/// transfers, so some ninety. Who wants one receipt of a message often wants its others.
pub const MADE_BYTES_MAX: usize = 64 << 20;

/// Accounts looked at under one hold of the book's lock.
pub const ACCOUNTS_SCAN: usize = 4_096;

/// How far ahead of the node's clock a time may be that somebody asks about, in seconds: clocks
/// differ. The balance of later times is not known yet.
pub const READ_AHEAD_S_MAX: u64 = 60;

/// Lines on a page when the client does not say.
pub const PAGE_DEFAULT: usize = 50;

/// Hashes in a full tile of the log (C2SP tlog-tiles).
pub const TILE_WIDTH: usize = 256;

/// The file `node.toml`.
pub const CONFIG_BYTES_MAX: u64 = 1 << 20;

/// HTTP worker threads.
pub const WORKERS_MAX: u64 = 256;

/// Time to send the request head, in milliseconds: slow senders hold a connection no longer.
pub const HEADER_TIMEOUT_MS_MAX: u64 = 60_000;

/// Time to send a body, in milliseconds: a megabyte over a very slow line.
pub const BODY_TIMEOUT_MS_MAX: u64 = 300_000;

/// Open connections of the public listener.
pub const CONNECTIONS_MAX: u64 = 65_536;

/// Requests a second from one address, or submissions a second by one participant: far above what
/// a machine can do, so that a typing mistake does not switch a limit off.
pub const RATE_PER_S_MAX: u64 = 10_000_000;

/// Bad signatures a second from one address: each costs 20 us of a core.
pub const BAD_SIGNATURES_PER_S_MAX: u64 = 10_000;

/// How long an address that sent too many bad signatures is turned away, in seconds.
pub const PENALTY_S_MAX: u64 = 3_600;

/// Bytes of request bodies in memory at once.
pub const BODY_BYTES_IN_FLIGHT_MAX: u64 = 64 << 30;

/// Addresses that are told apart: a fixed table of this many cells, chosen by a secret hash. Eight
/// bytes a cell; two addresses share a cell once in this many times.
pub const ADDRESS_CELLS: usize = 65_536;

/// Participants that are told apart by their rates, in the same way.
pub const PARTICIPANT_CELLS: usize = 16_384;

/// Bytes of submissions waiting for their answers.
pub const QUEUE_BYTES_MAX: u64 = 16 << 30;

/// How long an address that is turned away waits for its 429, in milliseconds: a flooder's
/// connection is worth less while it waits, and waiting costs the node nothing.
pub const PENALTY_PAUSE_MS: u64 = 1_000;

/// Time that an idle connection stays open, in seconds.
pub const KEEP_ALIVE_S_MAX: u64 = 3_600;

/// Submissions waiting for the sequencer; beyond it the answer is 503.
pub const QUEUE_LEN_MAX: u64 = 65_536;

/// Bytes in one group commit: what one fdatasync may take with it.
pub const GROUP_BYTES_MAX: u64 = 64 << 20;

/// Submissions in one group commit.
pub const GROUP_SUBMISSIONS_MAX: u64 = 65_536;

/// Longest wait for company before a group is closed, in microseconds.
pub const GROUP_WAIT_US_MAX: u64 = 10_000;

/// Longest time to finish what is queued at shutdown, in milliseconds.
pub const SHUTDOWN_DRAIN_MS_MAX: u64 = 600_000;

/// One WAL segment file: preallocated, so bounded by patience at start.
pub const WAL_SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// WAL segment files kept at least.
pub const WAL_SEGMENTS_MAX: u64 = 64;

/// Page cache of the store.
pub const STORE_CACHE_BYTES_MAX: u64 = 64 << 30;

/// How far the store may be behind the WAL: 256 MiB of inputs are about 2 million transfers, two
/// seconds of replay at start.
pub const STORE_LAG_BYTES_MAX: u64 = 256 << 20;

/// Time between two flushes of the store, in milliseconds.
pub const STORE_FLUSH_MS_MAX: u64 = 60_000;

/// Disk space kept free.
pub const STORE_RESERVE_BYTES_MAX: u64 = 1 << 40;

/// Instructions between two snapshots: replay does about a million a second.
pub const SNAPSHOT_EVERY_INSTRUCTIONS_MAX: u64 = 100_000_000;

/// How far the wall clock may be behind the log's last time at start, in seconds: more is a clock
/// that was set back, and identical times would follow.
pub const CLOCK_BEHIND_S_MAX: u64 = 10;

/// How far the wall clock may be ahead of the log's last time at start, in seconds: a bad clock
/// must not expire every hold; a node that slept longer is told the time by its operator.
pub const CLOCK_AHEAD_S_MAX: u64 = 86_400;

/// Keys with which a log signs at one time: the old one and the new one.
pub const LOG_KEYS_MAX: usize = 2;

/// Characters in the proof that somebody holds a new key of the log.
pub const LOG_KEY_PROOF_CHARS_MAX: usize = 512;

/// Seconds between two rounds of asking witnesses: an hour.
pub const WITNESS_EVERY_S_MAX: u64 = 3_600;

/// Milliseconds that a witness has for an answer.
pub const WITNESS_TIMEOUT_MS_MAX: u64 = 60_000;

/// Life of a read session, in seconds: a day.
pub const SESSION_TTL_S_MAX: u64 = 86_400;

/// Read sessions alive at once.
pub const SESSIONS_MAX: u64 = 1_000_000;

// ---- how they hang together -------------------------------------------------------------------

const _: () = {
    // All proposals may expire in one entry, and the ids of one fit what a participant may use.
    assert!(2 * PROPOSALS_MAX <= ITEMS_MAX && PROPOSAL_INSTRUCTIONS_MAX < INSTRUCTIONS_MAX);
    assert!(PROPOSAL_BYTES_MAX < BODY_BYTES_MAX);
    // A full batch is a legal body.
    assert!(BATCH_HEADER_BYTES + BATCH_RECORDS_MAX * BATCH_RECORD_BYTES <= BODY_BYTES_MAX);
    // A JSON message of one-leg transfers, and one transfer of any size, fit an entry.
    assert!(INSTRUCTIONS_MAX <= ITEMS_MAX && LEGS_MAX <= ITEMS_MAX);
    // A split has at most as many legs as a transfer.
    assert!(PLACES_MAX <= LEGS_MAX && PLACES_MAX >= 2);
    // What waits and has the largest number of legs fits an entry.
    assert!(LEGS_MAX <= ITEMS_MAX && QUEUE_PARTICIPANT_LEGS_MAX >= LEGS_MAX as u64);
    // The nets of a window fit an entry, and their ordinals a leg's number.
    assert!(2 * MEMBERS_MAX <= ITEMS_MAX && 2 * MEMBERS_MAX < u16::MAX as usize);
    // The item count of an entry is a u32, with the authorisation as item 0.
    assert!(ITEMS_MAX < u32::MAX as usize);
    // What the batch format has room for: 64 bytes of message id, 32 of reference.
    assert!(MESSAGE_ID_BYTES_MAX == 64);
    // A key's name fits the line that carries it, and all lines fit a submission's overhead.
    assert!(KEY_NAME_BYTES_MAX <= ORIGIN_BYTES_MAX);
    assert!(SIGNATURES_MAX * SIGNATURE_HEADER_BYTES_MAX < SUBMISSION_OVERHEAD_BYTES_MAX / 2);
    // A quorum that a participant may set can always be met by one submission.
    assert!(SIGNATURES_MAX <= KEYS_PER_PARTICIPANT_MAX);
    // The largest submission fits the smallest group that may be configured.
    assert!(((BODY_BYTES_MAX + SUBMISSION_OVERHEAD_BYTES_MAX) as u64) < GROUP_BYTES_MAX);
    // The largest group fits half of the largest segment, so that a frame never spans two files.
    assert!(2 * GROUP_BYTES_MAX <= WAL_SEGMENT_BYTES_MAX);
    // Pages have a sensible default, and answers fewer receipts than a page has lines.
    assert!(PAGE_DEFAULT <= ACCOUNTS_PAGE_MAX && PAGE_DEFAULT <= HISTORY_PAGE_MAX);
    assert!(PAGE_DEFAULT <= STATEMENT_PAGE_MAX && PAGE_DEFAULT <= ENTRIES_PAGE_MAX);
    assert!(RECEIPT_ITEMS_MAX <= PAGE_DEFAULT);
};
