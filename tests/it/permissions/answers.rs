//! What the six who ask are told, where several routes tell the same.

/// A list, or what concerns nobody else: each sees of it what is theirs.
pub(super) const MEMBERS: [&str; 6] = [
    "401 TOKEN_MISSING",
    "401 TOKEN_INVALID",
    "200",
    "200",
    "200",
    "200",
];

/// What no session opens.
pub(super) const NOBODY: [&str; 6] = [
    "401 TOKEN_MISSING",
    "401 TOKEN_INVALID",
    "401 TOKEN_INVALID",
    "401 TOKEN_INVALID",
    "401 TOKEN_INVALID",
    "401 TOKEN_INVALID",
];

/// What auditors alone are told.
pub(super) const AUDITED: [&str; 6] = [
    "401 TOKEN_MISSING",
    "401 TOKEN_INVALID",
    "403 FORBIDDEN",
    "403 FORBIDDEN",
    "200",
    "403 FORBIDDEN",
];

/// Things of which one account's owner, auditors and operators see all.
pub(super) const ACCOUNTS: [&str; 6] = [
    "401 TOKEN_MISSING",
    "401 TOKEN_INVALID",
    "200",
    "404 ACCOUNT_NOT_FOUND",
    "200",
    "200",
];
pub(super) const SEALED: [&str; 6] = {
    let (mut all, none) = (ACCOUNTS, "404 SEAL_NOT_FOUND");
    (all[2], all[4], all[5]) = (none, none, none);
    all
};

pub(super) const CYCLED: [&str; 6] = {
    let mut all = ACCOUNTS;
    all[3] = "404 CYCLE_NOT_FOUND";
    all
};

pub(super) const PROPOSED: [&str; 6] = {
    let mut all = ACCOUNTS;
    all[3] = "404 PROPOSAL_NOT_FOUND";
    all
};

pub(super) const HELD: [&str; 6] = {
    let mut all = ACCOUNTS;
    all[3] = "404 HOLD_NOT_FOUND";
    all
};

pub(super) const MANDATED: [&str; 6] = {
    let mut all = ACCOUNTS;
    all[3] = "404 MANDATE_NOT_FOUND";
    all
};

pub(super) const QUOTED: [&str; 6] = {
    let mut all = ACCOUNTS;
    all[3] = "404 QUOTE_NOT_FOUND";
    all
};
