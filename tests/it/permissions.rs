//! Every route, asked by everybody: who is answered, and with which code everybody else is not.
//!
//! The table below is the promise; `docs/reference/permissions.md` is made from it. A route without
//! a line fails, and so does a line without a route.

mod admin;
mod answers;
mod asking;
mod instructions;
mod listeners;
mod page;
mod pages;

use std::collections::BTreeSet;

use quittance::api::{ADMIN_ROUTES, ERROR_ROUTES, PAGE_ROUTES, PUBLIC_ROUTES};

use admin::ADMIN;
use answers::{ACCOUNTS, AUDITED, CYCLED, HELD, MANDATED, MEMBERS, PROPOSED, QUOTED, SEALED};
use asking::{City, Who};
use pages::{ERRORS, PAGES};

/// One route and what everybody is told.
struct Line {
    method: &'static str,
    path: &'static str,
    /// What is asked for: `{own}` things stand in for the path's parameters.
    ask: Ask,
    /// The answers, in the order of [`Who::ALL`].
    answers: [&'static str; 6],
    why: &'static str,
}

/// What a request carries.
#[derive(Clone, Copy)]
enum Ask {
    /// A session's token, and this query.
    Read(&'static str),
    /// A signed transfer from the asker's account, or from the rival's.
    Transfer,
    /// A signed note in the asker's name, or in the rival's.
    Note,
}

const fn line(
    method: &'static str,
    path: &'static str,
    ask: Ask,
    answers: [&'static str; 6],
    why: &'static str,
) -> Line {
    Line {
        method,
        path,
        ask,
        answers,
        why,
    }
}

const READ: Ask = Ask::Read("");
const EVERYBODY: [&str; 6] = ["200"; 6];

/// The routes for everybody.
const PUBLIC: &[Line] = &[
    line(
        "post",
        "/v1/submissions",
        Ask::Transfer,
        [
            "400 SUBMITTER_MISSING",
            "401 KEY_UNKNOWN",
            "201 SETTLED",
            "201 NOT_OWNER",
            "403 ROLE_NOT_ALLOWED",
            "201 NOT_OWNER",
        ],
        "Signatures decide, not sessions. Whoever may submit gets an answer that is in the log; \
         whether the debit is theirs to make is an outcome. Operators cannot move a bank's money.",
    ),
    line(
        "get",
        "/v1/submissions",
        Ask::Read("?{lookup}"),
        [
            "401 TOKEN_MISSING",
            "401 TOKEN_INVALID",
            "200 SETTLED",
            "404 SUBMISSION_NOT_FOUND",
            "200 SETTLED",
            "404 SUBMISSION_NOT_FOUND",
        ],
        "For its submitter and signers. Somebody else's looks like none.",
    ),
    line(
        "post",
        "/v1/dry-runs",
        Ask::Transfer,
        [
            "400 SUBMITTER_MISSING",
            "401 KEY_UNKNOWN",
            "200 SETTLED",
            "200 NOT_OWNER",
            "403 ROLE_NOT_ALLOWED",
            "200 NOT_OWNER",
        ],
        "As a submission; nothing is logged. A rival's funds cannot be searched: ownership is asked \
         first.",
    ),
    line(
        "get",
        "/v1/receipts/{index}",
        READ,
        [
            "401 TOKEN_MISSING",
            "401 TOKEN_INVALID",
            "200",
            "404 ITEM_NOT_FOUND",
            "200",
            "404 ITEM_NOT_FOUND",
        ],
        "Submitter and signers get all items, the parties of a leg that leg. Somebody else's looks \
         like none.",
    ),
    line(
        "get",
        "/v1/instructions/{id}",
        READ,
        [
            "401 TOKEN_MISSING",
            "401 TOKEN_INVALID",
            "200",
            "404 INSTRUCTION_NOT_FOUND",
            "200",
            "404 INSTRUCTION_NOT_FOUND",
        ],
        "For submitter and signers, and for the parties of a leg that leg. Somebody else's looks \
         like none.",
    ),
    line(
        "get",
        "/v1/entries",
        READ,
        AUDITED,
        "Entries whole: for auditors.",
    ),
    line(
        "get",
        "/v1/entries/{index}",
        READ,
        AUDITED,
        "An entry whole, with its salt and body: for auditors.",
    ),
    line(
        "get",
        "/v1/accounts",
        READ,
        MEMBERS,
        "A bank's list has its own accounts; auditors and operators see all.",
    ),
    line(
        "get",
        "/v1/accounts/{address}",
        READ,
        ACCOUNTS,
        "For its owner, auditors and operators. Somebody else's looks like none.",
    ),
    line(
        "get",
        "/v1/accounts/{address}/proof",
        READ,
        SEALED,
        "As the account; here no seal has been made yet.",
    ),
    line(
        "get",
        "/v1/accounts/{address}/history",
        READ,
        ACCOUNTS,
        "For the account's owner, auditors and operators.",
    ),
    line(
        "get",
        "/v1/accounts/{address}/statement",
        READ,
        ACCOUNTS,
        "For the account's owner, auditors and operators; operators get no texts.",
    ),
    line(
        "get",
        "/v1/holds",
        Ask::Read("?account={account}"),
        ACCOUNTS,
        "Each sees holds of their own making, and of accounts that they may see.",
    ),
    line(
        "get",
        "/v1/queue",
        Ask::Read("?account={account}"),
        ACCOUNTS,
        "Each sees payments of their own in full, and of others' the legs that would pay them.",
    ),
    line(
        "get",
        "/v1/recalls",
        Ask::Read("?account={account}"),
        ACCOUNTS,
        "Each sees recalls of payments from and to accounts that they may see.",
    ),
    line("get", "/v1/returns", READ, MEMBERS, "The same."),
    line(
        "get",
        "/v1/holds/{id}",
        READ,
        HELD,
        "For who made it, the owners of its accounts, auditors and operators.",
    ),
    line(
        "get",
        "/v1/calendars",
        READ,
        MEMBERS,
        "Business days are for all who pay by them.",
    ),
    line("get", "/v1/calendars/{asset}", READ, MEMBERS, "The same."),
    line(
        "get",
        "/v1/proposals",
        READ,
        MEMBERS,
        "Each sees proposals that take a signature of theirs; auditors and operators see all.",
    ),
    line(
        "get",
        "/v1/proposals/{id}",
        READ,
        PROPOSED,
        "For who is asked for a signature, auditors and operators.",
    ),
    line(
        "get",
        "/v1/mandates",
        Ask::Read("?account={account}"),
        ACCOUNTS,
        "Each sees mandates on accounts that they may see, and those that they were granted.",
    ),
    line(
        "get",
        "/v1/mandates/{id}",
        READ,
        MANDATED,
        "For the account's owner, who has the mandate, auditors and operators.",
    ),
    line(
        "get",
        "/v1/postings",
        READ,
        MEMBERS,
        "Which kinds of accounts may pay which, every participant may know.",
    ),
    line(
        "get",
        "/v1/fees",
        READ,
        MEMBERS,
        "What payments are charged, every participant may know.",
    ),
    line(
        "get",
        "/v1/cycles",
        READ,
        MEMBERS,
        "Each sees the models that they have joined, and of those their own position; auditors and \
         operators see all.",
    ),
    line(
        "get",
        "/v1/cycles/{model}/{window}",
        READ,
        CYCLED,
        "For who has joined the model, each with their own net alone, auditors and operators.",
    ),
    line(
        "get",
        "/v1/rates",
        READ,
        MEMBERS,
        "What is offered to everybody, every participant may know; not on which accounts.",
    ),
    line(
        "get",
        "/v1/quotes",
        READ,
        MEMBERS,
        "Each sees quotes of their own making, for their use, and for accounts that they may see; \
         auditors and operators see all.",
    ),
    line("get", "/v1/quotes/{id}", READ, QUOTED, "The same."),
    line(
        "get",
        "/v1/numbers",
        Ask::Read("?addresses={account}"),
        MEMBERS,
        "Who knows an address may pay it, by a binary batch too: number and asset, and no more than \
         an attempt to pay would say.",
    ),
    line(
        "get",
        "/v1/assets",
        READ,
        MEMBERS,
        "What can be moved, every participant may know.",
    ),
    line(
        "get",
        "/v1/participants",
        READ,
        MEMBERS,
        "Names and public keys: who verifies a signature needs them.",
    ),
    line(
        "get",
        "/v1/participants/{participant}",
        READ,
        MEMBERS,
        "As the list. Whether a bank is suspended is for itself, auditors and operators.",
    ),
    line(
        "get",
        "/v1/whoami",
        READ,
        MEMBERS,
        "Each asks about its own session.",
    ),
    line(
        "get",
        "/v1/log",
        READ,
        EVERYBODY,
        "To be compared with what one was told by another way.",
    ),
    line(
        "post",
        "/v1/sessions",
        Ask::Note,
        [
            "400 SESSION_NOTE_INVALID",
            "401 SIGNATURE_INVALID",
            "201",
            "401 SIGNATURE_INVALID",
            "201",
            "201",
        ],
        "Any registered key opens a session for its own participant.",
    ),
    line(
        "get",
        "/log/checkpoint",
        READ,
        EVERYBODY,
        "Anybody can follow the log; it says nothing about payments.",
    ),
    line(
        "get",
        "/log/checkpoint.witnessed",
        READ,
        ["404 NOT_WITNESSED"; 6],
        "The same with the lines of witnesses, where the node asks any.",
    ),
    line(
        "get",
        "/log/tile/{path:.*}",
        READ,
        EVERYBODY,
        "Hashes, and entries of 120 bytes; neither says who paid whom.",
    ),
    line(
        "get",
        "/openapi.json",
        READ,
        EVERYBODY,
        "The document, this node's own.",
    ),
];

/// Lines, and the routes that they are about.
type Table = (&'static [Line], &'static [(&'static str, &'static str)]);

const TABLES: [Table; 5] = [
    (PUBLIC, PUBLIC_ROUTES),
    (PAGES, PAGE_ROUTES),
    (ERRORS, ERROR_ROUTES),
    (ERRORS, ERROR_ROUTES),
    (ADMIN, ADMIN_ROUTES),
];

#[test]
fn every_route_has_its_line() {
    for (lines, routes) in TABLES {
        let promised: Vec<_> = lines.iter().map(|line| (line.method, line.path)).collect();
        let routed: BTreeSet<_> = routes.iter().copied().collect();
        for route in routes {
            assert!(
                promised.contains(route),
                "who may use {route:?}? Add a line to tests/it/permissions.rs"
            );
        }
        for line in &promised {
            assert!(routed.contains(line), "there is no route {line:?}");
        }
        assert_eq!(promised.len(), routed.len(), "a route has two lines");
    }
}

#[test]
fn everybody_is_told_what_the_table_says() {
    let city = City::new();
    let bound = city.door.bound();
    let (public, admin) = (bound.public, bound.admin);
    let listeners = [public, public, public, admin, admin];
    let mut wrong = Vec::new();
    for ((lines, _), to) in TABLES.iter().zip(listeners) {
        for line in *lines {
            for (who, promised) in Who::ALL.into_iter().zip(line.answers) {
                for told in city.ask(to, line, who) {
                    if told != promised {
                        let (method, path) = (line.method, line.path);
                        wrong.push(format!("{method} {path}, {who:?}: {told}, not {promised}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_session_that_ended_opens_nothing() {
    let city = City::new();
    city.door
        .sandbox
        .node()
        .clock()
        .set_offset_ns(901_000_000_000);
    for line in PUBLIC {
        if !matches!(line.ask, Ask::Read(_)) {
            continue;
        }
        for who in [Who::BankOwn, Who::BankOther, Who::Auditor, Who::Operator] {
            // What a stranger is told.
            for told in city.ask(city.door.bound().public, line, who) {
                assert_eq!(told, line.answers[1], "{} {who:?}", line.path);
            }
        }
    }
}
