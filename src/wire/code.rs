//! Every code that the API can answer when it logs nothing: one table.
//!
//! 400 is for what cannot be read, 422 for what can be read and is not allowed, 401 and 403 for who
//! asks, 503 for "later". What the *ledger* answers is an [`crate::ledger::Outcome`] and stands in
//! the log; a name that occurs in both lists means the same thing found out at two places.

use crate::ledger::Rejection;

macro_rules! error_codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal, $todo:literal;)*) => {
        /// A problem's code: stable, never used for anything else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $code, "`: ", $title, ".")] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What it means, in a few words that are the same every time.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the sender should do.
            #[must_use]
            pub const fn what_to_do(self) -> &'static str {
                match self { $(Self::$variant => $todo,)* }
            }

            /// Reads a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

error_codes! {
    // the body
    JsonSyntax = "JSON_SYNTAX", 400, "The body is not JSON",
        "Send one JSON object in UTF-8, with nothing behind it.";
    BatchMalformed = "BATCH_MALFORMED", 400, "The body is not a binary batch",
        "Compare header and records with the byte table in chain/SPEC.md.";
    FieldUnknown = "FIELD_UNKNOWN", 422, "A field is not known",
        "Remove the field, or correct its name: unknown fields are refused, never ignored.";
    FieldMissing = "FIELD_MISSING", 422, "A field is missing",
        "Add the field that the pointer names.";
    FieldDuplicate = "FIELD_DUPLICATE", 422, "A field stands twice",
        "State each field once; an instruction is an object with exactly one field, its kind.";
    FieldType = "FIELD_TYPE", 422, "A field has a value of the wrong type",
        "Give the field the type and range that the detail states.";
    InstructionUnknown = "INSTRUCTION_UNKNOWN", 422, "The kind of instruction is not known",
        "Use one of the kinds that the detail lists.";
    InstructionsCount = "INSTRUCTIONS_COUNT", 422, "Too few or too many instructions",
        "Send 1 to 1,000 instructions a message, 1 to 16 in a proposal, or 1 to 8,189 records a binary \
         batch; a node may allow fewer.";
    LegsCount = "LEGS_COUNT", 422, "Too few or too many legs",
        "Give a transfer 1 to 256 legs, a split 2 to 256 accounts, and a message at most 8,189 legs; \
         divide what is larger.";
    KeysCount = "KEYS_COUNT", 422, "Too few or too many keys",
        "Register 1 to 16 keys with a participant; add others later with `add_key`.";
    ConditionsCount = "CONDITIONS_COUNT", 422, "Too few or too many conditions",
        "State 1 to 16 conditions, or leave the field out.";
    LimitsCount = "LIMITS_COUNT", 422, "Too few or too many limits of one kind",
        "Give an account 1 to 4 velocity rules and 1 to 32 bilateral limits, or leave the field out.";
    NonceGrammar = "NONCE_GRAMMAR", 422, "The nonce is not the base64 of 16 bytes",
        "Draw 16 random bytes for each message and send them as base64 with padding.";
    HashGrammar = "HASH_GRAMMAR", 422, "A hash is not the base64 of 32 bytes",
        "Copy the hash as the node printed it: 44 characters with padding.";
    AddressGrammar = "ADDRESS_GRAMMAR", 422, "An account address breaks its grammar",
        "Use 1 to 64 of A-Z a-z 0-9 . _ : -";
    ParticipantGrammar = "PARTICIPANT_GRAMMAR", 422, "A participant id breaks its grammar",
        "Use 1 to 32 of a-z 0-9 -";
    AssetGrammar = "ASSET_GRAMMAR", 422, "An asset id breaks its grammar",
        "Use an ISO 4217 code such as USD, or a CAIP-19 id.";
    ModelGrammar = "MODEL_GRAMMAR", 422, "The name of a settlement model breaks its grammar",
        "Use 1 to 32 of a-z 0-9 -";
    SourceGrammar = "SOURCE_GRAMMAR", 422, "The name of a source of rates breaks its grammar",
        "Use 1 to 32 of a-z 0-9 -";
    RatioGrammar = "RATIO_GRAMMAR", 422, "A price breaks its grammar",
        "Write two whole numbers of 1 to 19 digits, neither zero, with a slash between them.";
    MessageIdGrammar = "MESSAGE_ID_GRAMMAR", 422, "The message id breaks its grammar",
        "Use 1 to 64 of A-Z a-z 0-9 . _ : / -";
    IdGrammar = "ID_GRAMMAR", 422, "An instruction id is not a UUID of version 7",
        "Make a fresh UUIDv7 for each instruction and write it in lower case.";
    AmountGrammar = "AMOUNT_GRAMMAR", 422, "An amount breaks its grammar",
        "Write digits, then perhaps a point and up to 18 decimals: no sign, exponent, \
         separator or leading zero.";
    AmountNotString = "AMOUNT_NOT_STRING", 422, "An amount is not a string",
        "Put the amount in quotes: numbers lose digits on their way.";
    AmountTooLarge = "AMOUNT_TOO_LARGE", 422, "An amount needs more than 96 bits",
        "Split the amount.";
    TimeGrammar = "TIME_GRAMMAR", 422, "A time is not RFC 3339",
        "Write a time such as 2026-11-23T09:30:00Z, with an offset.";
    DateGrammar = "DATE_GRAMMAR", 422, "A date is not of the form YYYY-MM-DD",
        "Write a date such as 2026-12-24, between 1970 and 2399.";
    TimeOfDayGrammar = "TIME_OF_DAY_GRAMMAR", 422, "A time of day is not of the form HH:MM",
        "Write a time of day such as 17:30, from 00:00 to 23:59.";
    VkeyGrammar = "VKEY_GRAMMAR", 422, "A key is not a vkey",
        "Copy the whole vkey text: name, plus, eight hex digits, plus, base64. The digits follow from name \
         and key: where either was changed or retyped they are wrong, and the detail says which they \
         must be.";
    KeyIdGrammar = "KEY_ID_GRAMMAR", 422, "A key id is not eight hexadecimal digits",
        "Copy the key id from the vkey: eight digits in lower case.";
    CaseGrammar = "CASE_GRAMMAR", 422, "A case id breaks its grammar",
        "Use 1 to 35 of A-Z a-z 0-9 -: an id that means something in the operators' files alone.";
    BicGrammar = "BIC_GRAMMAR", 422, "A BIC has not the form of ISO 9362",
        "Write 8 or 11 capital letters and digits, the fifth and sixth of them letters.";
    LeiGrammar = "LEI_GRAMMAR", 422, "An LEI has not the form of ISO 17442, or its check digits are others",
        "Copy all 20 characters: the last two are computed from the others.";
    TextGrammar = "TEXT_GRAMMAR", 422, "A text is empty, too long or holds control characters",
        "Shorten the text to the length in the detail, or leave the field out.";

    // who asks
    SubmitterMissing = "SUBMITTER_MISSING", 400, "The submitter is not named",
        "Send the header Quittance-Submitter with your participant id.";
    SubmitterMalformed = "SUBMITTER_MALFORMED", 400, "The submitter is not a participant id",
        "Send your participant id: 1 to 32 of a-z 0-9 -";
    HeaderDuplicate = "HEADER_DUPLICATE", 400, "A header stands twice",
        "Send Quittance-Submitter and Content-Type once each.";
    SignaturesTooMany = "SIGNATURES_TOO_MANY", 400, "Too many signatures",
        "Send at most 16 signatures, and none that the policies do not ask for.";
    SignatureMissing = "SIGNATURE_MISSING", 401, "The submission is not signed",
        "Sign the statement and send the header Quittance-Signature.";
    SignatureMalformed = "SIGNATURE_MALFORMED", 401, "A signature cannot be read",
        "Send `<key name> <base64 of key id and signature>`, one header for each signer.";
    SignatureInvalid = "SIGNATURE_INVALID", 401, "A signature does not verify",
        "Sign the exact statement: origin and genesis hash of this log, your id, content type, \
         and the SHA-256 of the bytes sent.";
    SignatureDuplicate = "SIGNATURE_DUPLICATE", 400, "Two signatures are by the same key",
        "Send one signature for each key.";
    KeyUnknown = "KEY_UNKNOWN", 401, "A signing key is not registered",
        "Sign with a registered key, or have the key added.";
    KeyRevoked = "KEY_REVOKED", 401, "A signing key was revoked",
        "Sign with an active key.";
    PolicyUnmet = "POLICY_UNMET", 401, "The submitter's signing policy is not met",
        "Collect as many signatures by distinct keys as the participant's threshold asks for.";
    ParticipantUnknown = "PARTICIPANT_UNKNOWN", 401, "The participant is not registered",
        "Check the id and that you talk to the right log; the operators register participants.";
    RoleNotAllowed = "ROLE_NOT_ALLOWED", 403, "The participant's role may not submit",
        "Submit as a bank or as the operators; auditors only read.";
    TokenMissing = "TOKEN_MISSING", 401, "The request carries no session token",
        "Open a session and send `Authorization: Bearer <token>`.";
    TokenInvalid = "TOKEN_INVALID", 401, "The session token is unknown or has expired",
        "Open a new session.";
    Forbidden = "FORBIDDEN", 403, "This is not yours to read",
        "Ask for accounts, entries and items that concern you.";
    SessionNoteInvalid = "SESSION_NOTE_INVALID", 400, "The session note cannot be read",
        "Send the signed note with its six lines, this log's origin and genesis hash.";
    SessionExpired = "SESSION_EXPIRED", 401, "The session note is too old or too new",
        "Sign a note with the present time; the clocks may differ by 60 seconds.";
    SessionNonceReused = "SESSION_NONCE_REUSED", 401, "The session note was used before",
        "Sign a new note with 16 fresh random bytes.";
    SessionsFull = "SESSIONS_FULL", 503, "Too many sessions are open",
        "Try again later, and use one session for many requests.";

    // admission
    CreatedOutsideWindow = "CREATED_OUTSIDE_WINDOW", 422, "`created` lies outside the window",
        "To repeat a message look it up by its id; to wish anew make a new message with the \
         present time.";
    IdOutsideWindow = "ID_OUTSIDE_WINDOW", 422, "An instruction id lies outside the window",
        "Make UUIDv7 ids when the message is made, with a clock that is right.";
    MessageIdReused = "MESSAGE_ID_REUSED", 409, "The message id was used for other content",
        "Repeat identical bytes with the same `created`, or use a new message id.";
    IdWindowFull = "ID_WINDOW_FULL", 503, "The participant has too many ids inside the window",
        "Wait until older ids leave the window.";
    ModuleDisabled = "MODULE_DISABLED", 422, "The asset module is switched off on this node",
        "Use another module, or have the operators switch it on in node.toml.";
    QueueFull = "QUEUE_FULL", 503, "The node has more work than it may queue",
        "Send identical bytes again after the time in Retry-After.";
    QueueShareFull = "QUEUE_SHARE_FULL", 503, "The participant has its share of the queue",
        "Wait for answers before sending more; send identical bytes again after Retry-After.";
    BodiesFull = "BODIES_FULL", 503, "The node holds as many bytes of bodies as it may",
        "Send identical bytes again after the time in Retry-After.";
    StorageReserve = "STORAGE_RESERVE", 503, "The node's disk is almost full",
        "Send identical bytes again later; the operators must make room.";
    ShuttingDown = "SHUTTING_DOWN", 503, "The node is shutting down",
        "Send identical bytes again after the time in Retry-After.";
    NodeFailed = "NODE_FAILED", 503, "The node has stopped writing",
        "Send identical bytes again when the node is back; whether they were logged is found \
         out then.";
    Internal = "INTERNAL", 500, "The node made a mistake",
        "Send identical bytes again, and tell the operators the request id.";
    TileDamaged = "TILE_DAMAGED", 500, "The node's copy of this part of the log is damaged",
        "Tell the operators, whose node must be mended; nothing wrong is served in its place, and \
         another copy of the log has the tile.";

    // the request
    RequestMalformed = "REQUEST_MALFORMED", 400, "The request cannot be read",
        "Send a whole request in HTTP/1.1.";
    ContentTypeUnsupported = "CONTENT_TYPE_UNSUPPORTED", 415, "The content type is not supported",
        "Send application/json or application/vnd.quittance.batch; a session note is text/plain.";
    BodyTooLarge = "BODY_TOO_LARGE", 413, "The body is too large",
        "Keep a body within 1 MiB (a node may allow less); split the message.";
    BodyTimeout = "BODY_TIMEOUT", 408, "The body did not arrive in time",
        "Send identical bytes again over a faster line, or in smaller messages.";
    RateLimited = "RATE_LIMITED", 429, "Too many requests in too short a time",
        "Send identical bytes again after the time in Retry-After, and fewer a second from then \
         on; put many instructions into one message.";
    AddressBlocked = "ADDRESS_BLOCKED", 429, "Too many bad signatures came from this address",
        "Find out who signs badly; try again after the time in Retry-After. Connections that \
         brought a good signature before go on.";
    NotFound = "NOT_FOUND", 404, "There is nothing here",
        "Compare the path with /openapi.json.";
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "The method is not allowed here",
        "Use the methods in the header Allow.";
    EntryNotFound = "ENTRY_NOT_FOUND", 404, "The log has no such entry",
        "Ask for an index below the size in /log/checkpoint.";
    AccountNotFound = "ACCOUNT_NOT_FOUND", 404, "There is no such account among yours",
        "Check the address; accounts of others are not shown.";
    LogKeyNotHeld = "LOG_KEY_NOT_HELD", 422, "The node does not hold the new key of the log",
        "Put the key's file where `keys.log_next` in `node.toml` names it, under the passphrase of the first, \
         restart the node, and send the message again.";
    SealNotFound = "SEAL_NOT_FOUND", 404, "No seal covers the account yet",
        "Ask again after the next seal: the log's parameter `seal_interval_s` says how often there is one, \
         and there is one only when something was settled since. A sandbox makes none until the operators \
         set that parameter: it is 0 there.";
    NotWitnessed = "NOT_WITNESSED", 404, "No quorum of witnesses covers it yet",
        "Take the receipt of level `log-signed` now, and ask again after the next round of witnesses; \
         `/metrics` of the operators says when a quorum was there last.";
    ItemNotFound = "ITEM_NOT_FOUND", 404, "There is no such entry or item for you",
        "Check the index: the log may not have so many entries. Without `item` you are shown which items \
         of an entry concern you; one that concerns others alone is answered like one that is not there.";
    SubmissionNotFound = "SUBMISSION_NOT_FOUND", 404, "No such submission is in the log",
        "Nothing was executed under this id and `created`; send the message if it is still \
         wanted.";
    CalendarNotFound = "CALENDAR_NOT_FOUND", 404, "The asset has no calendar, or no such date",
        "The detail says which it is: no such asset, an asset without a calendar, or no such date. \
         `GET /v1/calendars` lists the calendars. An asset without one has no business dates; dates that \
         were over long ago are in the log alone.";
    CycleNotFound = "CYCLE_NOT_FOUND", 404, "There is no such window among yours",
        "Check the name of the model and the number of the window; `GET /v1/cycles` lists both. Windows \
         that settled long ago are in the log alone.";
    MandateNotFound = "MANDATE_NOT_FOUND", 404, "There is no such mandate among yours",
        "Check the id: it is that of the `grant_mandate`. A mandate that was revoked is in the log alone.";
    QuoteNotFound = "QUOTE_NOT_FOUND", 404, "There is no such quote among yours",
        "Check the id: it is that of the `quote`. A quote that ended is listed for as long as ids are known \
         (`window_back_s`); afterwards the account's history and its receipt say what became of it.";
    ParticipantNotFound = "PARTICIPANT_NOT_FOUND", 404, "No participant has this id, BIC or LEI",
        "List all of them with `GET /v1/participants`; the form of a BIC or LEI is checked, not guessed.";
    HoldNotFound = "HOLD_NOT_FOUND", 404, "There is no such hold among yours",
        "Check the id: it is that of the `reserve`. A hold that ended is listed for as long as ids are known \
         (`window_back_s`); afterwards the account's history and its receipt say what became of it.";
    ProposalNotFound = "PROPOSAL_NOT_FOUND", 404, "There is no such proposal for your signature",
        "Check the id: it is that of the `propose`. A proposal that ended is listed for as long as ids are \
         known (`window_back_s`); afterwards the log says what became of it.";
    InstructionNotFound = "INSTRUCTION_NOT_FOUND", 404, "No such instruction of yours is in the log",
        "Check the id; instructions that concern others are not shown.";
    IndexBeyondLog = "INDEX_BEYOND_LOG", 422, "The log is not that long yet",
        "Ask for an index below the size in /log/checkpoint.";
    TimeAhead = "TIME_AHEAD", 422, "The time has not come yet",
        "Ask for a time that is past, or for the present without one.";
    ReadUnfinished = "READ_UNFINISHED", 503, "There is more to walk than one request may",
        "Ask the same again: the node goes on where it stopped.";
    SearchTooWide = "SEARCH_TOO_WIDE", 422, "There is more to search than one request may",
        "State `created`, or a shorter time with `from_time` and `to_time`.";
    TileNotFound = "TILE_NOT_FOUND", 404, "The log has no such tile",
        "Ask for tiles that the size in /log/checkpoint covers.";
    CursorInvalid = "CURSOR_INVALID", 400, "The cursor is not one of this list",
        "Pass on `next` of the page before, unchanged.";
    QueryInvalid = "QUERY_INVALID", 400, "A query parameter is not allowed",
        "Correct the parameter that the detail names.";
    PathInvalid = "PATH_INVALID", 400, "A part of the path breaks its grammar",
        "Correct the part that the detail names.";
}

