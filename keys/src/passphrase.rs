//! Passphrases: where they come from, and that they are wiped.

use std::env::{self, VarError};
use std::fmt;
use std::io::{self, IsTerminal};
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::disk::{Audience, FileError, create_text, read_text};

/// Why there is no passphrase.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// A passphrase of no characters protects nothing.
    #[error("the passphrase is empty")]
    Empty,
    /// Longer than anybody types.
    #[error("expected a passphrase of at most {} bytes", Passphrase::LEN_MAX)]
    TooLong,
    /// A line break, tab or the like: other tools would read another passphrase.
    #[error("the passphrase contains a control character or a second line")]
    ControlCharacter,
    /// The file that holds it.
    #[error("passphrase file {0}")]
    File(#[from] FileError),
    /// The environment variable is not set.
    #[error("the environment variable {variable} is not set")]
    NotSet {
        /// The variable's name.
        variable: String,
    },
    /// The environment variable is not UTF-8.
    #[error("the environment variable {variable} is not UTF-8")]
    NotUtf8 {
        /// The variable's name.
        variable: String,
    },
    /// Nobody is there to be asked.
    #[error("no terminal to ask for the passphrase on; name a file or an environment variable")]
    NoTerminal,
    /// The terminal failed, or the person at it gave up.
    #[error("cannot read the passphrase: {0}")]
    Prompt(io::Error),
    /// The two passphrases typed are not the same.
    #[error("the two passphrases differ")]
    Differ,
    /// The system has no random bytes to give.
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// What opens a key file: 1 to 1,024 bytes of UTF-8 without control characters.
///
/// Wiped when dropped; shown by nothing.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The longest passphrase, in bytes.
    pub const LEN_MAX: usize = 1024;

    /// Copies a passphrase. The caller's own copy is the caller's to wipe.
    ///
    /// # Errors
    /// [`PassphraseError::Empty`], [`PassphraseError::TooLong`] or
    /// [`PassphraseError::ControlCharacter`].
    pub fn new(text: &str) -> Result<Passphrase, PassphraseError> {
        if text.is_empty() {
            return Err(PassphraseError::Empty);
        }
        if text.len() > Passphrase::LEN_MAX {
            return Err(PassphraseError::TooLong);
        }
        if text.contains(char::is_control) {
            return Err(PassphraseError::ControlCharacter);
        }
        Ok(Passphrase(Zeroizing::new(text.to_owned())))
    }

    /// Reads a passphrase from a file of one line; the line break at its end is not part of it.
    ///
    /// # Errors
    /// [`FileError::Permissions`] when group or others have any right to the file, and those of
    /// [`Passphrase::new`].
    pub fn from_file(path: &Path) -> Result<Passphrase, PassphraseError> {
        let text = read_text(path, Audience::Owner, Passphrase::LEN_MAX as u64 + 2)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Passphrase::new(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Reads a passphrase from an environment variable. Other processes of the same user can see
    /// it there: a file is the better place.
    ///
    /// # Errors
    /// [`PassphraseError::NotSet`], [`PassphraseError::NotUtf8`] and those of [`Passphrase::new`].
    pub fn from_env(variable: &str) -> Result<Passphrase, PassphraseError> {
        match env::var(variable).map(Zeroizing::new) {
            Ok(text) => Passphrase::new(&text),
            Err(VarError::NotPresent) => Err(PassphraseError::NotSet {
                variable: variable.to_owned(),
            }),
            Err(VarError::NotUnicode(_)) => Err(PassphraseError::NotUtf8 {
                variable: variable.to_owned(),
            }),
        }
    }

    /// Asks for a passphrase on the terminal, without showing what is typed.
    ///
    /// # Errors
    /// [`PassphraseError::NoTerminal`] when standard input is not a terminal: a script must not
    /// hang on a question nobody sees.
    pub fn prompt(question: &str) -> Result<Passphrase, PassphraseError> {
        Passphrase::new(&ask(question)?)
    }

    /// Asks twice, for a key that is about to be written.
    ///
    /// # Errors
    /// [`PassphraseError::Differ`] and those of [`Passphrase::prompt`].
    pub fn prompt_twice(question: &str, again: &str) -> Result<Passphrase, PassphraseError> {
        let first = Passphrase::prompt(question)?;
        if *ask(again)? == *first.0 {
            Ok(first)
        } else {
            Err(PassphraseError::Differ)
        }
    }

    /// Draws a passphrase of 192 random bits (32 characters), for sandboxes and machines.
    ///
    /// # Errors
    /// [`PassphraseError::Random`] when the system has no random bytes.
    pub fn generate() -> Result<Passphrase, PassphraseError> {
        let mut bytes = Zeroizing::new([0; 24]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(Passphrase(Zeroizing::new(
            Base64UrlUnpadded::encode_string(bytes.as_slice()),
        )))
    }

    /// Writes the passphrase to a new file of mode 0600, as [`Passphrase::from_file`] reads it.
    ///
    /// # Errors
    /// [`FileError::Exists`] when there is such a file.
    pub fn write_file(&self, path: &Path) -> Result<(), PassphraseError> {
        // `format!` would grow its buffer and leave a copy behind.
        let mut line = Zeroizing::new(String::with_capacity(self.0.len() + 1));
        line.push_str(&self.0);
        line.push('\n');
        Ok(create_text(path, Audience::Owner, &line)?)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(...)")
    }
}

fn ask(question: &str) -> Result<Zeroizing<String>, PassphraseError> {
    if !io::stdin().is_terminal() {
        return Err(PassphraseError::NoTerminal);
    }
    let answer = rpassword::prompt_password(question).map_err(PassphraseError::Prompt)?;
    Ok(Zeroizing::new(answer))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn read(content: &str) -> Result<Passphrase, PassphraseError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        create_text(&path, Audience::Owner, content).unwrap();
        Passphrase::from_file(&path)
    }

    #[test]
    fn reads_one_line() {
        for content in ["correct horse", "correct horse\n", "correct horse\r\n"] {
            assert_eq!(read(content).unwrap().as_bytes(), b"correct horse");
        }
        assert_eq!(
            read(" \u{e9} \n").unwrap().as_bytes(),
            " \u{e9} ".as_bytes()
        );
    }

    #[test]
    fn refuses_what_other_tools_would_read_otherwise() {
        for content in ["", "\n", "\r\n"] {
            assert!(
                matches!(read(content), Err(PassphraseError::Empty)),
                "{content:?}"
            );
        }
        for content in ["one\ntwo\n", "one\n\n", "a\tb", "a\0"] {
            let refused = matches!(read(content), Err(PassphraseError::ControlCharacter));
            assert!(refused, "{content:?}");
        }
        assert!(read(&"x".repeat(1024)).is_ok());
        assert!(matches!(
            read(&"x".repeat(1025)),
            Err(PassphraseError::TooLong)
        ));
        let error = read(&"x".repeat(1027)).unwrap_err();
        assert!(
            matches!(error, PassphraseError::File(FileError::TooLong { .. })),
            "{error}"
        );
    }

    #[test]
    fn refuses_a_file_that_others_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        Passphrase::generate().unwrap().write_file(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = Passphrase::from_file(&path).unwrap_err().to_string();
        assert!(error.contains("found 0640"), "{error}");
    }

    #[test]
    fn generates_what_a_file_gives_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        let passphrase = Passphrase::generate().unwrap();
        assert_eq!(passphrase.as_bytes().len(), 32);
        assert_ne!(
            passphrase.as_bytes(),
            Passphrase::generate().unwrap().as_bytes()
        );
        passphrase.write_file(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        assert_eq!(
            Passphrase::from_file(&path).unwrap().as_bytes(),
            passphrase.as_bytes()
        );
        assert!(passphrase.write_file(&path).is_err());
    }

    #[test]
    fn reads_an_environment_variable() {
        // Setting one is unsafe; cargo sets this one for every test.
        let passphrase = Passphrase::from_env("CARGO_PKG_NAME").unwrap();
        assert_eq!(passphrase.as_bytes(), b"quittance-keys");
        let error = Passphrase::from_env("QUITTANCE_NOT_SET_BY_ANYBODY").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("QUITTANCE_NOT_SET_BY_ANYBODY is not set"),
            "{error}"
        );
    }

    #[test]
    fn does_not_ask_where_nobody_answers() {
        // Run by hand, this test has a terminal, and must not wait for it.
        if !io::stdin().is_terminal() {
            assert!(matches!(
                Passphrase::prompt("?"),
                Err(PassphraseError::NoTerminal)
            ));
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let passphrase = Passphrase::new("throw-away").unwrap();
        assert_eq!(
            format!("{passphrase:?} {passphrase:#?}"),
            "Passphrase(...) Passphrase(...)"
        );
    }
}
