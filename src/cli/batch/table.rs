//! A batch file, read: each row a payment, or what is wrong with it and where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::columns::{
    AMOUNT, ASSET, COLUMNS, CREDITOR_NAME, DEBTOR_NAME, END_TO_END_ID, FROM, Header, ID, REFERENCE,
    REMITTANCE, TO, header,
};
use crate::cli::error::{Failure, Kind};
use crate::wire::{BodyLimits, parse_body};

/// The most rows of one file: about the ids that a participant may use inside the window, and as
/// much as fits the memory of a desk.
pub(super) const ROWS_MAX: usize = 500_000;

/// A file of payments.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    header: Header,
    /// Rows that were found to be no payments after the file had been read.
    late: Vec<usize>,
}

/// One row of the file.
#[derive(Debug)]
pub(super) struct Row {
    /// Line of the file on which it begins, from 1.
    pub(super) line: u64,
    /// What it asks for, or what is wrong.
    pub(super) payment: Result<Payment, Bad>,
}

/// A transfer of one leg, as it stands in a body; the id is filled in when a message is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) legs: [Leg; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_to_end_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remittance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) debtor_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) creditor_name: Option<String>,
    /// Of a record of a binary batch; a body in JSON has none.
    #[serde(skip)]
    pub(super) reference: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Leg {
    pub(super) debit: String,
    pub(super) credit: String,
    pub(super) asset: String,
    pub(super) amount: String,
}

/// Why a row is no payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bad {
    /// The column, by name and number, if one is to blame.
    pub(super) column: String,
    pub(super) code: String,
    pub(super) words: String,
}

impl Bad {
    /// Place and reason on one line.
    pub(super) fn told(&self, line: u64) -> String {
        let comma = if self.column.is_empty() {
            ""
        } else {
            ", column "
        };
        format!(
            "line {line}{comma}{}: {} ({})",
            self.column, self.words, self.code
        )
    }
}

impl Table {
    /// Reads a file: comma, semicolon or tab between cells, quotes, BOM and CRLF as they come.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.contains(&0) {
            return Err(
                Failure::usage("this is no CSV file: it holds bytes that no text has")
                    .hint("export the sheet as CSV in UTF-8"),
            );
        }
        let delimiter = delimiter(bytes);
        if let Some(line) = open_quote(bytes, delimiter) {
            return Err(Failure::usage(format_args!(
                "line {line}: a quote is opened and never closed; nothing was sent"
            ))
            .hint("the file may have been cut off: export it once more"));
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let mut record = csv::ByteRecord::new();
        let mut found: Option<(Header, usize)> = None;
        let mut rows = Vec::new();
        let mut lines = BTreeMap::new();
        let mut place = Place { at: 0, line: 1 };
        while read_record(&mut reader, &mut record)? {
            let line = place.advance(bytes, record.position());
            let Some((header, width)) = &found else {
                found = Some(first(line, &record)?);
                continue;
            };
            if rows.len() == ROWS_MAX {
                return Err(Failure::usage(format_args!("more than {ROWS_MAX} rows"))
                    .hint("split the file; each part gets results of its own"));
            }
            let mut payment = payment(&record, header, *width);
            if let Ok(good) = &payment
                && !good.id.is_empty()
                && let Some(first) = lines.insert(good.id.clone(), line)
            {
                let words = format!("the id stands on line {first} too");
                payment = Err(bad(header, ID, "ID_ALREADY_USED", words));
            }
            rows.push(Row { line, payment });
        }
        let Some((header, _)) = found.filter(|_| !rows.is_empty()) else {
            return Err(Failure::usage("there are no payments in the file")
                .hint("the first row names the columns, each further row is a payment"));
        };
        Ok(Self {
            rows,
            header,
            late: Vec::new(),
        })
    }

    /// The payment of a row, if it is one.
    pub(super) fn payment(&self, at: usize) -> Option<&Payment> {
        self.rows.get(at)?.payment.as_ref().ok()
    }

    /// Takes a row for no payment, because of one of its columns.
    pub(super) fn refuse(&mut self, at: usize, column: usize, code: &str, words: String) {
        let bad = bad(&self.header, column, code, words);
        self.refuse_as(at, bad);
    }

    /// The same, with what was found out before.
    pub(super) fn refuse_as(&mut self, at: usize, bad: Bad) {
        if let Some(row) = self.rows.get_mut(at) {
            row.payment = Err(bad);
            self.late.push(at);
        }
    }

    /// Puts another payment in a row's place, by the rules of bodies; `column` is to blame if it
    /// does not keep to them.
    pub(super) fn replace(&mut self, at: usize, payment: Payment, column: usize) {
        match check(&payment, &self.header) {
            Err(wrong) => self.refuse(at, column, &wrong.code, wrong.words),
            Ok(()) => {
                if let Some(row) = self.rows.get_mut(at) {
                    row.payment = Ok(payment);
                }
            }
        }
    }

    /// What was found out after the file had been read.
    pub(super) fn late(&self) -> Vec<(usize, Bad)> {
        let bad = |at: &usize| Some((*at, self.rows.get(*at)?.payment.as_ref().err()?.clone()));
        self.late.iter().filter_map(bad).collect()
    }

    /// The rows that are no payments.
    pub(super) fn bad(&self) -> impl Iterator<Item = (u64, &Bad)> {
        self.rows
            .iter()
            .filter_map(|row| Some((row.line, row.payment.as_ref().err()?)))
    }
}

