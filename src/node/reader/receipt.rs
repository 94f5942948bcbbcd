//! Receipts and answers.

use std::sync::Arc;

use chain::{Entry, Hash, ItemOpening, Opening, Receipt, salt};

use super::excerpt::Excerpt;
use super::parts::Found;
use super::visible::{Sight, may_read_answer};
use super::{Held, ReadError, Reader, Viewer};
use crate::ledger::{Draft, MessageId, Names, ParticipantId, Time, outcomes, print_minor};
use crate::limits::RECEIPT_ITEMS_MAX;
use crate::node::body::{self, EntryKey};
use crate::node::group::{Applied, BalanceThen, LoggedItems};
use crate::node::shared::read;
use crate::store::slots::Slot;
use crate::wire::{
    Answer, BalanceRow, BodyLimits, FeeRow, OutcomeView, ReceiptFile, ReceiptLevel, batch_answer,
    parse_body,
};

/// Opens item 0, which every reader of an answer may read.
fn first_item(held: &Held, proof: Vec<Hash>) -> ItemOpening {
    let record = held.record();
    ItemOpening {
        n: 0,
        bytes: record.first_item().to_vec(),
        salt: salt::item_salt(&Hash::from_bytes(record.salt), 0),
        proof,
        private: Vec::new(),
        text: None,
    }
}

/// The texts of a message, once its body has been opened.
pub(super) struct Texts {
    key: body::EntryKey,
    pub(super) texts: Vec<Option<Box<str>>>,
}

impl Reader {
    /// The answer to a submission that has just become an entry.
    ///
    /// # Errors
    /// [`ReadError`] if what was just written cannot be read.
    pub fn answer(&self, applied: &Applied) -> Result<Answer, ReadError> {
        let logged = &applied.logged;
        let held = Held::Recent(Arc::clone(logged));
        let viewer = self.viewer(&logged.authorisation.submitter);
        let viewer = viewer.ok_or(ReadError::NotFound)?;
        let index = logged.entry.index;
        let wanted = brief(usize::try_from(logged.entry.items).unwrap_or(usize::MAX));
        let drafts = logged.record.drafts.iter().take(wanted.len());
        let own = applied.balances.iter().map(|balance| balance.account);
        let excerpt = self.excerpt(index, drafts, own);
        let items = self.open_items(&excerpt, &held, &wanted, &viewer)?;
        let receipt = Receipt {
            entry: logged.entry,
            items,
            proof: applied.proof.clone(),
            checkpoint: applied.checkpoint.as_bytes().to_vec(),
        };
        let balances = applied.balances.iter();
        Ok(Answer {
            index,
            time: Time::from_nanos(logged.entry.time),
            outcomes: logged.outcomes().iter().map(OutcomeView::of).collect(),
            balances: balances
                .filter_map(|b| balance_view(&excerpt, b, index))
                .collect(),
            fees: FeeRow::all(&excerpt, &logged.record.drafts, |owner| viewer.is(owner)),
            settles: Vec::new(),
            receipt: Some(self.file(&receipt, ReceiptLevel::LogSigned)?),
        })
    }

    /// The answer to a binary batch that has just become an entry.
    ///
    /// # Errors
    /// [`ReadError`] if what was just written cannot be read.
    pub fn batch_answer(&self, applied: &Applied) -> Result<Vec<u8>, ReadError> {
        let logged = &applied.logged;
        let held = Held::Recent(Arc::clone(logged));
        let viewer = self.viewer(&logged.authorisation.submitter);
        let viewer = viewer.ok_or(ReadError::NotFound)?;
        let items = match &logged.items {
            LoggedItems::First(proof) => vec![first_item(&held, proof.clone())],
            LoggedItems::Whole(_) => {
                let none = self.excerpt(logged.entry.index, [], []);
                self.open_items(&none, &held, &[0], &viewer)?
            }
        };
        let receipt = Receipt {
            entry: logged.entry,
            items,
            proof: applied.proof.clone(),
            checkpoint: applied.checkpoint.as_bytes().to_vec(),
        };
        self.rows(&held, &receipt)
    }

