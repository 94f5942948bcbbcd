//! The text of a key file, without the file.
//!
//! ```text
//! Quittance-Key: bank-a/hsm-1+1f8e5a02+AZ...    the public half (a vkey), outside the block, where
//!                                               other tools skip it (RFC 7468, section 2)
//! PEM block `ENCRYPTED PRIVATE KEY`             the seed
//! ```
//!
//! The block is PKCS#8 **version 1** (RFC 5958, RFC 8410): the version that may hold the public key
//! as well cannot be read by OpenSSL 3.0, Node 20 or Python's `cryptography`. It is encrypted by
//! PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018): Java 17 cannot read scrypt.
//!
//! PKCS#8 has no place for a name, and AES-CBC does not notice a flipped bit in the seed. The first
//! line serves both: it names the key, and the private key must belong to it.

use chain::{KeyId, VerifierKey};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{self, Decode, Encode, pem};
use pkcs8::pkcs5::{self, EncryptionScheme, pbes2};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::key::{KeyError, SigningKey};
use crate::passphrase::Passphrase;

/// Rounds of PBKDF2-HMAC-SHA256 in every file written (OWASP's figure of 2023).
pub const PBKDF2_ROUNDS: u32 = 600_000;
/// The fewest rounds read; `openssl genpkey` writes 2,048.
pub const PBKDF2_ROUNDS_MIN: u32 = 1_000;
/// The most rounds read: some seconds of work, so that a hostile file cannot stop a start.
pub const PBKDF2_ROUNDS_MAX: u32 = 10_000_000;
/// The least work of scrypt read, as N * r * p; OpenSSL writes 2^17.
pub const SCRYPT_COST_MIN: u64 = 1 << 13;
/// The most work of scrypt read, as N * r * p: 128 MiB of memory, some seconds.
pub const SCRYPT_COST_MAX: u64 = 1 << 20;

const LABEL_PLAIN: &str = "PRIVATE KEY";
const LABEL_ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const BEGIN: &str = "-----BEGIN ";
const KEY_LINE: &str = "Quittance-Key: ";
/// RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Everything before the seed in the 48 bytes of a version 1 key (RFC 8410, section 7):
/// SEQUENCE { INTEGER 0, SEQUENCE { OID ED25519 }, OCTET STRING { OCTET STRING of 32 bytes } }.
const PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// The inner OCTET STRING's tag and length (RFC 8410, section 7).
const SEED_PREFIX: [u8; 2] = [0x04, 0x20];

/// Why a text is not a key, or a key could not become a text.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PemError {
    /// The text is not one PEM block in lines of 64 characters.
    #[error("expected one PEM block, whole and with nothing after it: {0}")]
    Block(pem::Error),
    /// The block holds something else.
    #[error("expected `{LABEL_ENCRYPTED}` or `{LABEL_PLAIN}` (PKCS#8), found `{found}`")]
    Label {
        /// The block's label.
        found: String,
    },
    /// The key is not protected by a passphrase, and this was not allowed.
    #[error("expected an encrypted key, found one that anybody can read; import it to encrypt it")]
    Unencrypted,
    /// The key is protected by a passphrase and none was given.
    #[error("the key is encrypted: a passphrase is needed")]
    PassphraseNeeded,
    /// The block's bytes are not PKCS#8.
    #[error("expected PKCS#8 (RFC 5958): {0}")]
    Pkcs8(der::Error),
    /// The key is of another algorithm.
    #[error("expected an Ed25519 key (OID {ED25519}), found OID {found}")]
    Algorithm {
        /// The algorithm's object identifier.
        found: ObjectIdentifier,
    },
    /// The Ed25519 key is not 32 bytes, or has parameters.
    #[error("expected an Ed25519 seed of 32 bytes without parameters (RFC 8410)")]
    Seed,
    /// The rounds of PBKDF2 are outside of what is read.
    #[error("expected {PBKDF2_ROUNDS_MIN} to {PBKDF2_ROUNDS_MAX} rounds of PBKDF2, found {found}")]
    Rounds {
        /// The number in the file.
        found: u32,
    },
    /// The cost of scrypt is outside of what is read.
    #[error(
        "expected a scrypt cost N*r*p of {SCRYPT_COST_MIN} to {SCRYPT_COST_MAX}, found {found}"
    )]
    Cost {
        /// N * r * p of the file.
        found: u64,
    },
    /// The encryption is one that is not supported.
    #[error("expected PBES2 with PBKDF2-HMAC-SHA256 or scrypt, and AES: {0}")]
    Encryption(pkcs5::Error),
    /// The decrypted bytes make no sense: a wrong passphrase, or a damaged file. Nothing in the
    /// format tells the two apart.
    #[error("wrong passphrase, or the file is damaged")]
    WrongPassphrase,
    /// The private key does not belong to the public key stated beside it.
    #[error(
        "the private key does not belong to its public key: expected key id {expected}, found {found}; the file is damaged"
    )]
    PublicKey {
        /// Id of the public key stated.
        expected: KeyId,
        /// Id of the public key computed.
        found: KeyId,
    },
    /// There is no line `Quittance-Key:` and no name was given.
    #[error("expected a first line `{KEY_LINE}<vkey>`, found none; import the key under a name")]
    NameMissing,
    /// There are several lines `Quittance-Key:`.
    #[error("expected one line `{KEY_LINE}<vkey>`, found several")]
    NameTwice,
    /// The line `Quittance-Key:` does not hold a vkey.
    #[error("the line `{KEY_LINE}` does not hold a vkey: {0}")]
    NameLine(chain::VerifierKeyError),
    /// The key has another name than the one asked for.
    #[error("expected the key {expected}, found {found}")]
    Name {
        /// The name asked for.
        expected: String,
        /// The name in the file.
        found: String,
    },
    /// The key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// How a key may be protected.
