//! The command line: parse, ask, print. No business rules.
//!
//! ```text
//!   args ──clap──▶ one command, one file ──▶ client | audit | node
//!                          └──▶ output.rs: data on stdout, words on stderr
//! ```
//!
//! Exit codes are the same everywhere: 0 yes, 1 no (refused, invalid, tampered), 2 no answer.
//! Every flag can be given as a variable `QUITTANCE_*` too; nothing is asked without a terminal.
//!
//! To add a command: copy `whoami.rs`, add it to `Command` and to the match below it.

mod accounts;
mod assets;
mod audit;
mod backup;
mod balance;
mod batch;
mod bench;
mod calendar;
mod completions;
mod config;
mod connect;
mod cycles;
mod demo;
mod doctor;
mod error;
mod explain;
mod export;
mod fees;
mod files;
mod find;
mod give_back;
mod holds;
mod init;
mod keys;
mod man;
mod mandates;
mod notify;
mod original;
mod output;
mod overview;
mod participants;
mod postings;
mod proposals;
mod queue;
mod quotes;
mod rates;
mod rebuild;
mod recall;
mod recalls;
mod receipt;
mod refuse_recall;
mod restore;
mod returns;
mod run;
mod secret;
mod sign;
mod statement;
mod submit;
mod version;
mod whoami;
mod witness;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, FromArgMatches, Parser, Subcommand};

use crate::config::{Config, ConfigErrors};
use error::{Failure, Kind};
use output::{Format, Output};

/// A multi-currency settlement node whose log anybody can check.
#[derive(Debug, Parser)]
#[command(name = "quittance", version, max_term_width = 100)]
#[command(
    before_help = "Example: quittance            (starts the node; a sandbox in a fresh folder)"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every command knows.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The node's configuration [default: node.toml in the working folder, if there is one]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "QUITTANCE_CONFIG",
        help_heading = "Global"
    )]
    config: Option<PathBuf>,
    /// Sets one key of the configuration; may be given again
    #[arg(
        long, global = true, value_name = "KEY=VALUE", env = "QUITTANCE_SET", help_heading = "Global",
        value_parser = setting
    )]
    set: Vec<(String, String)>,
    /// The form of data on stdout
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "QUITTANCE_OUTPUT",
        help_heading = "Global"
    )]
    output: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArgs),
    Init(init::InitArgs),
    Demo(demo::DemoArgs),
    #[command(subcommand)]
    Keys(keys::Command),
    Submit(submit::SubmitArgs),
    Sign(sign::SignArgs),
    #[command(subcommand)]
    Batch(batch::Command),
    #[command(subcommand)]
    Receipt(receipt::Command),
    #[command(subcommand)]
    Balance(balance::Command),
    Accounts(accounts::AccountsArgs),
    Holds(holds::HoldsArgs),
    Proposals(proposals::ProposalsArgs),
    Queue(queue::QueueArgs),
    Cycles(cycles::CyclesArgs),
    Calendar(calendar::CalendarArgs),
    Return(Box<give_back::ReturnArgs>),
    Recall(Box<recall::RecallArgs>),
    Recalls(recalls::RecallsArgs),
    RefuseRecall(Box<refuse_recall::RefuseRecallArgs>),
    Returns(returns::ReturnsArgs),
    Mandates(mandates::MandatesArgs),
    Postings(postings::PostingsArgs),
    Rates(rates::RatesArgs),
    Fees(fees::FeesArgs),
    Quotes(quotes::QuotesArgs),
    Statement(statement::StatementArgs),
    Find(find::FindArgs),
    Assets(assets::AssetsArgs),
    Participants(participants::ParticipantsArgs),
    Whoami(whoami::WhoamiArgs),
    Audit(audit::AuditArgs),
    Export(export::ExportArgs),
    Witness(witness::WitnessArgs),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Doctor(doctor::DoctorArgs),
    Rebuild(rebuild::RebuildArgs),
    #[command(subcommand)]
    Config(config::Command),
    Bench(bench::BenchArgs),
    BenchLoad(bench::LoadArgs),
    Explain(explain::ExplainArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
}

/// What every command is handed.
#[derive(Debug)]
pub(crate) struct Context {
    global: Global,
    pub(crate) out: Output,
}

impl Context {
    /// The checked configuration of the node.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        self.config_with([])
    }

    /// The same, with these keys set above everything else.
    pub(crate) fn config_with<const N: usize>(
        &self,
        above: [(String, String); N],
    ) -> Result<Config, Failure> {
        self.load(above)
            .map_err(|errors| wrong_config(Kind::Config, errors))
    }

    /// The same, with the mistakes as they are.
    pub(crate) fn load<const N: usize>(
        &self,
        above: [(String, String); N],
    ) -> Result<Config, ConfigErrors> {
        let file = self
            .global
            .config
            .clone()
            .or_else(|| Config::file().map(ToOwned::to_owned));
        let flags = self.global.set.iter().cloned().chain(above);
        Config::load(file.as_deref(), Config::environment(), flags)
    }

    /// The node's data folder; `None` if the configuration is wrong, which `config check` tells.
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        self.config().ok().map(|config| config.data_dir)
    }
}

/// A configuration that is wrong, in the same words wherever it is found.
fn wrong_config(kind: Kind, errors: ConfigErrors) -> Failure {
    let what = match errors.0.len() {
        _ if errors.is_unreadable() => "the configuration cannot be read".to_owned(),
        1 => "the configuration is wrong: 1 mistake".to_owned(),
        count => format!("the configuration is wrong: {count} mistakes"),
    };
    Failure::new(kind, what).because(errors)
}

