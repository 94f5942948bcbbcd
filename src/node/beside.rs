//! What runs beside the pipeline: the copying thread and the sealing thread.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::applier::Applier;
use super::group::ToStore;
use super::shared::Shared;
use super::submission::Submission;
use super::{copier, sealer};

/// The threads beside the pipeline, and what leads to them and back.
pub(super) struct Beside {
    pub(super) copier: copier::Copier,
    pub(super) sealer: sealer::Sealer,
    pub(super) orders: Sender<copier::Order>,
    pub(super) room: Receiver<()>,
    pub(super) seals: Receiver<Box<Submission>>,
}

impl Beside {
    /// From now on the applier leaves copies of accounts to them.
    pub(super) fn of(applier: &mut Applier, shared: &Arc<Shared>, store: Sender<ToStore>) -> Self {
        let (frozen, frozen_queue) = unbounded();
        let (seals, seal_queue) = unbounded();
        let (orders, order_queue) = unbounded();
        let (room, room_queue) = bounded(copier::PARTS_AHEAD);
        // A seal that was outstanding when the log was last closed; its accounts are here.
        if let Some(outstanding) = applier.state().frozen() {
            let _ = frozen.send(Arc::clone(outstanding));
        }
        applier.freeze_elsewhere();
        let copier = copier::Copier {
            orders: order_queue,
            shared: Arc::clone(shared),
            store,
            room,
            frozen,
            state: copier::CopyState::default(),
        };
        let sealer = sealer::Sealer {
            frozen: frozen_queue,
            seals,
            shared: Arc::clone(shared),
            last: applier.state().last_seal(),
        };
        Self {
            copier,
            sealer,
            orders,
            room: room_queue,
            seals: seal_queue,
        }
    }
}
