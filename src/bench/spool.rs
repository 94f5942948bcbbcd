//! Signed requests in a file: made before the clock starts, read while it runs, so that a run of
//! gigabytes needs no more memory than a small one.
//!
//! ```text
//!   request   length u32 little-endian | series u8 | bytes as they go to the socket
//! ```

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// What is read ahead: one request of any size.
const BUFFER_BYTES: usize = 1 << 20;

/// A spool being written.
pub(super) struct SpoolWriter {
    out: BufWriter<File>,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

impl SpoolWriter {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?),
            messages: 0,
            bytes: 0,
        })
    }

    pub(super) fn push(&mut self, series: u8, request: &[u8]) -> io::Result<()> {
        let length = u32::try_from(request.len()).map_err(io::Error::other)?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&[series])?;
        self.out.write_all(request)?;
        self.messages += 1;
        self.bytes += u64::from(length);
        Ok(())
    }

    /// Writes all of it to the disk: it must not be written while the node is measured.
    pub(super) fn finish(self) -> io::Result<()> {
        self.out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    }
}

/// Where a request stands, and what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) series: u8,
    offset: u64,
    length: u32,
}

/// A spool being read.
pub(super) struct SpoolReader {
    input: BufReader<File>,
    offset: u64,
}

impl SpoolReader {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            input: BufReader::with_capacity(BUFFER_BYTES, File::open(path)?),
            offset: 0,
        })
    }

    /// Reads the next request into `request`; `None` at the end.
    pub(super) fn next(&mut self, request: &mut Vec<u8>) -> io::Result<Option<Place>> {
        let mut head = [0; 5];
        match self.input.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let [a, b, c, d, series] = head;
        let length = u32::from_le_bytes([a, b, c, d]);
        let place = Place {
            series,
            offset: self.offset + 5,
            length,
        };
        request.resize(length as usize, 0);
        self.input.read_exact(request)?;
        self.offset = place.offset + u64::from(length);
        Ok(Some(place))
    }

    /// Reads a request again. The order of [`SpoolReader::next`] is lost.
    pub(super) fn again(&mut self, place: Place) -> io::Result<Vec<u8>> {
        self.input.seek(SeekFrom::Start(place.offset))?;
        let mut request = vec![0; place.length as usize];
        self.input.read_exact(&mut request)?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_back_in_order_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let large = vec![7; 2 * BUFFER_BYTES];
        let all: [(u8, &[u8]); 3] = [(0, b"one"), (1, &large), (0, b"")];
        let mut spool = SpoolWriter::create(&path).unwrap();
        for (series, request) in all {
            spool.push(series, request).unwrap();
        }
        assert_eq!(spool.messages, 3);
        spool.finish().unwrap();
        let mut spool = SpoolReader::open(&path).unwrap();
        let (mut request, mut places) = (Vec::new(), Vec::new());
        for (series, expected) in all {
            let place = spool.next(&mut request).unwrap().unwrap();
            assert!(place.series == series && request == expected);
            places.push(place);
        }
        assert_eq!(spool.next(&mut request).unwrap(), None);
        for (place, (_, expected)) in places.iter().zip(all).rev() {
            assert!(spool.again(*place).unwrap() == expected);
        }
    }

    #[test]
    fn a_spool_that_was_cut_off_is_no_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        std::fs::write(&path, [9, 0, 0, 0, 0, b'x']).unwrap();
        let mut spool = SpoolReader::open(&path).unwrap();
        assert!(spool.next(&mut Vec::new()).is_err());
    }
}
