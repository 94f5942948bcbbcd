//! Files of an export that are no longer what was exported: a disk that fails, or somebody's hand.
//!
//! Exports never write such a file, so it is told of, and never replaced in silence: the run ends, or,
//! if that was asked for, the file is kept under another name before it is written anew.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::audit::layout;
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::cli::output::Output;

/// The folder, below that of the export, of what was found changed.
const ASIDE: &str = "changed";

/// What is done about changed files.
pub(super) struct Changed<'a> {
    out: Output,
    folder: &'a Path,
    /// Whether they are written anew.
    mend: bool,
    count: Cell<u64>,
}

impl<'a> Changed<'a> {
    pub(super) fn new(out: Output, folder: &'a Path, mend: bool) -> Self {
        Self {
            out,
            folder,
            mend,
            count: Cell::new(0),
        }
    }

    /// Takes note of a file that is not what was exported. If this succeeds, it may be replaced.
    pub(super) fn found(&self, file: &Path, why: &str) -> Result<(), Failure> {
        let name = file.strip_prefix(self.folder).unwrap_or(file);
        let shown = file.display();
        let keeps = name != Path::new(layout::BODY_KEYS);
        let aside = self.aside(name);
        if !self.mend {
            let failure = Failure::new(
                Kind::Invalid,
                format_args!("{shown} is not what was exported: {why}"),
            );
            let kept = match keeps {
                true => format!("keeps a copy of it as {} and ", aside.display()),
                false => String::new(),
            };
            return Err(failure.hint(format_args!(
                "it was left as it is: it may be evidence, or the disk fails; `--mend` {kept}fetches \
                 what the log holds"
            )));
        }
        self.count.set(self.count.get().saturating_add(1));
        let kept = match keeps {
            true => {
                if let Some(parent) = aside.parent() {
                    files::make_dir(parent)?;
                }
                fs::copy(file, &aside).map_err(|error| files::unwritable(&aside, error))?;
                format!("kept as {}", aside.display())
            }
            // Keys of bodies that are erased must go everywhere.
            false => "not kept, for it holds keys".to_owned(),
        };
        self.out.say(format_args!(
            "{} {shown} is not what was exported: {why}; {kept}, and fetched again",
            self.out.red("CHANGED:")
        ));
        Ok(())
    }

    /// A name below the folder that nothing has.
    fn aside(&self, name: &Path) -> PathBuf {
        let first = self.folder.join(ASIDE).join(name);
        let mut free = first.clone();
        let mut n = 1u32;
        while free.exists() {
            n = n.saturating_add(1);
            free.clone_from(&first);
            free.as_mut_os_string().push(format!(".{n}"));
        }
        free
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count.get()
    }
}
