//! Assets, participants and the numbers of accounts: what and who there is.

use super::{ReadError, Reader, Viewer};
use crate::ledger::{Address, Bic, Book, Lei, Participant, ParticipantId, ParticipantState, Role};
use crate::node::shared::read;
use crate::wire::{AccountNumber, AssetView, NumbersView, ParticipantView, WhoAmI};

fn view(participant: &Participant, via: Option<ParticipantId>, viewer: &Viewer) -> ParticipantView {
    let concerns = viewer.role != Role::Bank || viewer.is(participant.number);
    ParticipantView::of(participant, via, concerns)
}

/// Via whom a participant is reached, as it is named.
fn via(book: &Book, participant: &Participant) -> Option<ParticipantId> {
    let direct = book.participant_numbered(participant.via?)?;
    Some(direct.id.clone())
}

impl Reader {
    /// All assets.
    #[must_use]
    pub fn assets(&self) -> Vec<AssetView> {
        read(&self.shared.book)
            .book
            .assets()
            .iter()
            .map(AssetView::of)
            .collect()
    }

    /// All participants, with the keys that anybody needs to check a signature. Whether one is suspended
    /// is for itself, operators and auditors.
    #[must_use]
    pub fn participants(&self, viewer: &Viewer) -> Vec<ParticipantView> {
        // Copied first: printing keys takes longer than the publisher should wait.
        let participants: Vec<_> = {
            let at = read(&self.shared.book);
            let all = at.book.participants().iter();
            all.map(|it| (it.clone(), via(&at.book, it))).collect()
        };
        let view = |(participant, via)| view(&participant, via, viewer);
        participants.into_iter().map(view).collect()
    }

    /// The participant with an id, a BIC or an LEI: of several that had one, the one that is not
    /// terminated, else the newest.
    ///
    /// # Errors
    /// [`ReadError::NotFound`].
    pub fn participant(&self, who: &str, viewer: &Viewer) -> Result<ParticipantView, ReadError> {
        let (bic, lei) = (Bic::new(who).ok(), Lei::new(who).ok());
        let known_by = |participant: &&Participant| {
            let bics = bic.as_ref().zip(participant.bic.as_ref());
            let leis = lei.as_ref().zip(participant.lei.as_ref());
            bics.is_some_and(|(bic, own)| bic.is_same(own))
                || leis.is_some_and(|(lei, own)| lei == own)
        };
        let found = {
            let at = read(&self.shared.book);
            let id = ParticipantId::new(who).ok();
            let by_id = id.and_then(|id| at.book.participant(&id));
            let all = at.book.participants().iter().filter(known_by);
            let newest = all.max_by_key(|it| {
                let lives = it.state != ParticipantState::Terminated;
                (lives, it.number)
            });
            by_id.or(newest).map(|it| (it.clone(), via(&at.book, it)))
        };
        let (participant, via) = found.ok_or(ReadError::NotFound)?;
        Ok(view(&participant, via, viewer))
    }

    /// The numbers of accounts with these addresses, whoever owns them, all at one log index.
    #[must_use]
    pub fn numbers_of(&self, addresses: &[Address]) -> NumbersView {
        let at = read(&self.shared.book);
        let (mut items, mut unknown) = (Vec::new(), Vec::new());
        for address in addresses {
            let account = at.book.account(address);
            match account.and_then(|account| AccountNumber::of(&at.book, account)) {
                Some(item) => items.push(item),
                None => unknown.push(address.clone()),
            }
        }
        NumbersView {
            at_index: at.size.saturating_sub(1),
            items,
            unknown,
        }
    }

    /// Who the viewer is.
    #[must_use]
    pub fn whoami(&self, viewer: &Viewer) -> WhoAmI {
        let expires_at = viewer.expires_at;
        WhoAmI {
            participant: viewer.id.clone(),
            role: viewer.role,
            expires_at,
        }
    }
}
