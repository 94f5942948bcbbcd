//! Why a node does not start, as stable codes: one table, with the way on.

macro_rules! troubles {
    ($($variant:ident = $code:literal, $title:literal, $todo:literal;)*) => {
        /// Why a node does not start: a stable code for scripts, pages and `quittance explain`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Trouble {
            $(#[doc = concat!("`", $code, "`: ", $title, ".")] $variant,)*
        }

        impl Trouble {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Trouble] = &[$(Trouble::$variant),*];

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What it means.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the operator does.
            #[must_use]
            pub const fn what_to_do(self) -> &'static str {
                match self { $(Self::$variant => $todo,)* }
            }

            /// Reads a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

troubles! {
    FolderEmpty = "FOLDER_EMPTY", "There is nothing in the data folder",
        "Is the disk mounted that holds the data? If there never was a log, `quittance init`; to bring one back, `quittance restore`.";
    FolderForeign = "FOLDER_FOREIGN", "The data folder holds files and no marker",
        "If it is not ours, name another one in `data.dir`. If its file `format` was lost, put back a file with the one line `quittance data 1`.";
    FolderFormat = "FOLDER_FORMAT", "The file `format` says something that this version does not read",
        "Start the version that wrote the folder. If the file was damaged, put back the one line `quittance data 1`.";
    FolderInUse = "FOLDER_IN_USE", "Another process works on the data folder",
        "Stop that one. Never remove `lock` under a running node.";
    FileUnreadable = "FILE_UNREADABLE", "A file or folder cannot be read or written",
        "The message names it: give it back to the node's user with mode 0600 (folders 0700), or replace what lies in its place.";
    FoundingUnfinished = "FOUNDING_UNFINISHED", "The founding of the log was interrupted",
        "Nothing was ever signed here: remove the data folder and found again.";
    HeadDamaged = "HEAD_DAMAGED", "Both copies in the head file are damaged, or another version wrote it",
        "Copy the folder. Nobody here knows any more what was signed: `quittance restore --checkpoint` at the newest checkpoint that anybody holds.";
    HeadMissing = "HEAD_MISSING", "There is a log and no head file",
        "Put the head file back from the same copy as the rest. Without it, `quittance restore --checkpoint` at the newest checkpoint that anybody holds.";
    StoreMissing = "STORE_MISSING", "The store is gone while the head file says that there was a log",
        "Is its disk mounted? Otherwise `quittance rebuild` from an export, which the write-ahead log completes.";
    StoreUnopened = "STORE_UNOPENED", "The store's engine refuses its files, or panics on them",
        "`quittance doctor` looks closer. `quittance rebuild` makes a new store, with `--from BACKUP` where too little can be read; what lies there is kept aside.";
    StoreDamaged = "STORE_DAMAGED", "Something in the store is missing, unreadable or of another format",
        "`quittance rebuild` makes a new store out of what can be proven, with `--from BACKUP` where that is too little; what lies there is kept aside.";
    StoreNotKept = "STORE_NOT_KEPT", "The store is damaged and there is no room for the copy that must be kept first",
        "Make room on the disk, or copy the data folder to a larger one and start there.";
    StoreGap = "STORE_GAP", "The store is older than the write-ahead log reaches",
        "Put the store back that belongs to this write-ahead log, or `quittance rebuild` from a newer export.";
    WalMissing = "WAL_MISSING", "Write-ahead segments are gone",
        "Put them back: what was acknowledged last may stand in them alone. Without them, `quittance restore --checkpoint`.";
    WalDamaged = "WAL_DAMAGED", "A frame that was acknowledged is damaged",
        "Copy the folder and cut nothing. Put the segments back from a copy of the disk; without one, `quittance restore --checkpoint`.";
    WalUnreadable = "WAL_UNREADABLE", "The write-ahead segments cannot be read or written",
        "The message names the segment and what the system reports: mend the disk or the rights, then start again.";
    SlotsMissing = "SLOTS_MISSING", "The file of erasable keys is gone",
        "Put `keys.slots` back from its own backup. Without one, make an empty file of that name: the node starts, and the bodies of old entries stay closed for ever.";
    SlotsUnreadable = "SLOTS_UNREADABLE", "The file of erasable keys cannot be read or written",
        "The message says what the system reports: mend the disk or the rights, then start again.";
    LogBehind = "LOG_BEHIND", "The log on disk ends below what was signed",
        "This is an old copy, or its tail is lost. Put the newest store, write-ahead log and head file in place, together.";
    LogForked = "LOG_FORKED", "The log on disk has another root than was signed",
        "Two logs would share a name. Put files of one and the same log in place, together.";
    LogDiverged = "LOG_DIVERGED", "Replay computes something else than the log holds",
        "Start the version that wrote it, and report it. If the store was damaged, `quittance rebuild`.";
    OtherLog = "OTHER_LOG", "The configuration names another log than the data folder holds",
        "Correct the key of `node.toml` that the message names, or `data.dir`.";
    KeyUnusable = "KEY_UNUSABLE", "The log's key file cannot be opened",
        "If the message names a mode, set it; else put the key file back from its safe copy, or give the right passphrase.";
    PolicyUnusable = "POLICY_UNUSABLE", "The policy of witnesses cannot be used",
        "Correct the line that the message names; `witness.policy` in `node.toml` names the file, and an empty one asks no witness.";
    ClockOff = "CLOCK_OFF", "The clock is far from the log's last time",
        "Set the clock. If it is right, `quittance run --accept-time` with the time that you vouch for.";
    SystemRefused = "SYSTEM_REFUSED", "The system gives no thread, or no random numbers",
        "Look at the limits of the process (`ulimit -u`, cgroups), then start again.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_and_stand_once() {
        for (at, trouble) in Trouble::ALL.iter().enumerate() {
            let code = trouble.as_str();
            assert_eq!(Trouble::from_code(code), Some(*trouble));
            let twice = Trouble::ALL[at + 1..]
                .iter()
                .any(|other| other.as_str() == code);
            assert!(!twice, "{code}");
            assert!(trouble.what_to_do().ends_with('.'), "{code}");
        }
    }
}