    /// The answer to a binary batch that was an entry before: the same outcomes, a fresh proof.
    ///
    /// # Errors
    /// [`ReadError`]; other people's submissions are not found.
    pub fn stored_batch_answer(&self, index: u64, viewer: &Viewer) -> Result<Vec<u8>, ReadError> {
        let held = self.held(index)?;
        if !may_read_answer(viewer, &held.authorisation()?.submitter) {
            return Err(ReadError::NotFound);
        }
        let items = match self.seek_few(index)? {
            Found::Parts(parted) => self.open_few(&parted, &[0], viewer)?,
            Found::Whole(held) => {
                let excerpt = self.excerpt(index, &held.record().drafts, []);
                self.open_items(&excerpt, &held, &[0], viewer)?
            }
        };
        self.rows(&held, &self.receipt_of(held.entry(), items)?)
    }

    fn rows(&self, held: &Held, receipt: &Receipt) -> Result<Vec<u8>, ReadError> {
        let (index, time) = (held.entry().index, held.entry().time);
        let file = self.file(receipt, ReceiptLevel::LogSigned)?;
        let damaged = |error: serde_json::Error| ReadError::Damaged(index, error.to_string());
        let file = serde_json::to_vec(&file).map_err(damaged)?;
        let rows = outcomes(&held.record().drafts);
        Ok(batch_answer(index, time, &rows, &file))
    }

    /// The answer to a submission that was an entry before: the same index and outcomes, a fresh
    /// proof, and the balances of now.
    ///
    /// # Errors
    /// [`ReadError`]; other people's submissions are not found.
    pub fn stored_answer(&self, index: u64, viewer: &Viewer) -> Result<Answer, ReadError> {
        let held = self.held(index)?;
        let authorisation = held.authorisation()?;
        if !may_read_answer(viewer, &authorisation.submitter) {
            return Err(ReadError::NotFound);
        }
        let drafts = &held.record().drafts;
        let excerpt = self.excerpt(index, drafts, []);
        let total = usize::try_from(held.entry().items).unwrap_or(usize::MAX);
        let items = self.open_items(&excerpt, &held, &brief(total), viewer)?;
        Ok(Answer {
            index,
            time: Time::from_nanos(held.entry().time),
            outcomes: outcomes(drafts).iter().map(OutcomeView::of).collect(),
            balances: balances_now(&excerpt, &held, viewer),
            fees: FeeRow::all(&excerpt, drafts, |owner| viewer.is(owner)),
            settles: Vec::new(),
            receipt: Some(self.file(
                &self.receipt_of(held.entry(), items)?,
                ReceiptLevel::LogSigned,
            )?),
        })
    }

    /// A fresh receipt of the items that the viewer may read, or of those asked for.
    ///
    /// # Errors
    /// [`ReadError::NotWitnessed`] if level 2 is asked for before a quorum covers the entry;
    /// [`ReadError::NotFound`] if there is nothing the viewer may read, or one of the items asked
    /// for is not among it.
    pub fn receipt(
        &self,
        index: u64,
        items: Option<&[u32]>,
        level: ReceiptLevel,
        viewer: &Viewer,
    ) -> Result<ReceiptFile, ReadError> {
        if index >= self.size() {
            return Err(ReadError::NotFound);
        }
        let (entry, items) = match items {
            None => self.open_visible(&self.fetch(index)?, None, viewer)?,
            Some(items) => {
                let mut items = items.to_vec();
                items.sort_unstable();
                items.dedup();
                match self.seek_few(index)? {
                    Found::Whole(held) => self.open_visible(&held, Some(items), viewer)?,
                    Found::Parts(parted) => {
                        (*parted.entry(), self.open_few(&parted, &items, viewer)?)
                    }
                }
            }
        };
        let receipt = match level {
            ReceiptLevel::LogSigned => self.receipt_of(&entry, items)?,
            ReceiptLevel::Witnessed => self.witnessed_receipt_of(&entry, items)?,
        };
        self.file(&receipt, level)
    }

    /// Opens the items that the viewer may read, or those asked for if they are among them.
    fn open_visible(
        &self,
        held: &Held,
        wanted: Option<Vec<u32>>,
        viewer: &Viewer,
    ) -> Result<(Entry, Vec<ItemOpening>), ReadError> {
        let (index, record) = (held.entry().index, held.record());
        let excerpt = match &wanted {
            // Names are needed of what is looked at and of what is made.
            Some(items) if held.kept_items().is_some() => {
                let drafts = items.iter().filter_map(|n| record.draft(*n));
                self.excerpt(index, drafts, [])
            }
            _ => self.excerpt(index, &record.drafts, []),
        };
        let sight = Sight::new(&excerpt, viewer, &held.authorisation()?);
        let wanted = match wanted {
            None => sight.items(record),
            Some(items) if items.iter().all(|n| sight.sees(record, *n)) => items,
            Some(_) => return Err(ReadError::NotFound),
        };
        if wanted.is_empty() {
            return Err(ReadError::NotFound);
        }
        let items = self.open_items(&excerpt, held, &wanted, viewer)?;
        Ok((*held.entry(), items))
    }

