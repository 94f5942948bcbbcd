//! Fees, as readers are shown them: schedules, and what came of them in an entry.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::{
    AccountKind, Address, Asset, AssetId, Book, Draft, FeeBand, FeePayer, FeePeriod, FeeSchedule,
    FeeTerms, InstructionId, LegKind, MonthlyTerms, Names, ParticipantId, Time, print_minor,
};

/// One version of the schedule of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeesView {
    /// The asset.
    pub asset: AssetId,
    /// Number of the version, from 1 on.
    pub version: u64,
    /// Id of the instruction that set it.
    pub id: InstructionId,
    /// Log index of its entry.
    pub index: u64,
    /// In force from this time on.
    pub from: Time,
    /// Until the next version; none of the last.
    pub until: Option<Time>,
    /// The account that fees go to; none if nothing is charged.
    pub account: Option<Address>,
    /// The account that tax on them goes to.
    pub tax_account: Option<Address>,
    /// The tax, hundredths of a percent of the fee.
    pub tax_bps: Option<u32>,
    /// The first that is for a leg's pair of accounts says what is due on it.
    pub rules: Vec<FeeRuleView>,
    /// The first that is for an account says what is due of it for a period.
    pub periodic: Vec<PeriodicFeeView>,
}

/// What is due of some accounts for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodicFeeView {
    /// Only of accounts of this kind.
    pub account_kind: Option<AccountKind>,
    /// Only of accounts of this participant.
    pub account_owner: Option<ParticipantId>,
    /// For which period.
    pub period: FeePeriod,
    /// How much; of nothing, nothing is charged.
    pub flat: String,
}

/// One rule of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRuleView {
    /// Only if the leg debits an account of this kind.
    pub debit_kind: Option<AccountKind>,
    /// Only if it credits an account of this kind.
    pub credit_kind: Option<AccountKind>,
    /// Only if the account debited is this participant's.
    pub debit_owner: Option<ParticipantId>,
    /// Only if the account credited is this participant's.
    pub credit_owner: Option<ParticipantId>,
    /// What is due, by the leg's amount; none if nothing is.
    pub tiers: Vec<FeeTierView>,
    /// The least that it comes to.
    pub min: String,
    /// The most.
    pub max: Option<String>,
    /// Who pays it.
    pub payer: Option<FeePayer>,
    /// The same as ISO 20022 has it: `DEBT`, `CRED` or `SHAR`.
    pub charge_bearer: Option<String>,
}

/// What is due on amounts up to a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeTierView {
    /// The largest amount in it; the last has none.
    pub up_to: Option<String>,
    /// The same for every amount.
    pub flat: String,
    /// Hundredths of a percent of the amount, beside that.
    pub bps: u32,
}

/// A page of schedules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeesPage {
    /// Those in force by number of the asset, or all that are remembered of one, the newest first.
    pub items: Vec<FeesView>,
    /// The `cursor` of the next page: the asset that it begins with.
    pub next: Option<AssetId>,
    /// Log index up to which this is true.
    pub at_index: u64,
}

/// What an account of the submitter's paid as a fee, or would pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRow {
    /// Ordinal of the instruction.
    pub instruction: u32,
    /// The leg that it is due on.
    pub leg: u16,
    /// A fee, or tax on one.
    pub kind: FeeKind,
    /// The account that pays it.
    pub account: Address,
    /// Asset id.
    pub asset: AssetId,
    /// How much; it may be nothing.
    pub amount: String,
}

/// A fee, or tax on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// A fee.
    Fee,
    /// Tax on one.
    FeeTax,
}

fn print(minor: u128, asset: &Asset) -> String {
    print_minor(i128::try_from(minor).unwrap_or(i128::MAX), asset.scale)
}

impl FeesView {
    /// Shows version `n` of those that the book remembers of an asset; `None` if there is none, or the
    /// book does not know what it names.
    #[must_use]
    pub fn of(book: &Book, asset: &Asset, n: usize) -> Option<Self> {
        let versions = book.fees().versions(asset.number);
        let version: &FeeSchedule = versions.get(n)?;
        let next = versions.get(n.checked_add(1)?);
        let address = |number| Some(book.account_numbered(number)?.address.clone());
        let charges = version.charges();
        let rules = version.rules.iter();
        Some(Self {
            asset: asset.id.clone(),
            version: version.number,
            id: version.id,
            index: version.index,
            from: Time::from_nanos(version.time),
            until: next.map(|next| Time::from_nanos(next.time)),
            account: charges.then(|| address(version.account)).flatten(),
            tax_account: version.tax.and_then(|tax| address(tax.account)),
            tax_bps: version.tax.map(|tax| tax.bps),
            rules: rules
                .map(|rule| FeeRuleView::of(book, asset, rule))
                .collect(),
            periodic: version
                .monthly
                .iter()
                .map(|rule| PeriodicFeeView::of(book, asset, rule))
                .collect(),
        })
    }
}

impl PeriodicFeeView {
    fn of(book: &Book, asset: &Asset, rule: &MonthlyTerms) -> Self {
        let owner = rule
            .owner
            .and_then(|owner| book.participant_numbered(owner));
        Self {
            account_kind: rule.kind,
            account_owner: owner.map(|owner| owner.id.clone()),
            period: FeePeriod::Month,
            flat: print(rule.flat, asset),
        }
    }
}

impl FeeRuleView {
    fn of(book: &Book, asset: &Asset, rule: &FeeTerms) -> Self {
        let owner = |number: Option<u32>| {
            let participant = book.participant_numbered(number?);
            participant.map(|participant| participant.id.clone())
        };
        let tier = |band: &FeeBand| FeeTierView {
            up_to: band.up_to.map(|most| print(most, asset)),
            flat: print(band.flat, asset),
            bps: band.bps,
        };
        let bearer = |payer| match payer {
            FeePayer::Debtor => "DEBT",
            FeePayer::Creditor => "CRED",
            FeePayer::Shared => "SHAR",
        };
        Self {
            debit_kind: rule.debit_kind,
            credit_kind: rule.credit_kind,
            debit_owner: owner(rule.debit_owner),
            credit_owner: owner(rule.credit_owner),
            tiers: rule.bands.iter().map(tier).collect(),
            min: print(rule.min, asset),
            max: rule.max.map(|max| print(max, asset)),
            payer: rule.payer,
            charge_bearer: rule.payer.map(|payer| bearer(payer).to_string()),
        }
    }
}

impl FeeRow {
    /// Shows what accounts whose owner is one that `owns` says pay by the items of an entry, as far as
    /// `names` knows them.
    pub fn all(names: &impl Names, drafts: &[Draft], owns: impl Fn(u32) -> bool) -> Vec<Self> {
        let row = |draft: &Draft| {
            let leg = draft.leg().filter(|_| draft.is_charge())?;
            let [debit, _] = &leg.changes;
            let account = names.account_numbered(debit.account)?;
            let asset = names.asset_numbered(account.asset)?;
            owns(account.owner).then(|| Self {
                instruction: leg.instruction,
                leg: leg.leg,
                kind: match leg.kind {
                    LegKind::FeeTax => FeeKind::FeeTax,
                    _ => FeeKind::Fee,
                },
                account: account.address.clone(),
                asset: asset.id.clone(),
                amount: print(leg.amount, asset),
            })
        };
        drafts.iter().filter_map(row).collect()
    }
}
