//! Reading records one by one: off a file, or off an answer of a node.

use std::io::{self, BufRead, Read};

use chain::{Record, RecordError, record_length};

/// Records from this length on make a buffer no longer than they are.
const MUCH: usize = 64 << 10;

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes are no record.
    #[error(transparent)]
    Form(#[from] RecordError),
    /// The system's reason.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Appends the next record to `out`, its length first; false at the end. The record is as long as it
/// says, and not looked at any further.
///
/// # Errors
/// [`FrameError`]; what was read by then stands in `out`.
pub fn next_record(reader: &mut impl BufRead, out: &mut Vec<u8>) -> Result<bool, FrameError> {
    let mut read = |length: usize, out: &mut Vec<u8>| {
        let left = u64::try_from(length).unwrap_or(u64::MAX);
        reader.take(left).read_to_end(out)
    };
    let start = out.len();
    match read(4, out)? {
        0 => return Ok(false),
        4 => {}
        _ => return Err(RecordError::Cut.into()),
    }
    let prefix = out.get(start..).and_then(|prefix| prefix.try_into().ok());
    let length = record_length(prefix.unwrap_or_default())?;
    // Exactly, where it is much: such records come alone, and a buffer is used again.
    match length > MUCH {
        true => out.reserve_exact(length),
        false => out.reserve(length),
    }
    match read(length, out)? == length {
        true => Ok(true),
        false => Err(RecordError::Cut.into()),
    }
}

/// Cuts the first record off an answer: its bytes, length first.
///
/// # Errors
/// [`RecordError`].
pub fn split_record(bytes: &[u8]) -> Result<(&[u8], &[u8]), RecordError> {
    let (_, rest) = Record::split(bytes)?;
    Ok(bytes.split_at(bytes.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_one_by_one_and_a_cut_one_is_told() {
        let two = [&[0, 0, 0, 3][..], b"one", &[0, 0, 0, 0]].concat();
        let mut reader = two.as_slice();
        let mut out = Vec::new();
        assert!(next_record(&mut reader, &mut out).unwrap());
        assert_eq!(out, two[..7]);
        assert!(next_record(&mut reader, &mut out).unwrap());
        assert!(!next_record(&mut reader, &mut out).unwrap());
        assert_eq!(out, two);
        for cut in [1, 3, 4, 6] {
            let error = next_record(&mut &two[..cut], &mut Vec::new()).unwrap_err();
            assert!(
                matches!(error, FrameError::Form(RecordError::Cut)),
                "{cut}: {error}"
            );
        }
        let error = next_record(&mut &[0xff; 9][..], &mut Vec::new()).unwrap_err();
        assert!(matches!(error, FrameError::Form(RecordError::Long(_))));
    }
}
