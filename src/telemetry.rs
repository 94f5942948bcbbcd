//! Lines on stderr about what the node does: for people as text, for machines as JSON.
//!
//! Data goes to stdout and is none of this module's business. Nothing that is signed, settled or
//! proven rests on these lines.

use std::io::{IsTerminal, stderr};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Format, Level, Telemetry};

/// Starts writing to stderr, in colour when it is a terminal and `NO_COLOR` is not set.
///
/// # Errors
/// Lines are being written already: once a process.
pub fn start(settings: Telemetry) -> Result<(), TelemetryError> {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = stderr().is_terminal() && !plain;
    subscriber(settings, colour, stderr)
        .try_init()
        .map_err(|_| TelemetryError::Started)
}

/// Telemetry cannot start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// Lines are being written already.
    #[error("telemetry was started twice")]
    Started,
}

/// The subscriber for these settings, writing wherever `writer` says.
fn subscriber(
    settings: Telemetry,
    colour: bool,
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
) -> Box<dyn Subscriber + Send + Sync> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter(settings.level)))
        .with_writer(writer)
        .with_ansi(colour);
    match settings.format {
        Format::Text => Box::new(builder.finish()),
        Format::Json => Box::new(builder.with_ansi(false).json().flatten_event(true).finish()),
    }
}

/// Our own lines from this level on; those of libraries from `warn` on, unless more was asked for.
fn filter(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "warn,quittance=info,chain=info,keys=info",
        Level::Debug => "info,quittance=debug,chain=debug,keys=debug",
        Level::Trace => "debug,quittance=trace,chain=trace,keys=trace",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0
                .lock()
                .expect("no test panics with the page")
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: Format, level: Level, lines: impl FnOnce()) -> String {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = subscriber(Telemetry { level, format }, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, lines);
        let bytes = page.0.lock().expect("no test panics with the page").clone();
        String::from_utf8(bytes).expect("lines are UTF-8")
    }

    fn lines() {
        tracing::info!(index = 4711, "group durable");
        tracing::debug!("detail of ours");
        tracing::info!(target: "actix_server", "workers started");
        tracing::warn!(target: "sled", "odd");
    }

    #[test]
    fn text_is_for_people() {
        let text = written(Format::Text, Level::Info, lines);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(
            text.contains("INFO") && text.contains("group durable index=4711"),
            "{text}"
        );
        assert!(
            text.contains("sled: odd") && !text.contains('\u{1b}'),
            "{text}"
        );
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = written(Format::Json, Level::Debug, lines);
        assert_eq!(text.lines().count(), 4, "{text}");
        for line in text.lines() {
            let object: serde_json::Value = serde_json::from_str(line).expect("a JSON object");
            assert!(
                object.get("message").is_some() && object.get("level").is_some(),
                "{line}"
            );
        }
        let error = written(Format::Json, Level::Error, lines);
        assert_eq!(error, "");
    }
}
