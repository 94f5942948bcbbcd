//! The columns of a batch file: their names, as a bank would write them, and what they become.

use crate::cli::error::{Failure, Kind};

/// One column that a file may have.
pub(super) struct Column {
    /// Its name in this project.
    pub(super) name: &'static str,
    /// Other names for it.
    aliases: &'static [&'static str],
    /// Whether a file must have it.
    required: bool,
    /// What it holds, for the help.
    pub(super) means: &'static str,
}

pub(super) const FROM: usize = 0;
pub(super) const TO: usize = 1;
pub(super) const ASSET: usize = 2;
pub(super) const AMOUNT: usize = 3;
pub(super) const ID: usize = 4;
pub(super) const END_TO_END_ID: usize = 5;
pub(super) const REMITTANCE: usize = 6;
pub(super) const DEBTOR_NAME: usize = 7;
pub(super) const CREDITOR_NAME: usize = 8;
pub(super) const REFERENCE: usize = 9;

/// Every column, in the order of the constants above.
pub(super) const COLUMNS: [Column; 10] = [
    column(
        "from",
        &["debit", "from_account", "debtor_account"],
        true,
        "address debited",
    ),
    column(
        "to",
        &["credit", "to_account", "creditor_account"],
        true,
        "address credited",
    ),
    column("asset", &["currency", "ccy"], true, "e.g. USD"),
    column("amount", &[], true, "e.g. 1250.00: digits and a point"),
    column(
        "id",
        &["instruction_id"],
        false,
        "a UUIDv7 of your own; else one is made",
    ),
    column(
        "end_to_end_id",
        &["end_to_end"],
        false,
        "text for the payee, 35 characters; can be erased",
    ),
    column(
        "remittance",
        &["remittance_information", "text"],
        false,
        "text, 140 characters",
    ),
    column("debtor_name", &["from_name"], false, "name of the payer"),
    column(
        "creditor_name",
        &["to_name", "name"],
        false,
        "name of the payee",
    ),
    column(
        "reference",
        &[],
        false,
        "32 bytes or 64 hex digits, kept for ever; in JSON: end_to_end_id",
    ),
];

const fn column(
    name: &'static str,
    aliases: &'static [&'static str],
    required: bool,
    means: &'static str,
) -> Column {
    Column {
        name,
        aliases,
        required,
        means,
    }
}

/// Where each column stands in a file; `None` for those that it has not.
pub(super) type Header = [Option<usize>; COLUMNS.len()];

/// Reads the header row.
pub(super) fn header(line: u64, cells: &[&str]) -> Result<Header, Failure> {
    let mut header: Header = [None; COLUMNS.len()];
    let mut wrong = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let place = format!("line {line}, column {}", at + 1);
        match find(cell) {
            None => wrong.push(format!("{place}: unknown column {cell:?}{}", meant(cell))),
            Some(known) => match header.get_mut(known) {
                Some(slot @ None) => *slot = Some(at),
                _ => wrong.push(format!("{place}: {cell:?} stands here for the second time")),
            },
        }
    }
    for (column, place) in COLUMNS.iter().zip(&header) {
        if column.required && place.is_none() {
            let aliases = column.aliases.join("`, `");
            let or = if aliases.is_empty() {
                String::new()
            } else {
                format!(" (or `{aliases}`)")
            };
            wrong.push(format!(
                "line {line}: the column `{}`{or} is missing",
                column.name
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(header);
    }
    let names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
    Err(
        Failure::new(Kind::Usage, "the header row is wrong; nothing was sent")
            .because(wrong.join("\n"))
            .hint(format_args!(
                "columns are {}; their order is free",
                names.join(", ")
            )),
    )
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

fn find(name: &str) -> Option<usize> {
    let name = plain(name);
    COLUMNS
        .iter()
        .position(|column| column.name == name || column.aliases.contains(&name.as_str()))
}

fn meant(name: &str) -> String {
    let typed = plain(name);
    let far_max = (typed.chars().count() / 3).clamp(1, 3);
    let names = COLUMNS
        .iter()
        .flat_map(|column| std::iter::once(&column.name).chain(column.aliases));
    let near = names
        .map(|name| (strsim::damerau_levenshtein(&typed, name), name))
        .min();
    match near {
        Some((far, name)) if far <= far_max => format!(": did you mean `{name}`?"),
        _ => String::new(),
    }
}

/// The columns as a table for the help.
pub(super) fn help() -> String {
    let mut text = String::from("Columns of FILE, in any order, named in the first row:\n");
    for column in &COLUMNS {
        let must = if column.required { " (required)" } else { "" };
        let aliases = column.aliases.join(", ");
        let or = if aliases.is_empty() {
            String::new()
        } else {
            format!("; also {aliases}")
        };
        text.push_str(&format!(
            "  {:<14} {}{must}{or}\n",
            column.name, column.means
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_any_order_under_names_of_banks() {
        let found = header(
            1,
            &["Currency", "amount", "To Account", "from", "Reference"],
        )
        .unwrap();
        assert_eq!(
            (found[ASSET], found[TO], found[REFERENCE]),
            (Some(0), Some(2), Some(4))
        );
        let names = [
            (FROM, "from"),
            (AMOUNT, "amount"),
            (ID, "id"),
            (REMITTANCE, "remittance"),
            (DEBTOR_NAME, "debtor_name"),
            (END_TO_END_ID, "end_to_end_id"),
            (CREDITOR_NAME, "creditor_name"),
        ];
        for (at, name) in names {
            assert_eq!(COLUMNS[at].name, name);
        }
    }

    #[test]
    fn every_mistake_of_a_header_is_told() {
        let failure = header(1, &["from", "too", "amont", "from", "asset"]).unwrap_err();
        let (_, causes, hint) = failure.lines();
        let told = &causes[0];
        for expected in [
            "line 1, column 2: unknown column \"too\": did you mean `to`?",
            "line 1, column 3: unknown column \"amont\": did you mean `amount`?",
            "line 1, column 4: \"from\" stands here for the second time",
            "line 1: the column `to` (or `credit`, `to_account`, `creditor_account`) is missing",
            "line 1: the column `amount` is missing",
        ] {
            assert!(told.contains(expected), "{told}");
        }
        assert!(hint.unwrap().contains("end_to_end_id"));
    }
}
