//! The only place that prints: data on stdout, words on stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::error::Failure;

/// The form of data on stdout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people.
    #[default]
    Table,
    /// JSON for programs.
    Json,
}

/// Prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
}

/// Columns for people.
#[derive(Debug)]
pub(crate) struct Table(comfy_table::Table);

impl Table {
    /// A table with these columns; one whose name ends in `>` is aligned right.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(
            columns
                .iter()
                .map(|name| name.trim_end_matches('>').to_uppercase()),
        );
        for (at, name) in columns.iter().enumerate() {
            if let Some(column) = table.column_mut(at) {
                let right = name.ends_with('>');
                let side = if right {
                    CellAlignment::Right
                } else {
                    CellAlignment::Left
                };
                column.set_cell_alignment(side);
                column.set_padding((0, 2));
            }
        }
        Self(table)
    }

    /// Two columns without a header: names and values.
    pub(crate) fn pairs(rows: &[(&str, String)]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        for (name, value) in rows {
            table.add_row([*name, value.as_str()]);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self(table)
    }

    /// Adds a row.
    pub(crate) fn row<T: Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.0
            .add_row(cells.into_iter().map(|cell| cell.to_string()));
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        self.0.lines().map(|line| line.trim_end().to_owned())
    }
}

impl Output {
    pub(crate) const fn new(format: Format) -> Self {
        Self { format }
    }

    /// Whether data is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Prints data: the value as JSON, or the table made of it.
    pub(crate) fn data<T: Serialize + ?Sized>(
        &self,
        value: &T,
        table: impl FnOnce() -> Table,
    ) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Json => {
                serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
                writeln!(out)?;
            }
            Format::Table => {
                let table = table();
                for line in table.lines() {
                    writeln!(out, "{line}")?;
                }
                if table.0.is_empty() {
                    self.say("there is none");
                }
            }
        }
        Ok(out.flush()?)
    }

    /// Prints data that has no form but JSON.
    pub(crate) fn json<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
        writeln!(out)?;
        Ok(out.flush()?)
    }

    /// Prints text that is data, as it is.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }

    /// Says something to the person in front of the terminal.
    pub(crate) fn say(&self, words: impl Display) {
        // Nobody to talk to is no reason to fail.
        let _ = writeln!(anstream::stderr(), "{words}");
    }

    /// Tells a failure.
    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        if self.is_json() {
            let json = serde_json::to_string(&failure.view()).unwrap_or_default();
            return self.say(json);
        }
        let (message, causes, hint) = failure.lines();
        self.say(format_args!("{} {message}", self.red("error:")));
        for cause in causes {
            for line in cause.lines() {
                self.say(format_args!("  {line}"));
            }
        }
        if let Some(hint) = hint {
            self.say(format_args!("{} {hint}", self.bold("hint:")));
        }
    }

    /// Text in red where stderr shows colours.
    pub(crate) fn red(&self, text: &str) -> String {
        format!("\u{1b}[1;31m{text}\u{1b}[0m")
    }

    /// Text in green where stderr shows colours.
    pub(crate) fn green(&self, text: &str) -> String {
        format!("\u{1b}[1;32m{text}\u{1b}[0m")
    }

    /// Text in bold where stderr shows styles.
    pub(crate) fn bold(&self, text: &str) -> String {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    }

    /// A progress bar on stderr; silent when stderr is not a terminal.
    pub(crate) fn progress(&self, of: u64, what: &str) -> ProgressBar {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(of), target);
        let form = "{prefix} [{bar:30}] {human_pos}/{human_len} {per_sec}, {eta} left";
        let style =
            ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        bar.set_prefix(what.to_owned());
        bar
    }
}
