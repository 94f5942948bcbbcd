//! What everybody is told on the operators' listener.

use super::answers::NOBODY;
use super::{Ask, EVERYBODY, Line, READ, line};

/// The routes of the operators' listener.
pub(super) const ADMIN: &[Line] = &[
    line(
        "get",
        "/healthz",
        READ,
        EVERYBODY,
        "For the machine that restarts the process.",
    ),
    line(
        "get",
        "/readyz",
        READ,
        EVERYBODY,
        "For the balancer in front.",
    ),
    line(
        "get",
        "/metrics",
        READ,
        EVERYBODY,
        "Numbers without names of accounts.",
    ),
    line(
        "get",
        "/version",
        READ,
        EVERYBODY,
        "For whoever rolls out releases.",
    ),
    line(
        "get",
        "/backup/log",
        Ask::Read("?at=0"),
        NOBODY,
        "For whoever has read `backup.token` in the data folder: no session is enough.",
    ),
    line(
        "get",
        "/backup/entries",
        Ask::Read("?first=0&end=1"),
        NOBODY,
        "As above: it gives out what everybody did.",
    ),
    line(
        "get",
        "/openapi.json",
        READ,
        EVERYBODY,
        "The document of this listener.",
    ),
];
