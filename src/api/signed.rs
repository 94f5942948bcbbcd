//! Signed requests: the statement is rebuilt from what was sent, and every signature over it holds
//! before a byte of the body is parsed.
//!
//! ```text
//!  headers ──▶ submitter, content type, signatures ──▶ known, active keys
//!  body ──SHA-256──▶ statement ──verify, one by one──▶ Signed
//! ```

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};
use chain::statement::{Purpose, submission_text};
use chain::{Hash, NoteSignature};

use super::access;
use super::body;
use super::budget::Share;
use super::failure::Failure;
use super::guard;
use super::lines::Line;
use super::state::State;
use crate::ledger::{BATCH_CONTENT_TYPE, ParticipantId, Signature};
use crate::limits::{SIGNATURE_HEADER_BYTES_MAX, SIGNATURES_MAX};
use crate::node::{KeyTable, KnownKey};
use crate::wire::ErrorCode;

const SUBMITTER: &str = "quittance-submitter";
const SIGNATURE: &str = "quittance-signature";

/// The content type of a JSON body, as it is signed.
pub(super) const JSON: &str = "application/json";

/// A body that was signed for this route's purpose by keys that are registered and active. Whether
/// they are *enough* is for the ledger to say, at the very index.
pub(super) struct Signed<P: Purposed> {
    /// The node and the door's limits.
    pub(super) state: web::Data<State>,
    /// Who submits.
    pub(super) submitter: ParticipantId,
    /// Content type of the body, without parameters.
    pub(super) content_type: &'static str,
    /// SHA-256 of the exact body bytes.
    pub(super) body_hash: Hash,
    /// The signatures; all of them hold.
    pub(super) signatures: Vec<Signature>,
    /// The exact body bytes.
    pub(super) body: Vec<u8>,
    /// What the body takes of the bytes in flight: for as long as it is handled.
    pub(super) share: Share,
    purpose: PhantomData<P>,
}

/// What the signatures on a route are for.
pub(super) trait Purposed: 'static {
    /// It decides the statement's first line.
    const PURPOSE: Purpose;
}

/// To be executed and logged.
pub(super) enum ForReal {}

/// To be tried.
pub(super) enum ForTrial {}

impl Purposed for ForReal {
    const PURPOSE: Purpose = Purpose::Submission;
}

impl Purposed for ForTrial {
    const PURPOSE: Purpose = Purpose::DryRun;
}

impl<P: Purposed> FromRequest for Signed<P> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Signed<P>, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(verify(request, payload))
    }
}

async fn verify<P: Purposed>(request: HttpRequest, payload: Payload) -> Result<Signed<P>, Failure> {
    let state = access::state(&request)?;
    let line = request.conn_data::<Arc<Line>>().cloned();
    guard::not_blocked(&state, request.version(), line.as_deref()).await?;
    let result = verify_all(state.clone(), request, payload).await;
    guard::judged(&state, line.as_deref(), &result);
    let signed = result?;
    guard::within_rate(&state, &signed.submitter)?;
    Ok(signed)
}

