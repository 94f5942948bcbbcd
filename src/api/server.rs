//! Two listeners on one thread that starts and stops them; the work is done by their workers.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, rt, web};
use tokio::sync::oneshot;

use super::door::{door, nowhere};
use super::state::State;
use super::tls::{Tls, TlsError};
use super::{admin_routes, error_routes, listener, path};
use crate::clock;
use crate::config::{self, Config};
use crate::node::Node;

/// Seconds that operators' requests have at the end.
const ADMIN_DRAIN_S: u64 = 1;

/// How often the connections are looked at: not so often that it costs, nor so rarely that many
/// gather.
const LOOK_MIN: Duration = Duration::from_millis(50);
const LOOK_MAX: Duration = Duration::from_millis(250);

/// How long an idle connection has at the end: its next request is still answered, with
/// `Connection: close`.
const IDLE_AT_END: Duration = Duration::from_secs(1);

/// Where the listeners are: with port 0 in the configuration only now is it known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The listener for everybody.
    pub public: SocketAddr,
    /// The listener for operators.
    pub admin: SocketAddr,
}

/// The running listeners. Dropping it stops them as [`Api::stop`] does.
pub struct Api {
    bound: Bound,
    state: web::Data<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Api {
    /// Not the token for backups.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}

/// Why the listeners do not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("{key}: cannot listen on {address}: {source}")]
    Listen {
        /// Configuration key.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What the system reports.
        source: io::Error,
    },
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(io::Error),
    /// The files of `[tls]` cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] TlsError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Starts the listeners of a node, and returns when they answer.
///
/// # Errors
/// [`ServeError`]; then nothing listens.
pub fn serve(node: Arc<Node>, config: &Config) -> Result<Api, ServeError> {
    let tls = config.tls.as_ref().map(Tls::read).transpose()?;
    let state = web::Data::new(State::new(node, config, tls)?);
    let shared = state.clone();
    let settings = Settings {
        api: config.api.clone(),
        admin: config.admin.listen,
        drain: config.sequencer.shutdown_drain,
    };
    let (stop, stopped) = oneshot::channel();
    let (started, outcome) = mpsc::sync_channel(1);
    let run = move || rt::System::new().block_on(run(state, settings, started, stopped));
    let thread = std::thread::Builder::new()
        .name("api".to_owned())
        .spawn(run)
        .map_err(ServeError::Thread)?;
    let bound = outcome.recv().unwrap_or_else(|_| {
        let ended = io::Error::other("the listeners' thread ended");
        Err(ServeError::Thread(ended))
    })?;
    Ok(Api {
        bound,
        state: shared,
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Api {
    /// Where the listeners are.
    #[must_use]
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// What `/backup/...` on the operators' listener asks for; of this run of the node only.
    #[must_use]
    pub fn backup_token(&self) -> &str {
        &self.state.backup_token
    }

    /// Whether the public listener speaks TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.state.tls.is_some()
    }

    /// Reads the files of `[tls]` again, if there are any. Open connections stay open.
    ///
    /// # Errors
    /// [`TlsError`]; then everything is as before.
    pub fn reload(&self) -> Result<(), TlsError> {
        let Some(tls) = &self.state.tls else {
            return Ok(());
        };
        let reloaded = tls.reload();
        self.state.numbers.reloaded(reloaded.is_ok());
        reloaded
    }

    /// Takes no new connections, answers the requests that are inside, for as long as
    /// `sequencer.shutdown_drain_ms` at most, and returns when the listeners are gone. The node
    /// is the caller's to shut down afterwards.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody listens any more: it has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the listeners' thread panicked");
        }
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the listeners are to be like.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) api: config::Api,
    admin: SocketAddr,
    /// How long requests inside have at the end.
    pub(super) drain: Duration,
}

type Started = mpsc::SyncSender<Result<Bound, ServeError>>;

async fn run(
    state: web::Data<State>,
    settings: Settings,
    started: Started,
    stopped: oneshot::Receiver<()>,
) {
    let servers =
        public(&state, &settings).and_then(|public| Ok((public, admin(&state, settings.admin)?)));
    let ((public, public_at), (admin, admin_at)) = match servers {
        Ok(servers) => servers,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    let bound = Bound {
        public: public_at,
        admin: admin_at,
    };
    let (public_handle, admin_handle) = (public.handle(), admin.handle());
    let (public, admin) = (rt::spawn(public), rt::spawn(admin));
    let idle_max = settings.api.keep_alive + settings.api.header_timeout;
    let watch = rt::spawn(watch(state.clone(), idle_max));
    if started.send(Ok(bound)).is_ok() {
        // An error means that the owner is gone: then it is time to stop, too.
        let _ = stopped.await;
    }
    state.close();
    farewell(&state, settings.drain.min(IDLE_AT_END)).await;
    public_handle.stop(true).await;
    admin_handle.stop(true).await;
    watch.abort();
    for server in [public, admin] {
        if let Ok(Err(error)) = server.await {
            tracing::error!(%error, "a listener ended");
        }
    }
}

/// Gives everybody time to hear that their connection ends, before it does: the framework closes
/// idle ones at once, and a request that is just on its way would get no answer.
async fn farewell(state: &State, time: Duration) {
    let start = clock::instant();
    while state.lines.count() > 0 && start.elapsed() < time {
        rt::time::sleep(LOOK_MIN).await;
    }
}

/// Looks at the connections for as long as the listeners run.
async fn watch(state: web::Data<State>, idle_max: Duration) {
    let pause = (idle_max / 8).clamp(LOOK_MIN, LOOK_MAX);
    loop {
        rt::time::sleep(pause).await;
        let idle_max = match state.is_closing() {
            true => idle_max.min(IDLE_AT_END),
            false => idle_max,
        };
        let open = state.lines.hang_up(idle_max);
        if let Some(tls) = &state.tls {
            state.numbers.certificate(tls.seconds_left());
        }
        state.numbers.look(open, state.bodies.used());
    }
}

fn public(
    state: &web::Data<State>,
    settings: &Settings,
) -> Result<(Server, SocketAddr), ServeError> {
    let api = &settings.api;
    let listen = |source| ServeError::Listen {
        key: "api.listen",
        address: api.listen,
        source,
    };
    let tls = state.tls.as_ref().map(|tls| tls.server()).transpose()?;
    listener::listen(state, settings, tls).map_err(listen)
}

fn admin(
    state: &web::Data<State>,
    address: SocketAddr,
) -> Result<(Server, SocketAddr), ServeError> {
    let listen = |source| ServeError::Listen {
        key: "admin.listen",
        address,
        source,
    };
    let state = state.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .configure(path::configure)
            .configure(admin_routes)
            .configure(error_routes)
            .default_service(web::to(nowhere))
            .wrap(actix_web::middleware::from_fn(door))
    });
    let server = server
        .workers(1)
        .shutdown_timeout(ADMIN_DRAIN_S)
        .disable_signals()
        .bind(address)
        .map_err(listen)?;
    let bound = first_address(&server.addrs(), address);
    Ok((server.run(), bound))
}

/// One address was asked for, so one is bound.
fn first_address(bound: &[SocketAddr], asked: SocketAddr) -> SocketAddr {
    bound.first().copied().unwrap_or(asked)
}
