//! Who may read: extractors that give out the log's reader, or a refusal.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpRequest, web};

use super::failure::Failure;
use super::guard;
use super::state::State;
use crate::ledger::Role;
use crate::node::{self, ReadError, Viewer};
use crate::wire::ErrorCode;

/// Anybody, without a word of who.
pub(super) struct Public {
    /// The node and the door's limits.
    pub(super) state: web::Data<State>,
}

/// Somebody with a session whose role the route allows.
pub(super) struct Reader<A: Access> {
    /// The node and the door's limits.
    pub(super) state: web::Data<State>,
    /// Whose session it is.
    pub(super) viewer: Viewer,
    access: PhantomData<A>,
}

/// Which roles a route allows.
pub(super) trait Access: 'static {
    /// Whether a role may ask at all.
    fn allows(role: Role) -> bool;
}

/// Every role; what each sees of it, the node decides.
pub(super) enum AnyRole {}

/// Auditors, who see everything.
pub(super) enum AuditorOnly {}

impl Access for AnyRole {
    fn allows(_: Role) -> bool {
        true
    }
}

impl Access for AuditorOnly {
    fn allows(role: Role) -> bool {
        role == Role::Auditor
    }
}

impl Public {
    /// A view of the log.
    pub(super) fn log(&self) -> node::Reader {
        self.state.node.reader()
    }
}

impl<A: Access> Reader<A> {
    /// A view of the log.
    pub(super) fn log(&self) -> node::Reader {
        self.state.node.reader()
    }

    /// Reads what is in memory, here and now: to hand it to another thread takes longer than the read.
    pub(super) fn look<T>(
        &self,
        missing: ErrorCode,
        read: impl FnOnce(&node::Reader, &Viewer) -> Result<T, ReadError>,
    ) -> Result<T, Failure> {
        let value = read(&self.log(), &self.viewer);
        value.map_err(|error| Failure::unread(&error, missing))
    }

    /// Reads on a thread where waiting for the disk holds up nobody else.
    pub(super) async fn read<T: Send + 'static>(
        self,
        missing: ErrorCode,
        read: impl FnOnce(&node::Reader, &Viewer) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = Arc::clone(&self.state.reads).acquire_owned().await;
        let turn = turn.map_err(Failure::internal)?;
        let log = self.log();
        let viewer = self.viewer;
        // The turn ends with the read, also when whoever asked is gone before.
        let value = web::block(move || {
            let value = read(&log, &viewer);
            drop(turn);
            value
        })
        .await;
        let value = value.map_err(Failure::internal)?;
        value.map_err(|error| Failure::unread(&error, missing))
    }
}

/// The one value of a header, if it is there at all.
///
/// # Errors
/// The header stands twice.
pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a HeaderValue>, Failure> {
    let mut values = headers.get_all(name);
    let first = values.next();
    if values.next().is_some() {
        let detail = format!("the header {name} stands more than once");
        return Err(Failure::new(ErrorCode::HeaderDuplicate, detail));
    }
    Ok(first)
}

pub(super) fn state(request: &HttpRequest) -> Result<web::Data<State>, Failure> {
    let state = request.app_data::<web::Data<State>>().cloned();
    state.ok_or_else(|| Failure::internal("a worker has no state"))
}

fn viewer(request: &HttpRequest, state: &State) -> Result<Viewer, Failure> {
    let value = single(request.headers(), header::AUTHORIZATION.as_str())?;
    let value = value.ok_or_else(|| Failure::plain(ErrorCode::TokenMissing))?;
    let token = value.to_str().ok().and_then(bearer);
    let token = token.ok_or_else(|| Failure::plain(ErrorCode::TokenMissing))?;
    let viewer = state.node.sessions().viewer(token);
    viewer.ok_or_else(|| Failure::plain(ErrorCode::TokenInvalid))
}

/// The token in `Bearer <token>`; the scheme's case does not matter (RFC 9110, 11.1).
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl FromRequest for Public {
    type Error = Failure;
    type Future = Ready<Result<Public, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(state(request).map(|state| Public { state }))
    }
}

impl<A: Access> FromRequest for Reader<A> {
    type Error = Failure;
    type Future = Ready<Result<Reader<A>, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(reader(request))
    }
}

fn reader<A: Access>(request: &HttpRequest) -> Result<Reader<A>, Failure> {
    let state = state(request)?;
    let viewer = viewer(request, &state)?;
    if !A::allows(viewer.role) {
        return Err(Failure::plain(ErrorCode::Forbidden));
    }
    guard::within_rate(&state, &viewer.id)?;
    let access = PhantomData;
    Ok(Reader {
        state,
        viewer,
        access,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_has_one_form() {
        assert_eq!(bearer("Bearer qs_x"), Some("qs_x"));
        assert_eq!(bearer("bearer  qs_x "), Some("qs_x"));
        for wrong in ["", "Bearer", "Bearer ", "Basic qs_x", "qs_x"] {
            assert_eq!(bearer(wrong), None, "{wrong:?}");
        }
    }
}
