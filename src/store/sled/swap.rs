//! Putting a rebuilt store in the place of the former one, so that a crash at any step loses
//! neither: a note says that `sled.new` is whole, and whoever comes next finishes.
//!
//! ```text
//!  sled.swap written ▶ sled ▶ sled.damaged-N ▶ sled.kept ▶ sled.damaged-N.kept
//!                    ▶ sled.new ▶ sled ▶ sled.swap removed          (each synced)
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The store in use.
const PLACE: &str = "sled";
/// The rebuilt one.
const NEW: &str = "sled.new";
/// There while a swap is under way; holds the name for the former store.
const NOTE: &str = "sled.swap";
const NOTE_MAKING: &str = "sled.swap.new";

/// What a swap has done so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The note is written: from here on the swap is finished by whoever comes next.
    Noted,
    /// The former store lies aside.
    Aside,
    /// So does the copy that was kept of it.
    KeptAside,
    /// The new store is in place.
    Placed,
}

/// Called behind every step; an error ends the swap there, as a crash would.
pub type Each<'a> = &'a mut dyn FnMut(Step) -> io::Result<()>;

/// Puts the whole and synced `sled.new` of a data folder in place; gives where the former store
/// lies.
///
/// # Errors
/// What the system reports. [`finish`] completes what was begun.
pub fn swap(data: &Path, each: Each<'_>) -> io::Result<Option<PathBuf>> {
    let mut aside = None;
    if data.join(PLACE).exists() {
        let names = (1..).map(|n| format!("sled.damaged-{n}"));
        aside = names.into_iter().find(|name| !data.join(name).exists());
    }
    let name = aside.unwrap_or_default();
    let mut note = File::create(data.join(NOTE_MAKING))?;
    note.write_all(name.as_bytes())?;
    note.sync_all()?;
    move_to(data, NOTE_MAKING, NOTE)?;
    each(Step::Noted)?;
    complete(data, &name, each)?;
    Ok(Some(name)
        .filter(|name| !name.is_empty())
        .map(|name| data.join(name)))
}

/// Whether a swap was begun and not finished: the store is `sled.new` then, or in place already.
#[must_use]
pub fn pending(data: &Path) -> bool {
    data.join(NOTE).exists()
}

/// Where the store of a data folder lies now: in `sled.new` while a swap is unfinished.
#[must_use]
pub fn whereabouts(data: &Path) -> PathBuf {
    let new = data.join(NEW);
    if pending(data) && new.exists() {
        new
    } else {
        data.join(PLACE)
    }
}

/// Finishes a swap that was interrupted; says whether there was one. Any number of times.
///
/// # Errors
/// What the system reports; the next call goes on.
pub fn finish(data: &Path) -> io::Result<bool> {
    let name = match fs::read_to_string(data.join(NOTE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        name => name?,
    };
    complete(data, &name, &mut |_| Ok(()))?;
    Ok(true)
}

fn complete(data: &Path, aside: &str, each: Each<'_>) -> io::Result<()> {
    // While the new store is not in place, what is there is the former one.
    if data.join(NEW).exists() {
        if !aside.is_empty() && data.join(PLACE).exists() {
            move_to(data, PLACE, aside)?;
        }
        each(Step::Aside)?;
        if !aside.is_empty() && data.join("sled.kept").exists() {
            move_to(data, "sled.kept", &format!("{aside}.kept"))?;
        }
        each(Step::KeptAside)?;
        move_to(data, NEW, PLACE)?;
        each(Step::Placed)?;
    }
    fs::remove_file(data.join(NOTE))?;
    File::open(data)?.sync_all()
}

fn move_to(data: &Path, from: &str, to: &str) -> io::Result<()> {
    fs::rename(data.join(from), data.join(to))?;
    File::open(data)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(former: bool) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let names: &[&str] = if former {
            &["sled", "sled.kept", "sled.new"]
        } else {
            &["sled.new"]
        };
        for name in names {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("db"), name).unwrap();
        }
        folder
    }

    fn holds(data: &Path, name: &str) -> String {
        fs::read_to_string(data.join(name).join("db")).unwrap()
    }

    #[test]
    fn a_crash_behind_any_step_is_finished_and_loses_nothing() {
        let steps = [Step::Noted, Step::Aside, Step::KeptAside, Step::Placed];
        for former in [true, false] {
            for crash in steps {
                let folder = folder(former);
                let data = folder.path();
                let mut each = |step| {
                    let crashed = || io::Error::other("crash");
                    (step != crash).then_some(()).ok_or_else(crashed)
                };
                swap(data, &mut each).unwrap_err();
                assert!(pending(data));
                let found = fs::read_to_string(whereabouts(data).join("db")).unwrap();
                assert_eq!(found, "sled.new", "{crash:?}");
                assert!(finish(data).unwrap());
                assert_eq!(holds(data, "sled"), "sled.new", "{crash:?}");
                if former {
                    assert_eq!(holds(data, "sled.damaged-1"), "sled");
                    assert_eq!(holds(data, "sled.damaged-1.kept"), "sled.kept");
                }
                assert!(!pending(data) && !data.join("sled.new").exists());
                assert!(!finish(data).unwrap());
            }
        }
    }

    #[test]
    fn before_the_note_nothing_has_changed() {
        let folder = folder(true);
        let data = folder.path();
        // The write of the note was interrupted.
        fs::write(data.join(NOTE_MAKING), "sled.dam").unwrap();
        assert!(!finish(data).unwrap());
        assert_eq!(holds(data, "sled"), "sled");
        let aside = swap(data, &mut |_| Ok(())).unwrap();
        assert_eq!(aside, Some(data.join("sled.damaged-1")));
        assert!(!data.join(NOTE_MAKING).exists());
    }
}
