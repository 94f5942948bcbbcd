//! Whom a verifier trusts: keys of logs, keys of witnesses, a quorum (C2SP tlog-policy, draft).
//!
//! ```text
//! log settle.example/log1+34576c8c+AQOhB7/z... https://settle.example/log
//! witness w1 witness.example/w1+20324abe+BCmsuuFB... https://witness.example
//! witness w2 ...
//! group both all w1 w2
//! quorum both
//! ```
//!
//! A name is defined before it is used, so groups cannot form a circle.

use alloc::string::String;
use alloc::vec::Vec;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::{CosignatureError, WitnessKey};
use crate::note::Note;
use crate::text::parse_decimal;
use crate::vkey::{VerifierKey, VerifierKeyError};

/// Largest policy that is read, in bytes.
pub const POLICY_BYTES_MAX: usize = 65_536;

/// A log of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// The key; its name is the origin.
    pub key: VerifierKey,
    /// Where the log is read, if the policy says so.
    pub url: Option<String>,
}

/// A witness of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// The name inside the policy.
    pub name: String,
    /// The key; its name stands in signature lines.
    pub key: WitnessKey,
    /// Where the witness is asked, if the policy says so.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Witness(usize),
    Group {
        threshold: usize,
        members: Vec<usize>,
    },
}

/// A policy as read from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// Names in the order of their definition: members stand before their group.
    rules: Vec<(String, Rule)>,
    quorum: Option<usize>,
}

/// A policy that cannot be read: the number of the line, from 1, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy line {line}: {fault}")]
pub struct PolicyError {
    /// Number of the line, from 1; that after the last line if something is missing.
    pub line: usize,
    /// What is wrong.
    pub fault: PolicyFault,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// More bytes than [`POLICY_BYTES_MAX`].
    #[error("a policy of {0} bytes is too long")]
    Length(usize),
    /// A control character other than tab and line feed.
    #[error("control character {0:?}")]
    Control(char),
    /// The first word is not a known one.
    #[error("{0:?} is not log, witness, group or quorum")]
    Keyword(String),
    /// Too few or too many words for this kind of line.
    #[error("a {0} line has another number of words")]
    Words(&'static str),
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] VerifierKeyError),
    /// The key stands in the policy already; one key under two names would count twice.
    #[error("key of {0:?} appears twice")]
    DuplicateKey(String),
    /// The name is taken, or is `none`.
    #[error("name {0:?} is taken")]
    DuplicateName(String),
    /// The name is not defined above.
    #[error("name {0:?} is not defined above")]
    Unknown(String),
    /// A group names a member twice.
    #[error("member {0:?} appears twice")]
    DuplicateMember(String),
    /// The threshold is not `all`, `any` or a number from 1 to that of the members.
    #[error("{0:?} is no threshold of this group")]
    Threshold(String),
    /// A second quorum line.
    #[error("a second quorum line")]
    SecondQuorum,
    /// No quorum line.
    #[error("no quorum line")]
    NoQuorum,
    /// No log line.
    #[error("no log line")]
    NoLog,
}

/// What a policy says of a checkpoint note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVerdict {
    /// The checkpoint, signed by a log of the policy.
    pub checkpoint: Checkpoint,
    /// The first log of the policy that signed it: index in [`Policy::logs`].
    pub log: usize,
    /// Witnesses whose cosignatures hold: index in [`Policy::witnesses`], time in seconds.
    pub cosigned: Vec<(usize, u64)>,
    /// Whether the cosignatures make up the quorum. Always true with `quorum none`: look at
    /// [`Policy::needs_witnesses`] before calling a checkpoint witnessed.
    pub quorum: bool,
}

/// A note that a policy refuses whatever its quorum is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyRefusal {
    /// Not a checkpoint of this log signed with a key of the policy.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A witness of the policy is named, and its cosignature does not hold.
    #[error("witness {name:?}: {error}")]
    Cosignature {
        /// The name inside the policy.
        name: String,
        /// Why the line is refused.
        error: CosignatureError,
    },
}

