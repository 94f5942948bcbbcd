//! `quittance config check`: everything that is wrong, with its place.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::error::{Failure, Kind};
use crate::config::{ConfigError, Place};

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
        Ok(config) if context.out.is_json() => match crate::api::check_tls(&config) {
            Ok(()) => Vec::new(),
            Err(error) => vec![Mistake {
                place: None,
                line: None,
                column: None,
                key: Some("tls".to_owned()),
                message: error.to_string(),
            }],
        },
        Ok(config) => {
            crate::cli::run::check_tls(&config)?;
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
