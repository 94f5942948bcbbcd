//! What somebody may have meant: keys, sections and words that look like what was typed, or that
//! were typed in the wrong place.

use super::key::{self, KEYS};

/// What to say about a name that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing looks like it.
    Nothing,
    /// It looks like this key or section, by its full name.
    Similar(&'static str),
    /// It is a key, but of these sections: full names of the keys.
    Belongs(Vec<&'static str>),
}

/// What a key may have been meant to be.
pub(super) fn key(name: &str) -> Advice {
    let (section, last) = split(name);
    let plain = plain(last);
    let same: Vec<_> = names().filter(|known| split(known).1 == plain).collect();
    // Spelled well, in the wrong place: `flush_ms` under [api].
    let elsewhere = !same.is_empty() && !same.iter().any(|known| split(known).0 == section);
    if elsewhere {
        let near = same.iter().map(|known| (split(known).0, *known));
        // A section that nobody knows is one that is misspelled, or it says nothing.
        return match closest(section, near).filter(|_| !key::is_section(section)) {
            Some(meant) => Advice::Similar(meant),
            None => Advice::Belongs(same),
        };
    }
    let beside = names().filter(|known| split(known).0 == section);
    let close = closest(&plain, beside.map(|known| (split(known).1, known)));
    let close = close.or_else(|| closest(name, names().map(|known| (known, known))));
    let close = close.or_else(|| closest(&plain, names().map(|known| (split(known).1, known))));
    close.map_or(Advice::Nothing, Advice::Similar)
}

/// What a section may have been meant to be.
pub(super) fn section(name: &str) -> Advice {
    let sections = names().map(|known| split(known).0);
    let close = closest(name, sections.map(|known| (known, known)));
    close.map_or(Advice::Nothing, Advice::Similar)
}

/// What one of a few words may have been meant to be.
pub(super) fn word(typed: &str, words: &[&'static str]) -> Option<&'static str> {
    closest(typed, words.iter().map(|word| (*word, *word)))
}

fn names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.name)
}

/// Section and last part: `assets.fiat` and `enabled`.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// As keys are written: in lower case, with underscores.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// The nearest of the candidates, if it is near: a third of the letters may differ, and at most
/// three, so that a short name is not taken for any other short name.
fn closest(
    typed: &str,
    candidates: impl Iterator<Item = (&'static str, &'static str)>,
) -> Option<&'static str> {
    let typed = plain(typed);
    let far_max = (typed.chars().count() / 3).clamp(1, 3);
    candidates
        .map(|(name, meant)| (strsim::damerau_levenshtein(&typed, name), meant))
        .min()
        .filter(|(far, _)| *far <= far_max)
        .map(|(_, meant)| meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_likeness_and_by_place() {
        assert_eq!(key("api.listn"), Advice::Similar("api.listen"));
        assert_eq!(key("api.Keep-Alive-S"), Advice::Similar("api.keep_alive_s"));
        assert_eq!(key("api.flush_ms"), Advice::Belongs(vec!["store.flush_ms"]));
        let listen = Advice::Belongs(vec!["api.listen", "admin.listen"]);
        assert_eq!(key("wal.listen"), listen);
        assert_eq!(key("listen"), listen);
        assert_eq!(key("apii.listen"), Advice::Similar("api.listen"));
        // Three letters, two of them others: that is no likeness.
        let listen = Advice::Belongs(vec!["api.listen", "admin.listen"]);
        assert_eq!(key("ops.listen"), listen);
        assert_eq!(
            key("api.segment_byts"),
            Advice::Similar("wal.segment_bytes")
        );
        assert_eq!(key("nonsense"), Advice::Nothing);
    }

    #[test]
    fn sections_and_words_are_found_by_likeness() {
        assert_eq!(section("stor"), Advice::Similar("store"));
        assert_eq!(section("assets.fait"), Advice::Similar("assets.fiat"));
        assert_eq!(section("gold"), Advice::Nothing);
        assert_eq!(word("Live", &["sandbox", "live"]), Some("live"));
        assert_eq!(word("production", &["sandbox", "live"]), None);
    }
}
