//! What everybody can check: receipts offline, the whole log, and a forgery.

use std::path::Path;

use chain::Record;

use super::world::World;
use super::{Figures, Teller, wrong};
use crate::audit::{DirSource, Report, Source, Trust, audit};
use crate::cli::error::{Failure, Kind};
use crate::cli::{Context, export, files};
use crate::client::Client;
use crate::clock;

/// Byte of a leg item that holds the lowest byte of its amount (`chain/SPEC.md`, "Items").
const AMOUNT_LAST_BYTE: usize = 44;

pub(super) fn play(
    context: &Context,
    world: &World,
    teller: Teller<'_>,
    figures: &mut Figures,
    keep: Option<&Path>,
) -> Result<(), Failure> {
    teller.chapter("Proof")?;
    receipts(world, teller, figures)?;
    let report = audited(world, world_source(world)?)?;
    if !report.holds() {
        return Err(wrong(format_args!(
            "the audit found {:?} {:?}",
            report.log, report.ledger
        )));
    }
    tell_audit(&report, teller, figures)?;
    let folder = world.folder().join("export");
    let folder = keep.unwrap_or(&folder);
    export::write(context, &world.auditor.client, folder, false)?;
    forgery(world, folder, teller, figures)?;
    if keep.is_some() {
        teller.line(&format!(
            "  the export is in {}: quittance audit {0} --log-vkey {}",
            folder.display(),
            world.log_key
        ))?;
    }
    Ok(())
}

fn receipts(world: &World, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let began = clock::instant();
    let mut items = 0;
    for file in &world.receipts {
        // From text, with the key from the operator's disk: as somebody would who keeps the file.
        let json = file.to_json();
        let file = crate::wire::ReceiptFile::from_json(json.as_bytes()).map_err(wrong)?;
        let verified = file
            .to_receipt()
            .map_err(wrong)?
            .verify(&world.log_key)
            .map_err(wrong)?;
        items += verified.items.len();
    }
    figures.receipts_verified = world.receipts.len();
    teller.line(&format!(
        "  {} receipts with {items} items verified offline in {:.0} ms: text, log key, nothing else",
        world.receipts.len(),
        began.elapsed().as_secs_f64() * 1e3,
    ))
}

/// The node itself, asked by the auditor.
fn world_source(world: &World) -> Result<Source, Failure> {
    let mut client = Client::new(&world.url())?;
    let time = crate::ledger::Time::from_nanos(clock::Clock::start().now_ns()).to_string();
    let nonce = crate::cli::connect::random()?;
    client.open_session(&world.auditor.id, &time, &nonce, &world.auditor.key)?;
    Ok(Source::Http(client))
}

fn audited(world: &World, mut source: Source) -> Result<Report, Failure> {
    let trust = Trust {
        log_vkey: Some(world.log_key.clone()),
        // Every receipt holds a checkpoint that the log must extend.
        kept: world
            .receipts
            .iter()
            .filter_map(|file| file.to_receipt().ok())
            .map(|receipt| {
                (
                    format!("the receipt of {}", receipt.entry.index),
                    receipt.checkpoint,
                )
            })
            .collect(),
        ..Trust::default()
    };
    audit(&mut source, &trust, &mut |_| ())
        .map_err(|error| Failure::new(Kind::Node, "the log could not be audited").because(error))
}

fn tell_audit(report: &Report, teller: Teller<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let counts = &report.counts;
    figures.log_entries = report.size;
    figures.audit_items = counts.items_replayed;
    teller.line(&format!(
        "  audit of the whole log, over the network, as the auditor: {} entries, {} items computed",
        counts.entries, counts.items_replayed
    ))?;
    teller.line(&format!(
        "  again, {} signatures verified again, {} bodies compared; it extends {} kept checkpoints:",
        counts.signatures, counts.bodies, counts.kept_checkpoints
    ))?;
    teller.line("    the log is append-only and intact    yes")?;
    teller.line("    the ledger follows its rules         yes")?;
    for totals in &report.totals {
        teller.line(&format!(
            "    {}  {:>12} in circulation, all balances sum to {}",
            totals.asset, totals.issued, totals.sum
        ))?;
    }
    Ok(())
}

/// Changes one byte in a copy, so that 1250.00 becomes 1250.01, and looks who notices.
fn forgery(
    world: &World,
    folder: &Path,
    teller: Teller<'_>,
    figures: &mut Figures,
) -> Result<(), Failure> {
    let open = || DirSource::open(folder).map(Source::Dir).map_err(wrong);
    let began = clock::instant();
    let good = audited(world, open()?)?;
    figures.audit_seconds = began.elapsed().as_secs_f64();
    if !good.holds() {
        return Err(wrong(format_args!(
            "the export does not hold: {:?} {:?}",
            good.log, good.ledger
        )));
    }
    let rate = good.counts.items_replayed as f64 / figures.audit_seconds.max(1e-9);
    teller.line(&format!(
        "  audit of an exported copy, offline: the same, at {rate:.0} items a second"
    ))?;

    let path = folder.join(crate::audit::layout::records_file(0));
    let original = files::read(&path)?;
    files::write_atomic(&path, &forged(&original)?, 0o600)?;
    let report = audited(world, open()?);
    files::write_atomic(&path, &original, 0o600)?;
    let report = report?;
    let Some(caught) = report.log.divergence() else {
        return Err(wrong("a forged amount went unnoticed"));
    };
    figures.forgery_caught = caught.to_string();
    teller.line("  then one byte of that copy was changed, so that 1250.00 USD reads 1250.01:")?;
    teller.line(&format!("    CAUGHT  {caught}"))
}

/// The records with one byte of one amount changed.
fn forged(records: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = records.to_vec();
    let mut rest = records;
    while !rest.is_empty() {
        let (record, behind) = Record::split(rest).map_err(wrong)?;
        // Items stand before the body, at the record's end.
        let items: usize = record.items.iter().map(<[u8]>::len).sum();
        let behind_items = behind.len() + record.sealed_body.len();
        let mut pair = record.items.iter();
        if let (Some(first), Some(item)) = (pair.next(), pair.next())
            && is_payment(item)
        {
            let start = records.len() - behind_items - items + first.len();
            if let Some(byte) = out.get_mut(start + AMOUNT_LAST_BYTE) {
                *byte ^= 1;
            }
            return Ok(out);
        }
        rest = behind;
    }
    Err(wrong("there is no payment to forge"))
}

fn is_payment(item: &[u8]) -> bool {
    matches!(chain::Item::parse(item), Ok(chain::Item::Leg(leg)) if leg.amount == 125_000)
}
