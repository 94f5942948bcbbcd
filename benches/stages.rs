//! How long the stages of a settlement take, one core, criterion: `just bench-stages`.
//!
//! Times of a shared machine are noisy; `instructions.rs` counts what they hide.
#![expect(clippy::unwrap_used, reason = "a benchmark ends at the first surprise")]

mod kit;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use kit::{Asked, Done, FULL, Held, JSON_FULL, Signed, World};

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
