//! Mandates, and which kinds of accounts may pay which, as readers are shown them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    AccountKind, Address, AssetId, Book, InstructionId, Mandate, MandatePeriod, ParticipantId,
    Postings, Spans, Time, print_minor,
};

/// A mandate: who may debit an account of somebody else, within which bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateView {
    /// Id of the instruction that granted it.
    pub id: InstructionId,
    /// Log index of its entry.
    pub index: u64,
    /// The account that may be debited.
    pub account: Address,
    /// Who owns it.
    pub owner: ParticipantId,
    /// Who may debit it.
    pub to: ParticipantId,
    /// Asset id.
    pub asset: AssetId,
    /// The largest single debit.
    pub per_transfer_max: Option<String>,
    /// The most in all.
    pub total_max: Option<String>,
    /// What `period_max` counts in.
    pub period: Option<MandatePeriod>,
    /// The most in one period.
    pub period_max: Option<String>,
    /// From when on it is no longer in force: compare it with the time.
    pub expires_at: Option<Time>,
    /// The only accounts that may be credited.
    pub creditors: Option<Vec<Address>>,
    /// What was debited in all.
    pub used: String,
    /// How many debits.
    pub debits: u64,
    /// Time of the last of them.
    pub last_debit_at: Option<Time>,
    /// What was debited in the period of the last.
    pub used_in_last_period: String,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// A page of mandates, in the order of their ids, which is that of their times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandatesPage {
    /// The mandates.
    pub items: Vec<MandateView>,
    /// The `cursor` of the next page; a page may have no lines before the last.
    pub next: Option<InstructionId>,
}

/// Whether accounts of one kind may pay accounts of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostingView {
    /// Kind of the account debited; `issuance` stands for funds in.
    pub debit: AccountKind,
    /// Kind of the account credited; `issuance` stands for funds out.
    pub credit: AccountKind,
    /// Whether it may be.
    pub allowed: bool,
}

impl MandateView {
    /// Shows a mandate as it stands in `book` after entry `at_index`; `None` if the book does not know
    /// what it names.
    #[must_use]
    pub fn of(book: &Book, mandate: &Mandate, at_index: u64) -> Option<Self> {
        let account = book.account_numbered(mandate.account)?;
        let asset = book.asset_numbered(account.asset)?;
        let print =
            |minor: u128| print_minor(i128::try_from(minor).unwrap_or(i128::MAX), asset.scale);
        let terms = &mandate.terms;
        let mut creditors = Vec::new();
        for creditor in &terms.creditors {
            creditors.push(book.account_numbered(*creditor)?.address.clone());
        }
        let period = terms.period.map(|(spans, _)| match spans {
            Spans::Day => MandatePeriod::Day,
            Spans::Month => MandatePeriod::Month,
            Spans::Seconds(seconds) => MandatePeriod::EveryS(seconds),
        });
        Some(Self {
            id: mandate.id,
            index: mandate.granted,
            account: account.address.clone(),
            owner: book.participant_numbered(mandate.owner)?.id.clone(),
            to: book.participant_numbered(mandate.to)?.id.clone(),
            asset: asset.id.clone(),
            per_transfer_max: terms.per_transfer_max.map(print),
            total_max: terms.total_max.map(print),
            period,
            period_max: terms.period.map(|(_, most)| print(most)),
            expires_at: terms.expires.map(Time::from_nanos),
            creditors: (!creditors.is_empty()).then_some(creditors),
            used: print(mandate.used.total),
            debits: mandate.used.debits,
            last_debit_at: mandate.used.last.map(Time::from_nanos),
            used_in_last_period: print(mandate.used.in_span),
            at_index,
        })
    }
}

impl PostingView {
    /// Shows all pairs that the operators decide about, by the numbers of their kinds.
    #[must_use]
    pub fn all(postings: &Postings) -> Vec<Self> {
        let kinds = [
            AccountKind::Settlement,
            AccountKind::Customer,
            AccountKind::Issuance,
            AccountKind::Suspense,
            AccountKind::Fee,
            AccountKind::Pool,
        ];
        let pairs = kinds.iter().flat_map(|debit| {
            let credits = kinds.iter();
            credits.map(|credit| (*debit, *credit))
        });
        let decided = pairs.filter(|(debit, credit)| Postings::is_decided(*debit, *credit));
        let view = |(debit, credit)| Self {
            debit,
            credit,
            allowed: postings.allows(debit, credit),
        };
        decided.map(view).collect()
    }
}
