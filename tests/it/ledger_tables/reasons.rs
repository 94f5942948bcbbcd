//! The ISO 20022 reasons that the rules of money are asked to have (LEDGER F02 to F19), of the outcomes
//! that stand for them here; what they are called is the ledger's own.

use quittance::ledger::Outcome;

/// Our code, and the reason (of what is no refusal: the status).
const REASONS: &[(&str, &str)] = &[
    // Accounts and limits.
    ("INSUFFICIENT_FUNDS", "AM04"),
    ("LIMIT_PER_TRANSFER", "AM14"),
    ("LIMIT_VELOCITY", "AM14"),
    ("LIMIT_BILATERAL", "AM23"),
    ("LIMIT_MULTILATERAL", "AM23"),
    ("ACCOUNT_UNKNOWN", "AC01"),
    ("ACCOUNT_CLOSED", "AC04"),
    ("ASSET_UNKNOWN", "AM03"),
    ("ASSET_SUSPENDED", "AM03"),
    ("ASSET_MISMATCH", "AM03"),
    ("POSTING_NOT_ALLOWED", "AG03"),
    ("AMOUNT_ZERO", "AM01"),
    // Several legs, and several who sign.
    ("SELF_TRANSFER", "AG01"),
    ("PROPOSED", "PATC"),
    ("APPROVED", "PATC"),
    ("APPROVAL_EXPIRED", "DS24"),
    ("QUORUM_NOT_MET", "DS0H"),
    // Holds.
    ("CAPTURE_EXCEEDS_RESERVED", "AM02"),
    // Foreign exchange.
    ("QUOTE_EXPIRED", "NARR"),
    ("AMOUNT_MISMATCH", "AM09"),
    ("INVENTORY_SHORT", "AM23"),
    ("ROUNDS_TO_ZERO", "AM12"),
    // Queues.
    ("QUEUED", "PDNG"),
    ("QUEUE_FULL", "ED06"),
    ("REVOKED_AT_REJECT_TIME", "AB06"),
    ("REVOKED_AT_CUTOFF", "TM01"),
    ("CANCELLED_BY_SENDER", "DS02"),
    ("QUEUE_NOT_SENDERS", "AG03"),
    // Days.
    ("CUTOFF_PASSED", "TM01"),
    ("ROLLED", "ACWC"),
    ("DATE_TOO_FAR", "DT04"),
    ("DATE_PAST", "DT01"),
    ("VALUE_DATE_TOO_OLD", "DT01"),
    // Netting.
    ("NDC_EXCEEDED", "AM23"),
    // Money that goes back.
    ("ORIGINAL_UNKNOWN", "NOOR"),
    ("ALREADY_RETURNED", "ARDT"),
    ("RETURN_EXCEEDS_ORIGINAL", "AM09"),
    ("RETURN_WINDOW_CLOSED", "TM01"),
    // Participants and freezes.
    ("DEBTOR_NOT_ACTIVE", "DNOR"),
    ("CREDITOR_NOT_ACTIVE", "CNOR"),
    ("REVOKED_AT_SUSPENSION", "DNOR"),
    ("ACCOUNT_FROZEN", "AC06"),
];

#[test]
fn outcomes_have_the_reasons_that_the_field_has_for_them() {
    for (code, reason) in REASONS {
        let outcome = Outcome::from_code(code).unwrap_or_else(|| panic!("no {code}"));
        assert_eq!(outcome.iso_reason(), *reason, "{code}");
    }
}
