//! `/v1/log` and `/log/...`: the log itself, to anybody (C2SP tlog-tiles).

use actix_web::http::header::{self, CacheControl, CacheDirective};
use actix_web::{HttpRequest, HttpResponse, web};
use chain::{TileKind, TilePath};

use super::access::Public;
use super::failure::Failure;
use super::{gzip, tagged};
use crate::wire::ErrorCode;

/// Seconds that a cache may keep a checkpoint: a newer one comes with every group.
const CHECKPOINT_AGE_S: u32 = 1;

/// Seconds that a cache may keep a tile: a year, the usual "for ever".
const TILE_AGE_S: u32 = 31_536_000;

/// Says which log this is. Clients compare it once with what they were told out of band.
#[utoipa::path(
    get, path = "/v1/log", tag = "log",
    responses((status = 200, description = "The log", body = super::openapi_schema::Log))
)]
pub(super) async fn log(public: Public) -> HttpResponse {
    HttpResponse::Ok().json(public.state.node.log_view())
}

/// Gives the newest checkpoint, a signed note.
#[utoipa::path(
    get, path = "/log/checkpoint", tag = "log",
    responses(
        (status = 200, description = "C2SP tlog-checkpoint", body = String, content_type = "text/plain"),
        (status = 304, description = "`If-None-Match` names what would be sent"),
    )
)]
pub(super) async fn checkpoint(request: HttpRequest, public: Public) -> HttpResponse {
    let note = public.log().checkpoint().as_bytes().to_vec();
    tagged::answer(&request, "text/plain; charset=utf-8", note, |answer| {
        answer.insert_header(cached(CHECKPOINT_AGE_S));
    })
}

/// Gives the newest checkpoint that a quorum of witnesses has cosigned, with their lines.
#[utoipa::path(
    get, path = "/log/checkpoint.witnessed", tag = "log",
    responses(
        (status = 200, description = "C2SP tlog-checkpoint with cosignatures (C2SP tlog-cosignature)", body = String, content_type = "text/plain"),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 404, description = "`NOT_WITNESSED`: no quorum yet, or this node asks no witness", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn witnessed(
    request: HttpRequest,
    public: Public,
) -> Result<HttpResponse, Failure> {
    let note = public.log().witnessed();
    let note = note.map_err(|error| Failure::unread(&error, ErrorCode::NotWitnessed))?;
    let bytes = note.as_bytes().to_vec();
    let kind = "text/plain; charset=utf-8";
    Ok(tagged::answer(&request, kind, bytes, |answer| {
        answer.insert_header(cached(CHECKPOINT_AGE_S));
    }))
}

/// Gives a tile of the tree, or a bundle of entries: all of it, for ever the same. Bundles are
/// compressed for whoever sends `Accept-Encoding: gzip`.
#[utoipa::path(
    get, path = "/log/tile/{path}", tag = "log",
    params(("path" = String, Path, description = "Level and number, e.g. `0/x001/067` or `entries/000.p/3` (C2SP tlog-tiles)")),
    responses(
        (status = 200, description = "Hashes of 32 bytes, or entries with their lengths", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "`If-None-Match` names what would be sent"),
        (status = 404, description = "`TILE_NOT_FOUND`: the log has no such tile", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
        (status = 500, description = "`TILE_DAMAGED`: the node has it, and not whole", body = super::openapi_schema::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn tile(
    request: HttpRequest,
    public: Public,
    path: web::Path<String>,
) -> Result<HttpResponse, Failure> {
    let missing = ErrorCode::TileNotFound;
    let path: TilePath = format!("tile/{path}")
        .parse()
        .map_err(|_| Failure::plain(missing))?;
    let log = public.log();
    let is_bundle = path.kind() == TileKind::Entries;
    let zip = is_bundle && gzip::is_accepted(request.headers());
    let bytes = web::block(move || {
        let bytes = log.tile(&path)?;
        Ok(match zip.then(|| gzip::compressed(&bytes)).flatten() {
            Some(short) => (short, true),
            None => (bytes, false),
        })
    });
    let bytes = bytes.await.map_err(Failure::internal)?;
    let (bytes, zipped) = bytes.map_err(|error| Failure::unread(&error, missing))?;
    // A partial tile never changes either: a longer one has another path.
    let mut forever = cached(TILE_AGE_S);
    forever
        .0
        .push(CacheDirective::Extension("immutable".to_owned(), None));
    // The tag is of the bytes sent, so that each coding has its own.
    Ok(tagged::answer(
        &request,
        "application/octet-stream",
        bytes,
        |answer| {
            answer.insert_header(forever);
            if is_bundle {
                answer.insert_header((header::VARY, "Accept-Encoding"));
            }
            if zipped {
                answer.insert_header((header::CONTENT_ENCODING, "gzip"));
            }
        },
    ))
}

fn cached(seconds: u32) -> CacheControl {
    CacheControl(vec![
        CacheDirective::Public,
        CacheDirective::MaxAge(seconds),
    ])
}
