//! Bytes of bodies in memory, all connections together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes of bodies there may be at once.
#[derive(Debug)]
pub(super) struct Budget {
    used: AtomicUsize,
    max: usize,
}

/// What one body has of it; given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(max: usize) -> Arc<Budget> {
        let used = AtomicUsize::new(0);
        Arc::new(Budget { used, max })
    }

    /// A share of no bytes yet. Only what has arrived is counted: what a sender announces and
    /// never sends must not keep others out.
    pub(super) fn share(self: &Arc<Budget>) -> Share {
        let budget = Arc::clone(self);
        Share { budget, bytes: 0 }
    }

    /// Bytes in use.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

impl Share {
    /// Takes more bytes; `false` if there are not as many left, and then none are taken.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let used = &self.budget.used;
        let before = used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.budget.max {
            used.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.bytes = self.bytes.saturating_add(bytes);
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_back() {
        let budget = Budget::new(10);
        let mut one = budget.share();
        assert!(one.grow(6));
        let mut two = budget.share();
        assert!(!two.grow(5) && two.grow(4));
        assert_eq!(budget.used(), 10);
        drop(one);
        assert!(two.grow(6));
        drop(two);
        assert_eq!(budget.used(), 0);
    }
}