#[derive(Clone, Copy, Debug)]
pub enum Unlock<'a> {
    /// The key must be encrypted, under this passphrase.
    Passphrase(&'a Passphrase),
    /// The key must not be encrypted, e.g. one fresh from `openssl genpkey`. Say this only where a
    /// person asked for it.
    Unencrypted,
}

/// Prints a key: its public half as the first line, then the encrypted block.
pub(crate) fn encode(
    key: &SigningKey,
    passphrase: &Passphrase,
    rounds: u32,
) -> Result<String, PemError> {
    let mut plain = Zeroizing::new([0; 48]);
    plain[..16].copy_from_slice(&PREFIX);
    plain[16..].copy_from_slice(key.seed());
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(KeyError::Random)?;
    let mut vector = [0; 16];
    getrandom::fill(&mut vector).map_err(KeyError::Random)?;
    let scheme = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(rounds, &salt, vector)
        .map_err(PemError::Encryption)?;
    let sealed = scheme
        .encrypt(passphrase.as_bytes(), plain.as_slice())
        .map_err(PemError::Encryption)?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: scheme.into(),
        encrypted_data: OctetStringRef::new(&sealed).map_err(PemError::Pkcs8)?,
    };
    let der = info.to_der().map_err(PemError::Pkcs8)?;
    let block =
        pem::encode_string(LABEL_ENCRYPTED, LineEnding::LF, &der).map_err(PemError::Block)?;
    Ok(format!("{KEY_LINE}{}\n{block}", key.verifier_key()))
}

/// Parses a key. Its name is that of the line `Quittance-Key:`; a `name` given must be the same,
/// and is needed where there is no such line.
pub(crate) fn decode(
    text: &str,
    unlock: Unlock<'_>,
    name: Option<&str>,
) -> Result<SigningKey, PemError> {
    let stated = decode_public(text)?;
    let name = match (name, &stated) {
        (Some(name), Some(stated)) if name != stated.name() => {
            return Err(PemError::Name {
                expected: name.into(),
                found: stated.name().into(),
            });
        }
        (Some(name), _) => name,
        (None, Some(stated)) => stated.name(),
        (None, None) => return Err(PemError::NameMissing),
    };
    let mut block = pem::Decoder::new(text.as_bytes()).map_err(PemError::Block)?;
    let mut der = Zeroizing::new(Vec::with_capacity(block.remaining_len()));
    block.decode_to_end(&mut der).map_err(PemError::Block)?;
    let plain = match (block.type_label(), unlock) {
        (LABEL_PLAIN, Unlock::Unencrypted) => der,
        (LABEL_PLAIN, Unlock::Passphrase(_)) => return Err(PemError::Unencrypted),
        (LABEL_ENCRYPTED, Unlock::Passphrase(passphrase)) => decrypt(&der, passphrase)?,
        (LABEL_ENCRYPTED, Unlock::Unencrypted) => return Err(PemError::PassphraseNeeded),
        (found, _) => {
            return Err(PemError::Label {
                found: found.into(),
            });
        }
    };
    let (seed, beside) = match parse_plain(&plain) {
        // One wrong passphrase in 256 yields good padding around garbage.
        Err(PemError::Pkcs8(_)) if matches!(unlock, Unlock::Passphrase(_)) => {
            return Err(PemError::WrongPassphrase);
        }
        parsed => parsed?,
    };
    let key = SigningKey::from_seed(name, *seed)?;
    let beside = beside
        .map(|public_key| VerifierKey::new(name, &public_key))
        .transpose();
    for expected in [stated, beside.map_err(KeyError::Name)?]
        .into_iter()
        .flatten()
    {
        if expected.public_key() != key.verifier_key().public_key() {
            let found = key.verifier_key().id();
            return Err(PemError::PublicKey {
                expected: expected.id(),
                found,
            });
        }
    }
    Ok(key)
}