/// A place in the file. The reader's own line numbers are off by one behind CRLF.
struct Place {
    at: usize,
    line: u64,
}

impl Place {
    /// Goes on to where a record begins, and gives its line.
    fn advance(&mut self, bytes: &[u8], position: Option<&csv::Position>) -> u64 {
        let begin = position.and_then(|position| usize::try_from(position.byte()).ok());
        let mut begin = begin.unwrap_or(self.at);
        // It may point at line ends that stand before the record.
        while matches!(bytes.get(begin), Some(b'\r' | b'\n')) {
            begin += 1;
        }
        let between = bytes.get(self.at..begin).unwrap_or_default();
        let lines = between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.line = self.line.saturating_add(lines);
        self.at = begin.max(self.at);
        self.line
    }
}

/// The line of a quote that is open at the end of the file: the mark of a file that was cut off,
/// which the reader would take for a whole last cell.
fn open_quote(bytes: &[u8], delimiter: u8) -> Option<u64> {
    let (mut line, mut open, mut cell_begins) = (1u64, None, true);
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        match (*byte, open) {
            (b'"', Some(_)) if rest.peek() == Some(&&b'"') => {
                rest.next();
            }
            (b'"', Some(_)) => open = None,
            (b'"', None) if cell_begins => open = Some(line),
            _ => {}
        }
        cell_begins = open.is_none() && (*byte == delimiter || matches!(byte, b'\n' | b'\r'));
        line = line.saturating_add(u64::from(*byte == b'\n'));
    }
    open
}

/// What stands between the cells: the first of the candidates that the header has.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let has = |byte: &&u8| first.contains(byte);
    b",;\t".iter().find(has).copied().unwrap_or(b',')
}

fn read_record(
    reader: &mut csv::Reader<&[u8]>,
    record: &mut csv::ByteRecord,
) -> Result<bool, Failure> {
    reader
        .read_byte_record(record)
        .map_err(|error| Failure::new(Kind::File, "the CSV file cannot be read").because(error))
}

fn first(line: u64, record: &csv::ByteRecord) -> Result<(Header, usize), Failure> {
    let cells: Result<Vec<_>, _> = record.iter().map(str::from_utf8).collect();
    let cells = cells.map_err(|_| {
        Failure::usage("the header row is not UTF-8").hint("export the sheet as CSV in UTF-8")
    })?;
    Ok((header(line, &cells)?, cells.len()))
}

/// Reads one row and asks the rules of bodies about it, the same that the node has.
fn payment(record: &csv::ByteRecord, header: &Header, width: usize) -> Result<Payment, Bad> {
    if record.len() != width {
        let words = format!("{} cells, but the header has {width}", record.len());
        let column = String::new();
        let code = "CSV_CELLS".to_owned();
        return Err(Bad {
            column,
            code,
            words,
        });
    }
    let cell = |column: usize| -> Result<Option<String>, Bad> {
        let at = header.get(column).copied().flatten();
        let bytes = at.and_then(|at| record.get(at)).unwrap_or_default();
        match str::from_utf8(bytes) {
            Ok("") => Ok(None),
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(bad(header, column, "CSV_UTF8", "not UTF-8".to_owned())),
        }
    };
    let must = |column: usize| -> Result<String, Bad> {
        let empty = || {
            bad(
                header,
                column,
                "FIELD_MISSING",
                "the cell is empty".to_owned(),
            )
        };
        cell(column)?.ok_or_else(empty)
    };
    let payment = Payment {
        legs: [Leg {
            debit: must(FROM)?,
            credit: must(TO)?,
            asset: must(ASSET)?,
            amount: must(AMOUNT)?,
        }],
        id: cell(ID)?.unwrap_or_default(),
        end_to_end_id: cell(END_TO_END_ID)?,
        remittance: cell(REMITTANCE)?,
        debtor_name: cell(DEBTOR_NAME)?,
        creditor_name: cell(CREDITOR_NAME)?,
        reference: cell(REFERENCE)?,
    };
    check(&payment, header)?;
    Ok(payment)
}

/// A row without an id is checked under this one.
const ID_FOR_CHECKS: &str = "018bcfe5-6800-7000-8000-000000000005";

