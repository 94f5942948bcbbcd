//! Assets and participants: what and who there is.

use super::{Reader, Viewer};
use crate::node::shared::read;
use crate::wire::{AssetView, ParticipantView, WhoAmI};

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

    /// All participants, with the keys that anybody needs to check a signature.
    #[must_use]
    pub fn participants(&self) -> Vec<ParticipantView> {
        // Copied first: printing keys takes longer than the publisher should wait.
        let participants = read(&self.shared.book).book.participants().to_vec();
        participants.iter().map(ParticipantView::of).collect()
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
