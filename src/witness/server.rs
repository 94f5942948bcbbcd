//! A witness's listener: `add-checkpoint`, and the newest checkpoint of each log.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use chain::{NOTE_BYTES_MAX, WITNESS_PROOF_HASHES_MAX};

use super::ask::SIZE_TYPE;
use super::memory::{Refusal, Witness};
use crate::clock;

/// Longest body: a note, and a proof of 63 hashes in base64.
const BODY_BYTES_MAX: usize = NOTE_BYTES_MAX + 45 * (WITNESS_PROOF_HASHES_MAX + 1);
/// A witness has few logs to serve, and each asks every few seconds.
const CONNECTIONS_MAX: usize = 256;
const TEXT: &str = "text/plain; charset=utf-8";

/// Serves until SIGINT or SIGTERM. `bound` is told where the listener is: with port 0 only now is it
/// known.
///
/// # Errors
/// What the system reports, if the address cannot be listened on.
pub fn serve(
    witness: Arc<Witness>,
    listen: SocketAddr,
    bound: impl FnOnce(SocketAddr, &Witness),
) -> io::Result<()> {
    let listener = TcpListener::bind(listen)?;
    bound(listener.local_addr()?, &witness);
    let state = web::Data::from(witness);
    let app = move || {
        App::new()
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
            .route("/add-checkpoint", web::post().to(add_checkpoint))
            .route("/{origin}/checkpoint", web::get().to(newest))
    };
    let server = HttpServer::new(app)
        .workers(1)
        .max_connections(CONNECTIONS_MAX)
        .client_request_timeout(Duration::from_secs(5))
        .listen(listener)?;
    rt::System::new().block_on(server.run())
}

async fn add_checkpoint(witness: web::Data<Witness>, body: web::Bytes) -> HttpResponse {
    let now = clock::unix_seconds();
    let answer = web::block(move || witness.add_checkpoint(&body, now)).await;
    match answer {
        Ok(Ok(line)) => HttpResponse::Ok().content_type(TEXT).body(line),
        Ok(Err(refusal)) => refuse(&refusal),
        Err(_) => refuse(&Refusal::Failed),
    }
}

async fn newest(witness: web::Data<Witness>, origin: web::Path<String>) -> HttpResponse {
    match witness.newest(&origin) {
        Some(note) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .content_type(TEXT)
            .body(note),
        None => HttpResponse::NotFound()
            .content_type(TEXT)
            .body("no such log here\n"),
    }
}

fn refuse(refusal: &Refusal) -> HttpResponse {
    let mut answer = match refusal {
        Refusal::Conflict(size) => {
            return HttpResponse::Conflict()
                .content_type(SIZE_TYPE)
                .body(format!("{size}\n"));
        }
        Refusal::Malformed(_) => HttpResponse::BadRequest(),
        Refusal::Untrusted(_) => HttpResponse::Forbidden(),
        Refusal::Unknown(_) => HttpResponse::NotFound(),
        Refusal::Inconsistent(_) => HttpResponse::UnprocessableEntity(),
        Refusal::Failed => HttpResponse::InternalServerError(),
    };
    answer.content_type(TEXT).body(format!("{refusal}\n"))
}
