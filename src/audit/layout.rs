//! The names inside an export folder, and the lines of its `body.keys`.
//!
//! ```text
//!   log/checkpoint  log/tile/...   what `/log/` serves, byte for byte (C2SP tlog-tiles)
//!   log/checkpoint.witnessed       the same with cosignatures, if there is a quorum
//!   log.vkey                       the log's key, as the node states it
//!   genesis.json                   {"origin","genesis_hash"}
//!   records/000000.bin             records of entries 0..255, one behind the other; auditors only
//!   body.keys                      `index base64key`, rising; delete a line and the body is gone
//! ```

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::wire::HashText;

/// Entries in one file of records: those of one bundle.
pub const RECORDS_PER_FILE: u64 = chain::RECORDS_PER_FILE;
/// The log's key.
pub const LOG_VKEY: &str = "log.vkey";
/// Origin and genesis hash.
pub const GENESIS: &str = "genesis.json";
/// The newest checkpoint.
pub const CHECKPOINT: &str = "log/checkpoint";
/// The newest checkpoint that a quorum of witnesses has cosigned, if there is one.
pub const WITNESSED: &str = "log/checkpoint.witnessed";
/// The folder of records.
pub const RECORDS: &str = "records";
/// The erasable keys of bodies.
pub const BODY_KEYS: &str = "body.keys";

/// Keys of an export that is under way, not merged into [`BODY_KEYS`] yet; gone at its end.
pub const BODY_KEYS_PART: &str = ".body.keys.part";

/// `genesis.json`: what names the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The log's origin.
    pub origin: String,
    /// Leaf hash of entry 0, base64.
    pub genesis_hash: HashText,
}

/// The file of records that holds the entry at `index`.
#[must_use]
pub fn records_file(index: u64) -> String {
    format!("{RECORDS}/{:06}.bin", index / RECORDS_PER_FILE)
}

/// Prints a line of `body.keys`, line break included.
#[must_use]
pub fn body_key_line(index: u64, key: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(format!(
        "{index} {}\n",
        *Zeroizing::new(Base64::encode_string(key))
    ))
}

/// Reads what [`body_key_line`] prints, without its line break.
#[must_use]
pub fn parse_body_key_line(line: &str) -> Option<(u64, Zeroizing<[u8; 32]>)> {
    let (index, key) = line.split_once(' ')?;
    let number: u64 = index.parse().ok()?;
    if number.to_string() != index {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let decoded = Base64::decode(key, bytes.as_mut_slice()).ok()?.len();
    (decoded == bytes.len()).then_some((number, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_records_hold_those_of_a_bundle_each() {
        assert_eq!(records_file(0), "records/000000.bin");
        assert_eq!(records_file(255), "records/000000.bin");
        assert_eq!(records_file(256), "records/000001.bin");
    }

    #[test]
    fn key_lines_round_trip_and_nothing_looser_is_read() {
        let line = body_key_line(7, &[9; 32]);
        let (index, key) = parse_body_key_line(line.trim_end_matches('\n')).unwrap();
        assert_eq!((index, *key), (7, [9; 32]));
        for wrong in ["", "7", "07 CQkJ", "7 CQkJ", "+7 CQkJ", "seven CQkJ"] {
            assert!(parse_body_key_line(wrong).is_none(), "{wrong}");
        }
        assert!(parse_body_key_line(&format!(" {}", line.trim_end())).is_none());
    }
}
