//! Every row of `docs/operate/recovery.md`: a data folder as it may be found, and what the node
//! does with it. The page and the rows are compared, so that neither drifts.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use quittance::node::Trouble;
use quittance::store::disk::RealDisk;
use quittance::store::marker::DataFolder;

use crate::recovery_rows::{Base, ROWS, Row};
use crate::site::{EXPECTED, ORIGIN, Site, Verdict, copy, try_to_open, try_to_open_as};

/// What the node does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Does {
    /// Refuses with this code, and these words.
    Refuses(Trouble, &'static str),
    /// Opens, and everything is as before.
    Opens,
    /// Opens; some bodies stay closed, and a line says so.
    ClosedBodies,
    /// Opens without the very last group, which nothing follows: the residue that is stated.
    LosesLastGroup,
    /// Opens an older log, and nothing on this machine can tell.
    OlderLog,
    /// Opens a log that the true one forked from, and nothing on this machine can tell.
    OtherHistory,
}

impl Does {
    /// How the page writes it in its second column.
    fn word(self) -> String {
        match self {
            Self::Refuses(code, _) => format!("refuses: `{}`", code.as_str()),
            Self::Opens => "opens".into(),
            Self::ClosedBodies => "opens, some bodies closed".into(),
            Self::LosesLastGroup => "opens without the last group".into(),
            Self::OlderLog => "opens the older log".into(),
            Self::OtherHistory => "opens the other history".into(),
        }
    }
}

/// The folders that rows begin with.
pub(crate) struct Folders {
    /// Stopped in an orderly way.
    stopped: tempfile::TempDir,
    /// The same log, stopped 20 payments earlier.
    pub(crate) older: tempfile::TempDir,
    /// What a copy of `older` went on with: ten other payments, under the same keys.
    pub(crate) fork: tempfile::TempDir,
    /// Killed while everything stood in the segments alone.
    killed: tempfile::TempDir,
    /// Another log of the same name.
    pub(crate) foreign: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        let stopped = crate::folder();
        let mut site = Site::new(stopped.path(), Duration::from_millis(3));
        site.pay(20);
        site.stop();
        let older = crate::folder();
        copy(stopped.path(), older.path());
        let mut site = site.again(Duration::from_millis(3));
        site.pay(10);
        site.stop();
        let fork = crate::folder();
        copy(stopped.path(), fork.path());
        let mut site = site.again_with(older.path(), Duration::from_millis(3));
        site.pay(19);
        // The last frame then releases those that the older store lacks.
        site.wait_until_released();
        site.pay(1);
        site.stop();
        site.note();
        drop(site);
        let (running, killed) = (crate::folder(), crate::folder());
        let mut site = Site::new(running.path(), Duration::from_secs(3_600));
        site.pay(30);
        site.note();
        copy(running.path(), killed.path());
        site.stop();
        let foreign = crate::folder();
        let mut site = Site::new(foreign.path(), Duration::from_millis(3));
        site.pay(30);
        site.stop();
        Self {
            stopped,
            older,
            fork,
            killed,
            foreign,
        }
    }

    fn of(&self, base: Base) -> &Path {
        match base {
            Base::Stopped => self.stopped.path(),
            Base::Killed => self.killed.path(),
        }
    }

    /// A copy of the folder that the row begins with, as the row finds it.
    fn make(&self, row: &Row) -> tempfile::TempDir {
        let trial = crate::folder();
        copy(self.of(row.base), trial.path());
        (row.make)(&trial.path().join("data"), self);
        trial
    }
}

fn judge(row: &Row, verdict: &Verdict) -> Result<(), String> {
    let good = match (row.does, verdict) {
        (Does::Refuses(code, words), Verdict::Refused(why)) => {
            why.starts_with(&format!("{}: ", code.as_str())) && why.contains(words)
        }
        (Does::Opens, Verdict::Same) => true,
        (Does::ClosedBodies, Verdict::KeysLost(why)) => why.contains("key slot"),
        (Does::LosesLastGroup, Verdict::Wrong(why)) => crate::tamper::is_last_group(why),
        (Does::OlderLog | Does::OtherHistory, Verdict::Wrong(why)) => {
            why.starts_with("checkpoint: ") || why.starts_with("entry ")
        }
        _ => false,
    };
    let wrong = || format!("{}: {:?}, found {verdict:?}", row.id, row.does);
    if good { Ok(()) } else { Err(wrong()) }
}

