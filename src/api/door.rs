//! What every request passes: it gets an id, and whatever happens to it is answered in our form.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError, web};

use super::failure::{Failure, REQUEST_ID};
use super::guard;
use super::lines::Line;
use super::sending::watched;
use super::state::{RequestId, State};

/// Wraps every request of both listeners.
pub(super) async fn door(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let state = state.ok_or_else(|| Failure::internal("the door has no state"))?;
    let line = request.conn_data::<Arc<Line>>().cloned();
    if let Some(line) = &line {
        line.begin();
    }
    let id = state.next_request();
    let answered = match line.as_ref().map(|line| guard::admit(&state, line)) {
        Some(Err(failure)) => {
            let response = failure.with_request_id(id).error_response();
            state.numbers.answered(response.status());
            Ok(request.into_response(response))
        }
        _ => answer(&state, id, request, next).await,
    };
    let Some(line) = line else { return answered };
    let answered = answered.map(|answered| answered.map_body(|_, body| watched(body, &line)));
    line.end();
    answered
}

async fn answer(
    state: &State,
    id: RequestId,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() == Method::HEAD {
        // The same answer; the codec remembers to leave out its body.
        request.head_mut().method = Method::GET;
    }
    let answered = match guarded(next.call(request)).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(error)) => {
            let failure = Failure::of_status(error.as_response_error().status_code());
            return Err(ended(state, id, failure).into());
        }
        Err(Panicked(what)) => {
            let failure = Failure::internal(format_args!("a handler panicked: {what}"));
            return Err(ended(state, id, failure).into());
        }
    };
    let mut answered = in_our_form(id, answered);
    let headers = answered.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static(REQUEST_ID), value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        // Balances are nobody's to keep; what may be kept says so itself.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if state.is_closing() {
        // The last answer on this connection: nobody sends into a line that is about to end.
        let head = answered.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    state.numbers.answered(answered.status());
    tracing::debug!(
        request_id = %id,
        method = %answered.request().method(),
        path = answered.request().path(),
        status = answered.status().as_u16(),
        "answered"
    );
    Ok(answered)
}

/// Turns errors of handlers and of the framework into problems that name the request.
fn in_our_form(id: RequestId, answered: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = answered.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answered;
    }
    let (request, response) = answered.into_parts();
    let error = response.error();
    let mut problem = match error.and_then(|error| error.as_error::<Failure>()) {
        Some(failure) => {
            note(id, failure);
            failure.answer(&id.to_string())
        }
        None => Failure::of_status(status).answer(&id.to_string()),
    };
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    ServiceResponse::new(request, problem)
}

/// The answer to a path that nobody has.
pub(super) async fn nowhere() -> Result<HttpResponse, Failure> {
    Err(Failure::plain(crate::wire::ErrorCode::NotFound))
}

/// An error that left the handlers without an answer.
fn ended(state: &State, id: RequestId, failure: Failure) -> Failure {
    note(id, &failure);
    state.numbers.answered(StatusCode::INTERNAL_SERVER_ERROR);
    failure.with_request_id(id)
}

/// Tells the operator what the sender is not told.
fn note(id: RequestId, failure: &Failure) {
    if let Some(cause) = failure.cause() {
        tracing::error!(request_id = %id, cause, "{failure}");
    }
}

struct Panicked(String);

/// Runs a handler; its panic is a value, so that the connection's other requests are answered.
async fn guarded<F: Future>(handler: F) -> Result<F::Output, Panicked> {
    let mut handler = pin!(handler);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context)));
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(panic) => std::task::Poll::Ready(Err(Panicked(words(&*panic)))),
        }
    })
    .await
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_value() {
        let run = |panics: bool| {
            let handler = async move {
                assert!(!panics, "out of order");
                7
            };
            actix_web::rt::System::new().block_on(guarded(handler))
        };
        assert!(run(false).is_ok_and(|value| value == 7));
        assert!(run(true).is_err_and(|Panicked(words)| words == "out of order"));
    }
}
