//! Who has a say in what waits, in the reference: takes it back, or moves it.

use super::reference::{Answer, Reference};

impl Reference {
    /// The place of the payment of an id that a bank has a say in: its own, else that of the first bank.
    fn spoken_for(&self, who: &'static str, id: u64) -> Option<usize> {
        let own = self.waiting.iter().position(|p| p.is(who, id, true));
        let list = self.waiting.iter().enumerate();
        let others = list.filter(|(_, p)| p.is(who, id, false));
        own.or_else(|| others.min_by_key(|(_, p)| p.rank.3).map(|(n, _)| n))
    }

    /// Who is behind another bank now has it speak for what it would pay, unless its sender still signs
    /// for one of those who pay.
    pub(super) fn speak_for(&mut self, owner: &str, bank: &'static str) {
        let mut list = std::mem::take(&mut self.waiting);
        for payment in &mut list {
            let mut payers = payment.moves.iter().map(|(from, ..)| from);
            if !payers.clone().any(|from| self.owner(from) == owner) {
                continue;
            }
            let sender = payment.rank.3;
            let signs = payers.any(|from| self.signer(from) == sender);
            payment.speaker = if signs { sender } else { bank };
        }
        self.waiting = list;
    }

    pub(super) fn cancel(&mut self, who: &'static str, id: u64) -> Answer {
        let at = self.spoken_for(who, id);
        let payment = self.waiting.remove(at.ok_or("PAYMENT_NOT_QUEUED")?);
        self.strike(&payment);
        Ok(())
    }

    pub(super) fn requeue(
        &mut self,
        (who, ordinal): (&'static str, usize),
        id: u64,
        priority: Option<u8>,
        first: Option<bool>,
    ) -> Answer {
        let at = self.spoken_for(who, id);
        let mut payment = self.waiting.remove(at.ok_or("PAYMENT_NOT_QUEUED")?);
        if payment
            .moves
            .iter()
            .any(|(from, ..)| self.signer(from) != who)
        {
            return Err("QUEUE_NOT_SENDERS");
        }
        let before = payment.rank;
        payment.rank.0 = priority.unwrap_or(before.0);
        if first == Some(false) {
            (payment.rank.1, payment.rank.2) = (self.index, ordinal);
        }
        let others = self.waiting.iter().filter(|other| {
            let shares = payment.moves.iter().any(|(from, ..)| other.pays_from(from));
            shares && other.rank.0 == payment.rank.0
        });
        if first == Some(true)
            && let Some(top) = others.map(|other| other.rank).min()
            && top < payment.rank
        {
            payment.rank.1 = top.1 - 1;
        }
        let same = payment.rank == before;
        self.waiting.push(payment);
        match same {
            true => Err("NO_CHANGE"),
            false => Ok(()),
        }
    }
}
