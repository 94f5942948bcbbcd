//! `quittance config check`: everything that is wrong, with its place.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::config::Config;
use crate::config::{ConfigError, Place};
use crate::witness::{PolicyFileError, read_policy};

/// Checks the configuration; exit code 0 good, 1 mistakes, 2 it cannot be read
///
/// The files of [tls] are read, too. Every mistake is told at once: those of the file with line and column, those of QUITTANCE__*
/// variables by name, and those of --set. A node that starts with a wrong configuration says the
/// same words.
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance config check --config node.toml")]
pub(crate) struct CheckArgs {}

#[derive(Debug, Serialize)]
struct Report {
    good: bool,
    mistakes: Vec<Mistake>,
}

/// One mistake, for programs.
#[derive(Debug, Serialize)]
struct Mistake {
    place: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    key: Option<String>,
    message: String,
}

impl Mistake {
    fn of(error: &ConfigError) -> Self {
        let place = error.place();
        let position = place.and_then(Place::position);
        Self {
            place: place.map(ToString::to_string),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            key: error.key().map(str::to_owned),
            message: error.to_string(),
        }
    }
}

pub(super) fn run(context: &Context, _: &CheckArgs) -> Result<ExitCode, Failure> {
    let mistakes = match context.load([]) {
        Ok(config) if context.out.is_json() => {
            let tls = crate::api::check_tls(&config).map_err(|error| error.to_string());
            let policy = policy(&config).map_err(|error| error.to_string());
            let of_files = [("tls", tls), ("witness.policy", policy)];
            let wrong = of_files.into_iter().filter_map(|(key, found)| {
                Some(Mistake {
                    place: None,
                    line: None,
                    column: None,
                    key: Some(key.to_owned()),
                    message: found.err()?,
                })
            });
            wrong.collect()
        }
        Ok(config) => {
            crate::cli::run::check_tls(&config)?;
            policy(&config).map_err(|error| {
                let what = "the file of witness.policy cannot be used";
                Failure::new(Kind::Invalid, what).because(error)
            })?;
            Vec::new()
        }
        Err(errors) if context.out.is_json() && !errors.is_unreadable() => {
            errors.0.iter().map(Mistake::of).collect()
        }
        Err(errors) => {
            let kind = if errors.is_unreadable() {
                Kind::File
            } else {
                Kind::Invalid
            };
            return Err(crate::cli::wrong_config(kind, errors));
        }
    };
    let good = mistakes.is_empty();
    if context.out.is_json() {
        context.out.json(&Report { good, mistakes })?;
    } else {
        context.out.say("the configuration is good");
    }
    Ok(ExitCode::from(u8::from(!good)))
}

/// Whether the policy of witnesses can be read, if there is one. That it names the log, the node finds
/// out at its start.
fn policy(config: &Config) -> Result<(), PolicyFileError> {
    let witness = config.witness.as_ref();
    witness.map_or(Ok(()), |witness| read_policy(&witness.policy).map(drop))
}