    fn file(&self, receipt: &Receipt, level: ReceiptLevel) -> Result<ReceiptFile, ReadError> {
        let index = receipt.entry.index;
        let vkey = self.shared.log_key().to_string();
        ReceiptFile::from_receipt(receipt, level, &vkey, receipt.entry.items)
            .map_err(|error| ReadError::Damaged(index, error.to_string()))
    }

    fn receipt_of(&self, entry: &Entry, items: Vec<ItemOpening>) -> Result<Receipt, ReadError> {
        Ok(Receipt {
            entry: *entry,
            items,
            proof: self.proof(entry.index, self.size())?,
            checkpoint: self.checkpoint().as_bytes().to_vec(),
        })
    }

    /// The same at the newest checkpoint of a quorum, if that covers the entry.
    fn witnessed_receipt_of(
        &self,
        entry: &Entry,
        items: Vec<ItemOpening>,
    ) -> Result<Receipt, ReadError> {
        let (witnessed, index) = (self.shared.witnessed.load_full(), entry.index);
        let covers = witnessed.filter(|witnessed| witnessed.checkpoint.size > index);
        let witnessed = covers.ok_or(ReadError::NotWitnessed)?;
        Ok(Receipt {
            entry: *entry,
            items,
            proof: self.proof(index, witnessed.checkpoint.size)?,
            checkpoint: witnessed.note.as_bytes().to_vec(),
        })
    }

    /// Opens items with everything in them that the viewer may read.
    fn open_items(
        &self,
        excerpt: &Excerpt,
        held: &Held,
        wanted: &[u32],
        viewer: &Viewer,
    ) -> Result<Vec<ItemOpening>, ReadError> {
        let index = held.entry().index;
        let damaged = |what: String| ReadError::Damaged(index, what);
        let sight = Sight::new(excerpt, viewer, &held.authorisation()?);
        let items = held.items(excerpt)?;
        let entry_salt = Hash::from_bytes(held.record().salt);
        let tree = items.tree();
        if tree.root() != held.entry().payload_root {
            return Err(damaged("its items do not lead to its payload root".into()));
        }
        let mut texts = None;
        let mut opened = Vec::with_capacity(wanted.len());
        for &n in wanted {
            let at = usize::try_from(n).unwrap_or(usize::MAX);
            let bytes = items.item(at).ok_or(ReadError::NotFound)?;
            let draft = held.record().draft(n);
            let proof = tree
                .inclusion_proof(u64::from(n))
                .map_err(|error| damaged(error.to_string()))?;
            let text = match held.record().text(n) {
                None => None,
                Some(_) => {
                    let texts = texts.get_or_insert_with(|| self.texts(held, excerpt.erased));
                    texts
                        .as_ref()
                        .and_then(|texts| texts.opening(n, draft?.instruction()))
                }
            };
            let parts = (n, bytes, proof);
            opened.push(opening(&sight, draft, &entry_salt, parts, text));
        }
        Ok(opened)
    }

    /// Opens the body of an entry and reads its texts; nothing if the key was erased.
    pub(super) fn texts(&self, held: &Held, erased: bool) -> Option<Texts> {
        let (key, plain) = self.open_body(held, erased)?;
        let parsed = parse_body(&plain, &BodyLimits::default()).ok()?;
        Some(Texts {
            key,
            texts: parsed.texts,
        })
    }

    /// The erasable key of an entry and the body that it opens, unless it counts as erased.
    ///
    /// A key that does not open the body is kept back: key slots of another log hold such keys, and an
    /// auditor who was given one would take the log for a forged one.
    pub(super) fn open_body(&self, held: &Held, erased: bool) -> Option<(EntryKey, Vec<u8>)> {
        let index = held.entry().index;
        // Erased keys stay in memory for as long as the store is behind; nobody gets them.
        if erased {
            return None;
        }
        let key = match held {
            Held::Recent(logged) => logged.key.clone(),
            Held::Stored(_) | Held::Made(_) => match self.shared.slots.get(index) {
                Ok(Slot::Key(key)) => key,
                // Nobody erased it.
                other => {
                    tracing::warn!(index, slot = ?other, "the key slot cannot be read");
                    return None;
                }
            },
        };
        let Ok(plain) = body::open(&key, held.record().sealed_body()) else {
            tracing::warn!(
                index,
                "the key slot holds a key that does not open the body"
            );
            return None;
        };
        Some((key, plain))
    }

