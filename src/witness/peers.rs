//! One round of asking all witnesses of a policy for their cosignatures of one checkpoint.
//!
//! Every question runs on a thread of its own and is dropped at the end of the round's time, so
//! that one slow witness holds up nobody. A witness that fails is left alone for 1, 2, 4 and at
//! last 32 rounds.

use std::collections::BTreeMap;
use std::time::Duration;

use chain::{
    AddCheckpoint, Checkpoint, CosignatureError, Nodes, Note, NoteSignature, Policy, WitnessKey,
    consistency_proof,
};
use crossbeam_channel::{Receiver, Sender, after, never, select, unbounded};

use super::ask::{Answer, AskError, WitnessClient};
use super::seen::Seen;
use crate::client::{ClientError, Trust};

/// Rounds that a witness is left alone at most.
const PAUSE_MAX: u32 = 32;

/// The witnesses that a log asks, with what is known of each.
#[derive(Debug)]
pub struct Peers {
    policy: Policy,
    origin: String,
    peers: Vec<Peer>,
    timeout: Duration,
    /// Hangs up when nobody waits for answers any more.
    stop: Receiver<()>,
}

#[derive(Debug)]
struct Peer {
    /// Number in the policy.
    index: usize,
    name: String,
    key: WitnessKey,
    client: WitnessClient,
    /// The size that it remembers, as far as is known.
    recorded: u64,
    /// Rounds in a row that failed.
    failures: u32,
    /// Rounds that it is left alone.
    pause: u32,
}

/// Why a witness gave no cosignature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerFault {
    /// No answer, or one that cannot be read.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// 404: it was not told of this log.
    #[error("it does not know this log (404): give it the log's vkey")]
    Unknown,
    /// 403: it trusts another key.
    #[error("it does not trust the log's key (403): {0}")]
    Untrusted(String),
    /// 409 with a larger size than the log's: a hint, no evidence.
    #[error("it remembers {0} entries, more than there are")]
    Ahead(u64),
    /// 422: what it remembers does not lead to this checkpoint.
    #[error("the checkpoint does not continue the one it remembers (422): {0}")]
    Inconsistent(String),
    /// Another status.
    #[error("status {0}: {1}")]
    Status(u16, String),
    /// Its cosignature does not hold.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// No line of its answer is by its key.
    #[error("no line of its answer is by the key in the policy")]
    NoLine,
}

impl PeerFault {
    /// Whether the witness may hold something that this log cannot explain.
    #[must_use]
    pub const fn is_suspicious(&self) -> bool {
        matches!(self, Self::Ahead(_) | Self::Inconsistent(_))
    }
}

/// What came of a round.
#[derive(Debug)]
pub struct Round {
    /// The checkpoint with the log's lines and the cosignatures that hold.
    pub note: Note,
    /// Names of the witnesses that cosigned, with the time of each in seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// Whether they make up the quorum; never with a policy that needs no witness.
    pub quorum: bool,
    /// Witnesses that did not, by name.
    pub faults: Vec<(String, PeerFault)>,
}

impl Peers {
    /// The witnesses of a policy that have an address there.
    ///
    /// # Errors
    /// [`ClientError`] if an address or a file for TLS cannot be used.
    pub fn new(
        policy: Policy,
        origin: &str,
        trust: &Trust,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        let mut peers = Vec::new();
        for (index, witness) in policy.witnesses().iter().enumerate() {
            let Some(url) = &witness.url else {
                continue;
            };
            peers.push(Peer {
                index,
                name: witness.name.clone(),
                key: witness.key.clone(),
                client: WitnessClient::new(url, trust, timeout)?,
                recorded: 0,
                failures: 0,
                pause: 0,
            });
        }
        Ok(Self {
            policy,
            origin: origin.to_owned(),
            peers,
            timeout,
            stop: never(),
        })
    }

