//! From random bytes to inputs: a script of changes to valid examples.

use crate::common::{bytes, list, load, text};

/// No input grows beyond this, however often a part of it is repeated.
const INPUT_BYTES_MAX: usize = 1 << 16;

/// Random bytes, read as decisions. Behind their end everything is zero.
pub(crate) struct Script<'a> {
    bytes: &'a [u8],
}

impl<'a> Script<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let taken = self.take(N);
        out[..taken.len()].copy_from_slice(taken);
        out
    }

    pub(crate) fn byte(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A number of any magnitude, the largest and smallest more often than chance has it.
    pub(crate) fn number(&mut self) -> u64 {
        match self.byte() % 8 {
            0 => 0,
            1 => u64::MAX,
            _ => self.u64() >> (self.byte() % 64),
        }
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(u16::from_le_bytes(self.array())) % end
    }

    pub(crate) fn one_in(&mut self, chance: u8) -> bool {
        self.byte() % chance == chance - 1
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub(crate) fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(length.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    /// A short text: printable ASCII, now and then another character.
    pub(crate) fn text(&mut self) -> String {
        let length = self.below(12);
        let char = |byte: &u8| match byte {
            0 => '\n',
            1 => '\u{a0}',
            2 => '\u{2014}',
            other => char::from(b' ' + other % 95),
        };
        self.take(length).iter().map(char).collect()
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let longest = if self.one_in(4) { length } else { 8 };
        let end = start + self.below(longest.min(length - start) + 1);
        start..end
    }
}

/// Examples to start from.
#[derive(Default)]
pub(crate) struct Corpus {
    /// What the parser accepts.
    pub(crate) good: Vec<Vec<u8>>,
    /// What it refuses for one reason only.
    pub(crate) near: Vec<Vec<u8>>,
    /// Pieces of the grammar.
    pub(crate) words: &'static [&'static str],
}

impl Corpus {
    /// Takes texts from a vector file: `(list, field)`, the field empty if the list holds texts.
    pub(crate) fn of_texts(file: &str, good: (&str, &str), near: (&str, &str)) -> Corpus {
        let vectors = load(file);
        let all = |(name, field): (&str, &str)| {
            let cases = list(&vectors, name).iter();
            let texts = cases.map(|case| match field {
                "" => case.as_str().unwrap(),
                field => text(case, field),
            });
            texts.map(|text| text.as_bytes().to_vec()).collect()
        };
        Corpus {
            good: all(good),
            near: all(near),
            words: &[
                "\n",
                "\n\n",
                " ",
                "+",
                "=",
                "/",
                "0",
                "\r",
                "\0",
                "\u{2014} ",
                "\u{2028}",
            ],
        }
    }

    /// Takes bytes that stand as hex in the field `bytes` of two lists of a vector file.
    pub(crate) fn of_bytes(file: &str, good: &str, near: &str) -> Corpus {
        let vectors = load(file);
        let all = |name| {
            let cases = list(&vectors, name).iter();
            cases.map(|case| bytes(&case["bytes"])).collect()
        };
        Corpus {
            good: all(good),
            near: all(near),
            words: &[],
        }
    }

    /// One input: mostly a changed example, sometimes bytes of no form.
    pub(crate) fn input(&self, script: &mut Script<'_>) -> Vec<u8> {
        if script.one_in(16) {
            return script.take(usize::MAX).to_vec();
        }
        let mut input = match script.one_in(8) && !self.near.is_empty() {
            true => script.pick(&self.near).clone(),
            false => script.pick(&self.good).clone(),
        };
        loop {
            self.change(&mut input, script);
            if script.bytes.is_empty() || script.one_in(2) {
                return input;
            }
        }
    }

    /// One input that is text.
    pub(crate) fn text(&self, script: &mut Script<'_>) -> String {
        String::from_utf8_lossy(&self.input(script)).into_owned()
    }

    fn change(&self, input: &mut Vec<u8>, script: &mut Script<'_>) {
        let other = script.pick(&self.good);
        match script.byte() % 8 {
            0 if !self.words.is_empty() => {
                let at = script.below(input.len() + 1);
                input.splice(at..at, script.pick(self.words).bytes());
            }
            1 => {
                let (here, there) = (script.range(input.len()), script.range(other.len()));
                input.splice(here, other[there].iter().copied());
            }
            2 => swap_lines(input, other, script),
            _ => change(input, script),
        }
        input.truncate(INPUT_BYTES_MAX);
    }
}

/// Puts a line of another example in the place of a line.
fn swap_lines(input: &mut Vec<u8>, other: &[u8], script: &mut Script<'_>) {
    let mut lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let others: Vec<&[u8]> = other.split(|byte| *byte == b'\n').collect();
    let at = script.below(lines.len());
    lines[at] = others[script.below(others.len())];
    *input = lines.join(&b'\n');
}

/// Changes bytes of any form in one place.
pub(crate) fn change(input: &mut Vec<u8>, script: &mut Script<'_>) {
    let kind = script.byte() % 10;
    if input.is_empty() || kind == 0 {
        let at = script.below(input.len() + 1);
        let length = 1 + script.below(8);
        input.splice(at..at, script.take(length).iter().copied());
        return;
    }
    let at = script.below(input.len());
    match kind {
        1 | 2 => input[at] ^= 1 << (script.byte() % 8),
        3 => input[at] = *script.pick(&[0, 1, 0x7f, 0x80, 0xff, b'0', b'9', b'\n']),
        4 => input[at] = input[at].wrapping_add(if script.one_in(2) { 1 } else { 0xff }),
        5 => input.truncate(at),
        6 => drop(input.drain(script.range(input.len()))),
        7 => {
            let copy = input[script.range(input.len())].to_vec();
            input.splice(at..at, copy);
        }
        8 => {
            let with = script.below(input.len());
            input.swap(at, with);
        }
        _ => {
            let range = script.range(input.len());
            input[range].fill(*script.pick(&[0, 0xff, b'0', b'A']));
        }
    }
}

#[test]
fn examples_are_changed_in_every_way() {
    let corpus = Corpus {
        good: vec![b"one\ntwo\n".to_vec()],
        ..Corpus::default()
    };
    let mut lengths = std::collections::BTreeSet::new();
    let mut kept = 0;
    for seed in 0..2_000_u64 {
        let random = chain::Hash::sha256(&seed.to_be_bytes());
        let input = corpus.input(&mut Script::new(random.as_bytes()));
        kept += u32::from(input == corpus.good[0]);
        lengths.insert(input.len());
    }
    assert!(lengths.len() > 15, "{lengths:?}");
    assert!(kept < 400, "{kept} of 2,000 inputs are the example itself");
}
