//! The conformance kit: what every asset module must pass, run for each entry of
//! [`super::MODULES`] in `tests/it/assets.rs`.
//!
//! The kit is part of the library so that a module kept outside this repository can run it too.
//! It knows nothing of any module: the caller names a few ids of each kind and the kit tries them,
//! and bad spellings derived from them, against the promises of the trait.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::ledger::module::{AssetModule, AssetRefusal, Mode, SCALE_MAX};

/// Ids that the module's author vouches for.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Assets that exist in live logs and in sandboxes: (id, scale, historic).
    pub live: &'a [(&'a str, u8, bool)],
    /// Assets that exist in sandboxes only.
    pub sandbox_only: &'a [&'a str],
    /// Ids that are refused in both modes, and why.
    pub refused: &'a [(&'a str, AssetRefusal)],
}

/// A promise that the module broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{module}: {rule} (asset id {asset_id:?}, {mode})")]
pub struct Broken {
    /// The module's name.
    pub module: &'static str,
    /// The promise, as a sentence.
    pub rule: &'static str,
    /// The id that shows it; empty when the promise is about the module itself.
    pub asset_id: String,
    /// The mode that was asked for.
    pub mode: Mode,
}

/// Tries the module against every promise and returns all that it breaks.
pub fn check(module: &dyn AssetModule, samples: &Samples<'_>) -> Vec<Broken> {
    let mut trial = Trial {
        module,
        broken: Vec::new(),
    };
    trial.identity(samples);
    for (id, scale, historic) in samples.live {
        trial.live(id, *scale, *historic);
    }
    for id in samples.sandbox_only {
        trial.sandbox_only(id);
    }
    for (id, refusal) in samples.refused {
        for mode in MODES {
            let same = module.describe(id, mode).err() == Some(*refusal);
            trial.promise(
                same,
                "an unusable id is refused for its own reason",
                id,
                mode,
            );
        }
    }
    for text in nonsense() {
        for mode in MODES {
            let refused = module.describe(&text, mode).is_err();
            trial.promise(refused, "what is no id is refused", &text, mode);
        }
    }
    trial.broken
}

const MODES: [Mode; 2] = [Mode::Live, Mode::Sandbox];

struct Trial<'a> {
    module: &'a dyn AssetModule,
    broken: Vec<Broken>,
}

impl Trial<'_> {
    fn promise(&mut self, kept: bool, rule: &'static str, asset_id: &str, mode: Mode) {
        if !kept {
            let (module, asset_id) = (self.module.name(), String::from(asset_id));
            self.broken.push(Broken {
                module,
                rule,
                asset_id,
                mode,
            });
        }
    }

    fn identity(&mut self, samples: &Samples<'_>) {
        let name = self.module.name();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let good = (1..=16).contains(&name.len()) && name.bytes().all(plain);
        self.promise(
            good,
            "the name is 1 to 16 small letters and digits",
            "",
            Mode::Live,
        );
        let numbered = self.module.version() >= 1;
        self.promise(numbered, "versions start at 1", "", Mode::Live);
        let useful = !(samples.live.is_empty() && samples.sandbox_only.is_empty());
        self.promise(useful, "there is a usable sample", "", Mode::Live);
        self.promise(
            !samples.refused.is_empty(),
            "there is a refused sample",
            "",
            Mode::Live,
        );
    }

    fn live(&mut self, id: &str, scale: u8, historic: bool) {
        for mode in MODES {
            let kept = self.module.describe(id, mode).is_ok_and(|asset| {
                (asset.scale, asset.historic, asset.sandbox_only) == (scale, historic, false)
            });
            self.promise(
                kept,
                "a live asset is described alike in both modes",
                id,
                mode,
            );
        }
        self.described(id);
    }

    fn sandbox_only(&mut self, id: &str) {
        let refused = self.module.describe(id, Mode::Live) == Err(AssetRefusal::SandboxOnly);
        self.promise(
            refused,
            "a sandbox asset is refused in live mode",
            id,
            Mode::Live,
        );
        let said = self
            .module
            .describe(id, Mode::Sandbox)
            .is_ok_and(|asset| asset.sandbox_only);
        self.promise(
            said,
            "a sandbox asset is described as such",
            id,
            Mode::Sandbox,
        );
        self.described(id);
    }

    /// The promises about any id that a sandbox accepts.
    fn described(&mut self, id: &str) {
        let mode = Mode::Sandbox;
        let first = self.module.describe(id, mode);
        let again = self.module.describe(id, mode);
        self.promise(
            first == again,
            "the same question has the same answer",
            id,
            mode,
        );
        let small = first.as_ref().is_ok_and(|asset| asset.scale <= SCALE_MAX);
        self.promise(small, "the scale is at most 18", id, mode);
        let named = first.as_ref().is_ok_and(|asset| {
            (1..=140).contains(&asset.name.len()) && !asset.name.chars().any(char::is_control)
        });
        self.promise(named, "the name is one line of 1 to 140 bytes", id, mode);
        for other in misspellings(id) {
            let refused = self.module.describe(&other, mode).is_err();
            self.promise(refused, "an asset has exactly one spelling", &other, mode);
        }
    }
}

/// Other ways to write an id, none of which may name the same asset.
fn misspellings(id: &str) -> Vec<String> {
    let mut others = vec![
        id.to_ascii_lowercase(),
        id.to_ascii_uppercase(),
        format!(" {id}"),
        format!("{id} "),
        format!("{id}\n"),
        format!("{id}\0"),
        format!("\u{feff}{id}"),
    ];
    others.retain(|other| other != id);
    others
}

/// Texts that name no asset in any module.
fn nonsense() -> Vec<String> {
    let long = "A".repeat(10_000);
    [
        "",
        " ",
        "\0",
        "\n",
        "/",
        "💶",
        "é",
        "\u{202e}DSU",
        "-1",
        "0",
        long.as_str(),
    ]
    .into_iter()
    .map(String::from)
    .collect()
}
