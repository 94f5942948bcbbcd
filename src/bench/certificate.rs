//! A self-made certificate for a node that is measured over TLS.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{BenchError, io};

/// The certificate, which clients trust.
pub(super) const FILE: &str = "node-cert.pem";
const KEY_FILE: &str = "node-cert.key";

/// What the node is told of it; paths start at the data folder.
pub(super) const SETTINGS: &str = "[tls]\ncert = \"../node-cert.pem\"\nkey = \"../node-cert.key\"\n\
                                   min_version = \"1.3\"\n";

/// Makes certificate and key for the loopback address.
pub(super) fn make(folder: &Path) -> Result<(), BenchError> {
    let failed = |error: rcgen::Error| BenchError::Key(format!("the certificate: {error}"));
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).map_err(failed)?;
    let files = [
        (FILE, made.cert.pem()),
        (KEY_FILE, made.signing_key.serialize_pem()),
    ];
    for (name, text) in files {
        let mut options = OpenOptions::new();
        // The node refuses a key that others may read.
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options
            .open(folder.join(name))
            .map_err(io("writing the certificate"))?;
        file.write_all(text.as_bytes())
            .map_err(io("writing the certificate"))?;
    }
    Ok(())
}
