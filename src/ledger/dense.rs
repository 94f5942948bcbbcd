//! Records by their numbers, from 0 and without gaps, in pieces that never move.
//!
//! A vector that is full is copied as a whole, which at a million accounts takes longer than anybody
//! should wait for an account to be opened.

use alloc::vec::Vec;
use core::ops::Range;

/// Records in one piece.
const PIECE: usize = 1 << 12;

/// Records by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dense<T> {
    pieces: Vec<Vec<T>>,
}

impl<T> Default for Dense<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Dense<T> {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    /// How many there are; the number of the next one.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.pieces.split_last() {
            None => 0,
            Some((last, full)) => full.len().saturating_mul(PIECE).saturating_add(last.len()),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The record of a number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&T> {
        self.pieces.get(number / PIECE)?.get(number % PIECE)
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flatten()
    }

    /// Those with the numbers of a range; numbers that there are not are passed over.
    pub fn range(&self, numbers: Range<usize>) -> impl Iterator<Item = &T> {
        let first = numbers.start / PIECE;
        let pieces = self.pieces.get(first..).unwrap_or_default();
        let some = pieces.iter().flatten();
        some.skip(numbers.start % PIECE).take(numbers.len())
    }
}

/// Records that are numbered from 0 without gaps.
pub(super) trait Records<T> {
    /// How many there are.
    fn count(&self) -> usize;
    /// The record of a number, to be changed.
    fn slot(&mut self, number: usize) -> Option<&mut T>;
    /// Adds the next one.
    fn append(&mut self, record: T);
    /// Takes the last one away.
    fn take_last(&mut self) -> Option<T>;

    /// Puts a record at `number`: replaces it, appends it as the next, or takes the last one away.
    fn put(&mut self, number: u64, record: Option<T>) -> Option<T> {
        let at = usize::try_from(number).ok()?;
        match record {
            None => {
                debug_assert_eq!(
                    at.saturating_add(1),
                    self.count(),
                    "only the newest is taken away"
                );
                self.take_last()
            }
            Some(record) => match self.slot(at) {
                Some(slot) => Some(core::mem::replace(slot, record)),
                None => {
                    debug_assert_eq!(at, self.count(), "numbers are dense");
                    self.append(record);
                    None
                }
            },
        }
    }
}

impl<T> Records<T> for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn slot(&mut self, number: usize) -> Option<&mut T> {
        self.get_mut(number)
    }

    fn append(&mut self, record: T) {
        self.push(record);
    }

    fn take_last(&mut self) -> Option<T> {
        self.pop()
    }
}

impl<T> Records<T> for Dense<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn slot(&mut self, number: usize) -> Option<&mut T> {
        self.pieces.get_mut(number / PIECE)?.get_mut(number % PIECE)
    }

    fn append(&mut self, record: T) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => last.push(record),
            last => {
                // The first piece grows as it must, so that a small ledger stays small.
                let mut piece = Vec::with_capacity(if last.is_some() { PIECE } else { 0 });
                piece.push(record);
                self.pieces.push(piece);
            }
        }
    }

    fn take_last(&mut self) -> Option<T> {
        let last = self.pieces.last_mut()?;
        let record = last.pop();
        if last.is_empty() {
            self.pieces.pop();
        }
        record
    }
}

impl<'a, T> IntoIterator for &'a Dense<T> {
    type Item = &'a T;
    type IntoIter = core::iter::Flatten<core::slice::Iter<'a, Vec<T>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stand_under_their_numbers_across_pieces() {
        let mut dense = Dense::new();
        assert!(dense.is_empty() && dense.take_last().is_none());
        let count = 2 * PIECE + 3;
        for number in 0..count {
            assert_eq!(dense.len(), number);
            dense.append(number);
        }
        assert!(dense.iter().copied().eq(0..count));
        for number in [0, 1, PIECE - 1, PIECE, count - 1] {
            assert_eq!(dense.get(number), Some(&number));
        }
        assert_eq!(dense.get(count), None);
        for range in [0..0, 0..5, PIECE - 2..PIECE + 2, PIECE..2 * PIECE, 5..count] {
            assert!(dense.range(range.clone()).copied().eq(range));
        }
        let past: Vec<_> = dense.range(count - 2..count + 9).copied().collect();
        assert_eq!(past, [count - 2, count - 1]);
        assert_eq!(dense.range(9 * PIECE..9 * PIECE + 1).next(), None);
        *dense.slot(PIECE).unwrap() = 7;
        assert_eq!(dense.get(PIECE), Some(&7));
        for number in (0..count).rev() {
            let expected = if number == PIECE { 7 } else { number };
            assert_eq!(dense.take_last(), Some(expected));
            assert_eq!(dense.len(), number);
        }
        assert!(dense.is_empty());
    }

    #[test]
    fn what_is_there_does_not_move_when_more_comes() {
        let mut dense = Dense::new();
        (0..PIECE).for_each(|number| dense.append(number));
        let first = core::ptr::from_ref(dense.get(0).unwrap());
        (PIECE..3 * PIECE).for_each(|number| dense.append(number));
        assert_eq!(core::ptr::from_ref(dense.get(0).unwrap()), first);
    }
}
