//! Integration tests: one binary, one module a subject.
#![expect(
    clippy::unwrap_used,
    reason = "the lint spares test functions, not their helpers"
)]

mod api;
mod api_access;
mod api_document;
mod api_door;
mod api_kit;
mod api_limits;
mod api_numbers;
mod api_reads;
mod api_reads_blocked;
mod api_reads_long;
mod api_reads_past;
mod api_signatures;
mod api_slow;
mod assets;
mod audit;
mod audit_threads;
mod backup;
mod backup_broken;
mod backup_cli;
mod backup_kit;
mod backup_restore;
mod bad_line;
mod batch_door;
mod batch_items;
mod batch_rules;
mod cli;
mod cli_audit;
mod cli_batch;
mod cli_bench;
mod cli_mend;
mod cli_node;
mod cli_reads;
mod cli_sign;
mod cli_snapshots;
mod config;
mod docs_page;
mod edge;
mod edge_idle;
mod edge_ops;
mod edge_tls;
mod erased_text;
mod export;
mod golden;
mod kit;
mod ledger_model;
mod ledger_tables;
mod ledger_world;
mod log_keys;
mod log_maker;
mod monitor;
mod node;
mod permissions;
mod reference;
mod review;
mod rival;
mod seals;
mod store;
mod store_wal;
mod tamper_matrix;
mod tidy;
mod tiles;
mod witness;
