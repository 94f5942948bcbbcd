//! The end of an entry: whether payments that wait can settle.

use alloc::vec::Vec;

use super::Work;
use crate::ledger::book::Effect;
use crate::ledger::clearing;

impl Work<'_> {
    /// Notes that payments that waited settle in this entry.
    pub(in crate::ledger) const fn runs(&mut self) {
        self.ran = true;
    }

    /// Looks whether anything that waits can settle, after all that the entry did. It is asked only if
    /// something could before, or an account can pay more than before.
    pub(super) fn look(&mut self) {
        let can_settle = self.may_settle() && {
            let (state, time) = (&mut *self.state, self.time);
            clearing::can_settle(&state.book, time, &mut state.hints)
        };
        let outlook = self.state.outlook;
        self.state.outlook = outlook.next(self.time, can_settle, self.ran);
        self.relieved.clear();
        (self.all_relieved, self.ran) = (false, false);
    }

    /// In a dry run: those of the submitter's payments that leave the queue in the run behind what was done,
    /// by its own funds. A dry run leaves no trace, so it says nothing that depends on what others have.
    pub(super) fn settles_next(&self) -> Vec<Effect> {
        let book = self.state.book();
        if book.queue().is_empty() {
            return Vec::new();
        }
        let time = self.time.saturating_add(1);
        let keys = clearing::by_own_funds(book, time, self.submitter);
        let gone = keys.into_iter().map(|key| Effect::Queued(key, None));
        gone.collect()
    }

    /// Whether it is worth while to look.
    fn may_settle(&self) -> bool {
        let (book, outlook) = (&self.state.book, self.state.outlook);
        !book.queue().is_empty()
            && (outlook.due().is_some()
                || self.all_relieved
                // Nothing else says that a freeze has ended by time.
                || book.guards.any_ends(outlook.looked, self.time)
                || clearing::may_help(book, self.time, &self.relieved))
    }
}
