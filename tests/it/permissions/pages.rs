//! The lines of what people read in a browser.

use super::{EVERYBODY, Line, READ, line};

/// The pages for people.
pub(super) const PAGES: &[Line] = &[
    line("get", "/", READ, ["307"; 6], "Leads to `/docs`."),
    line(
        "get",
        "/docs",
        READ,
        EVERYBODY,
        "A page; what is tried on it needs the same credentials.",
    ),
    line("get", "/docs/", READ, ["307"; 6], "Leads to `/docs`."),
    line("get", "/docs/{file}", READ, EVERYBODY, "Files of the page."),
];

/// The pages that problems point to, on both listeners.
pub(super) const ERRORS: &[Line] = &[
    line("get", "/docs/errors", READ, EVERYBODY, "All codes."),
    line(
        "get",
        "/docs/errors/{code}",
        READ,
        EVERYBODY,
        "What the `type` of a problem leads to.",
    ),
];