/// Runs the command line and gives the exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = command().try_get_matches_from(args);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout and are no failure; clap knows which is which.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let out = Output::new(cli.global.output);
    let context = Context {
        global: cli.global,
        out,
    };
    crate::bench::end_with_parent();
    match run(
        &context,
        cli.command
            .unwrap_or_else(|| Command::Run(run::RunArgs::default())),
    ) {
        Ok(code) => code,
        Err(failure) => {
            out.failure(&failure);
            failure.exit_code()
        }
    }
}

fn run(context: &Context, command: Command) -> Result<ExitCode, Failure> {
    let done = match command {
        Command::Run(args) => run::run(context, &args),
        Command::Init(args) => init::run(context, &args),
        Command::Demo(args) => demo::run(context, &args),
        Command::Keys(command) => keys::run(context, &command),
        Command::Submit(args) => return submit::run(context, &args),
        Command::Sign(args) => sign::run(context, &args),
        Command::Batch(command) => return batch::run(context, &command),
        Command::Receipt(command) => receipt::run(context, &command),
        Command::Balance(command) => balance::run(context, &command),
        Command::Accounts(args) => accounts::run(context, &args),
        Command::Holds(args) => holds::run(context, &args),
        Command::Proposals(args) => proposals::run(context, &args),
        Command::Queue(args) => queue::run(context, &args),
        Command::Cycles(args) => cycles::run(context, &args),
        Command::Calendar(args) => calendar::run(context, &args),
        Command::Return(args) => return give_back::run(context, *args),
        Command::Recall(args) => return recall::run(context, *args),
        Command::Recalls(args) => recalls::run(context, &args),
        Command::RefuseRecall(args) => return refuse_recall::run(context, *args),
        Command::Returns(args) => returns::run(context, &args),
        Command::Mandates(args) => mandates::run(context, &args),
        Command::Postings(args) => postings::run(context, &args),
        Command::Rates(args) => rates::run(context, &args),
        Command::Fees(args) => fees::run(context, &args),
        Command::Quotes(args) => quotes::run(context, &args),
        Command::Statement(args) => statement::run(context, &args),
        Command::Find(args) => find::run(context, &args),
        Command::Assets(args) => assets::run(context, &args),
        Command::Participants(args) => participants::run(context, &args),
        Command::Whoami(args) => whoami::run(context, &args),
        Command::Audit(args) => return audit::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Witness(args) => witness::run(context, &args),
        Command::Backup(args) => backup::run(context, &args),
        Command::Doctor(args) => return doctor::run(context, &args),
        Command::Restore(args) => restore::run(context, &args),
        Command::Rebuild(args) => rebuild::run(context, &args),
        Command::Config(command) => return config::run(context, &command),
        Command::Explain(args) => explain::run(context, &args),
        Command::Bench(args) => bench::run(context, &args),
        Command::BenchLoad(args) => bench::run_load(context, &args),
        Command::Man(args) => man::run(context, &args),
        Command::Completions(args) => completions::run(context, &args),
        Command::Version(args) => version::run(context, &args),
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("expected KEY=VALUE, e.g. api.listen=127.0.0.1:0")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The command line's own description, for help, completions and manual pages.
fn command() -> clap::Command {
    overview::grouped(<Cli as clap::CommandFactory>::command())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(command: &clap::Command, check: &mut impl FnMut(&clap::Command)) {
        check(command);
        command
            .get_subcommands()
            .filter(|c| c.get_name() != "help")
            .for_each(|c| each(c, check));
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_help_starts_with_an_example() {
        each(&command(), &mut |command| {
            let example = command
                .get_before_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                example.starts_with("Example: quittance"),
                "{}: {example:?}",
                command.get_name()
            );
            assert!(command.get_about().is_some(), "{}", command.get_name());
        });
    }

    /// The words of an example as a shell takes them, up to where output goes.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(std::mem::take(&mut word)),
                c => word.push(c),
            }
        }
        words.push(word);
        let ends = |word: &String| word.starts_with(['>', '<', '(', '|', '#']);
        words
            .into_iter()
            .filter(|word| !word.is_empty())
            .take_while(|word| !ends(word))
            .collect()
    }

    #[test]
    fn every_example_works() {
        let mut examples = 0;
        each(&command(), &mut |described| {
            let text = described
                .get_before_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            for line in text.lines() {
                let line = line.trim_start_matches("Example:").trim();
                // What stands before a pipe is another program's.
                let line = line.rsplit_once("| ").map_or(line, |(_, ours)| ours);
                assert!(line.starts_with("quittance"), "{line}");
                let parsed = command().try_get_matches_from(words(line));
                let parsed = parsed.and_then(|matches| Cli::from_arg_matches(&matches));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
                examples += 1;
            }
        });
        assert!(examples > 25);
    }

    #[test]
    fn every_flag_has_a_variable() {
        each(&command(), &mut |command| {
            for arg in command
                .get_opts()
                .filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
            {
                let variable = arg
                    .get_env()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                assert!(
                    variable.starts_with("QUITTANCE_"),
                    "{} {arg}: {variable}",
                    command.get_name()
                );
                assert!(
                    !variable.starts_with("QUITTANCE__"),
                    "{variable} is a configuration key"
                );
            }
        });
    }
}