    /// From now on whoever waits for answers goes on as soon as `stop` hangs up.
    pub fn until(&mut self, stop: Receiver<()>) {
        self.stop = stop;
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Origin of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Names of the witnesses that are asked.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.peers.iter().map(|peer| peer.name.as_str())
    }

    /// Asks everybody for the newest checkpoint that they cosigned. Those who do not answer in time
    /// are named in the second list.
    #[must_use]
    pub fn seen(&self) -> (Vec<Seen>, Vec<(String, AskError)>) {
        let everybody: Vec<usize> = (0..self.peers.len()).collect();
        let origin = self.origin.clone();
        let answers = self.ask(&everybody, move |_, client| client.newest(&origin));
        let (mut seen, mut silent) = (Vec::new(), Vec::new());
        for at in everybody {
            let peer = &self.peers[at];
            match answers.get(&at) {
                Some(Ok(None)) => {}
                Some(Ok(Some(note))) => {
                    let (origin, policy) = (&self.origin, &self.policy);
                    match Seen::verified(note, origin, policy, &peer.name, &peer.key) {
                        Some(found) => seen.push(found),
                        None => silent.push((peer.name.clone(), unsigned())),
                    }
                }
                Some(Err(error)) => silent.push((peer.name.clone(), error.clone())),
                None => silent.push((peer.name.clone(), too_late())),
            }
        }
        (seen, silent)
    }

    /// Asks those who are not left alone to cosign `note`, a checkpoint of this log.
    pub fn round(&mut self, nodes: &impl Nodes, checkpoint: &Checkpoint, note: &Note) -> Round {
        let mut asked = Vec::new();
        for (at, peer) in self.peers.iter_mut().enumerate() {
            match peer.pause.checked_sub(1) {
                Some(less) => peer.pause = less,
                None => asked.push(at),
            }
        }
        let mut outcomes: BTreeMap<usize, Result<NoteSignature, PeerFault>> = BTreeMap::new();
        // Twice at most: a witness that remembers another size says so, and is asked from there.
        for _ in 0..2 {
            let again = self.ask_round(&asked, nodes, checkpoint, note, &mut outcomes);
            if again.is_empty() {
                break;
            }
            asked = again;
        }
        self.conclude(note, checkpoint.size, outcomes)
    }

    /// Asks once; gives back those who are to be asked again, from the size that they remember.
    fn ask_round(
        &mut self,
        asked: &[usize],
        nodes: &impl Nodes,
        checkpoint: &Checkpoint,
        note: &Note,
        outcomes: &mut BTreeMap<usize, Result<NoteSignature, PeerFault>>,
    ) -> Vec<usize> {
        let size = checkpoint.size;
        let mut bodies = BTreeMap::new();
        for &at in asked {
            let old = self.peers[at].recorded;
            match consistency_proof(nodes, old, size) {
                Ok(proof) => {
                    let checkpoint = note.clone();
                    let body = AddCheckpoint {
                        old,
                        proof,
                        checkpoint,
                    };
                    bodies.insert(at, body.to_string());
                }
                Err(error) => {
                    let fault = PeerFault::Ask(AskError::Answer(error.to_string()));
                    outcomes.insert(at, Err(fault));
                }
            }
        }
        let asked: Vec<usize> = bodies.keys().copied().collect();
        let answers = self.ask(&asked, move |at, client| {
            client.add_checkpoint(bodies.get(&at).map_or("", String::as_str))
        });
        let mut again = Vec::new();
        for at in asked {
            let peer = &mut self.peers[at];
            let outcome = match answers.get(&at) {
                None => Err(too_late().into()),
                Some(Err(error)) => Err(error.clone().into()),
                Some(Ok(Answer::Conflict(recorded))) if *recorded <= size => {
                    let moved = *recorded != peer.recorded;
                    peer.recorded = *recorded;
                    if moved {
                        again.push(at);
                    }
                    Err(PeerFault::Status(409, "asked again".to_owned()))
                }
                Some(Ok(Answer::Conflict(recorded))) => Err(PeerFault::Ahead(*recorded)),
                Some(Ok(Answer::Cosigned(lines))) => line_of(&peer.key, note.text(), lines),
                Some(Ok(Answer::Refused(status, why))) => Err(refused(*status, why)),
            };
            outcomes.insert(at, outcome);
        }
        again
    }