impl ErrorCode {
    /// Seconds after which the same request may be sent again: the header `Retry-After` of a 503,
    /// and of a 429 for which the node knows no better.
    #[must_use]
    pub const fn retry_after_s(self) -> Option<u32> {
        match self {
            Self::QueueFull
            | Self::QueueShareFull
            | Self::BodiesFull
            | Self::RateLimited
            | Self::ReadUnfinished => Some(1),
            Self::AddressBlocked => Some(10),
            Self::ShuttingDown | Self::SessionsFull => Some(5),
            Self::IdWindowFull | Self::StorageReserve | Self::NodeFailed => Some(30),
            _ => None,
        }
    }

    /// Whether the same bytes, sent again later, may be accepted.
    #[must_use]
    pub const fn retry_may_help(self) -> bool {
        matches!(self.status(), 408 | 429 | 500 | 503)
    }
}

impl From<&Rejection> for ErrorCode {
    fn from(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::ParticipantUnknown(_) => Self::ParticipantUnknown,
            Rejection::RoleNotAllowed(_) => Self::RoleNotAllowed,
            Rejection::KeyUnknown(_) => Self::KeyUnknown,
            Rejection::KeyRevoked(..) => Self::KeyRevoked,
            Rejection::PolicyUnmet { .. } => Self::PolicyUnmet,
            Rejection::CreatedOutsideWindow => Self::CreatedOutsideWindow,
            Rejection::MessageIdReused(_) => Self::MessageIdReused,
            Rejection::IdOutsideWindow(_) => Self::IdOutsideWindow,
            Rejection::IdWindowFull => Self::IdWindowFull,
        }
    }
}

