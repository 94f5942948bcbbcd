//! Outcomes: what the ledger answers to an instruction, as a value in the log.
//!
//! The list is append-only and numbered, in order of precedence: when several apply, the one that
//! stands first is given. Legs and keys are judged one after the other; only accounts and authority
//! are looked at for all legs before anything else, of a hold whether it is open before funds, and of what
//! is proposed whose signatures it takes before the proposal itself. Numbers are part of the log's format and never change their meaning.

macro_rules! outcomes {
    ($($(#[doc = $doc:literal])* $variant:ident = $number:literal, $code:literal, $iso:literal, $retry:expr;)*) => {
        /// The result of one instruction.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Outcome {
            $($(#[doc = $doc])* $variant = $number,)*
        }

        impl Outcome {
            /// Every outcome, in order of precedence.
            pub const ALL: &'static [Outcome] = &[$(Outcome::$variant),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The ISO 20022 external status reason code (for the good ones: the status).
            #[must_use]
            pub const fn iso_reason(self) -> &'static str {
                match self { $(Self::$variant => $iso,)* }
            }

            /// Whether the same wish, sent again later under new ids, may succeed without anybody
            /// changing the ledger's set-up.
            #[must_use]
            pub const fn retry_may_help(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }

            /// What the outcome means, for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_ascii_start(),)* }
            }

            /// Reads an outcome's number.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

outcomes! {
    /// Settled: final, in the log.
    Settled = 1, "SETTLED", "ACSC", false;
    /// Applied: an instruction of governance, or one about a queued payment, took effect.
    Applied = 2, "APPLIED", "ACSC", false;
    /// Reserved: the funds wait for a capture, a void or the hold's expiry.
    Reserved = 3, "RESERVED", "ACSP", false;
    /// Voided: what was left of the hold is given back.
    Voided = 4, "VOIDED", "CANC", false;
    /// Expired: the hold's time has come, and the node gave back what was left of it.
    Expired = 5, "EXPIRED", "CANC", false;
    /// Queued: only funds are missing, or its time has not come; the payment waits.
    Queued = 6, "QUEUED", "PDNG", false;
    /// Proposed: nothing is done before everybody whose signature it takes has approved.
    Proposed = 7, "PROPOSED", "PATC", false;
    /// The message is all-or-nothing and another of its instructions was refused.
    MessageAborted = 10, "MESSAGE_ABORTED", "ED05", true;
    /// The instruction id was used before; `detail` is the index of the entry that used it.
    IdAlreadyUsed = 11, "ID_ALREADY_USED", "DU05", false;
    /// The kind of instruction needs the operators' quorum, and it has not signed.
    QuorumNotMet = 12, "QUORUM_NOT_MET", "DS0H", false;
    /// An account is not known.
    AccountUnknown = 13, "ACCOUNT_UNKNOWN", "AC01", false;
    /// Somebody whose signatures it takes has not signed by its policy: the owner of a debited
    /// account, the direct bank of an owner that is reached via it and has no keys, or the participant
    /// that a new key is for.
    NotOwner = 14, "NOT_OWNER", "DS0H", false;
    /// The asset is not registered on this node.
    AssetUnknown = 15, "ASSET_UNKNOWN", "AM03", false;
    /// The leg's asset is not the account's.
    AssetMismatch = 16, "ASSET_MISMATCH", "AM03", false;
    /// The asset is retired.
    AssetRetired = 17, "ASSET_RETIRED", "AM03", false;
    /// The asset is suspended.
    AssetSuspended = 18, "ASSET_SUSPENDED", "AM03", true;
    /// A leg debits and credits the same account.
    SelfTransfer = 19, "SELF_TRANSFER", "AG01", false;
    /// Accounts of this kind do not take this kind of posting.
    PostingNotAllowed = 20, "POSTING_NOT_ALLOWED", "AG03", false;
    /// The amount is zero.
    AmountZero = 21, "AMOUNT_ZERO", "AM01", false;
    /// The amount has more decimal places than the asset.
    PrecisionExceeded = 22, "PRECISION_EXCEEDED", "AM12", false;
    /// The amount needs more than 96 bits in minor units of the asset.
    AmountTooLarge = 23, "AMOUNT_TOO_LARGE", "AM12", false;
    /// An account is closed.
    AccountClosed = 24, "ACCOUNT_CLOSED", "AC04", false;
    /// The amount is above the debited account's maximum per transfer.
    LimitPerTransfer = 25, "LIMIT_PER_TRANSFER", "AM14", false;
    /// The debited account has not enough available. What is reserved there for urgent or high payments
    /// is available to nothing else: to no plain transfer, mandate, return or reversal; its owner sees it
    /// in `quittance accounts`.
    InsufficientFunds = 26, "INSUFFICIENT_FUNDS", "AM04", true;
    /// A counter of an account would pass 96 bits.
    AmountOverflow = 27, "AMOUNT_OVERFLOW", "AM12", false;
    /// No hold of this id that the submitter is a party of is open, or ended inside the window and is still
    /// remembered.
    HoldUnknown = 28, "HOLD_UNKNOWN", "NOOR", false;
    /// The hold was captured; `detail` is the index of the entry that ended it.
    HoldAlreadyCaptured = 29, "HOLD_ALREADY_CAPTURED", "NOOR", false;
    /// The hold was voided; `detail` is the index of the entry that ended it.
    HoldAlreadyVoided = 30, "HOLD_ALREADY_VOIDED", "NOOR", false;
    /// The hold has expired; `detail` is the index of the entry that ended it.
    HoldExpired = 31, "HOLD_EXPIRED", "DS24", false;
    /// A hold of several legs is captured as a whole, without an amount.
    HoldHasLegs = 32, "HOLD_HAS_LEGS", "NARR", false;
    /// The hold takes one capture: none can leave something for the next.
    HoldNotMulti = 33, "HOLD_NOT_MULTI", "NARR", false;
    /// Captures together would be above what was reserved and its tolerance.
    CaptureExceedsReserved = 34, "CAPTURE_EXCEEDS_RESERVED", "AM02", false;
    /// The hold or the freeze would end before it begins, or the hold later than holds may.
    ExpiryInvalid = 35, "EXPIRY_INVALID", "AB06", false;
    /// The tolerance for captures above what is reserved is higher than it may be.
    OverCaptureTooHigh = 36, "OVER_CAPTURE_TOO_HIGH", "AM02", false;
    /// A hold of this id exists.
    HoldExists = 37, "HOLD_EXISTS", "DU05", false;
    /// The open holds of the participant would have more legs than they may.
    HoldsTooMany = 38, "HOLDS_TOO_MANY", "NARR", true;
    /// The message's items would be more than an entry holds; send the rest in another message.
    EntryFull = 39, "ENTRY_FULL", "NARR", true;
    /// The participant is not known.
    ParticipantUnknown = 40, "PARTICIPANT_UNKNOWN", "RC01", false;
    /// A participant of this id exists.
    ParticipantExists = 41, "PARTICIPANT_EXISTS", "DU01", false;
    /// The key's name does not begin with the participant's id.
    KeyNameMismatch = 42, "KEY_NAME_MISMATCH", "DS0E", false;
    /// The public key is weak, has torsion or is not canonical.
    KeyUnacceptable = 43, "KEY_UNACCEPTABLE", "DS0E", false;
    /// The public key, or its name and key id, was registered before; a key serves once per log.
    KeyAlreadyRegistered = 44, "KEY_ALREADY_REGISTERED", "DU01", false;
    /// The participant has no such active key.
    KeyUnknown = 45, "KEY_UNKNOWN", "DS0E", false;
    /// The threshold is zero, or more than the number of active keys.
    ThresholdInvalid = 46, "THRESHOLD_INVALID", "NARR", false;
    /// No asset module of this name is known.
    ModuleUnknown = 47, "MODULE_UNKNOWN", "NARR", false;
    /// The module does not offer this asset here.
    AssetNotOffered = 48, "ASSET_NOT_OFFERED", "AM03", false;
    /// The asset is registered already.
    AssetExists = 49, "ASSET_EXISTS", "DU01", false;
    /// An account of this address exists.
    AccountExists = 50, "ACCOUNT_EXISTS", "DU01", false;
    /// The address is under another participant's prefix.
    AddressReserved = 51, "ADDRESS_RESERVED", "AG01", false;
    /// Accounts of this kind cannot be opened, closed or limited this way.
    AccountKindNotAllowed = 52, "ACCOUNT_KIND_NOT_ALLOWED", "AG03", false;
    /// The account still has a balance or pending amounts, or payments that concern it wait.
    AccountNotEmpty = 53, "ACCOUNT_NOT_EMPTY", "AC05", true;
    /// No parameter of this name exists.
    ParameterUnknown = 54, "PARAMETER_UNKNOWN", "NARR", false;
    /// The parameter's value is out of its range.
    ParameterOutOfRange = 55, "PARAMETER_OUT_OF_RANGE", "NARR", false;
    /// The protocol version is not one this node knows, or its start lies in the past.
    ProtocolUnsupported = 56, "PROTOCOL_UNSUPPORTED", "NARR", false;
    /// The log has no such entry yet, or it is the founding, which has nothing to erase.
    EntryUnknown = 57, "ENTRY_UNKNOWN", "NOOR", false;
    /// The entry's body is erased already.
    AlreadyErased = 58, "ALREADY_ERASED", "NOOR", false;
    /// No pending item waits for this approval.
    NothingPending = 59, "NOTHING_PENDING", "NOOR", false;
    /// The change is one that is in force already.
    NoChange = 60, "NO_CHANGE", "NARR", false;
    /// The participant has as many active keys as it may.
    KeysTooMany = 61, "KEYS_TOO_MANY", "NARR", false;
    /// The entry must be kept for longer: `detail` is the time at which the retention period ends,
    /// seconds since 1970 UTC.
    RetentionActive = 62, "RETENTION_ACTIVE", "NOOR", true;
    /// A freeze on one of the accounts, or on the owner of one, does not let this through.
    AccountFrozen = 63, "ACCOUNT_FROZEN", "AC06", true;
    /// The owner of the debited account, or the direct bank that it is reached via, is suspended: its
    /// accounts pay nothing new.
    ParticipantSuspended = 64, "PARTICIPANT_SUSPENDED", "AG01", true;
    /// The credited account does not take the amount: there would be more on it than may be. Who is
    /// neither its owner nor the operators is told the same when it has received what it may.
    MaxBalance = 65, "MAX_BALANCE", "AM21", true;
    /// A velocity rule of the account does not let the amount through now.
    LimitVelocity = 66, "LIMIT_VELOCITY", "AM14", true;
    /// The amount is above what the debited account may pay the other participant today, net.
    LimitBilateral = 67, "LIMIT_BILATERAL", "AM23", true;
    /// The amount is above what the debited account may pay all other participants today, net.
    LimitMultilateral = 68, "LIMIT_MULTILATERAL", "AM23", true;
    /// The limits contradict themselves, or there are more than an account may have: a velocity rule has
    /// seconds or a period, and an amount or a count, and no two count the same.
    LimitsInvalid = 69, "LIMITS_INVALID", "NARR", false;
    /// A freeze is of an account or of a participant, and has an amount at the level `amount` alone,
    /// which is one for accounts.
    FreezeInvalid = 70, "FREEZE_INVALID", "NARR", false;
    /// The participant is no bank.
    ParticipantNotBank = 71, "PARTICIPANT_NOT_BANK", "NARR", false;
    /// A freeze for this case is in force there.
    CaseExists = 72, "CASE_EXISTS", "DU01", false;
    /// As many freezes are in force there as may be.
    FreezesTooMany = 73, "FREEZES_TOO_MANY", "NARR", true;
    /// No freeze for this case is in force there.
    CaseUnknown = 74, "CASE_UNKNOWN", "NOOR", false;
    /// It takes the signatures of two operators.
    FourEyesNeeded = 75, "FOUR_EYES_NEEDED", "DS0H", false;
    /// A payment that may wait, or is moved in the queue, debits accounts of its submitter alone; where
    /// others have agreed to it, it may wait with normal priority.
    QueueNotSenders = 80, "QUEUE_NOT_SENDERS", "AG03", false;
    /// The times of the payment are not in their order: now, or `settle_from`, from when it may settle;
    /// then `till`, by when it should have; then `reject_at`, when it is revoked. Or one is further ahead
    /// than 400 days, or there is a `settle_from` beside a settlement date.
    QueueTimesInvalid = 81, "QUEUE_TIMES_INVALID", "DT04", false;
    /// As many payments wait as may: of an account, of the participant, or of the whole log, of which a
    /// part is kept for each participant.
    QueueFull = 82, "QUEUE_FULL", "ED06", true;
    /// No payment of this id by the submitter waits: there was none, or it settled, or left the queue.
    PaymentNotQueued = 83, "PAYMENT_NOT_QUEUED", "NOOR", false;
    /// A queued payment was revoked: it had not settled when its time came.
    RevokedAtRejectTime = 84, "REVOKED_AT_REJECT_TIME", "AB06", false;
    /// A queued payment was taken back by who sent it.
    CancelledBySender = 85, "CANCELLED_BY_SENDER", "DS02", false;
    /// Approved: the signatures count, and others are still asked; `detail` is the index of the entry
    /// that proposed it.
    Approved = 86, "APPROVED", "PATC", false;
    /// Approved by the last who was asked, and carried out in this very entry: the items behind say
    /// what was done; `detail` is the index of the entry that proposed it.
    CarriedOut = 87, "CARRIED_OUT", "ACSC", false;
    /// Withdrawn: the proposal was ended by who made it; `detail` is the index of the entry that proposed it.
    Withdrawn = 88, "WITHDRAWN", "CANC", false;
    /// Declined: the proposal was ended by somebody who was asked; `detail` is the index of the entry
    /// that proposed it.
    Declined = 89, "DECLINED", "CANC", false;
    /// The proposal's time has come, and not everybody had approved; `detail` is the index of the entry
    /// that proposed it.
    ProposalExpired = 90, "PROPOSAL_EXPIRED", "CANC", false;
    /// What is proposed does not take a signature of the submitter; or it withdraws what another
    /// participant has proposed.
    ProposalNotYours = 91, "PROPOSAL_NOT_YOURS", "DS0H", false;
    /// The proposal was carried out, withdrawn or declined; `detail` is the index of the entry that
    /// ended it.
    ProposalOver = 92, "PROPOSAL_OVER", "NOOR", false;
    /// The proposal has expired; `detail` is the index of the entry that says so.
    ApprovalExpired = 93, "APPROVAL_EXPIRED", "DS24", false;
    /// What is approved is not what is proposed: the hashes differ.
    BodyChanged = 94, "BODY_CHANGED", "DS0H", false;
    /// A key that made the proposal, or has approved it, signs again: it takes others.
    SelfApproval = 95, "SELF_APPROVAL", "DS0H", false;
    /// A proposal of this id exists.
    ProposalExists = 96, "PROPOSAL_EXISTS", "DU05", false;
    /// As many proposals are open as may: of the participant, or in the whole log, of which a part is kept
    /// for each participant.
    ProposalsTooMany = 97, "PROPOSALS_TOO_MANY", "NARR", true;
    /// More is proposed than one proposal may hold.
    ProposalTooLarge = 98, "PROPOSAL_TOO_LARGE", "NARR", false;
    /// An instruction of this kind cannot be proposed.
    NotProposable = 99, "NOT_PROPOSABLE", "AG03", false;
    /// The window has closed by its schedule; `detail` is its number.
    WindowClosed = 100, "WINDOW_CLOSED", "ACSC", false;
    /// The window was not funded in time, and goes on waiting; `detail` is its number.
    Defaulted = 101, "DEFAULTED", "PDNG", false;
    /// Cleared: the payments count in the positions of their parties, and settle with their window.
    Cleared = 102, "CLEARED", "ACSP", false;
    /// No settlement model of this name is known, or the submitter has not joined it.
    ModelUnknown = 103, "MODEL_UNKNOWN", "NARR", false;
    /// The participant has not joined the model.
    MemberUnknown = 104, "MEMBER_UNKNOWN", "RC01", false;
    /// The model is closed.
    ModelClosed = 105, "MODEL_CLOSED", "NARR", false;
    /// The window ends with this very entry; the next one begins with the next.
    WindowEnds = 106, "WINDOW_ENDS", "NARR", true;
    /// The payer's position would be further below zero than its net debit cap allows.
    NdcExceeded = 107, "NDC_EXCEEDED", "AM23", true;
    /// A model of this name exists.
    ModelExists = 108, "MODEL_EXISTS", "DU01", false;
    /// The log has as many models as it may.
    ModelsTooMany = 109, "MODELS_TOO_MANY", "NARR", false;
    /// The participant has joined the model with another account.
    MemberExists = 110, "MEMBER_EXISTS", "DU01", false;
    /// The account has joined another model: a payment belongs to one.
    ModelOverlap = 111, "MODEL_OVERLAP", "AG01", false;
    /// The model has as many participants as it may.
    MembersTooMany = 112, "MEMBERS_TOO_MANY", "NARR", false;
    /// As many windows of the model wait for settlement as may.
    WindowsTooMany = 113, "WINDOWS_TOO_MANY", "NARR", true;
    /// The times between closes, or for funding, are out of their ranges.
    ScheduleInvalid = 114, "SCHEDULE_INVALID", "NARR", false;
    /// The account has joined a settlement model whose windows may still settle on it.
    AccountJoined = 115, "ACCOUNT_JOINED", "AC05", true;
    /// The business day of an asset has opened; `detail` is its date, as in 20261224.
    DayOpened = 120, "DAY_OPENED", "ACSC", false;
    /// The business day ends for payments from and to customers; `detail` is its date.
    CustomerCutoff = 121, "CUSTOMER_CUTOFF", "ACSC", false;
    /// The business day ends for payments between banks; `detail` is its date.
    InterbankCutoff = 122, "INTERBANK_CUTOFF", "ACSC", false;
    /// The business date is over with this entry; `detail` is the date.
    DayClosed = 123, "DAY_CLOSED", "ACSC", false;
    /// The end of a business day is done and the next date begins, which `detail` is.
    NextDate = 124, "NEXT_DATE", "ACSC", false;
    /// Warehoused: the payment waits for its business date, which `detail` is.
    Warehoused = 125, "WAREHOUSED", "ACSP", false;
    /// Rolled: the payment settles on a later or earlier business date than was asked for, which
    /// `detail` is.
    Rolled = 126, "ROLLED", "ACWC", false;
    /// It takes business days, and there is no calendar. Of a transfer for a date, or until the cut-off: no
    /// asset of it has one. Of a value date: the asset of the leg that is named has none. Of fees by the
    /// month, or a model that closes with the day: their asset has none.
    CalendarUnknown = 127, "CALENDAR_UNKNOWN", "NARR", false;
    /// The business day has not opened or has passed the cut-off for such a payment, or a bank that it
    /// concerns is closed on it.
    CutoffPassed = 128, "CUTOFF_PASSED", "TM01", true;
    /// The settlement date is no good day, or a bank that it concerns is closed on it, and the calendar
    /// rolls it to none.
    DateNotGood = 129, "DATE_NOT_GOOD", "DT01", false;
    /// The settlement date is before the present business date.
    DatePast = 130, "DATE_PAST", "DT01", false;
    /// The settlement date is further ahead than it may be.
    DateTooFar = 131, "DATE_TOO_FAR", "DT04", false;
    /// A queued payment was revoked: it had not settled when its business day was cut off.
    RevokedAtCutoff = 132, "REVOKED_AT_CUTOFF", "TM01", false;
    /// The calendar, or the list of days on which a bank is closed, contradicts itself or is longer than it
    /// may be.
    CalendarInvalid = 133, "CALENDAR_INVALID", "NARR", false;
    /// The calendar would hold for a date that has begun, or is over; or a bank would be closed on a date
    /// that has begun, or no longer.
    CalendarTooEarly = 134, "CALENDAR_TOO_EARLY", "DT01", false;
    /// The log has as many calendars as it may, or the calendar as many versions for later dates.
    CalendarsTooMany = 135, "CALENDARS_TOO_MANY", "NARR", false;
    /// The split cannot be worked out: a party has no form or more than one, or there are ratios
    /// beside a remainder, or a remainder that is not the last.
    SplitInvalid = 140, "SPLIT_INVALID", "NARR", false;
    /// What the payers pay is not what the payees get.
    Unbalanced = 141, "UNBALANCED", "AM10", true;
    /// A condition does not hold; `detail` is its number, from 0.
    PreconditionFailed = 142, "PRECONDITION_FAILED", "NARR", true;
    /// No mandate of this id that concerns the submission is in force: none was granted to anybody
    /// who signed, or it was revoked, or no leg debits its account.
    MandateUnknown = 143, "MANDATE_UNKNOWN", "MD01", false;
    /// The time of the mandate is over.
    MandateExpired = 144, "MANDATE_EXPIRED", "MD01", false;
    /// The amount is above what the mandate still lets through.
    MandateExceeded = 145, "MANDATE_EXCEEDED", "AM14", true;
    /// The mandate does not let this account be credited.
    MandateNotForCreditor = 146, "MANDATE_NOT_FOR_CREDITOR", "SL11", false;
    /// A mandate has a bound, sound ones, and is for another participant than the account's owner.
    MandateInvalid = 147, "MANDATE_INVALID", "MD02", false;
    /// A mandate of this id exists.
    MandateExists = 148, "MANDATE_EXISTS", "DU05", false;
    /// As many mandates are granted as may be: on the account, or by its owner.
    MandatesTooMany = 149, "MANDATES_TOO_MANY", "NARR", true;
    /// The recall is open: whoever received the payment is asked to return it.
    Recalled = 160, "RECALLED", "PDNG", false;
    /// The recall was refused by who received the payment.
    RecallRefused = 161, "RECALL_REFUSED", "NOAS", false;
    /// The recall has ended: nobody answered in time.
    RecallEnded = 162, "RECALL_ENDED", "NOAS", false;
    /// What is brought as the original is not in the log.
    OriginalUnknown = 163, "ORIGINAL_UNKNOWN", "NOOR", false;
    /// The proof leads to a part of the log's tree that is no longer remembered; a new one helps.
    ProofOutdated = 164, "PROOF_OUTDATED", "NOOR", true;
    /// The original is nothing that can be given back, or not this way.
    OriginalNotReturnable = 165, "ORIGINAL_NOT_RETURNABLE", "AG03", false;
    /// The original is older than what may be returned.
    ReturnWindowClosed = 166, "RETURN_WINDOW_CLOSED", "TM01", false;
    /// All of it was returned; `detail` is the index of the entry that returned the last of it.
    AlreadyReturned = 167, "ALREADY_RETURNED", "ARDT", false;
    /// The amount is above what was not returned yet.
    ReturnExceedsOriginal = 168, "RETURN_EXCEEDS_ORIGINAL", "AM09", false;
    /// The participant has given something back of as many payments as may be remembered.
    ReturnsTooMany = 169, "RETURNS_TOO_MANY", "NARR", true;
    /// A recall of the original is open; `detail` is the index of the entry that asked.
    RecallAlreadyOpen = 170, "RECALL_ALREADY_OPEN", "NARR", false;
    /// A recall of this id is open.
    RecallExists = 171, "RECALL_EXISTS", "DU05", false;
    /// As many recalls of the participant are open as may be.
    RecallsTooMany = 172, "RECALLS_TOO_MANY", "NARR", true;
    /// No recall of this id that the submitter is a party of is open.
    RecallUnknown = 173, "RECALL_UNKNOWN", "NOOR", false;
    /// The rate's bid is above its ask, or both of its assets are one.
    RateInvalid = 180, "RATE_INVALID", "NARR", false;
    /// The participant has as many lines of rates as it may, or the line as many rates to come.
    RatesTooMany = 181, "RATES_TOO_MANY", "NARR", false;
    /// The log has as many providers of rates as it may.
    ProvidersTooMany = 182, "PROVIDERS_TOO_MANY", "NARR", false;
    /// No rate of this provider and source is in force for the pair: there was none, or only later ones
    /// are known.
    RateGap = 183, "RATE_GAP", "NARR", true;
    /// The last rate of this provider and source for the pair is over.
    RateStale = 184, "RATE_STALE", "NARR", true;
    /// The rate in force is indicative: nobody signed to execute it.
    RateIndicative = 185, "RATE_INDICATIVE", "NARR", false;
    /// No quote of this id for somebody who signed is open, or ended inside the window and is still
    /// remembered.
    QuoteUnknown = 186, "QUOTE_UNKNOWN", "NOOR", false;
    /// The quote was used; `detail` is the index of the entry that used it.
    QuoteUsed = 187, "QUOTE_USED", "NOOR", false;
    /// The quote was withdrawn; `detail` is the index of the entry that did it.
    QuoteWithdrawn = 188, "QUOTE_WITHDRAWN", "NOOR", false;
    /// The quote has expired; `detail` is the index of the entry that ended it.
    QuoteExpired = 189, "QUOTE_EXPIRED", "NARR", false;
    /// The quote is for another account, or in another asset, than the conversion.
    QuoteDiffers = 190, "QUOTE_DIFFERS", "NARR", false;
    /// So little would be received that it rounds to nothing.
    RoundsToZero = 191, "ROUNDS_TO_ZERO", "AM12", false;
    /// The rate's provider does not convert so much at once.
    ConversionTooLarge = 192, "CONVERSION_TOO_LARGE", "AM02", false;
    /// The other amount would be worse than the limit, or the quote is for another amount.
    AmountMismatch = 193, "AMOUNT_MISMATCH", "AM09", true;
    /// The provider cannot pay what would be received.
    InventoryShort = 194, "INVENTORY_SHORT", "AM23", true;
    /// The hold is a quote: it is used by a conversion, and not captured.
    HoldIsQuote = 195, "HOLD_IS_QUOTE", "NARR", false;
    /// The payee's part of the fee, with its tax, is more than what it receives.
    FeeExceedsAmount = 196, "FEE_EXCEEDS_AMOUNT", "AM12", false;
    /// The debited account has enough for what it pays, and not for the fee on it as well.
    FeeNotCovered = 197, "FEE_NOT_COVERED", "AM04", true;
    /// A fee is due on the transfer, and a binary batch takes none: send it in JSON.
    FeeNotInBatch = 198, "FEE_NOT_IN_BATCH", "AG03", false;
    /// The schedule of fees contradicts itself, or is longer than it may be.
    FeesInvalid = 199, "FEES_INVALID", "NARR", false;
    /// The account receives fees, or tax on them, by the schedule in force.
    FeeAccountInUse = 200, "FEE_ACCOUNT_IN_USE", "AC05", true;
    /// What was due of the account for a month could not be paid: nothing was taken, and it is not tried
    /// again.
    FeeOwed = 201, "FEE_OWED", "AM04", false;
    /// At the end of a business day the node charges what is due for a month; `detail` is the date.
    FeesCharged = 202, "FEES_CHARGED", "ACSC", false;
    /// The owner of the debited account does not take part in this: it is being prepared, in test with
    /// a counterparty that is not, or terminated.
    DebtorNotActive = 206, "DEBTOR_NOT_ACTIVE", "DNOR", true;
    /// The owner of the credited account does not take part in this: it is being prepared, in test with
    /// a counterparty that is not, terminated, or suspended so that it receives nothing.
    CreditorNotActive = 207, "CREDITOR_NOT_ACTIVE", "CNOR", true;
    /// A queued payment was revoked: its payer was suspended.
    RevokedAtSuspension = 208, "REVOKED_AT_SUSPENSION", "DNOR", false;
    /// The participant is not in a state from which this may be done; what is terminated stays so.
    StateNotAllowed = 209, "STATE_NOT_ALLOWED", "NARR", false;
    /// Another participant, which is not terminated, has this BIC or LEI.
    IdentifierExists = 210, "IDENTIFIER_EXISTS", "DU01", false;
    /// An account of the bank has a balance; `detail` is its number.
    BalanceLeft = 211, "BALANCE_LEFT", "AC05", true;
    /// Something is reserved on an account of the bank, or for it; `detail` is its number.
    HoldOpen = 212, "HOLD_OPEN", "AC05", true;
    /// A payment that waits debits or credits an account of the bank; `detail` is its number.
    PaymentWaits = 213, "PAYMENT_WAITS", "AC05", true;
    /// What the bank sent or received in a window is not settled; `detail` is the number of the
    /// settlement model.
    PositionOpen = 214, "POSITION_OPEN", "AC05", true;
    /// A proposal that takes the bank's signature, or a recall that it is a party of, is open; `detail`
    /// is the index of the entry that made it.
    CaseOpen = 215, "CASE_OPEN", "NARR", true;
    /// A queued payment had not settled when it should have; it goes on waiting.
    Overdue = 216, "OVERDUE", "PDNG", false;
    /// The account is the pool of a settlement model whose windows may still be funded from it.
    PoolNamed = 226, "POOL_NAMED", "AC05", true;
    /// The member owes the pool less than it would be said to owe still.
    OwedExceeded = 227, "OWED_EXCEEDED", "AM09", false;
    /// A transfer that may wait, or is under a mandate, has no value date.
    ValueDateNotTaken = 236, "VALUE_DATE_NOT_TAKEN", "NARR", false;
    /// The value date is after the present business date.
    ValueDateAhead = 237, "VALUE_DATE_AHEAD", "DT04", false;
    /// The value date is further back than the calendar lets it be.
    ValueDateTooOld = 238, "VALUE_DATE_TOO_OLD", "DT01", false;
    /// The value date was no business date of the asset.
    ValueDateNotGood = 239, "VALUE_DATE_NOT_GOOD", "DT01", false;
    /// A participant that is reached via another has no keys, reaches nobody, joins no settlement model
    /// and is no provider.
    ParticipantIndirect = 240, "PARTICIPANT_INDIRECT", "NARR", false;
    /// The participant has keys of its own, and is reached via nobody.
    ParticipantDirect = 241, "PARTICIPANT_DIRECT", "NARR", false;
    /// Another bank is reached via this one; `detail` is its number.
    IndirectLeft = 242, "INDIRECT_LEFT", "NARR", true;
}

mod nature;
mod serial;
#[cfg(test)]
mod tests;
