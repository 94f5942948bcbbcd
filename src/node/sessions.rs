//! Read sessions: a signed note in, a short-lived bearer token out. No shared secret is stored;
//! of a token only its SHA-256 is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding};
use chain::{Hash, Note};

use super::reader::Viewer;
use super::shared::{Shared, read};
use crate::config;
use crate::ledger::{ParticipantId, SECOND, Time};
use crate::limits::{SESSION_NOTE_AGE_S_MAX, SIGNATURES_MAX};
use crate::wire::SessionAnswer;

/// One participant has at most this part of the sessions: nobody shuts the others out.
const SHARES: usize = 8;

/// Why a session is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The note cannot be read, or speaks of another log.
    #[error("the session note cannot be read, or is made for another log")]
    Invalid,
    /// No registered, active key of the participant has signed it.
    #[error("no active key of the participant has signed the session note")]
    Signature,
    /// The note's time is too far from the node's.
    #[error("the session note's time is more than {SESSION_NOTE_AGE_S_MAX} s from the node's")]
    Expired,
    /// The nonce was used before.
    #[error("the session note's nonce was used before")]
    NonceReused,
    /// As many sessions are open as may be, or as many of this participant's.
    #[error("as many sessions are open as may be")]
    Full,
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

#[derive(Default)]
struct Open {
    /// SHA-256 of a token to its session.
    tokens: HashMap<Hash, Session>,
    /// Nonces seen, with the time from which they may be forgotten.
    nonces: HashMap<[u8; 16], u64>,
}

struct Session {
    participant: ParticipantId,
    /// The session ends with the key that opened it.
    key_name: String,
    key_id: u32,
    expires: u64,
}

/// The open sessions of a node.
pub struct Sessions {
    shared: Arc<Shared>,
    ttl: u64,
    max: usize,
    open: Mutex<Open>,
}

impl Sessions {
    pub(super) fn new(shared: &Arc<Shared>, config: &config::Sessions) -> Self {
        Self {
            shared: Arc::clone(shared),
            ttl: u64::try_from(config.ttl.as_nanos()).unwrap_or(u64::MAX),
            max: config.max,
            open: Mutex::default(),
        }
    }

    /// Opens a session from a signed note.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn open(&self, note: &[u8]) -> Result<SessionAnswer, SessionError> {
        let note = Note::parse(note).map_err(|_| SessionError::Invalid)?;
        let asked =
            chain::statement::parse_session(note.text()).map_err(|_| SessionError::Invalid)?;
        let shared = &self.shared;
        if asked.origin != shared.origin || asked.genesis != shared.genesis_hash {
            return Err(SessionError::Invalid);
        }
        let participant: ParticipantId = asked
            .participant
            .parse()
            .map_err(|_| SessionError::Invalid)?;
        let time: Time = asked.time.parse().map_err(|_| SessionError::Invalid)?;
        let (key_name, key_id) = self.signer(&note, &participant)?;
        let now = shared.clock.now_ns();
        let age = SESSION_NOTE_AGE_S_MAX * SECOND;
        if now.abs_diff(time.nanos()) > age {
            return Err(SessionError::Expired);
        }
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).map_err(|_| SessionError::Random)?;
        let token = format!("qs_{}", Base64UrlUnpadded::encode_string(&random));

        let mut open = self.lock();
        open.nonces.retain(|_, until| *until >= now);
        open.tokens.retain(|_, session| session.expires > now);
        let mine = open.tokens.values();
        let mine = mine.filter(|s| s.participant == participant).count();
        if mine >= self.max.div_ceil(SHARES)
            || open.tokens.len() >= self.max
            || open.nonces.len() >= self.max.saturating_mul(4)
        {
            return Err(SessionError::Full);
        }
        // A note is good until its time plus the age: its nonce is remembered that long.
        let until = time.nanos().saturating_add(age);
        if open.nonces.insert(asked.nonce, until).is_some() {
            return Err(SessionError::NonceReused);
        }
        let expires = now.saturating_add(self.ttl);
        let session = Session {
            participant,
            key_name,
            key_id,
            expires,
        };
        open.tokens.insert(Hash::sha256(token.as_bytes()), session);
        Ok(SessionAnswer {
            token,
            expires_at: Time::from_nanos(expires),
        })
    }

    /// The first signature by an active key of the participant; every signature by a key that is
    /// known must be good.
    fn signer(
        &self,
        note: &Note,
        participant: &ParticipantId,
    ) -> Result<(String, u32), SessionError> {
        let keys = self.shared.keys.load();
        let mut signer = None;
        if note.signatures().len() > SIGNATURES_MAX {
            return Err(SessionError::Invalid);
        }
        for signature in note.signatures() {
            if !participant.owns_key_name(signature.name()) {
                continue;
            }
            let id = signature.id().get();
            let Some(known) = keys.find(signature.name(), id) else {
                continue;
            };
            if known.revoked.is_some() || signature.verify(note.text(), &known.key).is_err() {
                return Err(SessionError::Signature);
            }
            signer = signer.or_else(|| Some((signature.name().to_string(), id)));
        }
        signer.ok_or(SessionError::Signature)
    }

    /// Who holds a token; `None` if it is not known, expired, or its key was revoked meanwhile.
    #[must_use]
    pub fn viewer(&self, token: &str) -> Option<Viewer> {
        let now = self.shared.clock.now_ns();
        let open = self.lock();
        let session = open.tokens.get(&Hash::sha256(token.as_bytes()))?;
        if session.expires <= now {
            return None;
        }
        let keys = self.shared.keys.load();
        keys.find(&session.key_name, session.key_id)
            .filter(|known| known.revoked.is_none())?;
        let at = read(&self.shared.book);
        let participant = at.book.participant(&session.participant)?;
        Some(Viewer {
            number: participant.number,
            id: participant.id.clone(),
            role: participant.role,
            behind: Viewer::behind(&at.book, participant.number),
            expires_at: Time::from_nanos(session.expires),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
