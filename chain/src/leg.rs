//! Leg items: one leg of an instruction that settled.
//!
//! A leg of a JSON message states both addresses: its two parties know them. In a binary batch a
//! party names accounts by number only, and numbers are dense: a leg that told the addresses would
//! let anybody who pays a little to each number learn everybody's. So such a leg has numbers alone.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Hash;
use crate::codec::{Reader, put_text};
use crate::item::{FLAG_TEXT, ITEM_VERSION, ItemError, TYPE_LEG};
use crate::leg_kind::LegKind;
use crate::of_exchange::{OfExchange, Residue};
use crate::of_original::OfOriginal;
use crate::of_window::OfWindow;

/// Accounts are named by number: no addresses.
const FLAG_NUMBERED: u8 = 2;
/// Behind the asset stands an end-to-end reference; only with [`FLAG_NUMBERED`].
const FLAG_REFERENCE: u8 = 4;
/// The last date there is, 2399-12-31, days since 1970-01-01.
const VALUE_DATE_MAX: u32 = 157_053;
/// The first month there is, and the last.
const MONTH_FIRST: u32 = 197_001;
const MONTH_LAST: u32 = 239_912;

/// One settled leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegItem {
    /// What moved the money.
    pub kind: LegKind,
    /// Ordinal of the instruction in its message.
    pub instruction: u32,
    /// Ordinal of the leg in its instruction.
    pub leg: u16,
    /// Outcome number (see the list of outcomes).
    pub outcome: u16,
    /// Instruction id (UUIDv7).
    pub id: [u8; 16],
    /// Decimal places of the asset: `amount` counts units of 10^-scale.
    pub scale: u8,
    /// Amount in minor units.
    pub amount: u128,
    /// Number of the account debited.
    pub debit: u64,
    /// Number of the account credited.
    pub credit: u64,
    /// Asset id.
    pub asset: String,
    /// Address of the account debited; empty in a leg of a binary batch, which names accounts by
    /// number.
    pub debit_address: String,
    /// Address of the account credited; empty in a leg of a binary batch.
    pub credit_address: String,
    /// What stands for the addresses in a leg of a binary batch.
    pub numbered: Option<Numbered>,
    /// In a leg that captures or voids: of which hold.
    pub of_hold: Option<OfHold>,
    /// In a leg of a queued payment: index of the entry that put it into the queue.
    pub since: Option<u64>,
    /// In a leg that clears or settles a net: of which netting window.
    pub of_window: Option<OfWindow>,
    /// In a leg that gives back, or tells of a recall: of which leg of the log, and why.
    pub of_original: Option<OfOriginal>,
    /// In a leg of kind mandated: id of the instruction that granted the mandate.
    pub mandate: Option<[u8; 16]>,
    /// In a leg of a conversion: at which rate or quote, and what its rounding left.
    pub of_exchange: Option<OfExchange>,
    /// In a leg of kind valued: the date from which on it counts in value-dated balances, days since
    /// 1970-01-01.
    pub value_date: Option<u32>,
    /// In a leg of what is due for a month: that month, as in 202612.
    pub month: Option<u32>,
    /// Commitment to the text part, if the instruction has one.
    pub text: Option<Hash>,
    /// Commitments to the private parts: 0 the debited account's, 1 the credited one's.
    pub private: Vec<Hash>,
}

/// What a leg that captures or voids states of its hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfHold {
    /// Id of the instruction that reserved.
    pub hold: [u8; 16],
    /// Minor units that are no longer reserved: of a void, its `amount`; of a capture, what it posts
    /// out of the hold, and what it gives back to the payer. If it is more than `amount`, the rest is
    /// given back; if it is less, the rest was taken from what was available.
    pub unreserved: u128,
}

/// What a leg of a binary batch states beside numbers and amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbered {
    /// End-to-end reference, opaque; not all zeros.
    pub reference: Option<[u8; 32]>,
}

