//! Reads about accounts, messages and instructions: every page, at any moment of the log.
//!
//! Where a walk into the past is longer than one request may be, or requests come faster than the
//! node takes them, it says so and the client asks again.

use std::time::Duration;

use chain::{Item, ProvenBalance};
use serde::de::DeserializeOwned;

use super::error::SUBMISSIONS;
use super::http::Raw;
use super::{Client, ClientError, encoded};
use crate::ledger::{Date, InstructionId, Time};
use crate::wire::{
    AccountView, AccountsPage, Answer, BalanceFile, Bound, Cursor, ErrorCode, HistoryPage,
    InstructionView, StatementCursor, StatementPage,
};

/// Lines asked for at a time: the most that a page has.
const PAGE: &str = "200";
/// How often a read that the node did not finish is asked for, a second or more apart.
const ATTEMPTS: u32 = 300;
const JSON: &str = "application/json";
/// The pause where the node names none.
const PAUSE: Duration = Duration::from_secs(1);

/// Which lines of an account's history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryRange {
    /// Entries at or after this time.
    pub from: Option<Time>,
    /// Entries before this time.
    pub to: Option<Time>,
    /// Only transfers with this reference of the payer: as a text, or in a binary batch.
    pub end_to_end_id: Option<String>,
}

/// Which submission is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Its message id.
    pub message_id: String,
    /// Who submitted it; whoever the session stands for, if `None`.
    pub participant: Option<String>,
    /// Its `created`: it is found at once, however old. Not together with the other times.
    pub created: Option<Time>,
    /// Search entries at or after this time.
    pub from: Option<Time>,
    /// Search entries before this time.
    pub to: Option<Time>,
}