    /// Finds the entry of a submission by its identity.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn find_submission(
        &self,
        participant: &ParticipantId,
        created: Time,
        id: &MessageId,
    ) -> Result<Option<u64>, ReadError> {
        let recent = read(&self.shared.recent).find(participant, created, id);
        if let Some(index) = recent.filter(|index| *index < self.size()) {
            return Ok(Some(index));
        }
        let found =
            self.shared
                .store
                .message(created.nanos(), participant.as_str(), id.as_str())?;
        let Some(index) = found.filter(|index| *index < self.size()) else {
            return Ok(None);
        };
        let authorisation = self.seek(index)?.authorisation()?;
        Ok((authorisation.created == created.nanos()).then_some(index))
    }

    /// Content type and body hash of an entry's submission.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn content_of(&self, index: u64) -> Result<(String, Hash), ReadError> {
        if index >= self.size() {
            return Err(ReadError::NotFound);
        }
        let authorisation = self.seek(index)?.authorisation()?;
        Ok((authorisation.content_type, authorisation.body_hash))
    }
}

impl Texts {
    fn opening(&self, n: u32, instruction: u32) -> Option<Opening> {
        let text = self
            .texts
            .get(usize::try_from(instruction).ok()?)?
            .as_ref()?;
        Some(Opening {
            bytes: text.as_bytes().to_vec(),
            salt: salt::text_salt(&self.key, n),
        })
    }
}

/// The items in an answer: all of a short message, the authorisation alone of a long one.
fn brief(items: usize) -> Vec<u32> {
    let shown = if items > RECEIPT_ITEMS_MAX + 1 {
        1
    } else {
        items
    };
    (0..u32::try_from(shown).unwrap_or(1)).collect()
}

/// Opens an item: its number, bytes and proof are given.
pub(super) fn opening(
    sight: &Sight<'_>,
    draft: Option<&Draft>,
    entry_salt: &Hash,
    (n, bytes, proof): (u32, &[u8], Vec<Hash>),
    text: Option<Opening>,
) -> ItemOpening {
    ItemOpening {
        n,
        bytes: bytes.to_vec(),
        salt: salt::item_salt(entry_salt, n),
        proof,
        private: private_openings(sight, draft, entry_salt, n),
        text,
    }
}

fn private_openings(
    sight: &Sight<'_>,
    draft: Option<&Draft>,
    entry_salt: &Hash,
    n: u32,
) -> Vec<(u16, Opening)> {
    let changes = draft.map(Draft::changes).unwrap_or_default();
    let numbered = (0u16..).zip(changes);
    numbered
        .filter(|(_, change)| sight.private(change.account))
        .map(|(k, change)| {
            let bytes = change.to_private_part().to_bytes().to_vec();
            (
                k,
                Opening {
                    bytes,
                    salt: salt::private_salt(entry_salt, n, k),
                },
            )
        })
        .collect()
}

fn balance_view(book: &Excerpt, balance: &BalanceThen, index: u64) -> Option<BalanceRow> {
    let account = book.account_numbered(balance.account)?;
    let scale = book.asset_numbered(account.asset)?.scale;
    let pending = i128::try_from(balance.pending_debits).unwrap_or(i128::MAX);
    Some(BalanceRow {
        account: account.address.to_string(),
        posted: print_minor(balance.posted, scale),
        pending_debits: print_minor(pending, scale),
        available: print_minor(balance.available, scale),
        at_index: index,
    })
}

/// The balances of now of the viewer's accounts that an entry touched.
fn balances_now(excerpt: &Excerpt, held: &Held, viewer: &Viewer) -> Vec<BalanceRow> {
    let changes = held.record().drafts.iter().flat_map(Draft::changes);
    let mut numbers: Vec<u64> = changes.map(|change| change.account).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let accounts = numbers
        .into_iter()
        .filter_map(|number| excerpt.account_numbered(number));
    accounts
        .filter(|account| viewer.is(account.owner))
        .filter_map(|account| {
            let now = BalanceThen {
                account: account.number,
                posted: account.counters.posted(),
                pending_debits: account.counters.debits_pending,
                available: account.available(),
            };
            balance_view(excerpt, &now, excerpt.size.saturating_sub(1))
        })
        .collect()
}