    fn conclude(
        &mut self,
        note: &Note,
        size: u64,
        outcomes: BTreeMap<usize, Result<NoteSignature, PeerFault>>,
    ) -> Round {
        let mut lines = note.signatures().to_vec();
        let (mut cosigned, mut indexes, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (at, outcome) in outcomes {
            let peer = &mut self.peers[at];
            match outcome {
                Ok(line) => {
                    (peer.failures, peer.recorded) = (0, size);
                    let time = peer.key.verify(note.text(), &line).unwrap_or_default();
                    cosigned.push((peer.name.clone(), time));
                    indexes.push(peer.index);
                    lines.push(line);
                }
                Err(fault) => {
                    peer.pause = 1u32.checked_shl(peer.failures).unwrap_or(PAUSE_MAX);
                    peer.pause = peer.pause.min(PAUSE_MAX);
                    // The first failure may be an accident: asked again in the next round.
                    if peer.failures == 0 {
                        peer.pause = 0;
                    }
                    peer.failures = peer.failures.saturating_add(1);
                    faults.push((peer.name.clone(), fault));
                }
            }
        }
        let quorum = self.policy.needs_witnesses() && self.policy.quorum_met(&indexes);
        let whole = Note::new(note.text(), lines);
        Round {
            note: whole.unwrap_or_else(|_| note.clone()),
            cosigned,
            quorum,
            faults,
        }
    }

    /// Puts a question to some peers at once, and waits for the answers until the time is up.
    fn ask<T: Send + 'static>(
        &self,
        asked: &[usize],
        question: impl Fn(usize, &WitnessClient) -> Result<T, AskError> + Send + Sync + 'static,
    ) -> BTreeMap<usize, Result<T, AskError>> {
        let question = std::sync::Arc::new(question);
        let (answers, answered): (Sender<_>, Receiver<_>) = unbounded();
        let mut waiting = 0;
        for &at in asked {
            let (question, answers) = (std::sync::Arc::clone(&question), answers.clone());
            let client = self.peers[at].client.clone();
            let thread = std::thread::Builder::new().name("witness".to_owned());
            let spawned = thread.spawn(move || {
                // Whoever asked may have gone on without.
                let _ = answers.send((at, question(at, &client)));
            });
            waiting += usize::from(spawned.is_ok());
        }
        drop(answers);
        let end = after(self.timeout + self.timeout / 4);
        let mut found = BTreeMap::new();
        while found.len() < waiting {
            select! {
                recv(answered) -> answer => match answer {
                    Ok((at, answer)) => found.insert(at, answer),
                    Err(_) => break,
                },
                recv(end) -> _ => break,
                recv(self.stop) -> _ => break,
            };
        }
        found
    }
}

fn too_late() -> AskError {
    AskError::Transport("no answer in time".to_owned())
}

fn unsigned() -> AskError {
    AskError::Answer("its checkpoint lacks a signature that holds".to_owned())
}

fn refused(status: u16, why: &str) -> PeerFault {
    let why = why.to_owned();
    match status {
        403 => PeerFault::Untrusted(why),
        404 => PeerFault::Unknown,
        422 => PeerFault::Inconsistent(why),
        status => PeerFault::Status(status, why),
    }
}

/// The line by this key among those of an answer, verified.
fn line_of(key: &WitnessKey, text: &str, lines: &str) -> Result<NoteSignature, PeerFault> {
    for line in lines.split_inclusive('\n') {
        let Ok(line) = NoteSignature::parse_line(line) else {
            continue;
        };
        if key.signed(&line) {
            key.verify(text, &line)?;
            return Ok(line);
        }
    }
    Err(PeerFault::NoLine)
}