#[test]
fn every_row_of_the_recovery_page_holds() {
    let folders = Folders::new();
    let only = std::env::var("QUITTANCE_ROW").ok();
    let mut wrong = Vec::new();
    for row in ROWS
        .iter()
        .filter(|row| only.as_deref().is_none_or(|only| only == row.id))
    {
        let trial = folders.make(row);
        let first = try_to_open(trial.path());
        wrong.extend(judge(row, &first).err());
        // A refusal changes nothing: the second attempt says the same.
        if let (Does::Refuses(..), Ok(())) = (row.does, judge(row, &first)) {
            wrong.extend(judge(row, &try_to_open(trial.path())).err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files that the node's user may not read; as root, the trial runs as nobody.
#[test]
fn files_without_permission_are_named() {
    const NOBODY: u32 = 65_534;
    let folder = crate::folder();
    let mut site = Site::new(folder.path(), Duration::from_millis(3));
    site.pay(10);
    site.stop();
    site.note();
    drop(site);
    let own = fs::metadata(folder.path()).unwrap();
    let root = std::os::unix::fs::MetadataExt::uid(&own) == 0;
    let whole = crate::folder();
    copy(folder.path(), whole.path());
    let user = root.then_some(NOBODY);
    give(whole.path(), user);
    if try_to_open_as(whole.path(), user) != Verdict::Same {
        println!("NOT RUN: nobody can start this test's binary");
        return;
    }
    for (name, code, words) in [
        ("format", Trouble::FileUnreadable, "data folder"),
        ("head", Trouble::FileUnreadable, "head file"),
        ("wal/00000001.wal", Trouble::WalUnreadable, "segment 1"),
        ("sled/db", Trouble::FileUnreadable, "sled"),
        ("keys.slots", Trouble::SlotsUnreadable, "key slots"),
        ("keys/log.pem", Trouble::KeyUnusable, "log.pem"),
        ("keys/passphrase", Trouble::KeyUnusable, "passphrase"),
    ] {
        let trial = crate::folder();
        copy(folder.path(), trial.path());
        give(trial.path(), user);
        let path = trial.path().join("data").join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let Verdict::Refused(why) = try_to_open_as(trial.path(), user) else {
            panic!("{name} was read without permission");
        };
        assert!(
            why.starts_with(code.as_str()) && why.contains(words),
            "{name}: {why}"
        );
        assert!(
            why.to_lowercase().contains("permission denied"),
            "{name}: {why}"
        );
    }
}

/// Hands a folder to a user.
fn give(path: &Path, user: Option<u32>) {
    let Some(user) = user else { return };
    chown(path, Some(user), Some(user)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), Some(user));
        }
    }
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = crate::folder();
    let site = Site::new(folder.path(), Duration::from_millis(3));
    site.note();
    let verdict = try_to_open(folder.path());
    let in_use = |why: &str| why.starts_with("FOLDER_IN_USE") && why.contains("stop that one");
    assert!(
        matches!(&verdict, Verdict::Refused(why) if in_use(why)),
        "{verdict:?}"
    );
    site.stop();
}

#[test]
fn an_empty_folder_and_a_founding_that_was_cut_short_say_what_they_are() {
    let trial = crate::folder();
    let data = trial.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(
        trial.path().join(EXPECTED),
        "{\"checkpoint\":\"\",\"entries\":[],\"balances\":{}}",
    )
    .unwrap();
    let refused = |code: Trouble| {
        let verdict = try_to_open(trial.path());
        let good = matches!(&verdict, Verdict::Refused(why) if why.starts_with(code.as_str()));
        assert!(good, "{verdict:?}");
    };
    refused(Trouble::FolderEmpty);
    fs::write(data.join("format.new"), "quit").unwrap();
    refused(Trouble::FolderEmpty);
    // The marker is there, and nothing else.
    drop(DataFolder::init(Arc::new(RealDisk::create(&data).unwrap())).unwrap());
    refused(Trouble::FoundingUnfinished);
    // Entry 0 is stored, and the head file was not written any more.
    let other = crate::folder();
    crate::world::found_only(other.path());
    fs::remove_dir_all(&data).unwrap();
    copy(&other.path().join("data"), &data);
    fs::remove_file(data.join("head")).unwrap();
    // Without the note that a founding had begun, a log may have been here.
    refused(Trouble::HeadMissing);
    fs::write(data.join("founding"), "").unwrap();
    refused(Trouble::FoundingUnfinished);
}

#[test]
fn a_clock_far_from_the_log_is_refused() {
    let folder = crate::folder();
    let site = Site::new(folder.path(), Duration::from_millis(3));
    let later = site.node().clock().now_ns() + 30 * 86_400 * 1_000_000_000;
    site.stop();
    let mut site = site.again_at(Duration::from_millis(3), Some(later));
    site.pay(1);
    site.stop();
    site.note();
    drop(site);
    let verdict = try_to_open(folder.path());
    let off = |why: &str| why.starts_with("CLOCK_OFF") && why.contains("--accept-time");
    assert!(
        matches!(&verdict, Verdict::Refused(why) if off(why)),
        "{verdict:?}"
    );
}

/// The rows of the page's tables: what the node does, and the test.
fn page() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operate/recovery.md");
    let text = fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    for line in text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.contains("---"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let [_, does, _, test] = cells[..]
            && test.starts_with('`')
        {
            let does = does.split(';').next().unwrap_or_default();
            found.push((does.to_string(), test.trim_matches('`').to_string()));
        }
    }
    found
}

