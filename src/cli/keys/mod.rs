//! `quittance keys`: making, showing and taking over signing keys. Nothing here asks a node.

mod endorse;
mod follow;
mod generate;
mod import;
mod show;
mod sign_genesis;

pub(super) use sign_genesis::read_document;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use ::keys::{KeyFileError, Passphrase, SigningKey, VkeyFileError};
use chain::VerifierKey;

use super::Context;
use super::error::{Failure, Kind};
use super::output::Table;
use super::secret;

/// Makes, shows and imports signing keys
#[derive(Debug, Subcommand)]
#[command(before_help = "Example: quittance keys generate bank-a/hsm-1 --out hsm-1.pem")]
pub(crate) enum Command {
    Generate(generate::GenerateArgs),
    Show(show::ShowArgs),
    Import(import::ImportArgs),
    Endorse(endorse::EndorseArgs),
    Follow(follow::FollowArgs),
    SignGenesis(sign_genesis::SignGenesisArgs),
}

pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Generate(args) => generate::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Import(args) => import::run(context, args),
        Command::Endorse(args) => endorse::run(context, args),
        Command::Follow(args) => follow::run(context, args),
        Command::SignGenesis(args) => sign_genesis::run(context, args),
    }
}

/// A key as it is shown: its public half.
#[derive(Debug, Serialize)]
struct KeyView {
    name: String,
    key_id: String,
    vkey: String,
    file: Option<PathBuf>,
    vkey_file: Option<PathBuf>,
}

impl KeyView {
    fn of(key: &VerifierKey) -> Self {
        Self {
            name: key.name().to_owned(),
            key_id: key.id().to_string(),
            vkey: key.to_string(),
            file: None,
            vkey_file: None,
        }
    }

    fn print(&self, context: &Context) -> Result<(), Failure> {
        context.out.data(self, || {
            let mut rows = vec![("name", self.name.clone()), ("key id", self.key_id.clone())];
            let shown = |path: &PathBuf| path.display().to_string();
            rows.extend(self.file.as_ref().map(|file| ("private key", shown(file))));
            rows.extend(
                self.vkey_file
                    .as_ref()
                    .map(|file| ("public key", shown(file))),
            );
            rows.push(("vkey", self.vkey.clone()));
            Table::pairs(&rows)
        })
    }
}

/// Writes a key to `out` and its public half beside it, and shows it.
fn store(
    context: &Context,
    key: &SigningKey,
    out: &Path,
    passphrase: &Passphrase,
) -> Result<(), Failure> {
    let vkey_file = out.with_extension("vkey");
    if vkey_file == out || vkey_file.exists() {
        let shown = vkey_file.display();
        return Err(Failure::new(
            Kind::File,
            format_args!("{shown} is where the public key would go"),
        )
        .hint("choose another --out: nothing is overwritten"));
    }
    ::keys::write_key_file(out, key, passphrase)
        .map_err(|error: KeyFileError| secret::key_file(out, error))?;
    ::keys::write_vkey_file(&vkey_file, key.verifier_key()).map_err(|error: VkeyFileError| {
        Failure::new(Kind::File, "the public key cannot be written").because(error)
    })?;
    let view = KeyView {
        file: Some(out.to_owned()),
        vkey_file: Some(vkey_file),
        ..KeyView::of(key.verifier_key())
    };
    view.print(context)
}