/// Parses the line `Quittance-Key:` before the block, if there is one.
pub(crate) fn decode_public(text: &str) -> Result<Option<VerifierKey>, PemError> {
    let preamble = text.lines().take_while(|line| !line.starts_with(BEGIN));
    let mut stated = preamble.filter_map(|line| line.strip_prefix(KEY_LINE));
    let Some(vkey) = stated.next() else {
        return Ok(None);
    };
    if stated.next().is_some() {
        return Err(PemError::NameTwice);
    }
    VerifierKey::parse(vkey)
        .map(Some)
        .map_err(PemError::NameLine)
}

/// Opens the encrypted block, after a look at how long that would take.
fn decrypt(der: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, PemError> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(PemError::Pkcs8)?;
    if let EncryptionScheme::Pbes2(scheme) = &info.encryption_algorithm {
        check_cost(&scheme.kdf)?;
    }
    let mut buffer = Zeroizing::new(info.encrypted_data.as_bytes().to_vec());
    let opened = info
        .encryption_algorithm
        .decrypt_in_place(passphrase.as_bytes(), &mut buffer);
    let length = match opened {
        Ok(plain) => plain.len(),
        Err(pkcs5::Error::DecryptFailed) => return Err(PemError::WrongPassphrase),
        Err(error) => return Err(PemError::Encryption(error)),
    };
    // Cuts the padding off. The bytes behind stay in the buffer and are wiped with it.
    buffer.truncate(length);
    Ok(buffer)
}

fn check_cost(kdf: &pbes2::Kdf) -> Result<(), PemError> {
    match kdf {
        pbes2::Kdf::Pbkdf2(params) => {
            let found = params.iteration_count;
            let allowed = PBKDF2_ROUNDS_MIN..=PBKDF2_ROUNDS_MAX;
            if allowed.contains(&found) {
                Ok(())
            } else {
                Err(PemError::Rounds { found })
            }
        }
        pbes2::Kdf::Scrypt(params) => {
            let lanes = u64::from(params.block_size).saturating_mul(params.parallelization.into());
            let found = params.cost_parameter.saturating_mul(lanes);
            let allowed = SCRYPT_COST_MIN..=SCRYPT_COST_MAX;
            if allowed.contains(&found) {
                Ok(())
            } else {
                Err(PemError::Cost { found })
            }
        }
        // The enum may grow; what it grows by has no bound here yet.
        other => Err(PemError::Encryption(other.to_alg_params_invalid())),
    }
}

/// The seed and, in a version 2 file, the public key beside it.
type Plain = (Zeroizing<[u8; 32]>, Option<[u8; 32]>);

fn parse_plain(der: &[u8]) -> Result<Plain, PemError> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(PemError::Pkcs8)?;
    if info.algorithm.oid != ED25519 {
        return Err(PemError::Algorithm {
            found: info.algorithm.oid,
        });
    }
    let seed = info
        .private_key
        .as_bytes()
        .strip_prefix(&SEED_PREFIX)
        .unwrap_or_default();
    if info.algorithm.parameters.is_some() || seed.len() != 32 {
        return Err(PemError::Seed);
    }
    let mut copy = Zeroizing::new([0; 32]);
    copy.copy_from_slice(seed);
    let public_key = match info.public_key {
        None => None,
        Some(bits) => {
            let bytes = bits.as_bytes().and_then(|bytes| bytes.try_into().ok());
            Some(bytes.ok_or(PemError::Seed)?)
        }
    };
    Ok((copy, public_key))
}

#[cfg(test)]
mod tests;
