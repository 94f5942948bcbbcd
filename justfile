# The few commands of daily work. `check` and `test` only read; `fix` is the only one that writes.

# List the recipes.
default:
    @just --list

# Formatting, lints, the purity of the rules (no clock, file or hash map), documentation.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo check --lib --no-default-features
    cargo doc --workspace --no-deps --document-private-items

# Everything that `cargo test` can tell, the checks over the repository included.
test:
    cargo test --workspace

# The long form of the crash tests, about half an hour: kills, disk errors, power cuts, ten minutes
# of soak. With root and mkfs.ext4, mkfs.xfs also on images of their own; says what it did not run.
faults:
    QUITTANCE_SLOW=1 cargo test --test faults -- --nocapture --test-threads 1

# Every fuzz target of the proof formats, ten minutes each, two at a time: three hours.
# `just fuzz 60 note` runs for a minute those whose name has `note` in it.
fuzz seconds="600" target="":
    QUITTANCE_FUZZ_S={{seconds}} cargo test -p quittance-chain --test fuzz -- --nocapture --test-threads 2 {{target}}

# Format the code and apply what clippy can mend.
fix:
    cargo clippy --workspace --all-targets --fix --allow-dirty
    cargo fmt --all

# Licences, advisories and refused crates (needs cargo-deny).
deny:
    cargo deny check

# A sandbox node from node.toml, in ./data.
run *flags:
    cargo run -- run {{flags}}

# The workloads of the reference page; the fast-linking release profile: `just bench W1 W4`.
bench *flags:
    cargo run --profile bench-thin -- bench {{flags}}

# W1 to W5 into a file, to compare with a file of another commit: `just measure after.json` and
# `just bench compare before.json after.json`.
measure file *flags:
    cargo run --profile bench-thin -- bench W1 W2 W3 W4 W5 --output json {{flags}} > {{file}}

# How long the stages of a settlement take, by criterion: `just bench-stages`, or with a part of a name.
bench-stages *flags:
    cargo bench -p quittance-benches --profile bench-thin --bench stages -- {{flags}}

# Counts the instructions of the stages and compares them with benches/baseline.json (needs valgrind).
bench-counts:
    python3 benches/compare.py

# Records the counts of this commit, to be committed with what changed them.
bench-accept:
    python3 benches/compare.py --accept

# Review snapshots that changed (needs cargo-insta).
snap:
    cargo insta review

# Open the documentation of the three packages.
docs:
    cargo doc --workspace --no-deps --open

# The binary as it ships.
release:
    cargo build --release --locked
