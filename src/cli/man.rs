//! `quittance man`: manual pages, made of the same words as the help.

use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;

use super::Context;
use super::error::{Failure, Kind};
use super::files;

/// Prints the manual page, or writes one page a command to a folder
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance man --dir /usr/local/share/man/man1\n         \
                   quittance man > quittance.1"
)]
pub(crate) struct ManArgs {
    /// Folder to write quittance.1 and a page for each command to
    #[arg(long, value_name = "DIR", env = "QUITTANCE_DIR")]
    dir: Option<PathBuf>,
}

/// A page: the name of its file and its text.
struct Page {
    file: String,
    roff: Vec<u8>,
}

pub(super) fn run(context: &Context, args: &ManArgs) -> Result<(), Failure> {
    let mut root = super::command().disable_help_subcommand(true);
    root.build();
    let Some(dir) = &args.dir else {
        let page = page(&root)?;
        return context.out.text(&String::from_utf8_lossy(&page.roff));
    };
    files::make_dir(dir)?;
    let mut pages = Vec::new();
    collect(&root, &mut pages)?;
    for page in &pages {
        files::write_atomic(&dir.join(&page.file), &page.roff, 0o644)?;
    }
    let count = pages.len();
    context
        .out
        .say(format_args!("{count} pages written to {}", dir.display()));
    Ok(())
}

fn collect(command: &clap::Command, pages: &mut Vec<Page>) -> Result<(), Failure> {
    pages.push(page(command)?);
    command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .try_for_each(|sub| collect(sub, pages))
}

fn page(command: &clap::Command) -> Result<Page, Failure> {
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name());
    let example = command.get_before_help().map(ToString::to_string);
    let man = Man::new(command.clone()).section("1").manual("Quittance");
    let mut roff = Vec::new();
    let made = man
        .render_title(&mut roff)
        .and_then(|()| man.render_name_section(&mut roff))
        .and_then(|()| man.render_synopsis_section(&mut roff))
        .map(|()| roff.extend(examples(&example.unwrap_or_default()).bytes()))
        .and_then(|()| man.render_description_section(&mut roff))
        .and_then(|()| man.render_options_section(&mut roff))
        .and_then(|()| man.render_subcommands_section(&mut roff))
        .and_then(|()| man.render_extra_section(&mut roff));
    made.map_err(|error| Failure::new(Kind::File, "the page cannot be made").because(error))?;
    let file = format!("{name}.1");
    Ok(Page { file, roff })
}

/// The examples as roff, line by line as they are.
fn examples(text: &str) -> String {
    let mut roff = String::from(".SH EXAMPLES\n.nf\n");
    for line in text.lines() {
        let line = line.trim_start_matches("Example:").trim();
        // A line that begins with a point or an apostrophe would be a request.
        let plain = line.replace('\\', "\\e").replace('-', "\\-");
        roff.push_str("\\&");
        roff.push_str(&plain);
        roff.push('\n');
    }
    roff.push_str(".fi\n");
    roff
}
