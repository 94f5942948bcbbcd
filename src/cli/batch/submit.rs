//! `quittance batch submit`: pays what a file asks for, once.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chain::Hash;
use clap::Args;

use super::form::{Form, Wished};
use super::journal::{self, Head, Journal, Message, State};
use super::plan::Plan;
use super::records::Known;
use super::results::{self, Counts};
use super::send::Sender;
use super::table::Table;
use super::{columns, receipts};
use crate::cli::Context;
use crate::cli::connect::{SessionArgs, participant_of, refuse_beside, signers};
use crate::cli::error::{Failure, Kind};
use crate::cli::files;
use crate::cli::secret::Unlocked;
use crate::client::{Client, Sought};
use crate::limits;
use crate::wire::ErrorCode;

/// The most bad rows that are told one by one.
const TOLD_MAX: usize = 50;

/// Pays what a CSV file asks for; exit code 0 all settled, 1 some did not, 2 not finished
///
/// Nothing is sent unless every row is a payment. Run the same command again after anything that
/// stopped it: what was sent is in a journal beside the results and is sent again byte for byte,
/// so no payment happens twice.
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance batch submit payroll.csv --results out.csv --key hsm-1.pem\n         \
                   quittance batch submit payroll.csv --dry-run --key hsm-1.pem",
    after_help = columns::help(),
)]
pub(crate) struct SubmitArgs {
    /// The payments: CSV with a header row, UTF-8, at most 64 MiB and 500,000 rows
    file: PathBuf,
    /// The results to write: a row for each row of FILE [default: FILE with .results.csv]
    #[arg(long, value_name = "OUT", env = "QUITTANCE_RESULTS")]
    results: Option<PathBuf>,
    /// Folder for a receipt of each payment
    #[arg(long, value_name = "DIR", env = "QUITTANCE_RECEIPTS")]
    receipts: Option<PathBuf>,
    /// Send the good rows even if others are bad
    #[arg(long, env = "QUITTANCE_SKIP_BAD")]
    skip_bad: bool,
    /// Send rows that expired unanswered once more, under new ids
    #[arg(long, env = "QUITTANCE_RESEND_EXPIRED")]
    resend_expired: bool,
    /// Ask what would happen, message by message; nothing is logged or written
    #[arg(long, conflicts_with_all = ["resend_expired", "receipts"], env = "QUITTANCE_DRY_RUN")]
    dry_run: bool,
    /// What message ids begin with [default: `batch-` and the hash of FILE: a file that the log
    /// has already is refused, as far back as the node searches]
    #[arg(long, value_name = "PREFIX", env = "QUITTANCE_MESSAGE_ID")]
    message_id: Option<String>,
    /// How payments go to the node
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        default_value_t = Wished::Auto,
        env = "QUITTANCE_FORM"
    )]
    form: Wished,
    /// Payments in one message, at most what the node allows [default: 1,000 in JSON, 8,189 in a
    /// binary batch]
    #[arg(long, value_name = "N", value_parser = per_message, env = "QUITTANCE_PER_MESSAGE")]
    per_message: Option<usize>,
    /// Seconds without an answer before it is given up for now
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 300,
        env = "QUITTANCE_PATIENCE"
    )]
    patience: u64,
    #[command(flatten)]
    session: SessionArgs,
}

/// What to do with a file that was sent before.
pub(super) const SENT_BEFORE: &str = "the results lie where --results pointed then; to pay all of it once \
    more choose another --message-id";

fn per_message(text: &str) -> Result<usize, String> {
    let count = text.parse().ok();
    let count = count.filter(|count| (1..=limits::BATCH_RECORDS_MAX).contains(count));
    count.ok_or_else(|| format!("expected a number from 1 to {}", limits::BATCH_RECORDS_MAX))
}

/// A batch under way: the file, the node, the keys.
pub(super) struct Batch<'a> {
    pub(super) context: &'a Context,
    args: &'a SubmitArgs,
    pub(super) table: Table,
    form: Form,
    head: Head,
    client: Client,
    pub(super) keys: Vec<Unlocked>,
    /// With a session, once it is needed.
    reader: OnceCell<Client>,
}

pub(super) fn run(context: &Context, args: &SubmitArgs) -> Result<ExitCode, Failure> {
    let bytes = files::read(&args.file)?;
    let mut table = Table::read(&bytes)?;
    let form = Form::fit(args.form, &mut table);
    args.refuse_bad(&table)?;
    args.refuse_count(form)?;
    let client = args.session.node.client(context)?;
    let keys = args.session.keys.unlock(context)?;
    let submitter = match &args.session.participant {
        Some(participant) => participant.clone(),
        None => participant_of(&keys)?,
    };
    refuse_beside(&client, &keys).map_err(Failure::into_unanswered)?;
    let log = client
        .log()
        .map_err(|error| Failure::from(error).into_unanswered())?;
    let head = Head {
        version: journal::VERSION,
        sha256: Hash::sha256(&bytes).to_string(),
        submitter,
        origin: log.origin.clone(),
        genesis_hash: log.genesis_hash.0.to_string(),
    };
    let batch = Batch {
        context,
        args,
        table,
        form,
        head,
        client,
        keys,
        reader: OnceCell::new(),
    };
    if args.dry_run {
        return batch.dry_run();
    }
    batch.send()
}

