//! What `quittance help` shows first: the commands by who needs them.

use std::fmt::Write;

/// Who needs which command, in the order in which they are told. A command that is named nowhere
/// stands under the last heading, and a test says so.
const GROUPS: &[(&str, &[&str])] = &[
    ("First steps", &["run", "demo", "keys", "explain"]),
    (
        "For banks",
        &[
            "submit",
            "sign",
            "batch",
            "receipt",
            "balance",
            "accounts",
            "statement",
            "find",
            "assets",
            "whoami",
        ],
    ),
    (
        "For banks, what waits or goes back",
        &[
            "holds",
            "queue",
            "proposals",
            "mandates",
            "return",
            "recall",
            "recalls",
            "refuse-recall",
            "returns",
        ],
    ),
    (
        "For banks, cycles, days and rates",
        &["cycles", "calendar", "rates", "quotes", "postings", "fees"],
    ),
    (
        "For auditors",
        &["audit", "export", "participants", "witness"],
    ),
    (
        "For operators",
        &[
            "init", "config", "doctor", "backup", "restore", "rebuild", "bench",
        ],
    ),
    ("For the shell", &["completions", "man", "version", "help"]),
];

/// Where a command stands that no group names.
const OTHERS: &str = "Others";

/// Puts the commands under headings instead of one list.
pub(super) fn grouped(command: clap::Command) -> clap::Command {
    let mut text = String::from("{before-help}{about-with-newline}\n{usage-heading} {usage}\n");
    let named = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let all: Vec<_> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .map(clap::Command::get_name)
        .collect();
    let others: Vec<_> = all.iter().copied().filter(|name| !named(name)).collect();
    for (heading, names) in GROUPS.iter().copied().chain([(OTHERS, &others[..])]) {
        let lines: Vec<String> = names
            .iter()
            .filter_map(|name| line(&command, name))
            .collect();
        if !lines.is_empty() {
            // Writing to a text cannot fail.
            let _ = write!(text, "\n{heading}:\n{}", lines.concat());
        }
    }
    text.push_str("\nGlobal:\n{options}{after-help}");
    command.help_template(text)
}

/// A command and the first words about it, up to the exit codes.
fn line(command: &clap::Command, name: &str) -> Option<String> {
    if name == "help" {
        return Some("  help          Prints this, or the help of a command\n".to_owned());
    }
    let about = command.find_subcommand(name)?.get_about()?.to_string();
    let about = about
        .split(['\n', ';', ':'])
        .next()
        .unwrap_or_default()
        .to_owned();
    Some(format!("  {name:<14}{about}\n"))
}

#[cfg(test)]
mod tests {
    use super::GROUPS;

    #[test]
    fn every_command_stands_in_the_overview_once() {
        let command = super::super::command();
        let help = command.clone().render_help().to_string();
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let begin = format!("  {} ", sub.get_name());
            let lines = help.lines().filter(|line| line.starts_with(&begin));
            assert_eq!(lines.count(), 1, "{begin}{help}");
        }
        assert!(
            help.contains("For banks:") && help.contains("--config <FILE>"),
            "{help}"
        );
    }

    #[test]
    fn every_command_stands_with_those_who_need_it() {
        let command = super::super::command();
        let named = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
        let others = command.get_subcommands().filter(|sub| !sub.is_hide_set());
        let others: Vec<_> = others
            .map(clap::Command::get_name)
            .filter(|name| !named(name))
            .collect();
        assert!(others.is_empty(), "put {others:?} into a group");
        // And nothing is told of that is not there.
        let mut there: Vec<_> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        there.push("help");
        for name in GROUPS.iter().flat_map(|(_, names)| *names) {
            assert!(there.contains(name), "{name} is no command");
        }
    }
}
