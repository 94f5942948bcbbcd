//! How long the stages of a settlement take, one core, criterion: `just bench-stages`.
//!
//! Times of a shared machine are noisy; `instructions.rs` counts what they hide.
#![expect(clippy::unwrap_used, reason = "a benchmark ends at the first surprise")]

mod kit;
mod long;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use kit::{Asked, Done, FULL, Held, JSON_FULL, Signed, World};
use quittance::ledger::{State, Step, tally};

// The allocator of the binary that ships.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .sample_size(30)
        .configure_from_args();
    door(&mut criterion);
    rules(&mut criterion);
    items(&mut criterion);
    kept(&mut criterion);
    netting(&mut criterion);
    waiting(&mut criterion);
    under_rules(&mut criterion);
    criterion.final_summary();
}

/// What a worker does with a request.
fn door(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("door");
    let signed = Signed::new();
    group.bench_function("verify_signature", |b| b.iter(|| kit::verify(&signed)));
    for settlements in [1, JSON_FULL] {
        let body = World::new().json_body(settlements);
        group.throughput(Throughput::Elements(settlements.into()));
        group.bench_function(format!("parse_json_{settlements}"), |b| {
            b.iter(|| kit::read_json(black_box(&body)));
        });
    }
    let body = World::new().batch_body();
    group.throughput(Throughput::Elements(FULL.into()));
    group.bench_function("parse_batch", |b| {
        b.iter(|| kit::read_batch(black_box(&body)));
    });
}

/// The rules of money; each run has a ledger of its own.
fn rules(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger");
    for (name, asked, settlements) in [
        ("apply_json_1", Asked::json(1), 1),
        ("apply_batch", Asked::batch(), FULL),
    ] {
        let Asked { state, message } = asked;
        group.throughput(Throughput::Elements(settlements.into()));
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || state.clone(),
                |state| kit::apply_to(state, &message),
                BatchSize::LargeInput,
            );
        });
    }
}

/// Items and the tree over them.
fn items(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("items");
    for settlements in [1, JSON_FULL] {
        let done = Done::of(Asked::json(settlements));
        group.throughput(Throughput::Elements(settlements.into()));
        group.bench_function(format!("seal_json_{settlements}"), |b| {
            b.iter(|| kit::seal(black_box(&done)));
        });
    }
    let done = Done::of(Asked::batch());
    group.throughput(Throughput::Elements(FULL.into()));
    group.bench_function("hash_batch", |b| {
        b.iter(|| kit::hash_batch(black_box(&done)));
    });
}

/// What is written, and what a holder verifies.
fn kept(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kept");
    let held = Held::new();
    group.bench_function("verify_receipt", |b| b.iter(|| kit::check(&held)));
    let done = Done::of(Asked::batch());
    let record = done.record();
    let bytes = record.to_bytes();
    group.throughput(Throughput::Elements(FULL.into()));
    group.bench_function("encode_record", |b| {
        b.iter(|| black_box(&record).to_bytes())
    });
    group.bench_function("decode_record", |b| {
        b.iter(|| kit::decode(black_box(&bytes)));
    });
    group.bench_function("wal_frame", |b| {
        b.iter_batched_ref(
            kit::wal,
            |wal| kit::frame(wal, &done),
            BatchSize::LargeInput,
        );
    });
}

/// The end of a window of a million payments among a hundred banks.
fn netting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("netting");
    let (log, close) = long::window();
    let mut closed = log.state.clone();
    assert!(matches!(
        kit::apply_at(&mut closed, log.now, &close),
        Step::Applied(_)
    ));
    let legs = long::resolve(&mut closed.clone(), log.now);
    assert!(legs > 90, "{legs} nets");
    let close_window = |state: &mut State| kit::apply_at(state, log.now, &close);
    group.bench_function("close_window_1000000", |b| {
        b.iter_batched_ref(|| log.state.clone(), close_window, BatchSize::LargeInput);
    });
    let settle = |state: &mut State| long::resolve(state, log.now);
    group.bench_function("settle_window_1000000", |b| {
        b.iter_batched_ref(|| closed.clone(), settle, BatchSize::LargeInput);
    });
}

/// Ten thousand payments that wait, and then all of them can settle.
fn waiting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("queue");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(long::QUEUE));
    for (name, log) in [("ring_10000", long::ring()), ("chain_10000", long::chain())] {
        let mut state = log.state.clone();
        let items = long::resolve(&mut state, log.now);
        assert!(
            items as u64 >= long::QUEUE && state.book().queue().is_empty(),
            "{name}: {items}"
        );
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || log.state.clone(),
                |state| long::resolve(state, log.now),
                BatchSize::LargeInput,
            );
        });
    }
}

/// A full batch without a rule on its accounts, and with all of them: the ratio is what counts.
fn under_rules(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rules");
    group.throughput(Throughput::Elements(FULL.into()));
    for (name, rules) in [("plain_batch", false), ("batch_under_rules", true)] {
        let (log, message) = long::batch(FULL, rules);
        let step = kit::apply_at(&mut log.state.clone(), log.now, &message);
        assert!(
            matches!(step, Step::Applied(applied) if tally(&applied.drafts) == (FULL.into(), 0))
        );
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || log.state.clone(),
                |state| kit::apply_at(state, log.now, &message),
                BatchSize::LargeInput,
            );
        });
    }
}