impl core::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Invalid;
    use alloc::string::String;

    #[test]
    fn codes_are_unique_and_statuses_hang_together() {
        for code in ErrorCode::ALL {
            assert_eq!(
                ErrorCode::from_code(code.as_str()),
                Some(*code),
                "{code} stands twice"
            );
            assert!((400..600).contains(&code.status()), "{code}");
            assert_eq!(
                matches!(code.status(), 429 | 503),
                code.retry_after_s().is_some(),
                "{code}"
            );
            assert!(!code.title().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn every_invalid_value_has_a_code_and_says_it() {
        let text = String::new;
        for invalid in [
            Invalid::Address(text()),
            Invalid::Participant(text()),
            Invalid::Asset(text()),
            Invalid::Model(text()),
            Invalid::Source(text()),
            Invalid::Ratio(text()),
            Invalid::MessageId(text()),
            Invalid::Case(text()),
            Invalid::Bic(text()),
            Invalid::Lei(text()),
            Invalid::InstructionId(text()),
            Invalid::Amount(text()),
            Invalid::AmountNotString,
            Invalid::AmountTooLarge(text()),
            Invalid::Time(text()),
            Invalid::Date(text()),
            Invalid::TimeOfDay(text()),
            Invalid::VerifierKey(text(), chain::VerifierKeyError::Form(text())),
            Invalid::KeyId(text()),
            Invalid::Text(1),
        ] {
            let code = ErrorCode::from_code(invalid.code()).unwrap();
            assert_eq!(code.status(), 422);
            let words = alloc::string::ToString::to_string(&invalid);
            assert!(words.starts_with(&alloc::format!("{}: ", invalid.code())));
        }
    }
}
