//! `quittance fees`: what payments are charged.

use clap::Args;

use super::Context;
use super::connect::SessionArgs;
use super::error::Failure;
use super::output::Table;
use super::whoami::word;
use crate::ledger::{AccountKind, AssetId, ParticipantId};
use crate::wire::{FeeRuleView, FeeTierView, FeesView, PeriodicFeeView};

/// Lists what payments are charged
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance fees --key hsm-1.pem\n         \
                   quittance fees --asset EUR --key hsm-1.pem")]
pub(crate) struct FeesArgs {
    /// All versions that are remembered of the schedule of this asset
    #[arg(long, value_name = "ASSET", env = "QUITTANCE_ASSET")]
    asset: Option<AssetId>,
    #[command(flatten)]
    session: SessionArgs,
}

pub(super) fn run(context: &Context, args: &FeesArgs) -> Result<(), Failure> {
    let client = args.session.session(context)?;
    let fees = client.fees(args.asset.as_ref())?;
    context.out.data(&fees, || lines(&fees))
}

/// A line a rule, in the order in which they are asked.
fn lines(fees: &[FeesView]) -> Table {
    let mut table = Table::new(&[
        "asset", "version>", "since", "from", "to", "fee", "min>", "max>", "payer", "tax>",
    ]);
    let end = |text: Option<&str>| text.unwrap_or("-").to_owned();
    for version in fees {
        let whole = |rule: Option<&FeeRuleView>| {
            let tax = version.tax_bps.map(percent);
            let payer = rule.and_then(|rule| rule.payer.as_ref().map(word));
            [
                version.asset.to_string(),
                version.version.to_string(),
                version.from.to_string(),
                rule.map_or_else(|| end(None), |rule| side(rule, true)),
                rule.map_or_else(|| end(None), |rule| side(rule, false)),
                rule.map_or_else(|| "none".to_owned(), due),
                end(rule.map(|rule| rule.min.as_str())),
                end(rule.and_then(|rule| rule.max.as_deref())),
                end(payer.as_deref()),
                end(tax.as_deref()),
            ]
        };
        if version.rules.is_empty() && version.periodic.is_empty() {
            table.row(whole(None));
        }
        for rule in &version.rules {
            table.row(whole(Some(rule)));
        }
        for fee in &version.periodic {
            table.row(by_period(version, fee));
        }
    }
    table
}

/// A line of what is due for a period: of whom, for how long, how much.
fn by_period(version: &FeesView, fee: &PeriodicFeeView) -> [String; 10] {
    let none = || "-".to_owned();
    [
        version.asset.to_string(),
        version.version.to_string(),
        version.from.to_string(),
        named(fee.account_owner.as_ref(), fee.account_kind.as_ref()),
        format!("each {}", word(&fee.period)),
        fee.flat.clone(),
        none(),
        none(),
        "account".to_owned(),
        version.tax_bps.map_or_else(none, percent),
    ]
}

/// Which accounts a rule is for, on one side.
fn side(rule: &FeeRuleView, debit: bool) -> String {
    let (kind, owner) = match debit {
        true => (&rule.debit_kind, &rule.debit_owner),
        false => (&rule.credit_kind, &rule.credit_owner),
    };
    named(owner.as_ref(), kind.as_ref())
}

fn named(owner: Option<&ParticipantId>, kind: Option<&AccountKind>) -> String {
    let kind = kind.map(word);
    let owner = owner.map(ToString::to_string);
    let named: Vec<String> = owner.into_iter().chain(kind).collect();
    match named.is_empty() {
        true => "any".to_owned(),
        false => named.join(" "),
    }
}

fn due(rule: &FeeRuleView) -> String {
    let tiers: Vec<String> = rule.tiers.iter().map(tier).collect();
    match tiers.is_empty() {
        true => "none".to_owned(),
        false => tiers.join(", "),
    }
}

fn tier(tier: &FeeTierView) -> String {
    let fee = match tier.bps {
        0 => tier.flat.clone(),
        bps => format!("{} + {}", tier.flat, percent(bps)),
    };
    match &tier.up_to {
        None => fee,
        Some(most) => format!("{fee} up to {most}"),
    }
}

/// Hundredths of a percent as a percentage.
fn percent(bps: u32) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_of_a_percent_are_shown_as_percent() {
        let shown = [1, 25, 100, 10_000].map(percent);
        assert_eq!(shown, ["0.01 %", "0.25 %", "1.00 %", "100.00 %"]);
    }
}
