//! Assets, participants and the numbers of accounts: what and who there is.

use super::{Reader, Viewer};
use crate::ledger::{Address, Participant, Role};
use crate::node::shared::read;
use crate::wire::{AccountNumber, AssetView, NumbersView, ParticipantView, WhoAmI};

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

    /// All participants, with the keys that anybody needs to check a signature. Whether one may pay
    /// is for itself, operators and auditors.
    #[must_use]
    pub fn participants(&self, viewer: &Viewer) -> Vec<ParticipantView> {
        // Copied first: printing keys takes longer than the publisher should wait.
        let participants = read(&self.shared.book).book.participants().to_vec();
        let view = |participant: &Participant| {
            let concerns = viewer.role != Role::Bank || participant.number == viewer.number;
            ParticipantView::of(participant, concerns)
        };
        participants.iter().map(view).collect()
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