#[test]
fn the_page_and_the_tests_have_the_same_rows() {
    let page = page();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (does, test) in &page {
        if let Some((file, function)) = test.split_once("::") {
            let text = fs::read_to_string(root.join(file)).unwrap();
            assert!(
                text.contains(&format!("fn {function}(")),
                "{test} is not there"
            );
            continue;
        }
        let row = ROWS.iter().find(|row| row.id == test);
        let row = row.unwrap_or_else(|| panic!("the page names {test}, and there is no such row"));
        assert_eq!(*does, row.does.word(), "{test}");
    }
    for row in ROWS {
        let times = page.iter().filter(|(_, test)| test == row.id).count();
        assert_eq!(times, 1, "{} stands {times} times on the page", row.id);
    }
    let codes: Vec<&str> = page.iter().map(|(does, _)| does.as_str()).collect();
    for trouble in Trouble::ALL {
        let named = codes
            .iter()
            .any(|does| does.contains(&format!("`{}`", trouble.as_str())));
        assert!(named, "no row of the page ends in {}", trouble.as_str());
    }
}

/// The files in a folder of the data folder, in order.
pub(crate) fn inside(data: &Path, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(data.join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Puts another origin into the trial's configuration.
pub(crate) fn configure_origin(data: &Path, origin: &str) {
    fs::write(data.parent().unwrap().join(ORIGIN), origin).unwrap();
}

/// A store that came up empty beside a write-ahead log is nobody's to remove.
#[test]
fn nobody_is_told_to_remove_what_may_hold_a_log() {
    let folder = crate::folder();
    let mut site = crate::site::Site::new(folder.path(), std::time::Duration::from_secs(3_600));
    site.pay(3);
    site.stop();
    site.note();
    drop(site);
    let data = folder.path().join("data");
    std::fs::remove_file(data.join("head")).unwrap();
    std::fs::remove_dir_all(data.join("sled")).unwrap();
    let words = format!("{:?}", crate::site::try_to_open(folder.path()));
    assert!(words.contains("HEAD_MISSING"), "{words}");
    assert!(!words.contains("emove the data folder"), "{words}");
}
