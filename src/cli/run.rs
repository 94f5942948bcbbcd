//! `quittance run`: the node, from its configuration to a graceful end.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Context;
use super::connect::RunFile;
use super::error::{Failure, Kind};
use super::files;
use super::notify;
use crate::api::{self, Api};
use crate::config::Config;
use crate::ledger::{Mode, Time};
use crate::node::{self, Founded, Founding, Node, OpenError, OpenOptions, WITHOUT, Without};
use crate::telemetry;

/// Exit code after a second signal: nobody knows what was still inside.
const ENDED_AT_ONCE: i32 = 2;

/// Starts the node; in a fresh folder it founds a sandbox first
#[derive(Debug, Default, Args)]
#[command(before_help = "Example: quittance run --config node.toml")]
pub(crate) struct RunArgs {
    /// Vouches that it is this time now, when clock and log disagree by much
    #[arg(long, value_name = "RFC3339", env = "QUITTANCE_ACCEPT_TIME", value_parser = time)]
    accept_time: Option<Time>,
}

fn time(text: &str) -> Result<Time, String> {
    text.parse()
        .map_err(|_| "expected e.g. 2026-11-23T09:30:00Z".to_owned())
}

pub(super) fn run(context: &Context, args: &RunArgs) -> Result<(), Failure> {
    let config = context.config()?;
    telemetry::start(config.telemetry)
        .map_err(|error| Failure::new(Kind::Node, "lines cannot be written").because(error))?;
    // Before anything is founded or opened: what is wrong with them can be mended at once.
    check_tls(&config)?;
    let founded = found_if_fresh(&config)?;
    // The signals are caught before anybody can know that the node is up.
    let mut signals = Signals::catch()?;
    let recovering = notify::Recovering::begin();
    let mut running = Running::start(&config, args.accept_time)?;
    drop(recovering);
    running.announce(context, &config, founded.as_ref());
    notify::ready(&running.status());
    notify::watch(&running.node);
    while signals.wait() == Wish::Reload {
        notify::reloading();
        running.reload();
        notify::ready(&running.status());
    }
    notify::stopping();
    context
        .out
        .say("stopping: whoever is inside is answered first; once more ends it at once");
    signals.end_at_next()?;
    running.stop();
    Ok(())
}

/// Whether the files of `[tls]` are good, if there are any.
pub(super) fn check_tls(config: &Config) -> Result<(), Failure> {
    api::check_tls(config).map_err(|error| {
        Failure::new(Kind::Invalid, "the files of [tls] cannot be used").because(error)
    })
}

fn unheard(error: api::ServeError) -> Failure {
    let key = match &error {
        api::ServeError::Listen { key, .. } => Some(*key),
        _ => None,
    };
    let failure = Failure::new(Kind::Node, "the node cannot listen").because(error);
    match key {
        Some(key) => failure.hint(format_args!(
            "choose another address with --set {key}=127.0.0.1:0"
        )),
        None => failure,
    }
}

/// A node with its listeners; stops in the right order.
pub(super) struct Running {
    node: Arc<Node>,
    api: Option<Api>,
    run_file: std::path::PathBuf,
}

/// What the environment says that a sandbox is to go without.
fn without() -> Result<Option<Without>, Failure> {
    let Some(name) = std::env::var_os(WITHOUT) else {
        return Ok(None);
    };
    let known = name.to_str().and_then(Without::from_name);
    let known = known.ok_or_else(|| {
        Failure::usage(format_args!("{WITHOUT} is {}", name.display()))
            .hint("it is signatures, merkle, sync or store, and for sandboxes that are measured")
    })?;
    tracing::warn!(
        "{WITHOUT} is set: going without {}; nothing that this node says holds",
        name.display()
    );
    Ok(Some(known))
}

impl Running {
    /// Opens the log, starts the listeners and says in `run.json` where they are.
    pub(super) fn start(config: &Config, accept_time: Option<Time>) -> Result<Self, Failure> {
        let options = OpenOptions {
            accept_time: accept_time.map(Time::nanos),
            without: without()?,
        };
        let node = Node::open(config, &options).map_err(unopened)?;
        let api = match api::serve(Arc::clone(&node), config) {
            Ok(api) => api,
            Err(error) => {
                node.shutdown();
                return Err(unheard(error));
            }
        };
        let run_file = config.data_dir.join(RunFile::NAME);
        let running = Self {
            node,
            api: Some(api),
            run_file,
        };
        if let Some(api) = &running.api {
            let bound = api.bound();
            let token = config.data_dir.join(RunFile::BACKUP_TOKEN);
            files::write_atomic(&token, api.backup_token().as_bytes(), 0o600)?;
            let run = RunFile {
                pid: std::process::id(),
                public: bound.public.to_string(),
                admin: bound.admin.to_string(),
                tls: running.api.as_ref().is_some_and(Api::is_secure),
            };
            let json = serde_json::to_vec(&run).map_err(|error| {
                Failure::new(Kind::File, "run.json cannot be made").because(error)
            })?;
            files::write_atomic(&running.run_file, &json, 0o644)?;
        }
        Ok(running)
    }

    /// The address of the public listener, for clients.
    pub(super) fn url(&self) -> String {
        let bound = self.api.as_ref().map(Api::bound);
        bound.map_or_else(String::new, |bound| {
            format!("{}://{}", self.scheme(), bound.public)
        })
    }

