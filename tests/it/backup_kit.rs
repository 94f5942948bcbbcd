//! Two banks that pay each other, backups of their log, and nodes on other folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::SigningKey;
use quittance::backup::{self, BackupError, Confirmed, NodeSource, Order, Plan, Restored, Taken};
use quittance::config::Config;
use quittance::node::{Node, OpenError, OpenOptions, Reply};
use tempfile::TempDir;

use crate::kit::{self, Sandbox, assert_good, futures_block};

pub(crate) const NOW: Order<'_> = Order::at("2026-11-23T09:30:00Z");

/// A sandbox with two banks, and a folder for backups.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) bank: SigningKey,
    folder: TempDir,
}

/// Two banks and their accounts.
pub(crate) fn two_banks(sandbox: &Sandbox) -> SigningKey {
    let (a, _) = (sandbox.bank("bank-a"), sandbox.bank("bank-b"));
    sandbox.asset("USD");
    sandbox.account("bank-a", "bank-a:usd", "USD", "1000.00");
    sandbox.account("bank-b", "bank-b:usd", "USD", "0");
    a
}

/// A payment with a text that is nobody's business.
pub(crate) fn payment(node: &Node) -> String {
    let id = kit::id(node);
    let pay = format!(
        r#"{{"transfer":{{"id":"{id}","legs":[{{"debit":"bank-a:usd","credit":"bank-b:usd","asset":"USD","amount":"1.00"}}],"end_to_end_id":"CANARY"}}}}"#
    );
    kit::body_at(node, &[pay])
}

/// Sends a body as bank A.
pub(crate) fn send(node: &Node, bank: &SigningKey, body: &str) -> Reply {
    let submission = kit::submission(node, "bank-a", &[bank], body);
    futures_block(node.submit(submission)).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let bank = two_banks(&sandbox);
        let folder = tempfile::tempdir().unwrap();
        Self {
            sandbox,
            bank,
            folder,
        }
    }

    /// Bank A pays so many times.
    pub(crate) fn pay(&self, times: usize) {
        for _ in 0..times {
            let node = self.sandbox.node();
            assert_good(&send(node, &self.bank, &payment(node)));
        }
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("backup")
    }

    /// A path that is not there yet.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first segment.
    pub(crate) fn segment(&self) -> PathBuf {
        files_below(&self.dir().join("segments")).remove(0)
    }

    pub(crate) fn take(&self) -> Taken {
        self.try_take(self.sandbox.node()).unwrap()
    }

    pub(crate) fn try_take(&self, node: &Arc<Node>) -> Result<Taken, BackupError> {
        let disk = backup::writable(&self.dir()).unwrap();
        let mut source = NodeSource::new(Arc::clone(node));
        backup::take(&mut source, &disk, &NOW, &mut |_| ())
    }

    pub(crate) fn verify(&self) -> Result<backup::Verified, BackupError> {
        verify(&self.dir())
    }

    /// The newest checkpoint, as a partner has kept it.
    pub(crate) fn kept(&self) -> Confirmed {
        confirmed(self.sandbox.node())
    }

    /// Restores the backup to a data folder named `name`, as the given parties confirm it.
    pub(crate) fn restore(
        &self,
        name: &str,
        confirmed: Vec<Confirmed>,
    ) -> Result<Restored, BackupError> {
        self.restore_as(
            name,
            &Plan {
                confirmed,
                ..Plan::default()
            },
        )
    }

    pub(crate) fn restore_as(&self, name: &str, plan: &Plan) -> Result<Restored, BackupError> {
        let disk = backup::readable(&self.dir())?;
        backup::restore(&disk, &self.place(name).join("data"), plan, &mut |_| ())
    }

    /// Opens a restored data folder, with the log's key put back.
    pub(crate) fn open(&self, name: &str) -> Result<Arc<Node>, OpenError> {
        let config = kit::config(&self.place(name));
        copy(
            &self.sandbox.config.data_dir.join("keys"),
            &config.data_dir.join("keys"),
        );
        open(&config)
    }
}

pub(crate) fn open(config: &Config) -> Result<Arc<Node>, OpenError> {
    Node::open(config, &OpenOptions::default())
}

pub(crate) fn confirmed(node: &Node) -> Confirmed {
    Confirmed {
        by: "bank-b".to_owned(),
        note: node.reader().checkpoint().as_bytes().to_vec(),
    }
}

pub(crate) fn verify(dir: &Path) -> Result<backup::Verified, BackupError> {
    backup::verify(&backup::readable(dir)?, None, None, &mut |_| ())
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