impl Client {
    /// Every account that the session may see.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn accounts(&self) -> Result<Vec<AccountView>, ClientError> {
        self.accounts_at(None)
    }

    /// The same, as they were after the entry with an index, or after the last entry at or before
    /// a time; all of them at one index.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn accounts_at(&self, at: Option<Bound>) -> Result<Vec<AccountView>, ClientError> {
        let mut all: Vec<AccountView> = Vec::new();
        let (mut at, mut after) = (at, None);
        loop {
            let [index, time] = moment(at);
            let path = with_query(
                "/v1/accounts",
                &[
                    ("limit", Some(PAGE.to_owned())),
                    ("cursor", after),
                    index,
                    time,
                ],
            );
            let page: AccountsPage = self.read_patiently(&path)?;
            all.extend(page.items);
            if let (Some(_), Some(first)) = (at, all.first()) {
                at = Some(Bound::Index(first.at_index));
            }
            match page.next {
                None => return Ok(all),
                next => after = next,
            }
        }
    }

    /// One account.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn account(&self, address: &str) -> Result<AccountView, ClientError> {
        self.account_at(address, None)
    }

    /// One account as it was after the entry with an index, or after the last entry at or before a
    /// time.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn account_at(&self, address: &str, at: Option<Bound>) -> Result<AccountView, ClientError> {
        let path = format!("/v1/accounts/{}", encoded(address));
        self.read_patiently(&with_query(&path, &moment(at)))
    }

    /// One account as it is, with the balance at a date that counts each payment from its value date on.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn account_valued(&self, address: &str, date: Date) -> Result<AccountView, ClientError> {
        let path = format!("/v1/accounts/{}", encoded(address));
        let date = [("value_date", Some(date.to_string()))];
        self.read_patiently(&with_query(&path, &date))
    }

    /// What an account held at the newest seal, with its proof, verified on arrival.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn balance_proof(
        &self,
        address: &str,
    ) -> Result<(BalanceFile, ProvenBalance), ClientError> {
        let path = format!("/v1/accounts/{}/proof", encoded(address));
        let file: BalanceFile = self.read_patiently(&path)?;
        let proven = file.to_proof()?.verify(self.log_key()?)?;
        if proven.account.address != address {
            return Err(ClientError::ReceiptForOther("its account is another"));
        }
        Ok((file, proven))
    }

    /// One page of an account's history, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn history(
        &self,
        address: &str,
        cursor: Option<Cursor>,
    ) -> Result<HistoryPage, ClientError> {
        self.history_in(address, &HistoryRange::default(), cursor)
    }

    /// One page of those lines of an account's history that are in a range, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn history_in(
        &self,
        address: &str,
        range: &HistoryRange,
        cursor: Option<Cursor>,
    ) -> Result<HistoryPage, ClientError> {
        let path = format!("/v1/accounts/{}/history", encoded(address));
        self.read_patiently(&with_query(
            &path,
            &[
                ("cursor", text(cursor)),
                ("from_time", text(range.from)),
                ("to_time", text(range.to)),
                ("end_to_end_id", range.end_to_end_id.clone()),
            ],
        ))
    }

    /// An account's statement with all its lines, oldest first: entries at or after `from` and
    /// before `to`.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Answer`] if the pages do not belong to one statement.
    pub fn statement(
        &self,
        address: &str,
        from: Option<Bound>,
        to: Option<Bound>,
    ) -> Result<StatementPage, ClientError> {
        let mut whole: StatementPage =
            self.read_patiently(&statement_path(address, from, to, None))?;
        while let Some(cursor) = whole.next {
            let path = statement_path(address, from, to, Some(cursor));
            let raw = self.get_patiently(&path, JSON)?;
            let other = raw.wrong("a page of another statement".to_owned());
            let page: StatementPage = raw.json()?;
            if !belongs(&page, &whole) {
                return Err(other);
            }
            whole.items.extend(page.items);
            whole.next = page.next;
        }
        Ok(whole)
    }

    /// The same as CSV (RFC 4180), with one header line.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Answer`] if the pages do not have the same columns.
    pub fn statement_csv(
        &self,
        address: &str,
        from: Option<Bound>,
        to: Option<Bound>,
    ) -> Result<String, ClientError> {
        let mut path = Some(statement_path(address, from, to, None));
        let mut whole = String::new();
        while let Some(this) = path {
            let mut raw = self.get_patiently(&this, "text/csv")?;
            path = raw.next.take();
            let other = raw.wrong("a CSV page with other columns".to_owned());
            let page = raw.text()?;
            let columns = whole.split_inclusive('\n').next().unwrap_or_default();
            match page.strip_prefix(columns) {
                Some(lines) => whole.push_str(lines),
                None => return Err(other),
            }
        }
        Ok(whole)
    }

    /// The stored answer to a submission; its receipt is verified.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn find_submission(&self, sought: &Sought) -> Result<Answer, ClientError> {
        let answer: Answer = self.read_patiently(&with_query(
            SUBMISSIONS,
            &[
                ("message_id", Some(sought.message_id.clone())),
                ("participant", sought.participant.clone()),
                ("created", text(sought.created)),
                ("from_time", text(sought.from)),
                ("to_time", text(sought.to)),
            ],
        ))?;
        let Some(file) = &answer.receipt else {
            return Ok(answer);
        };
        let receipt = file.to_receipt()?;
        let verified = receipt.verify(self.log_key()?)?;
        if receipt.entry.index != answer.index {
            return Err(ClientError::ReceiptForOther(
                "its index is not the answer's",
            ));
        }
        for item in &verified.items {
            if let Item::Authorisation(who) = &item.item
                && who.message_id != sought.message_id
            {
                return Err(ClientError::ReceiptForOther("its message id is another"));
            }
        }
        Ok(answer)
    }

    /// What became of an instruction, as far as the session may know.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn instruction(&self, id: InstructionId) -> Result<InstructionView, ClientError> {
        self.read_patiently(&format!("/v1/instructions/{id}"))
    }

    pub(super) fn read_patiently<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.get_patiently(path, JSON)?.json()
    }

    /// Asks again while the node says that it goes on where it stopped.
    pub(super) fn get_patiently(&self, path: &str, accept: &str) -> Result<Raw, ClientError> {
        self.patiently(path, accept)?.good()
    }

    /// Asks again while requests come faster than the node takes them.
    pub(super) fn get_raw_patiently(&self, path: &str) -> Result<Raw, ClientError> {
        self.patiently(path, "*/*")
    }

    fn patiently(&self, path: &str, accept: &str) -> Result<Raw, ClientError> {
        let again = [ErrorCode::ReadUnfinished, ErrorCode::RateLimited];
        let mut attempt = 1;
        loop {
            let raw = self.http.get_as(path, accept)?;
            let Some((code, pause)) = raw.refusal() else {
                return Ok(raw);
            };
            if attempt >= ATTEMPTS || !again.contains(&code) {
                return Ok(raw);
            }
            std::thread::sleep(pause.unwrap_or(PAUSE));
            attempt += 1;
        }
    }
}

