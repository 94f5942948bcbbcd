//! Everything that reads a log, with the real binary, behind whatever story a test has told: a
//! restart, an export, an audit, a backup, and a rebuild from both. All of them come to one state.

use std::path::Path;

use serde_json::Value;

use crate::cli_node::{Node, good, json_of};

/// The log's key, as everybody in the node's folder has it.
pub(crate) const TRUST: &str = "--log-vkey data/log.vkey";
const AUDITOR: &str = "--key auditor.pem --passphrase-file secret";

/// A state that somebody has computed: how many entries led to it, and its hash.
type State = (u64, String);

/// Stops a node, which has to end well, and starts it again on what it left.
pub(crate) fn restarted(node: Node) -> Node {
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    Node::start_in(folder)
}

/// Exports the log and audits the copy; gives the state that the audit came to.
pub(crate) fn export_and_audit(path: &Path) -> State {
    good(path, &format!("export copy {AUDITOR}"));
    let report = as_json(path, &format!("audit copy {TRUST}"));
    state(&report["state"]["size"], &report["state"]["hash"])
}

/// Export, audit, backup, and rebuild from both; gives the node that is started again on the last.
pub(crate) fn everything_that_reads_a_log(node: Node) -> Node {
    let path = node.path();
    let mut states = vec![export_and_audit(path)];
    json_of(path, &["backup", "saved"]);
    let saved = as_json(path, &format!("backup verify saved {TRUST}"));
    states.push(state(&saved["size"], &saved["state_hash"]));
    let (code, folder) = node.stop();
    assert_eq!(code, Some(0));
    for from in ["saved", "copy"] {
        let rebuilt = as_json(folder.path(), &format!("rebuild --from {from}"));
        states.push(state(&rebuilt["size"], &rebuilt["state_hash"]));
    }
    // A node goes on by itself: what was read at one size is one state, and the rebuilds are.
    for (one, other) in states.iter().zip(&states[1..]) {
        assert!(one.0 <= other.0, "{states:?}");
        assert!(one.0 < other.0 || one.1 == other.1, "{states:?}");
    }
    assert_eq!(states[2], states[3]);
    Node::start_in(folder)
}

fn state(size: &Value, hash: &Value) -> State {
    (size.as_u64().unwrap(), hash.as_str().unwrap().to_owned())
}

fn as_json(path: &Path, command: &str) -> Value {
    json_of(path, &command.split(' ').collect::<Vec<_>>())
}
