//! What an audit found, in rows and words.

use chain::VerifierKey;

use super::exit;
use crate::audit::{Anchor, Report, Signer, Verdict};
use crate::cli::Context;
use crate::cli::output::Table;

pub(super) fn table(report: &Report) -> Table {
    let mut rows = if report.signer.is_other() {
        // Nothing was looked at: rows of zeros would read as findings.
        Vec::new()
    } else {
        looked_at(report)
    };
    rows.push((
        "the key is that of the log you mean",
        signer(&report.signer),
    ));
    rows.push(("the log is append-only and intact", verdict(&report.log)));
    rows.push(("the ledger follows its rules", verdict(&report.ledger)));
    Table::pairs(&rows)
}

fn looked_at(report: &Report) -> Vec<(&'static str, String)> {
    let counts = &report.counts;
    let genesis = report.genesis_hash.clone().unwrap_or_default();
    let mode = report
        .mode
        .clone()
        .unwrap_or_else(|| "mode not read".into());
    let mut rows = vec![
        ("log", format!("{} ({mode})", report.origin)),
        ("log key", report.log_vkey.clone()),
        ("genesis", genesis),
        (
            "checkpoint",
            format!("{} entries, root {}", report.size, report.root),
        ),
        (
            "entries",
            format!(
                "{} linked, {} tiles and bundles compared",
                counts.entries, counts.tiles
            ),
        ),
        (
            "items",
            format!(
                "{} hashed, {} computed again",
                counts.items, counts.items_replayed
            ),
        ),
        (
            "signatures",
            format!("{} verified again", counts.signatures),
        ),
        ("bodies", format!("{} opened and compared", counts.bodies)),
    ];
    if counts.seals > 0 {
        let seals = format!("{} computed again, over all accounts", counts.seals);
        rows.push(("seals", seals));
    }
    for (name, list) in [
        ("bodies erased", &counts.bodies_erased),
        ("bodies without key", &counts.bodies_closed),
    ] {
        if !list.is_empty() {
            rows.push((name, format!("{}: {}", list.len(), ranges(list))));
        }
    }
    if counts.kept_checkpoints > 0 {
        rows.push((
            "kept",
            format!(
                "the log extends {} kept checkpoints",
                counts.kept_checkpoints
            ),
        ));
    }
    if let Some(state) = &report.state {
        let shown = format!("hash {} after {} entries", state.hash, state.size);
        rows.push(("state", shown));
    }
    for totals in &report.totals {
        let shown = format!(
            "{} in circulation, sum of all {} accounts {}",
            totals.issued, totals.accounts, totals.sum
        );
        rows.push(("asset", format!("{}  {shown}", totals.asset)));
    }
    rows
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Holds => "yes".into(),
        Verdict::Broken(divergence) => format!("NO: {divergence}"),
        Verdict::Unchecked { reason } => format!("not checked: {reason}"),
    }
}

fn signer(signer: &Signer) -> String {
    match signer {
        Signer::Known { by } => match by {
            Anchor::LogVkey => "yes: you brought it".into(),
            Anchor::GenesisHash => "yes: entry 0, whose hash you brought, names it".into(),
            Anchor::Saved => "yes: the audit that you saved knew it".into(),
            Anchor::Kept => "yes: it signed the checkpoint that you kept".into(),
        },
        Signer::Stated => "not verified: the source states it itself".into(),
        Signer::OtherLog { yours, stated } | Signer::OtherKey { yours, stated } => {
            format!("NO: yours is {}, this is {}", named(yours), named(stated))
        }
    }
}

/// A vkey as its name and key id.
fn named(vkey: &str) -> String {
    VerifierKey::parse(vkey)
        .map_or_else(|_| vkey.to_owned(), |key| crate::cli::connect::named(&key))
}

/// A list of indexes, with runs as `first-last`.
fn ranges(list: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &index in list {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let show = |(first, last): &(u64, u64)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    runs.iter().map(show).collect::<Vec<_>>().join(", ")
}

pub(super) fn say(context: &Context, report: &Report, seconds: f64) {
    let out = &context.out;
    if report.signer.is_other() {
        return out.say(mismatch(context, &report.signer));
    }
    let rate = report.counts.items as f64 / seconds.max(1e-9);
    out.say(format_args!(
        "{} items in {seconds:.1} s, {rate:.0} a second",
        report.counts.items
    ));
    if report.signer == Signer::Stated && !report.is_broken() {
        out.say(
            "NOT VERIFIED: who signed it. The log's key came with the log itself, and whoever \
             wrote this log may have made all of it; bring the key as you had it by another way \
             with --log-vkey",
        );
    }
    out.say(match exit(report) {
        0 => out.green("everything holds"),
        1 => out.red("TAMPERED, or the node broke its rules: keep this copy and its checkpoint"),
        _ if report.holds() => out.bold("everything holds by itself; whose log it is, is open"),
        _ => out.bold("not everything could be checked"),
    });
}

/// Another log or key than the one that was meant, in words.
fn mismatch(context: &Context, signer: &Signer) -> String {
    let told = match signer {
        Signer::OtherKey { .. } => {
            "KEY MISMATCH: this log has the name of yours and is signed by another key. Either \
             it has changed its key since (a checkpoint or receipt that your key has signed, with \
             --kept, or the genesis hash shows it), or somebody runs another log under its name. \
             Go no further before the operators have told you which, by another way"
        }
        _ => {
            "KEY MISMATCH: this is a log of another name than your key's. Nothing was checked, \
             and nothing is said about either log: name the vkey of this one, or the source of \
             yours"
        }
    };
    context.out.red(told).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_indexes_are_shown_short() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
    }
}
