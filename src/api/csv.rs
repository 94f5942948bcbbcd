//! Statements as CSV (RFC 4190), for spreadsheets and for programs.

use csv::{Terminator, WriterBuilder};

use crate::ledger::Date;
use crate::wire::reference::shown;
use crate::wire::{Direction, HistoryRow, StatementPage};

/// How many columns there are.
const WIDTH: usize = 23;

/// The columns, the same for every line.
const COLUMNS: [&str; WIDTH] = [
    "record",
    "time",
    "index",
    "item",
    "account",
    "asset",
    "kind",
    "direction",
    "amount",
    "balance",
    "counterparty",
    "instruction_id",
    "leg",
    "message_id",
    "end_to_end_id",
    "remittance",
    "debtor_name",
    "creditor_name",
    "reference",
    "business_date",
    "value_date",
    "outcome",
    "booked_amount",
];

/// A page as CSV: the columns' names, `opening` on the first page, items, `closing` on the last.
pub(super) fn statement(page: &StatementPage, first: bool) -> Result<Vec<u8>, csv::Error> {
    let mut out = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    if first {
        out.write_record(balance(
            page,
            "opening",
            page.from_index,
            &page.opening_balance,
        ))?;
    }
    for row in &page.items {
        out.write_record(item(page, row))?;
    }
    if page.next.is_none() {
        out.write_record(balance(
            page,
            "closing",
            page.to_index,
            &page.closing_balance,
        ))?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

fn balance(page: &StatementPage, record: &str, index: u64, balance: &str) -> [String; WIDTH] {
    let mut line = [const { String::new() }; WIDTH];
    line[0] = record.to_owned();
    line[2] = index.to_string();
    line[4] = harmless(page.account.as_str());
    line[5] = harmless(page.asset.as_str());
    line[9] = balance.to_owned();
    line
}

fn item(page: &StatementPage, row: &HistoryRow) -> [String; WIDTH] {
    let text = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
    let date = |date: Option<Date>| date.map_or_else(String::new, |date| date.to_string());
    let direction = match row.direction {
        Direction::Debit => "debit",
        Direction::Credit => "credit",
    };
    [
        "item".to_owned(),
        row.time.to_string(),
        row.index.to_string(),
        row.item.to_string(),
        harmless(page.account.as_str()),
        harmless(page.asset.as_str()),
        row.kind.word().to_owned(),
        direction.to_owned(),
        row.amount.clone(),
        row.balance.clone(),
        harmless(row.counterparty.as_str()),
        row.id.to_string(),
        row.leg.to_string(),
        harmless(row.message_id.as_ref().map_or("", |id| id.as_str())),
        text(&row.texts.end_to_end_id),
        text(&row.texts.remittance),
        text(&row.texts.debtor_name),
        text(&row.texts.creditor_name),
        harmless(&row.reference.map_or_else(String::new, shown)),
        date(row.business_date),
        date(row.value_date),
        row.outcome.code().to_owned(),
        row.booked_amount(),
    ]
}

/// A text that no spreadsheet takes for a formula: whoever pays writes it, somebody else opens it.
fn harmless(text: &str) -> String {
    match text.trim_start().starts_with(['=', '+', '-', '@']) || text.starts_with(['\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        assert_eq!(harmless("INV-88"), "INV-88");
        assert_eq!(harmless(""), "");
    }

    fn page() -> StatementPage {
        let row = r#"{"index":7,"item":1,"time":"2026-11-23T09:30:00.5Z","kind":"transfer",
            "id":"019a9c5e-7d40-7abc-8123-0123456789ab","instruction":0,"leg":0,"direction":"debit",
            "amount":"12.50","counterparty":"bank-c:usd","balance":"-2.50","outcome":"SETTLED","booked":true,
            "business_date":"2026-11-23","value_date":"2026-11-20",
            "end_to_end_id":"=HYPERLINK(\"x\")","remittance":"a, \"b\"\nc"}"#;
        let numbered = r##"{"index":8,"item":2,"time":"2026-11-23T09:30:01Z","business_date":"2026-11-23","kind":"transfer",
            "id":"019a9c5e-7d40-7abc-8123-0123456789ac","instruction":1,"leg":0,"direction":"credit",
            "amount":"2.00","counterparty":"#17","balance":"-0.50","outcome":"SETTLED","booked":true,
            "reference":"3d494e562d380000000000000000000000000000000000000000000000000000"}"##;
        let notice = r#"{"index":8,"item":3,"time":"2026-11-23T09:30:01Z","business_date":"2026-11-23","kind":"notice",
            "id":"019a9c5e-7d40-7abc-8123-0123456789ad","instruction":1,"leg":0,"direction":"debit",
            "amount":"7.25","counterparty":"bank-c:usd","balance":"-0.50","outcome":"CANCELLED_BY_SENDER",
            "booked":false}"#;
        let json = format!(
            r#"{{"account":"bank-a:usd","owner":"bank-a","asset":"USD","from_index":5,"to_index":9,
            "interim":false,"opening_balance":"10.00","total_credits":"0.00","total_debits":"12.50",
            "closing_balance":"-2.50","items":[{row},{numbered},{notice}],"next":null}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_statement_as_csv_is_this() {
        let csv = String::from_utf8(statement(&page(), true).unwrap()).unwrap();
        let golden = include_str!("../../tests/it/statement.csv").replace('\n', "\r\n");
        // The line feed inside a text stays what it was.
        let golden = golden.replace("\"\"b\"\"\r\nc", "\"\"b\"\"\nc");
        assert_eq!(csv, golden);
    }

    #[test]
    fn what_is_booked_adds_up_to_the_change_of_the_balance() {
        let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
        let page = page();
        let booked = page.items.iter().map(|row| cents(&row.booked_amount()));
        let change = cents("-0.50") - cents(&page.opening_balance);
        assert_eq!(booked.sum::<i64>(), change);
        let mut row = page.items[2].clone();
        assert_eq!(row.booked_amount(), "0.00");
        (row.booked, row.amount) = (true, "0.00".into());
        assert_eq!(row.booked_amount(), "0.00", "a split may pay nothing");
        (row.booked, row.amount) = (false, "12".into());
        assert_eq!(row.booked_amount(), "0");
    }

    #[test]
    fn opening_and_closing_stand_once_over_all_pages() {
        let mut page = page();
        page.next = "5-9.7.1".parse().ok();
        let lines = |page: &StatementPage, first| {
            let csv = String::from_utf8(statement(page, first).unwrap()).unwrap();
            (csv.contains("\r\nopening,"), csv.contains("\r\nclosing,"))
        };
        assert_eq!(lines(&page, true), (true, false));
        assert_eq!(lines(&page, false), (false, false));
        page.next = None;
        assert_eq!(lines(&page, false), (false, true));
    }
}