/// Reads of which hold a leg is, if its kind says so.
fn read_of_hold(
    r: &mut Reader<'_>,
    kind: LegKind,
    amount: u128,
) -> Result<Option<OfHold>, ItemError> {
    let hold = match kind {
        LegKind::Capture | LegKind::Void => r.array()?,
        _ => return Ok(None),
    };
    let unreserved = match kind {
        LegKind::Capture => r.u128()?,
        _ => amount,
    };
    Ok(Some(OfHold { hold, unreserved }))
}

/// Reads of which netting window a leg is, if its kind says so.
fn read_of_window(r: &mut Reader<'_>, kind: LegKind) -> Result<Option<OfWindow>, ItemError> {
    match kind {
        LegKind::Clear | LegKind::Net | LegKind::Draw => Ok(Some(OfWindow {
            model: r.text_ref()?.parse()?,
            window: r.u64()?,
        })),
        _ => Ok(None),
    }
}

/// Reads of which leg of the log a leg is, if its kind says so.
fn read_of_original(r: &mut Reader<'_>, kind: LegKind) -> Result<Option<OfOriginal>, ItemError> {
    match kind {
        LegKind::Return | LegKind::Recall => OfOriginal::read(r).map(Some),
        _ => Ok(None),
    }
}

/// Reads at which rate or quote a leg is, if its kind says so.
fn read_of_exchange(r: &mut Reader<'_>, kind: LegKind) -> Result<Option<OfExchange>, ItemError> {
    match kind {
        LegKind::Exchange => Ok(Some(OfExchange {
            at: r.array()?,
            residue: Residue::from_lowest(r.u128()?, r.u128()?)?,
        })),
        _ => Ok(None),
    }
}

/// Reads the value date of a leg, if its kind has one.
fn read_value_date(r: &mut Reader<'_>, kind: LegKind) -> Result<Option<u32>, ItemError> {
    match kind {
        LegKind::Valued => match r.u32()? {
            days @ 0..=VALUE_DATE_MAX => Ok(Some(days)),
            _ => Err(ItemError::Field("value date")),
        },
        _ => Ok(None),
    }
}

/// Reads for which month a leg is, if its kind says so.
fn read_month(r: &mut Reader<'_>, kind: LegKind) -> Result<Option<u32>, ItemError> {
    match kind {
        LegKind::PeriodFee | LegKind::PeriodTax | LegKind::Owed => match r.u32()? {
            month @ MONTH_FIRST..=MONTH_LAST if matches!(month % 100, 1..=12) => Ok(Some(month)),
            _ => Err(ItemError::Field("month")),
        },
        _ => Ok(None),
    }
}

/// Reads what stands in the place of the addresses.
fn read_numbered(r: &mut Reader<'_>, flags: u8) -> Result<Numbered, ItemError> {
    let reference = match flags & FLAG_REFERENCE {
        0 => None,
        _ => Some(r.array()?),
    };
    // No reference has one form: it is left out.
    match reference {
        Some(zero) if zero == [0; 32] => Err(ItemError::Field("reference")),
        reference => Ok(Numbered { reference }),
    }
}

/// A leg item as it stands in its bytes: for whoever reads many and keeps none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the fields are those of LegItem, documented there"
)]
pub struct LegView<'a> {
    pub kind: LegKind,
    pub instruction: u32,
    pub leg: u16,
    pub outcome: u16,
    pub id: [u8; 16],
    pub scale: u8,
    pub amount: u128,
    pub debit: u64,
    pub credit: u64,
    pub asset: &'a str,
    pub debit_address: &'a str,
    pub credit_address: &'a str,
    pub numbered: Option<Numbered>,
    pub of_hold: Option<OfHold>,
    pub since: Option<u64>,
    pub of_window: Option<OfWindow>,
    pub of_original: Option<OfOriginal>,
    pub mandate: Option<[u8; 16]>,
    pub of_exchange: Option<OfExchange>,
    pub value_date: Option<u32>,
    pub month: Option<u32>,
    pub text: Option<Hash>,
    pub private: &'a [[u8; Hash::LEN]],
}

