//! What witnesses have seen of a log, held against what the log says of itself.

use chain::{Checkpoint, Hash, Nodes, Note, Policy, WitnessKey, root_at};

/// A checkpoint of the log that a witness has cosigned; both signatures hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The witness's name in the policy.
    pub witness: String,
    /// What the log signed.
    pub checkpoint: Checkpoint,
    /// When the witness signed, in seconds since 1970.
    pub time: u64,
}

/// The log is not what it signed before: a restored backup, a lost tail, a clone, a fork.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// More was signed than is there.
    #[error(
        "{witness} holds a checkpoint of {seen} entries with the signature of this log, and here are {size}"
    )]
    Ahead {
        /// Who holds it.
        witness: String,
        /// Entries that it speaks of.
        seen: u64,
        /// Entries here.
        size: u64,
    },
    /// Another root was signed for a size that the log has passed.
    #[error(
        "{witness} holds a checkpoint with root {seen} at size {size} and the signature of this log, and here that root is {found}"
    )]
    Fork {
        /// Who holds it.
        witness: String,
        /// The size in question.
        size: u64,
        /// The root that was signed.
        seen: Hash,
        /// The root here.
        found: Hash,
    },
}

impl Seen {
    /// Takes a note for what it claims to be: a checkpoint of `origin` by a log key of the policy,
    /// cosigned by this witness. Nothing else is evidence.
    #[must_use]
    pub fn verified(
        note: &Note,
        origin: &str,
        policy: &Policy,
        witness: &str,
        key: &WitnessKey,
    ) -> Option<Self> {
        let logs = policy.logs().iter().map(|log| &log.key);
        let keys: Vec<_> = logs.filter(|key| key.name() == origin).collect();
        let checkpoint = Checkpoint::from_note(note, origin, &keys).ok()?;
        let line = note.signatures().iter().find(|line| key.signed(line))?;
        let time = key.verify(note.text(), line).ok()?;
        Some(Self {
            witness: witness.to_owned(),
            checkpoint,
            time,
        })
    }

    /// Holds it against the log as it is: `size` entries, of which `nodes` are known.
    ///
    /// # Errors
    /// [`Contradiction`]: nothing may be signed.
    pub fn compare(&self, nodes: &impl Nodes, size: u64) -> Result<(), Contradiction> {
        let (seen, root) = (self.checkpoint.size, self.checkpoint.root);
        let witness = format!("witness {}", self.witness);
        if seen > size {
            return Err(Contradiction::Ahead {
                witness,
                seen,
                size,
            });
        }
        match root_at(nodes, seen) {
            Some(found) if found != root => Err(Contradiction::Fork {
                witness,
                size: seen,
                seen: root,
                found,
            }),
            // A node that is missing is found and told by those who read the tiles.
            _ => Ok(()),
        }
    }
}