/// Whether a page goes on with a statement: the same range and ends, and further than before.
fn belongs(page: &StatementPage, whole: &StatementPage) -> bool {
    page.account == whole.account
        && (page.from_index, page.to_index) == (whole.from_index, whole.to_index)
        && page.opening_balance == whole.opening_balance
        && page.closing_balance == whole.closing_balance
        && (page.next.is_none() || page.next != whole.next)
}

/// A page of a statement.
fn statement_path(
    address: &str,
    from: Option<Bound>,
    to: Option<Bound>,
    cursor: Option<StatementCursor>,
) -> String {
    let path = format!("/v1/accounts/{}/statement", encoded(address));
    with_query(
        &path,
        &[
            ("limit", Some(PAGE.to_owned())),
            ("from", text(from)),
            ("to", text(to)),
            ("cursor", text(cursor)),
        ],
    )
}

/// A parameter of a query, if it is given.
pub(super) type Parameter = (&'static str, Option<String>);

/// A moment as the parameters of a query.
fn moment(at: Option<Bound>) -> [Parameter; 2] {
    let (index, time) = match at {
        None => (None, None),
        Some(Bound::Index(index)) => (Some(index.to_string()), None),
        Some(Bound::Time(time)) => (None, Some(time.to_string())),
    };
    [("at_index", index), ("at_time", time)]
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// A path with the parameters that are given.
pub(super) fn with_query(path: &str, parameters: &[Parameter]) -> String {
    let mut out = path.to_owned();
    let mut before = '?';
    for (name, value) in parameters {
        if let Some(value) = value {
            out.push(before);
            out.push_str(&format!("{name}={}", encoded(value)));
            before = '&';
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// Answers one connection after the other with these, then ends; gives its address.
    fn answering(answers: Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut line, _) = listener.accept().unwrap();
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    line.read_exact(&mut byte).unwrap();
                    asked.extend(byte);
                }
                line.write_all(answer.as_bytes()).unwrap();
            }
        });
        format!("http://{address}")
    }

    fn answer(status: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nRetry-After: 0\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    }

    #[test]
    fn a_walk_that_is_not_finished_is_asked_for_again_and_nothing_else_is() {
        let problem = |code| {
            let problem = crate::wire::Problem::new(code, "a detail", "a-request");
            answer(
                "503 Service Unavailable",
                &serde_json::to_string(&problem).unwrap(),
            )
        };
        let page = answer("200 OK", r#"{"items":[],"next":null}"#);
        let unfinished = problem(ErrorCode::ReadUnfinished);
        let url = answering(vec![unfinished.clone(), unfinished, page]);
        assert_eq!(Client::new(&url).unwrap().accounts().unwrap(), []);
        let url = answering(vec![problem(ErrorCode::NodeFailed)]);
        let error = Client::new(&url).unwrap().accounts().unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::NodeFailed));
    }

    #[test]
    fn queries_hold_what_is_given() {
        assert_eq!(with_query("/v1/x", &moment(None)), "/v1/x");
        let time = "2026-01-31T23:59:59Z".parse().unwrap();
        assert_eq!(
            with_query("/v1/x", &moment(Some(time))),
            "/v1/x?at_time=2026-01-31T23:59:59Z"
        );
        assert_eq!(
            with_query(
                "/v1/x",
                &[
                    ("a", Some("1+1".into())),
                    ("b", None),
                    ("c", Some("2".into()))
                ]
            ),
            "/v1/x?a=1%2B1&c=2"
        );
    }
}