impl SubmitArgs {
    fn refuse_bad(&self, table: &Table) -> Result<(), Failure> {
        let bad: Vec<_> = table.bad().map(|(line, bad)| bad.told(line)).collect();
        if bad.is_empty() || self.skip_bad {
            return Ok(());
        }
        let mut told = bad
            .iter()
            .take(TOLD_MAX)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        if bad.len() > TOLD_MAX {
            told.push_str(&format!("\nand {} more", bad.len() - TOLD_MAX));
        }
        let (count, of) = (bad.len(), table.rows.len());
        Err(Failure::new(
            Kind::Invalid,
            format_args!("{count} of {of} rows are no payments; nothing was sent"),
        )
        .because(told)
        .hint("correct them, or send the others alone with --skip-bad"))
    }

    fn refuse_count(&self, form: Form) -> Result<(), Failure> {
        let max = form.per_message_max();
        match self.per_message {
            Some(count) if count > max => Err(Failure::usage(format_args!(
                "--per-message {count}: a JSON message has at most {max} payments"
            ))
            .hint("leave it out, or leave the texts out and send --form binary")),
            _ => Ok(()),
        }
    }

    fn results(&self) -> PathBuf {
        match &self.results {
            Some(results) => results.clone(),
            None => self.file.with_extension("results.csv"),
        }
    }
}

