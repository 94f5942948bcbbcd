//! `quittance receipt verify`: offline, with nothing of ours running.

use std::path::{Path, PathBuf};

use chain::{Receipt, Verified, VerifierKey};
use clap::Args;

use super::show::Summary;
use crate::cli::Context;
use crate::cli::connect::{named, vkey};
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::wire::receipt::RECEIPT_VERSION;
use crate::wire::{ReceiptFile, ReceiptFileError, ReceiptLevel};

/// Verifies a receipt offline: exit code 0 it holds, 1 it does not, 2 it could not be checked
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance receipt verify receipt.json --log-vkey log.vkey")]
pub(crate) struct VerifyArgs {
    /// The receipt, or `-` for stdin [default: stdin, if something is piped in]
    file: Option<PathBuf>,
    /// The log's key as you had it by another way: a vkey, or a file with one
    #[arg(
        long,
        visible_alias = "vkey",
        value_name = "FILE|TEXT",
        env = "QUITTANCE_LOG_VKEY",
        required_unless_present = "policy"
    )]
    log_vkey: Option<String>,
    /// A policy (C2SP tlog-policy) with the log's keys, the witnesses and their quorum, as you had it
    /// by another way
    #[arg(long, value_name = "FILE", env = "QUITTANCE_POLICY")]
    policy: Option<PathBuf>,
}

/// What a receipt proves to somebody, and by whose signatures.
pub(crate) struct Believed {
    pub(crate) verified: Verified,
    pub(crate) key: VerifierKey,
    /// Names of the witnesses in the policy, with their times; `None` if nobody asked for any.
    pub(crate) witnesses: Option<Vec<(String, u64)>>,
}

pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let key = args.log_vkey.as_deref().map(vkey).transpose()?;
    let bytes = files::read(&files::or_stdin(args.file.as_deref(), "receipt")?)?;
    let file = read(&bytes)?;
    let receipt = file.to_receipt().map_err(broken)?;
    let believed = match (&args.policy, key) {
        (Some(policy), key) => {
            let believed = Believed::by_policy(&receipt, policy)?;
            if let Some(key) = key.filter(|key| *key != believed.key) {
                return Err(fails().because(format!(
                    "the policy's key {} signed it, and not yours, {}",
                    named(&believed.key),
                    named(&key)
                )));
            }
            believed
        }
        (None, Some(key)) => Believed::by_key(&file, &receipt, key)?,
        (None, None) => return Err(Failure::usage("neither a key nor a policy was brought")),
    };
    let Believed {
        verified,
        key,
        witnesses,
    } = &believed;
    Summary::of(&receipt.entry, verified, key, witnesses.as_deref()).print(context)?;
    if file.level == ReceiptLevel::Witnessed && witnesses.is_none() {
        context.out.say(
            "it says that witnesses cosigned it, and nobody looked: bring your policy with --policy",
        );
    }
    context.out.say(format_args!(
        "{} every byte leads to the signed root",
        context.out.green("verified:")
    ));
    Ok(())
}

impl Believed {
    fn by_key(file: &ReceiptFile, receipt: &Receipt, key: VerifierKey) -> Result<Self, Failure> {
        let verified = receipt
            .verify(&key)
            .map_err(|error| other_key(file, receipt, &key).unwrap_or_else(|| unproven(error)))?;
        if file.level == ReceiptLevel::Witnessed && !has_other_lines(receipt, &key) {
            return Err(fails().because("it claims witnesses and carries no cosignature"));
        }
        Ok(Self {
            verified,
            key,
            witnesses: None,
        })
    }

    /// Verifies a receipt by a policy in a file, quorum included.
    pub(super) fn by_policy(receipt: &Receipt, path: &Path) -> Result<Self, Failure> {
        let policy = crate::witness::read_policy(path).map_err(|error| {
            Failure::new(Kind::File, "the policy cannot be read").because(error)
        })?;
        let (verified, verdict) = receipt.verify_by(&policy).map_err(unproven)?;
        let name = |(at, time): &(usize, u64)| {
            let witness = policy.witnesses().get(*at);
            (
                witness.map_or(String::new(), |witness| witness.name.clone()),
                *time,
            )
        };
        let witnesses: Vec<_> = verdict.cosigned.iter().map(name).collect();
        if !verdict.quorum {
            let names: Vec<&str> = witnesses.iter().map(|(name, _)| name.as_str()).collect();
            let found = match names.is_empty() {
                true => "no witness of the policy cosigned it".to_owned(),
                false => format!("no quorum: cosigned by {} alone", names.join(", ")),
            };
            return Err(fails().because(found).hint(
                "the log's own signature holds; `quittance receipt refresh --witnessed` fetches \
                 what the witnesses have cosigned since",
            ));
        }
        let log = policy.logs().get(verdict.log);
        let key = log.map(|log| log.key.clone());
        Ok(Self {
            verified,
            key: key.ok_or_else(fails)?,
            witnesses: policy.needs_witnesses().then_some(witnesses),
        })
    }
}

/// Whether somebody else than the log has put a line to the checkpoint.
fn has_other_lines(receipt: &Receipt, key: &VerifierKey) -> bool {
    let note = chain::Note::parse(&receipt.checkpoint);
    note.is_ok_and(|note| note.signatures().iter().any(|line| !line.is_by(key)))
}

fn unproven(error: chain::ReceiptError) -> Failure {
    fails()
        .because(error)
        .hint("nothing in it can be relied on; ask the node for a fresh one")
}

/// A receipt whose form is wrong.
pub(super) fn broken(error: ReceiptFileError) -> Failure {
    fails().because(error)
}

fn fails() -> Failure {
    Failure::new(Kind::Invalid, "the receipt does not hold")
}

/// Reads the file. One that was cut off, or is no receipt of this version, says nothing about what
/// it was a copy of: neither yes nor no.
pub(in crate::cli) fn read(bytes: &[u8]) -> Result<ReceiptFile, Failure> {
    let unread = |why: String| {
        Failure::new(
            Kind::File,
            "the receipt cannot be read, so nothing was checked",
        )
        .because(why)
    };
    if let Err(error) = serde_json::from_slice::<serde_json::Value>(bytes) {
        let why = if error.is_eof() {
            "the file is cut off".to_owned()
        } else {
            format!("it is no JSON: {error}")
        };
        return Err(unread(why).hint("`quittance receipt get` fetches a fresh one"));
    }
    match ReceiptFile::from_json(bytes) {
        Ok(file) if file.version != RECEIPT_VERSION => Err(unread(format!(
            "its version is {}, not {RECEIPT_VERSION}",
            file.version
        ))),
        Ok(file) => Ok(file),
        Err(error) => Err(fails().because(error)),
    }
}

/// A receipt that holds under the key it names, and not under the one that was brought.
fn other_key(file: &ReceiptFile, receipt: &Receipt, yours: &VerifierKey) -> Option<Failure> {
    let stated = VerifierKey::parse(&file.log_vkey).ok()?;
    if stated == *yours || receipt.verify(&stated).is_err() {
        return None;
    }
    let (kind, hint) = if stated.name() == yours.name() {
        let hint = "either the log has changed its key since (`quittance keys follow`, `quittance audit \
                    --kept`), or somebody runs another log under its name; ask the operators by \
                    another way";
        (Kind::Invalid, hint)
    } else {
        let hint = "this is a receipt of another log than your key's: nothing was checked";
        (Kind::File, hint)
    };
    let told = format!(
        "KEY MISMATCH: yours is {}, the receipt is signed by {}",
        named(yours),
        named(&stated)
    );
    Some(Failure::new(kind, told).hint(hint))
}
