//! Panics of the engine: caught where it is called, and explained where it runs by itself.
//!
//! A panic in one of its own threads would leave callers waiting for work that nobody does any
//! more. While a store is open such a panic ends the process with an explanation, as every other
//! failure of storage does; the next start recovers. While a store is being opened or looked at,
//! the caller is told instead.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::store::StoreError;

/// The engine names its threads so.
const THREADS: &str = "sled-io-";

static HOOK: Once = Once::new();
/// Calls that expect panics.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Runs a call of the engine that may find damage; gives the panic's text if there was one.
pub(super) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    watch();
    CALLS.fetch_add(1, Ordering::SeqCst);
    let done = catch_unwind(AssertUnwindSafe(call));
    CALLS.fetch_sub(1, Ordering::SeqCst);
    done.map_err(|panic| text(&*panic))
}

/// The same for calls that already have an error.
pub(super) fn guarded<T>(
    doing: &'static str,
    call: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(done) => done,
        Err(panic) => Err(StoreError::EnginePanicked {
            doing,
            panic: text(&*panic),
        }),
    }
}

fn watch() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            before(panic);
            let thread = std::thread::current();
            let engine = thread.name().is_some_and(|name| name.starts_with(THREADS));
            if engine && CALLS.load(Ordering::SeqCst) == 0 {
                tracing::error!(
                    "the store's engine failed in a thread of its own: its files are damaged, or \
                     the disk is; the process ends. `quittance doctor` looks closer, `quittance \
                     rebuild` makes a new store"
                );
                std::process::abort();
            }
        }));
    });
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}