    fn scheme(&self) -> &'static str {
        match self.api.as_ref().is_some_and(Api::is_secure) {
            true => "https",
            false => "http",
        }
    }

    /// One line for the service manager.
    fn status(&self) -> String {
        let size = self.node.metrics().log_size.get();
        format!(
            "serving {} on {}; {size} entries",
            self.node.origin(),
            self.url()
        )
    }

    /// Reads again what may change while the node runs: the files of `[tls]`.
    fn reload(&self) {
        match self.api.as_ref().map_or(Ok(()), Api::reload) {
            Ok(()) => tracing::info!("reloaded: certificates and client CAs"),
            Err(error) => {
                tracing::error!(%error, "the new TLS files are no good; the old ones stay in force");
            }
        }
    }

    fn announce(&self, context: &Context, config: &Config, founded: Option<&Founded>) {
        let out = &context.out;
        let node = &self.node;
        if let Some(founded) = founded {
            out.say(out.bold("a sandbox was founded: play money, made to be thrown away"));
            let data = config.data_dir.display();
            if let Some(key) = &founded.operator_key {
                out.say(format_args!(
                    "operator's key    {} (passphrase beside it)",
                    key.display()
                ));
            }
            out.say(format_args!(
                "log's public key  {}",
                founded.log_vkey_file.display()
            ));
            out.say(format_args!("to start afresh   stop, and remove {data}"));
        }
        out.say(format_args!("log      {} ({})", node.origin(), node.mode()));
        out.say(format_args!("genesis  {}", node.genesis_hash()));
        if let Some(bound) = self.api.as_ref().map(Api::bound) {
            out.say(format_args!(
                "serving  {}   (operators: http://{})",
                self.url(),
                bound.admin
            ));
        }
        if founded.is_some() {
            out.say("try next, in another terminal:");
            out.say("  quittance demo                  banks, settlements, receipts, an audit");
            out.say("  quittance whoami                whom the node takes the operator's key for");
            out.say("  quittance keys generate bank-a/hsm-1 --out hsm-1.pem");
        }
    }

    /// Answers who is inside, makes everything durable, and ends.
    pub(super) fn stop(&mut self) {
        if let Some(api) = self.api.take() {
            api.stop();
            self.node.shutdown();
            // The addresses are not true any more; if the file stays, its process id is not either.
            let _ = std::fs::remove_file(&self.run_file);
            let token = self.run_file.with_file_name(RunFile::BACKUP_TOKEN);
            let _ = std::fs::remove_file(token);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn found_if_fresh(config: &Config) -> Result<Option<Founded>, Failure> {
    if !is_fresh(&config.data_dir) {
        return Ok(None);
    }
    if config.log.mode == Mode::Live {
        let dir = config.data_dir.display();
        return Err(
            Failure::new(Kind::Node, format_args!("there is no log in {dir}"))
                .hint("a live log is founded once, by its operators: `quittance init --help`"),
        );
    }
    let founded = node::init(config, Founding::Sandbox)
        .map_err(|error| Failure::new(Kind::Node, "the sandbox cannot be founded").because(error));
    founded.map(Some)
}

/// Whether there is nothing at all in the folder.
fn is_fresh(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

/// What a node that does not start says: the code, the reason, the way on.
pub(super) fn unopened(error: OpenError) -> Failure {
    not_opened("the node does not start", error)
}

/// The same for a command that opens the log for another purpose, in its own words.
pub(super) fn not_opened(what: &str, error: OpenError) -> Failure {
    let code = error.trouble();
    let message = format_args!("{what} ({}); nothing was signed", code.as_str());
    Failure::new(Kind::Node, message)
        .because(error)
        .hint(code.what_to_do())
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// SIGINT or SIGTERM: an orderly end.
    Stop,
    /// SIGHUP: read the certificates again.
    Reload,
}

/// SIGINT, SIGTERM and SIGHUP, caught.
pub(super) struct Signals {
    runtime: Runtime,
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Catches the signals from now on.
    pub(super) fn catch() -> Result<Self, Failure> {
        let failed = |error| Failure::new(Kind::Node, "signals cannot be caught").because(error);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let caught = runtime.block_on(async {
            Ok((
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ))
        });
        let (interrupt, terminate, hangup) = caught.map_err(failed)?;
        Ok(Self {
            runtime,
            hangup,
            interrupt,
            terminate,
        })
    }

    /// Waits for one of them.
    pub(super) fn wait(&mut self) -> Wish {
        let Self {
            runtime,
            hangup,
            interrupt,
            terminate,
        } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => Wish::Stop,
                _ = terminate.recv() => Wish::Stop,
                _ = hangup.recv() => Wish::Reload,
            }
        })
    }

    /// Waits for one of them, but not longer than this.
    pub(super) fn wait_for(&mut self, time: std::time::Duration) -> Option<Wish> {
        let Self {
            runtime,
            hangup,
            interrupt,
            terminate,
        } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => Some(Wish::Stop),
                _ = terminate.recv() => Some(Wish::Stop),
                _ = hangup.recv() => Some(Wish::Reload),
                () = tokio::time::sleep(time) => None,
            }
        })
    }

    /// From now on one more signal to stop ends the process at once. What was acknowledged is in
    /// the write-ahead log by then; the next start finds it there.
    fn end_at_next(mut self) -> Result<(), Failure> {
        let end = move || {
            while self.wait() == Wish::Reload {}
            tracing::warn!("ended at once, as asked; the next start recovers");
            std::process::exit(ENDED_AT_ONCE);
        };
        let spawned = std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(end);
        let failed = |error| Failure::new(Kind::Node, "signals cannot be caught").because(error);
        spawned.map(drop).map_err(failed)
    }
}
