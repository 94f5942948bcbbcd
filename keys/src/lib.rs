//! Whatever touches a secret, small enough to be read in an hour.
//!
//! ```text
//!   key file (PKCS#8, 0600) --- passphrase --->  SigningKey  --- chain::Signer --->  bank's submissions
//!                                                    |
//!                                                    +--> RootGuard { origin, mark } --->  checkpoints
//! ```
//!
//! * [`SigningKey`] holds a seed that is wiped when dropped and that cannot be printed, cloned or
//!   serialised. It leaves this crate in one way only: encrypted, into a new file.
//! * [`write_key_file`] and [`read_key_file`] keep keys in files that OpenSSL 3.0, Java 17 and
//!   Python's `cryptography` read too; [`import_key_file`] takes over a key made by one of them.
//! * [`Passphrase`] comes from a file, an environment variable or a terminal.
//! * [`RootGuard`] is the one place that signs checkpoints, and never two roots for one size.
//! * [`write_vkey_file`] and [`read_vkey_file`] keep the public halves.
//!
//! Files are those of Unix: their modes carry the protection. Errors tell the whole story in their
//! `Display` (file, what was expected, what was found) and hold no secrets.

mod disk;
mod file;
mod guard;
mod key;
mod passphrase;
mod pem;
mod vkey;

pub use disk::FileError;
#[doc(hidden)]
pub use file::write_key_file_for_tests;
pub use file::{
    KeyFileError, import_key_file, read_key_file, read_key_file_public, write_key_file,
};
pub use guard::{GuardError, Mark, RootGuard};
pub use key::{KeyError, SigningKey};
pub use passphrase::{Passphrase, PassphraseError};
pub use pem::{
    PBKDF2_ROUNDS, PBKDF2_ROUNDS_MAX, PBKDF2_ROUNDS_MIN, PemError, SCRYPT_COST_MAX,
    SCRYPT_COST_MIN, Unlock,
};
pub use vkey::{VkeyFileError, read_vkey_file, write_vkey_file};
