//! How many instructions the stages of a settlement take, counted by callgrind (gungraun).
//!
//! A machine that others use hides a loss of five per cent from a clock, not from a count. The counts
//! are compared with `baseline.json` by `compare.py`, which also says how to accept new ones:
//! `just bench-counts`, `just bench-accept`.
//!
//! Valgrind has no SHA and no AVX-512 instructions, so hashes and signatures take their portable
//! ways here: counts say whether the work changed, `stages.rs` says how long it takes. Each stage is
//! given what it needs and gives it back, so that neither making it nor dropping it is counted.
#![expect(clippy::unwrap_used, reason = "a benchmark ends at the first surprise")]
#![expect(missing_docs, reason = "the items that gungraun makes have none")]

mod kit;

use std::hint::black_box;

use chain::LeafTree;
use gungraun::{library_benchmark, library_benchmark_group, main};
use kit::{Asked, Done, FULL, Held, JSON_FULL, Signed, World};
use quittance::ledger::{SealedItems, Step};
use quittance::node::Record;
use quittance::store::wal::Wal;
use quittance::wire::Body;

// The allocator of the binary that ships; the system's differs from machine to machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn json_body(settlements: u32) -> Vec<u8> {
    World::new().json_body(settlements)
}

fn batch_body() -> Vec<u8> {
    World::new().batch_body()
}

fn json_done(settlements: u32) -> Done {
    Done::of(Asked::json(settlements))
}

fn batch_done() -> Done {
    let done = Done::of(Asked::batch());
    assert_eq!(kit::hash_batch(&done).size(), u64::from(FULL) + 1);
    done
}

fn encoded() -> Vec<u8> {
    batch_done().record().to_bytes()
}

fn before_frame() -> (Wal, Done) {
    (kit::wal(), batch_done())
}

#[library_benchmark]
#[bench::one(Signed::new())]
fn verify_signature(signed: Signed) -> Signed {
    kit::verify(black_box(&signed));
    signed
}

#[library_benchmark]
#[bench::one(json_body(1))]
#[bench::full(json_body(JSON_FULL))]
fn parse_json(body: Vec<u8>) -> (Vec<u8>, Body) {
    let read = kit::read_json(black_box(&body));
    (body, read)
}

#[library_benchmark]
#[bench::full(batch_body())]
fn parse_batch(body: Vec<u8>) -> (Vec<u8>, Body) {
    let read = kit::read_batch(black_box(&body));
    (body, read)
}

#[library_benchmark]
#[bench::json(Asked::json(1))]
#[bench::batch(Asked::batch())]
fn apply(mut asked: Asked) -> (Asked, Step) {
    let step = kit::apply_to(&mut asked.state, black_box(&asked.message));
    (asked, step)
}

#[library_benchmark]
#[bench::one(json_done(1))]
#[bench::full(json_done(JSON_FULL))]
fn seal_json(done: Done) -> (Done, SealedItems) {
    let items = kit::seal(black_box(&done));
    (done, items)
}

#[library_benchmark]
#[bench::full(batch_done())]
fn hash_batch(done: Done) -> (Done, LeafTree) {
    let tree = kit::hash_batch(black_box(&done));
    (done, tree)
}

#[library_benchmark]
#[bench::batch(batch_done().record())]
fn encode_record(record: Record) -> (Record, Vec<u8>) {
    let bytes = black_box(&record).to_bytes();
    (record, bytes)
}

#[library_benchmark]
#[bench::batch(encoded())]
fn decode_record(bytes: Vec<u8>) -> (Vec<u8>, Record) {
    let record = kit::decode(black_box(&bytes));
    (bytes, record)
}

#[library_benchmark]
#[bench::batch(before_frame())]
fn wal_frame((mut wal, done): (Wal, Done)) -> (Wal, Done) {
    kit::frame(&mut wal, black_box(&done));
    (wal, done)
}

#[library_benchmark]
#[bench::three_items(Held::new())]
fn verify_receipt(held: Held) -> (Held, chain::Verified) {
    let verified = kit::check(black_box(&held));
    (held, verified)
}

library_benchmark_group!(
    name = stages,
    benchmarks = [
        verify_signature,
        parse_json,
        parse_batch,
        apply,
        seal_json,
        hash_batch,
        encode_record,
        decode_record,
        wal_frame,
        verify_receipt
    ]
);
main!(library_benchmark_groups = stages);
