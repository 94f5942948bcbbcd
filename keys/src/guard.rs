//! The one place that signs checkpoints: never two roots for one size, never backwards.
//!
//! ```text
//!               smaller size   same size, same root   same size, other root   larger size
//!   checkpoint  refused        signed again           refused                 signed, mark moves
//! ```
//!
//! A log that signs two histories has convicted itself: anybody who holds both checkpoints can
//! show it for ever (C2SP tlog-checkpoint). So the guard keeps the *mark*, the newest size and root
//! it has signed, and nothing else of the node holds the log's key.
//!
//! The guard remembers in memory only. Whoever starts it hands it the durable mark (DESIGN, "The
//! log": the head file or the last WAL frame, whichever is newer), and asks for a checkpoint only
//! after its size and root are durable. That a larger tree continues the smaller one is for the
//! tree's code to keep and for witnesses to check: two roots alone do not show it.

use std::fmt;

use chain::{Checkpoint, Hash, NoteError, Signer, VerifierKey, empty_root};
use thiserror::Error;

/// The newest size and root that were signed, or may have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The tree's size, in entries.
    pub size: u64,
    /// Its RFC 6962 root.
    pub root: Hash,
}

impl Mark {
    /// The mark of a log that has signed nothing yet: size 0 and the empty tree's root.
    pub fn empty() -> Mark {
        Mark {
            size: 0,
            root: empty_root(),
        }
    }
}

/// Why a checkpoint was not signed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The key is not the log's: its name must be the origin.
    #[error("expected a key named {expected} (the log's origin), found {found}")]
    KeyName {
        /// The log's origin.
        expected: String,
        /// The key's name.
        found: String,
    },
    /// The checkpoint is of another log.
    #[error("expected a checkpoint of {expected}, found one of {found}")]
    Origin {
        /// The guard's origin.
        expected: String,
        /// The checkpoint's origin.
        found: String,
    },
    /// The checkpoint is older than the mark: a restored backup, or a cloned node.
    #[error("never signs backwards: size {} was signed, asked for {found}", mark.size)]
    Backwards {
        /// What was signed last.
        mark: Mark,
        /// The size asked for.
        found: u64,
    },
    /// The checkpoint contradicts the mark: two histories of one log.
    #[error(
        "never signs two roots for one size: at size {} root {} was signed, asked for {found}",
        mark.size, mark.root
    )]
    OtherRoot {
        /// What was signed last.
        mark: Mark,
        /// The root asked for.
        found: Hash,
    },
    /// The log is to be signed with a key that is not at hand.
    #[error("the log's key {0} is not at hand")]
    NotHeld(String),
    /// The signer failed. The mark has moved all the same, for a signature may have got out.
    #[error("the log's key did not sign: {0}")]
    Signer(#[from] NoteError),
}

/// Holds the log's keys and signs what does not contradict what it signed before.
pub struct RootGuard {
    origin: String,
    /// Every key at hand.
    signers: Vec<Box<dyn Signer + Send + Sync>>,
    /// Which of them sign, in this order; never none.
    signing: Vec<usize>,
    mark: Mark,
}

impl RootGuard {
    /// Takes the log's signer and the durable mark to go on from.
    ///
    /// # Errors
    /// [`GuardError::KeyName`] unless the key is named like the log's origin.
    pub fn new(
        origin: &str,
        signer: Box<dyn Signer + Send + Sync>,
        mark: Mark,
    ) -> Result<RootGuard, GuardError> {
        let mut guard = RootGuard {
            origin: origin.into(),
            signers: Vec::new(),
            signing: vec![0],
            mark,
        };
        guard.hold(signer)?;
        Ok(guard)
    }

    /// Takes a further signer, which signs nothing before [`RootGuard::sign_with`] names it.
    ///
    /// # Errors
    /// [`GuardError::KeyName`] unless the key is named like the log's origin.
    pub fn hold(&mut self, signer: Box<dyn Signer + Send + Sync>) -> Result<(), GuardError> {
        let found = signer.verifier_key().name();
        if found != self.origin {
            return Err(GuardError::KeyName {
                expected: self.origin.clone(),
                found: found.into(),
            });
        }
        self.signers.push(signer);
        Ok(())
    }

    /// From now on exactly these keys sign.
    ///
    /// # Errors
    /// [`GuardError::NotHeld`] names the first that is not at hand; nothing changes then.
    pub fn sign_with(&mut self, keys: &[VerifierKey]) -> Result<(), GuardError> {
        let at = |key: &VerifierKey| {
            let found = self.signers.iter().position(|s| s.verifier_key() == key);
            found.ok_or_else(|| GuardError::NotHeld(key.to_string()))
        };
        let signing: Vec<usize> = keys.iter().map(at).collect::<Result<_, _>>()?;
        if signing.is_empty() {
            return Err(GuardError::NotHeld(self.origin.clone()));
        }
        self.signing = signing;
        Ok(())
    }

    /// The log's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Every key at hand.
    pub fn held(&self) -> Vec<VerifierKey> {
        let keys = self.signers.iter().map(|signer| signer.verifier_key());
        keys.cloned().collect()
    }