impl<'a> LegView<'a> {
    pub(crate) fn read(r: &mut Reader<'a>) -> Result<Self, ItemError> {
        let kind = LegKind::from_u8(r.u8()?)?;
        let flags = r.u8()?;
        if flags & !(FLAG_TEXT | FLAG_NUMBERED | FLAG_REFERENCE) != 0
            || flags & (FLAG_NUMBERED | FLAG_REFERENCE) == FLAG_REFERENCE
        {
            return Err(ItemError::Field("flags"));
        }
        let instruction = r.u32()?;
        let leg = r.u16()?;
        let outcome = r.u16()?;
        let id = r.array()?;
        let scale = r.u8()?;
        let amount = r.u128()?;
        let (debit, credit) = (r.u64()?, r.u64()?);
        let asset = r.text_ref()?;
        let (mut debit_address, mut credit_address, mut numbered) = Default::default();
        if flags & FLAG_NUMBERED == 0 {
            (debit_address, credit_address) = (r.text_ref()?, r.text_ref()?);
        } else {
            numbered = Some(read_numbered(r, flags)?);
        }
        let of_hold = read_of_hold(r, kind, amount)?;
        let since = match kind {
            LegKind::Queued | LegKind::Notice => Some(r.u64()?),
            _ => None,
        };
        let of_window = read_of_window(r, kind)?;
        let of_original = read_of_original(r, kind)?;
        let mandate = match kind {
            LegKind::Mandated => Some(r.array()?),
            _ => None,
        };
        let of_exchange = read_of_exchange(r, kind)?;
        let value_date = read_value_date(r, kind)?;
        let month = read_month(r, kind)?;
        let text = if flags & FLAG_TEXT == 0 {
            None
        } else {
            Some(r.hash()?)
        };
        Ok(Self {
            kind,
            instruction,
            leg,
            outcome,
            id,
            scale,
            amount,
            debit,
            credit,
            asset,
            debit_address,
            credit_address,
            numbered,
            of_hold,
            since,
            of_window,
            of_original,
            mandate,
            of_exchange,
            value_date,
            month,
            text,
            private: r.hashes_ref()?,
        })
    }
}

impl LegItem {
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, ItemError> {
        let leg = LegView::read(r)?;
        let private = leg.private.iter().copied().map(Hash::from_bytes);
        Ok(Self {
            kind: leg.kind,
            instruction: leg.instruction,
            leg: leg.leg,
            outcome: leg.outcome,
            id: leg.id,
            scale: leg.scale,
            amount: leg.amount,
            debit: leg.debit,
            credit: leg.credit,
            asset: leg.asset.into(),
            debit_address: leg.debit_address.into(),
            credit_address: leg.credit_address.into(),
            numbered: leg.numbered,
            of_hold: leg.of_hold,
            since: leg.since,
            of_window: leg.of_window,
            of_original: leg.of_original,
            mandate: leg.mandate,
            of_exchange: leg.of_exchange,
            value_date: leg.value_date,
            month: leg.month,
            text: leg.text,
            private: private.collect(),
        })
    }

    /// The account debited, as the leg names it: its address, or `#` and its number.
    #[must_use]
    pub fn debit_name(&self) -> String {
        self.name(self.debit, &self.debit_address)
    }

    /// The account credited, as the leg names it.
    #[must_use]
    pub fn credit_name(&self) -> String {
        self.name(self.credit, &self.credit_address)
    }

    fn name(&self, number: u64, address: &str) -> String {
        match self.numbered {
            Some(_) => alloc::format!("#{number}"),
            None => address.into(),
        }
    }

    /// Appends the item's bytes to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        LegFields {
            kind: self.kind,
            instruction: self.instruction,
            leg: self.leg,
            outcome: self.outcome,
            id: self.id,
            scale: self.scale,
            amount: self.amount,
            debit: self.debit,
            credit: self.credit,
            asset: &self.asset,
            debit_address: &self.debit_address,
            credit_address: &self.credit_address,
            numbered: self.numbered,
            of_hold: self.of_hold,
            since: self.since,
            of_window: self.of_window,
            of_original: self.of_original,
            mandate: self.mandate,
            of_exchange: self.of_exchange,
            value_date: self.value_date,
            month: self.month,
            text: self.text,
            private: &self.private,
        }
        .write(out);
    }
}

