//! A test double: a disk in memory that can lose power.
//!
//! It keeps exactly what [`crate::store::disk`] promises and nothing more. At
//! [`SimDisk::power_cut`] every write since its file's last sync is kept, dropped or torn (each
//! 512-byte sector by itself), in any combination, and names that were not followed by a
//! `sync_dir` may vanish or stay. Faults can be ordered: errors on write or sync, or a sync that
//! lies. It is compiled into the library so that integration tests can use it; a node never does.
//!
//! Threads that are in the middle of their work cannot be stopped without ending the process, so a
//! cut can also be *ordered* ([`SimDisk::cut_after`]): the disk is photographed at one write or
//! sync, and everything later reaches the running disk alone, as if it never happened.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::disk::{Disk, DiskFile, DiskLock, OpenMode};

mod inode;

pub use inode::SECTOR;
use inode::{Change, Dice, Inode};

/// What goes wrong when an ordered [`Fault`] strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The device reports an input/output error (EIO).
    Io,
    /// The device is full (ENOSPC).
    Full,
}

/// Which operation an ordered [`Fault`] strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultOn {
    /// `write_at` and `set_len`.
    Write,
    /// `sync_data` and `sync_dir`.
    Sync,
}

/// An error ordered from a [`SimDisk`]; it strikes again and again until taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The operation that fails.
    pub on: FaultOn,
    /// The error it fails with.
    pub kind: FaultKind,
    /// How many such operations still succeed first.
    pub after: u32,
}

/// A disk in memory; clones and folders share one power supply.
#[derive(Clone)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
    prefix: String,
}

#[derive(Default)]
struct State {
    /// Counts power cuts; handles from before one are dead.
    boot: u64,
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    names_synced: BTreeMap<String, usize>,
    name_changes: Vec<NameChange>,
    locks: BTreeSet<String>,
    fault: Option<Fault>,
    /// Files whose names begin so are not kept by a sync.
    sync_lies: Option<String>,
    counts: Counts,
    cut: Cut,
}

/// An ordered power cut.
#[derive(Default)]
enum Cut {
    #[default]
    None,
    /// After so many more writes and syncs.
    After(u64),
    /// The disk as it was at that moment.
    Done(Box<State>),
}

/// How often the disk was asked for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of `write_at`.
    pub writes: u64,
    /// Calls of `sync_data`.
    pub syncs: u64,
}

#[derive(Clone)]
enum NameChange {
    Link(String, usize),
    Unlink(String),
    Rename(String, String),
}

impl Default for SimDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl SimDisk {
    /// Makes an empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            prefix: String::new(),
        }
    }

    /// Returns the disk as what the store takes.
    #[must_use]
    pub fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// Cuts the power and starts again: all open handles are dead, all locks are free, and what
    /// was not synced is kept, dropped or torn as `seed` decides.
    pub fn power_cut(&self, seed: u64) {
        let mut dice = Dice(seed);
        let mut state = self.lock();
        state.boot += 1;
        state.locks.clear();
        for inode in &mut state.inodes {
            inode.power_cut(&mut dice);
        }
        let mut names = std::mem::take(&mut state.names_synced);
        for change in std::mem::take(&mut state.name_changes) {
            if dice.below(2) == 0 {
                change.apply(&mut names);
            }
        }
        state.names_synced.clone_from(&names);
        state.names = names;
    }

    /// Orders a power cut: `operations` more writes and syncs take effect, and the disk as it is
    /// then is kept aside for [`SimDisk::survivor`]. The running disk works on.
    pub fn cut_after(&self, operations: u64) {
        self.lock().cut = Cut::After(operations);
    }

    /// Says whether the ordered cut has struck. What was answered before this was `false` was
    /// answered before the cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        matches!(self.lock().cut, Cut::Done(_))
    }

    /// Returns the disk as the ordered cut left it, with a power supply of its own; `None` before
    /// the cut. What was not synced is kept, dropped or torn as `seed` decides.
    #[must_use]
    pub fn survivor(&self, seed: u64) -> Option<Self> {
        let photograph = match &self.lock().cut {
            Cut::Done(photograph) => photograph.copy(),
            _ => return None,
        };
        let survivor = Self {
            state: Arc::new(Mutex::new(photograph)),
            prefix: String::new(),
        };
        survivor.power_cut(seed);
        Some(survivor)
    }

    /// Returns an independent disk with the same files.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            state: Arc::new(Mutex::new(self.lock().copy())),
            prefix: self.prefix.clone(),
        }
    }

    /// Orders an error, or takes the order back.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.lock().fault = fault;
    }

    /// Makes every sync succeed without keeping anything (or honest again).
    pub fn set_sync_lies(&self, lies: bool) {
        self.lock().sync_lies = lies.then(String::new);
    }

    /// The same for those files alone whose names, folders included, begin with `prefix`.
    pub fn set_sync_lies_in(&self, prefix: &str) {
        self.lock().sync_lies = Some(prefix.to_owned());
    }

    /// Returns how often the disk was written and synced so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Returns the present bytes of a file.
    #[must_use]
    pub fn contents(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.lock();
        let inode = *state.names.get(&self.full(name))?;
        Some(state.inodes[inode].now.clone())
    }

    /// Replaces a file by these bytes, durably: damage, or an older copy put back.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let full = self.full(name);
        let mut state = self.lock();
        let inode = match state.names.get(&full) {
            Some(inode) => *inode,
            None => {
                state.inodes.push(Inode::default());
                state.inodes.len() - 1
            }
        };
        state.names.insert(full.clone(), inode);
        state.names_synced.insert(full, inode);
        state.inodes[inode] = Inode {
            now: bytes.to_vec(),
            synced: bytes.to_vec(),
            changes: Vec::new(),
        };
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Everything but orders and locks.
    fn copy(&self) -> Self {
        Self {
            boot: self.boot,
            inodes: self.inodes.clone(),
            names: self.names.clone(),
            names_synced: self.names_synced.clone(),
            name_changes: self.name_changes.clone(),
            ..Self::default()
        }
    }

    /// Counts an operation that is about to take effect; the ordered cut comes before it.
    fn tick(&mut self) {
        match &mut self.cut {
            Cut::After(0) => self.cut = Cut::Done(Box::new(self.copy())),
            Cut::After(left) => *left -= 1,
            Cut::None | Cut::Done(_) => {}
        }
    }

    fn is_kept(&self, name: &str) -> bool {
        !self
            .sync_lies
            .as_ref()
            .is_some_and(|prefix| name.starts_with(prefix))
    }

    fn strike(&mut self, on: FaultOn) -> io::Result<()> {
        match &mut self.fault {
            Some(fault) if fault.on == on && fault.after == 0 => Err(match fault.kind {
                FaultKind::Io => io::Error::other("ordered input/output error"),
                FaultKind::Full => io::Error::from(io::ErrorKind::StorageFull),
            }),
            Some(fault) if fault.on == on => {
                fault.after -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Unlink(name) => {
                names.remove(name);
            }
            Self::Rename(source, target) => {
                if let Some(inode) = names.remove(source) {
                    names.insert(target.clone(), inode);
                }
            }
        }
    }
}