impl Batch<'_> {
    fn send(mut self) -> Result<ExitCode, Failure> {
        let results = self.args.results();
        let journal = beside(&results);
        if results.exists() && !journal.exists() {
            return Err(Failure::usage(format_args!("{} exists", results.display()))
                .hint("choose another --results: nothing is overwritten"));
        }
        let mut journal = Journal::open(&journal)?;
        if results.exists() && !journal.is_sealed() {
            return Err(Failure::usage(format_args!(
                "{} exists, and the journal beside it is empty",
                results.display()
            ))
            .hint("it was sent before; choose another --results only if it is to be paid again"));
        }
        if let Err(failure) = self.prepare(&mut journal) {
            journal.discard();
            return Err(failure);
        }
        let bar = self
            .context
            .out
            .progress(self.table.rows.len() as u64, "payments");
        let signers = signers(&self.keys);
        let sent = self.sender(&signers).send(&mut journal, &bar);
        bar.finish_and_clear();
        // Whatever happened, the results say what is known.
        let mut lines = results::lines(&self.table, &journal);
        let fetched = match (&self.args.receipts, &sent) {
            (Some(folder), Ok(())) => receipts::fetch(
                self.context,
                &self.args.session,
                &self.keys,
                folder,
                &mut lines,
            ),
            _ => Ok(()),
        };
        results::write(&results, &lines)?;
        let counts = results::counts(&lines);
        self.tell(&counts, &results, &journal)?;
        sent.and(fetched).map_err(Failure::into_unanswered)?;
        Ok(ExitCode::from(counts.exit()))
    }

    /// Compares the journal with what is asked for, and seals what is to be sent.
    fn prepare(&mut self, journal: &mut Journal) -> Result<(), Failure> {
        if let Some(head) = &journal.head {
            compare(head, &self.head)?;
            // What was found out when the messages were made stays true of them.
            for (row, bad) in &journal.unfit {
                self.table.refuse_as(*row, bad.clone());
            }
        }
        let expired = |message: &&Message| matches!(message.state, State::Expired);
        let (rows, fresh_ids): (Vec<usize>, bool) = match journal.is_sealed() {
            false => ((0..self.table.rows.len()).collect(), false),
            true if self.args.resend_expired => {
                // A row that was sent once more already has a younger message.
                let lines = results::lines(&self.table, journal);
                let still = |row: &usize| {
                    lines
                        .get(*row)
                        .is_some_and(|l| l.status == results::EXPIRED)
                };
                let rows = journal.messages.iter().filter(expired);
                let mut rows: Vec<usize> =
                    rows.flat_map(|m| m.rows.clone()).filter(still).collect();
                rows.sort_unstable();
                rows.dedup();
                (rows, true)
            }
            true => return Ok(()),
        };
        let new = self.messages(journal.messages.len(), &rows, fresh_ids)?;
        if new.is_empty() {
            return Ok(());
        }
        if !journal.is_sealed() {
            self.refuse_sent_before(&new)?;
        }
        self.preflight(&new)?;
        let mut unfit = self.table.late();
        unfit.retain(|known| !journal.unfit.contains(known));
        journal.seal(&self.head, unfit, new)
    }

    /// Makes the messages for some rows, in the order of the file.
    pub(super) fn messages(
        &mut self,
        generation: usize,
        rows: &[usize],
        fresh_ids: bool,
    ) -> Result<Vec<Message>, Failure> {
        let plan = self.plan(generation, fresh_ids);
        if self.form == Form::Json {
            return plan.messages(&self.table, rows);
        }
        let known = Known::ask(self.reader()?, &self.table, rows);
        let known = known.map_err(Failure::into_unanswered)?;
        let (records, unfit) = known.records(&self.table, rows);
        for (at, column, code, why) in unfit {
            self.table.refuse(at, column, code, why);
        }
        self.args.refuse_bad(&self.table)?;
        plan.batches(&records)
    }

    /// A client with a session.
    fn reader(&self) -> Result<&Client, Failure> {
        if let Some(reader) = self.reader.get() {
            return Ok(reader);
        }
        let mut reader = self.args.session.node.client(self.context)?;
        let opened = self.args.session.open(&mut reader, &self.keys);
        opened.map_err(Failure::into_unanswered)?;
        Ok(self.reader.get_or_init(|| reader))
    }

    fn plan(&self, generation: usize, fresh_ids: bool) -> Plan {
        let prefix = self.args.message_id.clone().unwrap_or_else(|| {
            let plain = |c: &char| c.is_ascii_alphanumeric();
            let hash: String = self.head.sha256.chars().filter(plain).take(20).collect();
            format!("batch-{hash}")
        });
        Plan {
            prefix,
            generation,
            per_message: self.args.per_message.unwrap_or(self.form.per_message_max()),
            fresh_ids,
        }
    }

    /// Looks for the first message in the log: the window forgets its id after an hour, the log
    /// does not.
    fn refuse_sent_before(&self, messages: &[Message]) -> Result<(), Failure> {
        let Some(first) = messages.first() else {
            return Ok(());
        };
        let found = self.reader()?.find_submission(&Sought {
            message_id: first.message_id.clone(),
            participant: None,
            created: None,
            from: None,
            to: None,
        });
        let error = match found {
            Ok(answer) => {
                return Err(Failure::new(
                    Kind::Invalid,
                    format_args!("this file was sent before: entry {}", answer.index),
                )
                .into_unanswered()
                .hint(SENT_BEFORE));
            }
            Err(error) => error,
        };
        match error.code() {
            Some(ErrorCode::SubmissionNotFound) => Ok(()),
            Some(ErrorCode::SearchTooWide) => {
                self.context.out.say(
                    "the log is too long to be searched for this file; whether it was sent \
                     before today is not known",
                );
                Ok(())
            }
            _ => Err(Failure::from(error).into_unanswered()),
        }
    }

    pub(super) fn sender<'s>(&'s self, signers: &'s [&'s dyn chain::Signer]) -> Sender<'s> {
        Sender {
            client: &self.client,
            submitter: &self.head.submitter,
            signers,
            patience: Duration::from_secs(self.args.patience),
        }
    }

    fn tell(&self, counts: &Counts, results: &Path, journal: &Journal) -> Result<(), Failure> {
        let out = &self.context.out;
        out.data(counts, || counts.table())?;
        let is_binary = |message: &&Message| matches!(message.body, journal::Body::Binary(_));
        let binary = journal.messages.iter().filter(is_binary).count();
        if binary > 0 {
            out.say(format_args!("binary batches: {binary}"));
        }
        out.say(format_args!(
            "each row's result is in {}",
            results.display()
        ));
        if counts.expired > 0 {
            out.say(
                "expired rows were never logged and never will be; --resend-expired sends them \
                 once more, under new ids",
            );
        }
        Ok(())
    }
}

/// Where the journal of some results lies.
fn beside(results: &Path) -> PathBuf {
    let mut name = results.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}

/// Refuses to go on with the journal of something else.
fn compare(found: &Head, wanted: &Head) -> Result<(), Failure> {
    let differs = if found.version != wanted.version {
        "written by another version"
    } else if found.sha256 != wanted.sha256 {
        "of a file with other content"
    } else if (&found.origin, &found.genesis_hash) != (&wanted.origin, &wanted.genesis_hash) {
        "of a batch that was sent to another log"
    } else if found.submitter != wanted.submitter {
        "of a batch that another participant sent"
    } else {
        return Ok(());
    };
    Err(
        Failure::usage(format_args!("the journal beside the results is {differs}"))
            .hint("a new batch has results of its own: choose another --results"),
    )
}
