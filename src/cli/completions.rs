//! `quittance completions`: scripts that complete the command line.

use clap::Args;
use clap_complete::Shell;

use super::Context;
use super::error::Failure;

/// Where each shell looks for its script.
const INSTALL: &str = "Where the script goes:
  bash        ~/.local/share/bash-completion/completions/quittance
  zsh         a folder of $fpath, as _quittance
  fish        ~/.config/fish/completions/quittance.fish
  elvish      eval (quittance completions elvish | slurp), in rc.elv
  powershell  quittance completions powershell | Out-String | Invoke-Expression, in $PROFILE";

/// Prints the completion script of a shell
#[derive(Debug, Args)]
#[command(
    before_help = "Example: quittance completions bash > /etc/bash_completion.d/quittance",
    after_help = INSTALL
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(context: &Context, args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "quittance", &mut script);
    context.out.text(&String::from_utf8_lossy(&script))
}