impl Disk for SimDisk {
    fn open(&self, name: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let full = self.full(name);
        let mut state = self.lock();
        let inode = match (state.names.get(&full), mode) {
            (Some(inode), _) => *inode,
            (None, OpenMode::Existing) => return Err(io::Error::from(io::ErrorKind::NotFound)),
            (None, OpenMode::Create) => {
                let inode = state.inodes.len();
                state.inodes.push(Inode::default());
                state.names.insert(full.clone(), inode);
                state.name_changes.push(NameChange::Link(full, inode));
                inode
            }
        };
        Ok(Arc::new(SimFile {
            disk: self.clone(),
            name: self.full(name),
            inode,
            boot: state.boot,
        }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let full = self.full(name);
        let mut state = self.lock();
        state
            .names
            .remove(&full)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        state.name_changes.push(NameChange::Unlink(full));
        Ok(())
    }

    fn rename(&self, source: &str, target: &str) -> io::Result<()> {
        let change = NameChange::Rename(self.full(source), self.full(target));
        let mut state = self.lock();
        if !state.names.contains_key(&self.full(source)) {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        change.apply(&mut state.names);
        state.name_changes.push(change);
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let state = self.lock();
        let inside = state
            .names
            .keys()
            .filter_map(|name| name.strip_prefix(&self.prefix));
        let mut names: Vec<String> = inside
            .map(|name| {
                name.split_once('/')
                    .map_or(name, |(folder, _)| folder)
                    .to_owned()
            })
            .collect();
        names.dedup();
        Ok(names)
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.lock();
        state.strike(FaultOn::Sync)?;
        state.tick();
        if state.is_kept(&self.prefix) {
            state.name_changes.clear();
            state.names_synced = state.names.clone();
        }
        Ok(())
    }

    fn folder(&self, name: &str) -> io::Result<Arc<dyn Disk>> {
        Ok(Arc::new(Self {
            state: Arc::clone(&self.state),
            prefix: self.full(name) + "/",
        }))
    }

    fn try_lock(&self, name: &str) -> io::Result<Option<Box<dyn DiskLock>>> {
        self.open(name, OpenMode::Create)?;
        let full = self.full(name);
        let mut state = self.lock();
        if !state.locks.insert(full.clone()) {
            return Ok(None);
        }
        Ok(Some(Box::new(SimLock {
            disk: self.clone(),
            full,
            boot: state.boot,
        })))
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(format!("(simulated)/{}", self.prefix))
    }
}

struct SimFile {
    disk: SimDisk,
    name: String,
    inode: usize,
    boot: u64,
}

impl SimFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.lock();
        if state.boot == self.boot {
            Ok(state)
        } else {
            Err(io::Error::other("this handle died in a power cut"))
        }
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state()?.inodes[self.inode].now.len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state()?;
        state.strike(FaultOn::Write)?;
        state.tick();
        state.inodes[self.inode].change(Change::Length(size(len)?));
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.state()?;
        let file = &state.inodes[self.inode].now;
        let start = size(offset)?;
        let bytes = start
            .checked_add(buffer.len())
            .and_then(|end| file.get(start..end));
        buffer.copy_from_slice(bytes.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.state()?;
        state.strike(FaultOn::Write)?;
        state.tick();
        state.counts.writes += 1;
        let change = Change::Write {
            offset: size(offset)?,
            bytes: bytes.to_vec(),
        };
        state.inodes[self.inode].change(change);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state()?;
        state.strike(FaultOn::Sync)?;
        state.tick();
        state.counts.syncs += 1;
        if state.is_kept(&self.name) {
            state.inodes[self.inode].sync();
        }
        Ok(())
    }
}

struct SimLock {
    disk: SimDisk,
    full: String,
    boot: u64,
}

impl DiskLock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.disk.lock();
        if state.boot == self.boot {
            state.locks.remove(&self.full);
        }
    }
}

fn size(value: u64) -> io::Result<usize> {
    usize::try_from(value).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))
}

#[cfg(test)]
mod tests;