impl Policy {
    /// Reads a policy. Empty lines and lines whose first word begins with `#` are passed over.
    ///
    /// # Errors
    /// [`PolicyError`] with the first line that is wrong.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let mut policy = Policy {
            logs: Vec::new(),
            witnesses: Vec::new(),
            rules: Vec::new(),
            quorum: None,
        };
        let mut quorum_seen = false;
        let at = |line, fault| PolicyError { line, fault };
        if text.len() > POLICY_BYTES_MAX {
            return Err(at(1, PolicyFault::Length(text.len())));
        }
        let mut end = 1;
        for (number, line) in (1..).zip(text.split('\n')) {
            end = number;
            policy
                .line(line, &mut quorum_seen)
                .map_err(|fault| at(number, fault))?;
        }
        if policy.logs.is_empty() {
            return Err(at(end, PolicyFault::NoLog));
        }
        if !quorum_seen {
            return Err(at(end, PolicyFault::NoQuorum));
        }
        Ok(policy)
    }

    /// Returns the logs in the order of the text.
    #[must_use]
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// Returns the witnesses in the order of the text.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Tells whether the quorum needs a witness at all; false for `quorum none`.
    #[must_use]
    pub fn needs_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Tells whether the witnesses at these indexes make up the quorum.
    #[must_use]
    pub fn quorum_met(&self, witnesses: &[usize]) -> bool {
        let Some(quorum) = self.quorum else {
            return true;
        };
        let mut met: Vec<bool> = Vec::with_capacity(self.rules.len());
        for (_, rule) in &self.rules {
            let holds = match rule {
                Rule::Witness(index) => witnesses.contains(index),
                Rule::Group { threshold, members } => {
                    members.iter().filter(|member| met[**member]).count() >= *threshold
                }
            };
            met.push(holds);
        }
        met[quorum]
    }

    /// Checks a checkpoint note of the log `origin` against the policy.
    ///
    /// Lines of unknown keys are passed over; a line of a known key must hold.
    ///
    /// # Errors
    /// [`PolicyRefusal`] if no log key of the policy signed it or a known line does not hold. A
    /// quorum that is not met is no error but [`PolicyVerdict::quorum`].
    pub fn evaluate(&self, note: &Note, origin: &str) -> Result<PolicyVerdict, PolicyRefusal> {
        let keys: Vec<&VerifierKey> = self
            .logs
            .iter()
            .map(|log| &log.key)
            .filter(|key| key.name() == origin)
            .collect();
        let checkpoint = Checkpoint::from_note(note, origin, &keys)?;
        let signed = |key: &VerifierKey| note.signatures().iter().any(|line| line.is_by(key));
        let by = |log: &PolicyLog| log.key.name() == origin && signed(&log.key);
        let log = self.logs.iter().position(by).unwrap_or_default();
        let mut cosigned = Vec::new();
        for (index, witness) in self.witnesses.iter().enumerate() {
            let mut lines = note.signatures().iter();
            if let Some(line) = lines.find(|line| witness.key.signed(line)) {
                let time = witness.key.verify(note.text(), line).map_err(|error| {
                    PolicyRefusal::Cosignature {
                        name: witness.name.clone(),
                        error,
                    }
                })?;
                cosigned.push((index, time));
            }
        }
        let indexes: Vec<usize> = cosigned.iter().map(|(index, _)| *index).collect();
        Ok(PolicyVerdict {
            checkpoint,
            log,
            quorum: self.quorum_met(&indexes),
            cosigned,
        })
    }

    fn line(&mut self, line: &str, quorum_seen: &mut bool) -> Result<(), PolicyFault> {
        if let Some(control) = line.chars().find(|c| c.is_control() && *c != '\t') {
            return Err(PolicyFault::Control(control));
        }
        let words: Vec<&str> = line
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .collect();
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["log", ..] => Err(PolicyFault::Words("log")),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["witness", ..] => Err(PolicyFault::Words("witness")),
            ["group", name, threshold, ref members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["group", ..] => Err(PolicyFault::Words("group")),
            ["quorum", _] if *quorum_seen => Err(PolicyFault::SecondQuorum),
            ["quorum", name] => {
                *quorum_seen = true;
                if name != "none" {
                    self.quorum = Some(self.find(name)?);
                }
                Ok(())
            }
            ["quorum", ..] => Err(PolicyFault::Words("quorum")),
            [word, ..] => Err(PolicyFault::Keyword(word.into())),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), PolicyFault> {
        let key = VerifierKey::parse(key)?;
        if self.logs.iter().any(|log| log.key == key) {
            return Err(PolicyFault::DuplicateKey(key.name().into()));
        }
        let url = url.map(String::from);
        self.logs.push(PolicyLog { key, url });
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), PolicyFault> {
        let key = WitnessKey::parse(key)?;
        // The signed message does not name the cosigner: one key is one witness.
        let same = |other: &PolicyWitness| other.key.public_key() == key.public_key();
        if self.witnesses.iter().any(same) {
            return Err(PolicyFault::DuplicateKey(key.name().into()));
        }
        self.define(name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness {
            name: name.into(),
            key,
            url: url.map(String::from),
        });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, names: &[&str]) -> Result<(), PolicyFault> {
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            let found = self.find(member)?;
            if members.contains(&found) {
                return Err(PolicyFault::DuplicateMember((*member).into()));
            }
            members.push(found);
        }
        let count = match threshold {
            "all" => Some(members.len()),
            "any" => Some(1),
            number => parse_decimal(number).and_then(|number| usize::try_from(number).ok()),
        };
        let threshold = count
            .filter(|count| (1..=members.len()).contains(count))
            .ok_or_else(|| PolicyFault::Threshold(threshold.into()))?;
        self.define(name, Rule::Group { threshold, members })
    }

    fn define(&mut self, name: &str, rule: Rule) -> Result<(), PolicyFault> {
        if name == "none" || self.rules.iter().any(|(taken, _)| taken == name) {
            return Err(PolicyFault::DuplicateName(name.into()));
        }
        self.rules.push((name.into(), rule));
        Ok(())
    }

    fn find(&self, name: &str) -> Result<usize, PolicyFault> {
        self.rules
            .iter()
            .position(|(known, _)| known == name)
            .ok_or_else(|| PolicyFault::Unknown(name.into()))
    }
}
