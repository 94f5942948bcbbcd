//! The listener for everybody, put together from the framework's parts: its own builder takes no
//! sockets but its own, and ours are watched.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::{GracefulShutdownSignal, Server, ServerBuilder};
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_factory, fn_service, map_config,
};
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::{App, Error, web};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};

use super::door::{door, nowhere};
use super::lines::Line;
use super::server::Settings;
use super::state::State;
use super::stream::Watched;
use super::{error_routes, page_routes, path, public_routes};

/// A connection that was not let in, or that ended by an error: nobody is left to be told.
#[derive(Debug)]
struct Ended;

/// Listens at `api.listen`, with TLS if there are settings for it.
///
/// # Errors
/// The address cannot be listened on.
pub(super) fn listen(
    state: &web::Data<State>,
    settings: &Settings,
    tls: Option<ServerConfig>,
) -> io::Result<(Server, SocketAddr)> {
    let api = &settings.api;
    let socket = TcpListener::bind(api.listen)?;
    let at = socket.local_addr()?;
    let builder = ServerBuilder::new()
        .workers(api.workers)
        .max_concurrent_connections(api.connections_max.div_ceil(api.workers).max(1))
        .shutdown_timeout(settings.drain.as_secs().max(1))
        .disable_signals();
    let (state, settings) = (state.clone(), settings.clone());
    let closing = builder.graceful_shutdown_signal();
    let server = match tls {
        None => builder.listen("public", socket, move || {
            arrivals(&state)
                .map(|io: Watched| {
                    let peer = io.socket().peer_addr().ok();
                    (io, Protocol::Http1, peer)
                })
                .and_then(http(&state, &settings, &closing, Watched::line).map_err(|_| Ended))
        })?,
        Some(mut tls) => {
            tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            let mut acceptor = Acceptor::new(tls);
            acceptor.set_handshake_timeout(api.header_timeout);
            builder.listen("public", socket, move || {
                arrivals(&state)
                    .and_then(acceptor.clone().map_err(|_| Ended))
                    .map(|io: TlsStream<Watched>| {
                        let (watched, session) = io.get_ref();
                        let protocol = match session.alpn_protocol() {
                            Some(b"h2") => Protocol::Http2,
                            _ => Protocol::Http1,
                        };
                        let peer = watched.socket().peer_addr().ok();
                        (io, protocol, peer)
                    })
                    .and_then(
                        http(&state, &settings, &closing, |io: &TlsStream<Watched>| {
                            io.get_ref().0.line()
                        })
                        .map_err(|_| Ended),
                    )
            })?
        }
    };
    Ok((server.run(), at))
}

/// Takes in connections, and closes those of addresses that have as many as they may.
fn arrivals(
    state: &web::Data<State>,
) -> impl ServiceFactory<TcpStream, Config = (), Response = Watched, Error = Ended, InitError = ()> + use<>
{
    let state = state.clone();
    fn_factory(move || {
        let state = state.clone();
        let service = fn_service(move |socket: TcpStream| {
            let state = state.clone();
            async move {
                let peer = socket.peer_addr().map_err(|_| Ended)?;
                let line = state.lines.connected(peer.ip());
                state.numbers.connected(line.is_some());
                // Small answers are not to wait for the acknowledgement of those before.
                let _ = socket.set_nodelay(true);
                Ok(Watched::new(socket, line.ok_or(Ended)?))
            }
        });
        async move { Ok(service) }
    })
}

/// HTTP over connections of one kind.
fn http<T>(
    state: &web::Data<State>,
    settings: &Settings,
    closing: &GracefulShutdownSignal,
    line: fn(&T) -> &Arc<Line>,
) -> impl ServiceFactory<
    (T, Protocol, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
> + use<T>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let app = App::new()
        .app_data(state.clone())
        .configure(path::configure)
        .configure(public_routes)
        // Before the pages: `/docs/errors` is no file of theirs.
        .configure(error_routes)
        .configure(page_routes)
        .default_service(web::to(nowhere))
        .wrap(actix_web::middleware::from_fn(door));
    let app = app
        .into_factory()
        .map_err(|error: Error| error.error_response());
    let closing = closing.clone();
    HttpService::build()
        .graceful_shutdown_signal(move || {
            let closing = closing.clone();
            async move { closing.notified().await }
        })
        .keep_alive(settings.api.keep_alive)
        .client_request_timeout(settings.api.header_timeout)
        .on_connect_ext(move |io: &T, data| {
            data.insert(Arc::clone(line(io)));
        })
        .finish(map_config(app, |()| AppConfig::default()))
}