fn check(payment: &Payment, header: &Header) -> Result<(), Bad> {
    let mut payment = payment.clone();
    if payment.id.is_empty() {
        ID_FOR_CHECKS.clone_into(&mut payment.id);
    }
    let body = serde_json::json!({
        "message_id": "check", "created": "2026-01-01T00:00:00Z",
        "nonce": "AAAAAAAAAAAAAAAAAAAAAA==", "instructions": [{"transfer": payment}],
    });
    match parse_body(body.to_string().as_bytes(), &BodyLimits::default()) {
        Ok(_) => Ok(()),
        Err(error) => Err(Bad {
            words: error.detail.clone(),
            ..bad(header, column_of(&error.pointer), error.code, String::new())
        }),
    }
}

/// The column that a JSON pointer into a body means.
pub(super) fn column_of(pointer: &str) -> usize {
    match pointer.rsplit('/').next().unwrap_or_default() {
        "debit" => FROM,
        "credit" => TO,
        "asset" => ASSET,
        "amount" => AMOUNT,
        "id" => ID,
        "end_to_end_id" => END_TO_END_ID,
        "remittance" => REMITTANCE,
        "debtor_name" => DEBTOR_NAME,
        "creditor_name" => CREDITOR_NAME,
        _ => COLUMNS.len(),
    }
}

fn bad(header: &Header, column: usize, code: &str, words: String) -> Bad {
    let name = COLUMNS.get(column).map(|column| column.name);
    let at = header.get(column).copied().flatten();
    let column = match (name, at) {
        (Some(name), Some(at)) => format!("{} ({name})", at + 1),
        (Some(name), None) => name.to_owned(),
        _ => String::new(),
    };
    Bad {
        column,
        code: code.to_owned(),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let table = Table::read(text.as_bytes()).unwrap();
        table.bad().map(|(line, bad)| bad.told(line)).collect()
    }

    #[test]
    fn a_file_that_was_cut_off_inside_a_quote_is_refused() {
        let head = "from;to;asset;amount;name\na:usd;b:usd;USD;1.00;";
        assert!(Table::read(format!("{head}\"Bo").as_bytes()).is_err());
        assert!(Table::read(format!("{head}\"Bo\"\"\n").as_bytes()).is_err());
        for whole in ["\"Bo\"\n", "\"B;\n\"\"o\"", "5\" pipe\n", "\"\"\n"] {
            assert!(
                Table::read(format!("{head}{whole}").as_bytes()).is_ok(),
                "{whole:?}"
            );
        }
        assert_eq!(open_quote(b"a,b\n1,\"x\n2,y\n", b','), Some(2));
    }

    #[test]
    fn sheets_are_read_as_they_come() {
        let sheet = "\u{feff}Reference;To;From;Currency;Amount;Name\r\n\
                     \"Salary; June\";b:usd;a:usd;USD;1.00;\"Ann \"\"A\"\" Lee\"\r\n\r\n\
                     ;b:usd;a:usd;USD; 2.50 ;\r\n";
        let table = Table::read(sheet.as_bytes()).unwrap();
        assert_eq!(table.rows.len(), 2);
        assert_eq!((table.rows[0].line, table.rows[1].line), (2, 4));
        let first = table.rows[0].payment.as_ref().unwrap();
        assert_eq!(first.reference.as_deref(), Some("Salary; June"));
        assert_eq!(first.creditor_name.as_deref(), Some("Ann \"A\" Lee"));
        let second = table.rows[1].payment.as_ref().unwrap();
        assert_eq!(
            (second.legs[0].amount.as_str(), &second.reference),
            ("2.50", &None)
        );
    }

    #[test]
    fn bad_rows_are_named_with_line_and_column() {
        let id = "018bcfe5-6800-7000-8000-000000000007";
        let sheet = format!(
            "amount,from,to,asset,id\n1,00,b,USD,\n\"1,00\",a,b,USD,\n1,a,b,U S,\n1,a,,USD,\n\
             1,a,b,USD,x\n1,a,b,USD,{id}\n1,a,b,USD,{id}\n1,a b,b,USD,\n1,a,b,USD\n"
        );
        let told = told(&sheet);
        for (told, expected) in told.iter().zip([
            "line 3, column 1 (amount): ",
            "line 4, column 4 (asset): ",
            "line 5, column 3 (to): the cell is empty (FIELD_MISSING)",
            "line 6, column 5 (id): ",
            "line 8, column 5 (id): the id stands on line 7 too (ID_ALREADY_USED)",
            "line 9, column 2 (from): ",
            "line 10: 4 cells, but the header has 5 (CSV_CELLS)",
        ]) {
            assert!(told.starts_with(expected), "{told}\n{expected}");
        }
        assert_eq!(told.len(), 7, "{told:?}");
        assert!(told[0].ends_with("(AMOUNT_GRAMMAR)"), "{told:?}");
    }

    #[test]
    fn what_is_no_sheet_is_refused_whole() {
        for no_sheet in [
            &b"\x00\x01"[..],
            b"",
            b"from,to,asset,amount\n",
            b"\xff,to\n",
        ] {
            assert!(Table::read(no_sheet).is_err());
        }
    }
}