async fn verify_all<P: Purposed>(
    state: web::Data<State>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Signed<P>, Failure> {
    let headers = request.headers();
    let submitter = submitter(headers)?;
    let content_type = match body::content_type(&request)? {
        Some(essence) if essence.eq_ignore_ascii_case(JSON) => JSON,
        Some(essence) if essence.eq_ignore_ascii_case(BATCH_CONTENT_TYPE) => BATCH_CONTENT_TYPE,
        _ => return Err(Failure::plain(ErrorCode::ContentTypeUnsupported)),
    };
    let claims = claims(headers)?;
    let table = state.node.keys();
    let keys = keys(&table, &claims)?;

    let (max, time) = (state.body_bytes_max, state.body_timeout);
    let mut share = state.bodies.share();
    let body = body::collect(&request, payload, max, time, &mut share).await?;
    let body_hash = Hash::sha256(&body);
    let (node, name) = (&state.node, submitter.as_str());
    let genesis = node.genesis_hash();
    let text = submission_text(
        P::PURPOSE,
        node.origin(),
        &genesis,
        name,
        content_type,
        &body_hash,
    );
    let signatures = signatures(claims, &keys, text.as_bytes(), node.verifies())?;
    Ok(Signed {
        state,
        submitter,
        content_type,
        body_hash,
        signatures,
        body,
        share,
        purpose: PhantomData,
    })
}

fn submitter(headers: &HeaderMap) -> Result<ParticipantId, Failure> {
    let value = access::single(headers, SUBMITTER)?;
    let value = value.ok_or_else(|| Failure::plain(ErrorCode::SubmitterMissing))?;
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.ok_or_else(|| Failure::plain(ErrorCode::SubmitterMalformed))
}

/// Reads the signature lines; nothing is believed yet.
fn claims(headers: &HeaderMap) -> Result<Vec<NoteSignature>, Failure> {
    let mut claims: Vec<NoteSignature> = Vec::with_capacity(1);
    for value in headers.get_all(SIGNATURE) {
        if claims.len() == SIGNATURES_MAX {
            return Err(Failure::plain(ErrorCode::SignaturesTooMany));
        }
        let text = value.to_str().ok();
        let text = text.filter(|text| text.len() <= SIGNATURE_HEADER_BYTES_MAX);
        let claim = text.and_then(|text| NoteSignature::parse_header(text).ok());
        let claim = claim.filter(|claim| claim.signature().len() == 64);
        let claim = claim.ok_or_else(|| Failure::plain(ErrorCode::SignatureMalformed))?;
        if claims
            .iter()
            .any(|c| c.id() == claim.id() && c.name() == claim.name())
        {
            let detail = format!("two signatures are by key {} {}", claim.name(), claim.id());
            return Err(Failure::new(ErrorCode::SignatureDuplicate, detail));
        }
        claims.push(claim);
    }
    match claims.is_empty() {
        true => Err(Failure::plain(ErrorCode::SignatureMissing)),
        false => Ok(claims),
    }
}

/// Finds the key of each signature line. A revoked one is refused here to save the work; the
/// ledger looks again, at the very index.
fn keys<'t>(table: &'t KeyTable, claims: &[NoteSignature]) -> Result<Vec<&'t KnownKey>, Failure> {
    let find = |claim: &NoteSignature| {
        let about = |code| Failure::new(code, format!("key {} {}", claim.name(), claim.id()));
        match table.find(claim.name(), claim.id().get()) {
            None => Err(about(ErrorCode::KeyUnknown)),
            Some(known) if known.revoked.is_some() => Err(about(ErrorCode::KeyRevoked)),
            Some(known) => Ok(known),
        }
    };
    claims.iter().map(find).collect()
}

/// Verifies every signature over the statement, strictly and one by one: a batch verification
/// accepts signatures that nobody else does.
fn signatures(
    claims: Vec<NoteSignature>,
    keys: &[&KnownKey],
    statement: &[u8],
    verifies: bool,
) -> Result<Vec<Signature>, Failure> {
    let verify = |(claim, known): (NoteSignature, &&KnownKey)| {
        let signature: [u8; 64] = claim
            .signature()
            .try_into()
            .map_err(|_| Failure::plain(ErrorCode::SignatureMalformed))?;
        if verifies && known.key.verify(statement, &signature).is_err() {
            let detail = format!(
                "the signature by key {} {} is not one over this statement",
                claim.name(),
                claim.id()
            );
            return Err(Failure::new(ErrorCode::SignatureInvalid, detail));
        }
        let participant = claim.name().split_once('/');
        let participant = participant.and_then(|(id, _)| id.parse().ok());
        Ok(Signature {
            participant: participant
                .ok_or_else(|| Failure::internal("a registered key's name has no participant"))?,
            key_name: claim.name().to_owned(),
            key_id: claim.id().get(),
            signature,
        })
    };
    claims.into_iter().zip(keys).map(verify).collect()
}