/// The fields of a leg item, borrowed: lets a node write items without allocating.
#[derive(Debug, Clone, Copy)]
#[expect(
    missing_docs,
    reason = "the fields are those of LegItem, documented there"
)]
pub struct LegFields<'a> {
    pub kind: LegKind,
    pub instruction: u32,
    pub leg: u16,
    pub outcome: u16,
    pub id: [u8; 16],
    pub scale: u8,
    pub amount: u128,
    pub debit: u64,
    pub credit: u64,
    pub asset: &'a str,
    pub debit_address: &'a str,
    pub credit_address: &'a str,
    pub numbered: Option<Numbered>,
    pub of_hold: Option<OfHold>,
    pub since: Option<u64>,
    pub of_window: Option<OfWindow>,
    pub of_original: Option<OfOriginal>,
    pub mandate: Option<[u8; 16]>,
    pub of_exchange: Option<OfExchange>,
    pub value_date: Option<u32>,
    pub month: Option<u32>,
    pub text: Option<Hash>,
    pub private: &'a [Hash],
}

impl LegFields<'_> {
    /// Appends the item's bytes to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[ITEM_VERSION, TYPE_LEG, self.kind as u8]);
        let reference = self.numbered.and_then(|numbered| numbered.reference);
        let flags = [
            (self.text.is_some(), FLAG_TEXT),
            (self.numbered.is_some(), FLAG_NUMBERED),
            (reference.is_some(), FLAG_REFERENCE),
        ];
        let set = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
        out.push(set.fold(0, |flags, flag| flags | flag));
        out.extend_from_slice(&self.instruction.to_be_bytes());
        out.extend_from_slice(&self.leg.to_be_bytes());
        out.extend_from_slice(&self.outcome.to_be_bytes());
        out.extend_from_slice(&self.id);
        out.push(self.scale);
        out.extend_from_slice(&self.amount.to_be_bytes());
        out.extend_from_slice(&self.debit.to_be_bytes());
        out.extend_from_slice(&self.credit.to_be_bytes());
        put_text(out, self.asset);
        if self.numbered.is_none() {
            put_text(out, self.debit_address);
            put_text(out, self.credit_address);
        } else if let Some(reference) = &reference {
            out.extend_from_slice(reference);
        }
        if let Some(of) = &self.of_hold {
            out.extend_from_slice(&of.hold);
            if self.kind == LegKind::Capture {
                out.extend_from_slice(&of.unreserved.to_be_bytes());
            }
        }
        if let Some(since) = self.since {
            out.extend_from_slice(&since.to_be_bytes());
        }
        if let Some(of) = &self.of_window {
            put_text(out, of.model.as_str());
            out.extend_from_slice(&of.window.to_be_bytes());
        }
        if let Some(of) = &self.of_original {
            of.write(out);
        }
        if let Some(mandate) = &self.mandate {
            out.extend_from_slice(mandate);
        }
        if let Some(of) = &self.of_exchange {
            out.extend_from_slice(&of.at);
            out.extend_from_slice(&of.residue.numerator().to_be_bytes());
            out.extend_from_slice(&of.residue.denominator().to_be_bytes());
        }
        if let Some(date) = self.value_date {
            out.extend_from_slice(&date.to_be_bytes());
        }
        if let Some(month) = self.month {
            out.extend_from_slice(&month.to_be_bytes());
        }
        if let Some(text) = &self.text {
            out.extend_from_slice(text.as_bytes());
        }
        debug_assert!(
            self.private.len() <= usize::from(u8::MAX),
            "a leg changes two accounts"
        );
        out.push(u8::try_from(self.private.len()).unwrap_or(u8::MAX));
        for commitment in self.private.iter().take(usize::from(u8::MAX)) {
            out.extend_from_slice(commitment.as_bytes());
        }
    }
}
