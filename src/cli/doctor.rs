//! `quittance doctor`: what is wrong with a data folder, and what mends it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::Context;
use super::error::{Failure, Kind};
use super::output::Table;
use crate::node::doctor::{Diagnosis, Finding, Level, Look, examine};

/// Looks at a data folder and changes nothing: exit code 0 all is well, 1 something is wrong, 2 it
/// could not look
#[derive(Debug, Args)]
#[command(before_help = "Example: quittance doctor --data ./data")]
pub(crate) struct DoctorArgs {
    /// The data folder [default: the one that the configuration names]
    #[arg(long, value_name = "DIR", env = "QUITTANCE_DATA")]
    data: Option<PathBuf>,
    /// Copies and opens a store that is larger than 1 GiB, too (TMPDIR needs the room)
    #[arg(long, env = "QUITTANCE_DEEP")]
    deep: bool,
}

/// What was found, as JSON.
#[derive(Debug, Serialize)]
struct DiagnosisView<'a> {
    data: String,
    verdict: Level,
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
}

pub(super) fn run(context: &Context, args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let config = match &args.data {
        Some(data) => {
            let key = "data.dir".to_owned();
            context.config_with([(key, data.display().to_string())])?
        }
        None => context.config()?,
    };
    let diagnosis = examine(&config, Look { deep: args.deep }).map_err(|error| {
        let data = config.data_dir.display();
        Failure::new(Kind::File, format_args!("{data} cannot be looked at"))
            .hint(error.trouble().what_to_do())
            .because(error)
    })?;
    let verdict = diagnosis.worst();
    let view = DiagnosisView {
        data: config.data_dir.display().to_string(),
        verdict,
        diagnosis: &diagnosis,
    };
    context.out.data(&view, || table(&diagnosis.findings))?;
    context.out.say(match verdict {
        Level::Ok => "all is well",
        Level::Warn => "it works; see the warnings",
        Level::Wrong => {
            "something is wrong: copy the folder before anything else (docs/operate/recovery.md)"
        }
    });
    Ok(ExitCode::from(u8::from(verdict == Level::Wrong)))
}

fn table(findings: &[Finding]) -> Table {
    let mut table = Table::new(&["about", "is", "found"]);
    for finding in findings {
        let is = match finding.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Wrong => "WRONG",
        };
        table.row([finding.about, is, &finding.found]);
        if let Some(mend) = &finding.mend {
            table.row(["", "", &format!("-> {mend}")]);
        }
    }
    table
}
