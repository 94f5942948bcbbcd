//! In which form a file goes to the node: as JSON, with texts and ids of the bank's own, or as
//! binary batches, 128 bytes a payment.

use clap::ValueEnum;

use super::columns::{CREDITOR_NAME, DEBTOR_NAME, END_TO_END_ID, ID, REFERENCE, REMITTANCE};
use super::table::{Payment, Table};
use crate::limits;
use crate::wire::reference;

/// Which form is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Wished {
    /// Binary where the file has no texts, references or ids of your own, else JSON
    Auto,
    /// Signed JSON messages; a reference is their `end_to_end_id`
    Json,
    /// Binary batches
    Binary,
}

/// Which form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Binary,
}

/// The code of a row that asks for what its form has not.
const NOT_IN_FORM: &str = "NOT_IN_FORM";

impl Form {
    /// Payments in one message, at most.
    pub(super) const fn per_message_max(self) -> usize {
        match self {
            Self::Json => limits::INSTRUCTIONS_MAX,
            Self::Binary => limits::BATCH_RECORDS_MAX,
        }
    }

    /// Decides on a form, and refuses the rows that do not fit it.
    pub(super) fn fit(wished: Wished, table: &mut Table) -> Self {
        let form = match wished {
            Wished::Json => Self::Json,
            Wished::Binary => Self::Binary,
            Wished::Auto => {
                let mut good = table
                    .rows
                    .iter()
                    .filter_map(|row| row.payment.as_ref().ok());
                // A reference in a record is there for ever, one in JSON can be erased: only who
                // asks for the first gets it.
                let fits = |payment: &Payment| {
                    payment.reference.is_none() && unfit_for_binary(payment).is_none()
                };
                match good.all(fits) {
                    true => Self::Binary,
                    false => Self::Json,
                }
            }
        };
        for at in 0..table.rows.len() {
            match form {
                Self::Json => reference_as_text(table, at),
                Self::Binary => {
                    let payment = table.payment(at);
                    if let Some((column, code, why)) = payment.and_then(unfit_for_binary) {
                        table.refuse(at, column, code, why);
                    }
                }
            }
        }
        form
    }
}

/// Why a payment cannot be a record, and which column is to blame.
fn unfit_for_binary(payment: &Payment) -> Option<(usize, &'static str, String)> {
    let texts = [
        (END_TO_END_ID, &payment.end_to_end_id),
        (REMITTANCE, &payment.remittance),
        (DEBTOR_NAME, &payment.debtor_name),
        (CREDITOR_NAME, &payment.creditor_name),
    ];
    if let Some((column, _)) = texts.into_iter().find(|(_, text)| text.is_some()) {
        let why = "a binary batch has no texts: leave it out, or send --form json";
        return Some((column, NOT_IN_FORM, why.to_owned()));
    }
    if !payment.id.is_empty() {
        let why = "a binary batch makes its ids: leave it out, or send --form json";
        return Some((ID, NOT_IN_FORM, why.to_owned()));
    }
    let wrong = payment.reference.as_deref().map(reference::parse)?.err()?;
    Some((REFERENCE, "TEXT_GRAMMAR", wrong.to_string()))
}

/// In JSON a reference is the text that the payee sees.
fn reference_as_text(table: &mut Table, at: usize) {
    let Some(payment) = table.payment(at) else {
        return;
    };
    let Some(text) = payment.reference.clone() else {
        return;
    };
    if payment.end_to_end_id.is_some() {
        let why = "a JSON message has one of `end_to_end_id` and `reference`".to_owned();
        return table.refuse(at, REFERENCE, NOT_IN_FORM, why);
    }
    let payment = Payment {
        end_to_end_id: Some(text),
        reference: None,
        ..payment.clone()
    };
    table.replace(at, payment, REFERENCE);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(wished: Wished, sheet: &str) -> (Form, Vec<String>, Table) {
        let mut table = Table::read(sheet.as_bytes()).unwrap();
        let form = Form::fit(wished, &mut table);
        let told = table.bad().map(|(line, bad)| bad.told(line)).collect();
        (form, told, table)
    }

    const BARE: &str = "from,to,asset,amount\na,b,USD,1\na,b,USD,1\n";
    const PLAIN: &str = "from,to,asset,amount,reference\na,b,USD,1,INV-88\na,b,USD,1,\n";
    const TEXT: &str = "from,to,asset,amount,name\na,b,USD,1,\na,b,USD,1,Ann\n";
    /// 34 bytes: too long for a record, not for a text.
    const LONG: &str =
        "from,to,asset,amount,reference\na,b,USD,1,a reference of thirty-four letters\n";

    #[test]
    fn what_has_texts_ids_or_references_goes_as_json() {
        let id = "018bcfe5-6800-7000-8000-000000000007";
        let own = format!("from,to,asset,amount,id\na,b,USD,1,{id}\n");
        for (sheet, form) in [
            (BARE, Form::Binary),
            (PLAIN, Form::Json),
            (TEXT, Form::Json),
            (LONG, Form::Json),
            (&own, Form::Json),
        ] {
            let (found, told, _) = fit(Wished::Auto, sheet);
            assert_eq!((found, told), (form, vec![]), "{sheet}");
        }
    }

    #[test]
    fn what_does_not_fit_the_form_that_is_asked_for_is_told() {
        let (form, told, _) = fit(Wished::Binary, TEXT);
        assert_eq!(form, Form::Binary);
        let [told] = told.as_slice() else {
            panic!("{told:?}")
        };
        let (place, code) = ("line 3, column 5 (creditor_name): ", "(NOT_IN_FORM)");
        assert!(told.starts_with(place) && told.ends_with(code), "{told}");
        let (_, told, _) = fit(Wished::Binary, LONG);
        assert!(told[0].contains("32 bytes"), "{told:?}");
        let both = "from,to,asset,amount,reference,end_to_end_id\na,b,USD,1,x,y\na,b,USD,1,,y\n";
        let (_, told, _) = fit(Wished::Auto, both);
        assert!(told.len() == 1 && told[0].contains("one of"), "{told:?}");
    }

    #[test]
    fn in_json_a_reference_is_the_end_to_end_id_with_its_rules() {
        let (_, told, table) = fit(Wished::Json, PLAIN);
        assert!(told.is_empty());
        let payment = table.payment(0).unwrap();
        assert_eq!(payment.end_to_end_id.as_deref(), Some("INV-88"));
        let digits = format!(
            "from,to,asset,amount,reference\na,b,USD,1,{}\n",
            "ab".repeat(32)
        );
        let (_, told, _) = fit(Wished::Json, &digits);
        assert!(
            told[0].starts_with("line 2, column 5 (reference): "),
            "{told:?}"
        );
    }
}