    /// The newest size and root signed, or given at the start.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Signs a checkpoint and returns the note's text, as `/log/checkpoint` serves it.
    ///
    /// # Errors
    /// [`GuardError::Origin`], [`GuardError::Backwards`] and [`GuardError::OtherRoot`] refuse, and
    /// leave the mark where it was; [`GuardError::Signer`] when the key fails.
    pub fn sign(&mut self, checkpoint: &Checkpoint) -> Result<String, GuardError> {
        self.check(checkpoint)?;
        // Before signing: a signer that reports a failure may still have let a signature out.
        self.mark = Mark {
            size: checkpoint.size,
            root: checkpoint.root,
        };
        let signers = self.signing.iter().filter_map(|at| self.signers.get(*at));
        let signers: Vec<&dyn Signer> = signers.map(|signer| &**signer as &dyn Signer).collect();
        let note = checkpoint.sign(&signers)?;
        Ok(note.to_string())
    }

    fn check(&self, checkpoint: &Checkpoint) -> Result<(), GuardError> {
        let (mark, origin) = (self.mark, self.origin());
        if checkpoint.origin != origin {
            let found = checkpoint.origin.clone();
            return Err(GuardError::Origin {
                expected: origin.into(),
                found,
            });
        }
        if checkpoint.size < mark.size {
            return Err(GuardError::Backwards {
                mark,
                found: checkpoint.size,
            });
        }
        if checkpoint.size == mark.size && checkpoint.root != mark.root {
            return Err(GuardError::OtherRoot {
                mark,
                found: checkpoint.root,
            });
        }
        Ok(())
    }
}

impl fmt::Debug for RootGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RootGuard")
            .field("origin", &self.origin())
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use chain::{Note, SignError};

    use super::*;
    use crate::SigningKey;

    const ORIGIN: &str = "settle.example/eu1";

    fn guard(mark: Mark) -> RootGuard {
        let key = SigningKey::from_seed(ORIGIN, [7; 32]).unwrap();
        RootGuard::new(ORIGIN, Box::new(key), mark).unwrap()
    }

    fn checkpoint(size: u64, root: u8) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: Hash::from_bytes([root; 32]),
        }
    }

    #[test]
    fn signs_what_a_stranger_can_check() {
        let mut guard = guard(Mark::empty());
        let text = guard.sign(&checkpoint(3, 1)).unwrap();
        let note = Note::parse(text.as_bytes()).unwrap();
        let read = Checkpoint::from_note(&note, ORIGIN, &[&guard.held()[0]]).unwrap();
        assert_eq!(read, checkpoint(3, 1));
        assert!(text.starts_with("settle.example/eu1\n3\n"), "{text}");
    }

    #[test]
    fn refuses_another_root_for_the_same_size() {
        let mut guard = guard(Mark::empty());
        let first = guard.sign(&checkpoint(3, 1)).unwrap();
        let error = guard.sign(&checkpoint(3, 2)).unwrap_err();
        assert!(matches!(error, GuardError::OtherRoot { .. }), "{error}");
        assert_eq!(
            guard.mark(),
            Mark {
                size: 3,
                root: Hash::from_bytes([1; 32])
            }
        );
        assert_eq!(guard.sign(&checkpoint(3, 1)).unwrap(), first);
    }

    #[test]
    fn refuses_to_go_backwards() {
        let mut guard = guard(Mark {
            size: 9,
            root: Hash::from_bytes([1; 32]),
        });
        for size in [0, 8] {
            let error = guard.sign(&checkpoint(size, 1)).unwrap_err();
            assert!(matches!(error, GuardError::Backwards { found, .. } if found == size));
        }
        guard.sign(&checkpoint(9, 1)).unwrap();
        guard.sign(&checkpoint(u64::MAX, 2)).unwrap();
        assert!(guard.sign(&checkpoint(9, 1)).is_err());
    }

    #[test]
    fn knows_the_root_of_the_empty_tree() {
        let mut guard = guard(Mark::empty());
        assert!(matches!(
            guard.sign(&checkpoint(0, 1)),
            Err(GuardError::OtherRoot { .. })
        ));
        let empty = Checkpoint {
            origin: ORIGIN.into(),
            size: 0,
            root: empty_root(),
        };
        guard.sign(&empty).unwrap();
    }

    #[test]
    fn refuses_another_log_and_another_key() {
        let mut guard = guard(Mark::empty());
        let other = Checkpoint {
            origin: "settle.example/eu2".into(),
            ..checkpoint(3, 1)
        };
        assert!(matches!(guard.sign(&other), Err(GuardError::Origin { .. })));
        assert_eq!(guard.mark(), Mark::empty());
        let key = SigningKey::from_seed("bank-a/hsm-1", [7; 32]).unwrap();
        let refused = RootGuard::new(ORIGIN, Box::new(key), Mark::empty());
        assert!(matches!(refused, Err(GuardError::KeyName { .. })));
    }

    #[test]
    fn a_failing_signer_still_moves_the_mark() {
        struct Broken(VerifierKey);
        impl Signer for Broken {
            fn verifier_key(&self) -> &VerifierKey {
                &self.0
            }
            fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignError> {
                Err(SignError::Unavailable {
                    id: self.0.id(),
                    cause: "unplugged",
                })
            }
        }
        let key = SigningKey::from_seed(ORIGIN, [7; 32]).unwrap();
        let broken = Broken(key.verifier_key().clone());
        let mut guard = RootGuard::new(ORIGIN, Box::new(broken), Mark::empty()).unwrap();
        assert!(matches!(
            guard.sign(&checkpoint(3, 1)),
            Err(GuardError::Signer(_))
        ));
        assert_eq!(guard.mark().size, 3);
        assert!(matches!(
            guard.sign(&checkpoint(3, 2)),
            Err(GuardError::OtherRoot { .. })
        ));
    }
}
