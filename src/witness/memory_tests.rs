use chain::{AddCheckpoint, Checkpoint, Hash, LeafTree, Note, consistency_proof};
use keys::SigningKey;

use super::ask::origin_path;
use super::memory::{MemoryError, NAME, Refusal, Witness};
use crate::store::simdisk::{Fault, FaultKind, FaultOn, SimDisk};

const ORIGIN: &str = "settle.example/eu1";
const NOW: u64 = 1_700_000_000;

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [7; 32]).unwrap()
}

fn open(disk: &SimDisk) -> Result<Witness, MemoryError> {
    let key = SigningKey::from_seed("witness.example/w1", [9; 32]).unwrap();
    let keys = [log_key().verifier_key().clone()];
    Witness::open(&(disk.shared()), Box::new(key), &keys)
}

fn tree(size: u64, seed: u8) -> LeafTree {
    let leaf = |n: u64| Hash::leaf(&[&[seed][..], &n.to_be_bytes()].concat());
    LeafTree::new((0..size).map(leaf).collect())
}

fn signed(size: u64, seed: u8) -> Note {
    let origin = ORIGIN.to_owned();
    let root = tree(size, seed).root();
    let checkpoint = Checkpoint { origin, size, root };
    checkpoint.sign(&[&log_key()]).unwrap()
}

fn body(old: u64, size: u64, seed: u8) -> Vec<u8> {
    let proof = consistency_proof(&tree(size, seed), old, size).unwrap();
    let checkpoint = signed(size, seed);
    let body = AddCheckpoint {
        old,
        proof,
        checkpoint,
    };
    body.to_string().into_bytes()
}

fn evidence(disk: &SimDisk) -> usize {
    let folder = disk.shared().folder(&origin_path(ORIGIN)).unwrap();
    let names = folder.list().unwrap();
    names.iter().filter(|n| n.starts_with("evidence-")).count()
}

#[test]
fn a_log_that_grows_is_cosigned_and_remembered() {
    let disk = SimDisk::new();
    let witness = open(&disk).unwrap();
    assert_eq!(witness.logs(), [(ORIGIN.to_owned(), 0)]);
    let path = origin_path(ORIGIN);
    assert_eq!(witness.newest(&path), None);
    for (old, size) in [(0, 3), (3, 3), (3, 8), (8, 300)] {
        let line = witness
            .add_checkpoint(&body(old, size, 1), NOW + size)
            .unwrap();
        let line = chain::NoteSignature::parse_line(&line).unwrap();
        let text = signed(size, 1).text().to_owned();
        assert_eq!(witness.key().verify(&text, &line), Ok(NOW + size));
        let note = Note::parse(witness.newest(&path).unwrap().as_bytes()).unwrap();
        assert_eq!((note.text(), note.signatures().len()), (&*text, 2));
    }
    drop(witness);
    assert_eq!(open(&disk).unwrap().logs(), [(ORIGIN.to_owned(), 300)]);
}

#[test]
fn what_does_not_continue_is_refused_and_kept_as_evidence() {
    let disk = SimDisk::new();
    let witness = open(&disk).unwrap();
    let ask = |body: &[u8]| witness.add_checkpoint(body, NOW).unwrap_err();
    assert!(matches!(ask(b"old 0\n"), Refusal::Malformed(_)));
    witness.add_checkpoint(&body(0, 8, 1), NOW).unwrap();
    assert_eq!(ask(&body(0, 8, 1)), Refusal::Conflict(8));
    assert_eq!(ask(&body(5, 9, 1)), Refusal::Conflict(8));
    assert_eq!(evidence(&disk), 0, "a wrong size is no contradiction");
    assert!(matches!(ask(&body(8, 8, 2)), Refusal::Inconsistent(_)));
    assert!(matches!(ask(&body(8, 9, 2)), Refusal::Inconsistent(_)));
    assert_eq!(ask(&body(3, 8, 2)), Refusal::Conflict(8));
    assert_eq!(evidence(&disk), 3, "two roots for one size among them");
    assert!(matches!(ask(&body(8, 8, 2)), Refusal::Inconsistent(_)));
    assert_eq!(evidence(&disk), 3, "the same is kept once");
    let mut proof = String::from_utf8(body(8, 9, 1)).unwrap();
    proof = proof.replacen('\n', &format!("\n{}\n", Hash::ZERO), 1);
    assert!(matches!(ask(proof.as_bytes()), Refusal::Inconsistent(_)));
    witness.add_checkpoint(&body(8, 9, 1), NOW).unwrap();
}

#[test]
fn strangers_are_told_apart() {
    let disk = SimDisk::new();
    let witness = open(&disk).unwrap();
    let root = tree(1, 1).root();
    let of = |origin: &str, seed: u8| {
        let key = SigningKey::from_seed(origin, [seed; 32]).unwrap();
        let origin = origin.to_owned();
        let checkpoint = Checkpoint {
            origin,
            size: 1,
            root,
        };
        let note = checkpoint.sign(&[&key]).unwrap();
        witness.add_checkpoint(format!("old 0\n\n{note}").as_bytes(), NOW)
    };
    assert!(matches!(
        of("settle.example/eu2", 7),
        Err(Refusal::Unknown(_))
    ));
    assert!(matches!(of(ORIGIN, 8), Err(Refusal::Untrusted(_))));
    assert!(of(ORIGIN, 7).is_ok());
}

/// Whatever the disk does, a cosignature that got out is remembered after the power cut.
#[test]
fn what_was_answered_survives_a_power_cut() {
    for seed in 0..100 {
        let disk = SimDisk::new();
        let witness = open(&disk).unwrap();
        let mut old = 0;
        for size in 1..=seed % 7 {
            witness.add_checkpoint(&body(old, size, 1), NOW).unwrap();
            old = size;
        }
        disk.set_fault(Some(Fault {
            on: FaultOn::Sync,
            kind: FaultKind::Io,
            after: 0,
        }));
        let refused = witness.add_checkpoint(&body(old, 9, 1), NOW);
        assert_eq!(refused, Err(Refusal::Failed));
        disk.set_fault(None);
        let again = witness.add_checkpoint(&body(old, 9, 1), NOW);
        assert_eq!(
            again,
            Err(Refusal::Failed),
            "nobody knows what the disk holds"
        );
        drop(witness);
        disk.power_cut(seed);
        let found = open(&disk).unwrap().logs()[0].1;
        assert!(found == old || found == 9, "{found} after {old}");
    }
}

#[test]
fn a_damaged_memory_is_no_empty_one() {
    let disk = SimDisk::new();
    open(&disk)
        .unwrap()
        .add_checkpoint(&body(0, 8, 1), NOW)
        .unwrap();
    let file = format!("{}/{}", origin_path(ORIGIN), NAME);
    let whole = disk.contents(&file).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        disk.put(&file, &damaged);
        match open(&disk) {
            Err(MemoryError::Damaged { .. }) => {}
            // The log's own line is not needed to remember.
            Ok(witness) => assert_eq!(witness.logs()[0].1, 8, "byte {at}"),
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
    disk.put(&file, b"");
    assert!(matches!(open(&disk), Err(MemoryError::Damaged { .. })));
}
