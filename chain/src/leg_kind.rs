//! Kinds of legs.

use crate::item::ItemError;

/// What moved the money of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum LegKind {
    /// Between two accounts, by the debited owner's authority.
    Transfer = 1,
    /// Funds in, against the asset's issuance account.
    Issue = 2,
    /// Funds out, against the asset's issuance account.
    Redeem = 3,
    /// `amount` is reserved: pending on both accounts. The instruction's id names the hold.
    Reserve = 4,
    /// `amount` of a hold is posted.
    Capture = 5,
    /// `amount`, all that was left of a hold, is given back.
    Void = 6,
    /// The same at the hold's expiry, by the node; the id is that of the hold.
    Expire = 7,
    /// A queued payment that the node settled; the id is that of the payment.
    Queued = 8,
    /// Nothing moves: the outcome says what became of the queued payment of this id.
    Notice = 9,
    /// `amount` counts in the positions of both parties; no counter changes before its window settles.
    Clear = 10,
    /// `amount` is the net of one party in a window, to or from the model's own account, by the node;
    /// the id is that of the instruction that opened the model.
    Net = 11,
    /// `amount` is what one party lacked for its net in a window when the time for funding was over, from
    /// the model's pool to its account, by the node; the id is that of the instruction that opened the
    /// model.
    Draw = 14,
    /// `amount` of a split between two of its accounts, as it was worked out; it may be nothing.
    Split = 16,
    /// Between two accounts, by authority of a mandate that the debited owner granted.
    Mandated = 17,
    /// `amount` of an earlier leg goes back to where it came from: a return or a reversal.
    Return = 18,
    /// Nothing moves: the outcome says what became of a recall of an earlier leg.
    Recall = 19,
    /// One side of a conversion, to or from the account of whoever deals; the rate or quote is stated.
    Exchange = 20,
    /// What is due on a leg before it, from whoever pays it to the account of the schedule in force; it
    /// may be nothing. `leg` and the id are those of that leg.
    Fee = 21,
    /// Tax on the fee before it.
    FeeTax = 22,
    /// What is due of an account for a month, by the node; the id is that of the schedule.
    PeriodFee = 23,
    /// Tax on the fee before it.
    PeriodTax = 24,
    /// Nothing moves: `amount`, fee and tax for a month, could not be paid.
    Owed = 25,
    /// Between two accounts, by the debited owner's authority, with a value date of its own.
    Valued = 26,
}

impl LegKind {
    /// Reads the kind's number.
    ///
    /// # Errors
    /// [`ItemError::Field`] if the number names no kind.
    pub const fn from_u8(number: u8) -> Result<Self, ItemError> {
        match number {
            1 => Ok(Self::Transfer),
            2 => Ok(Self::Issue),
            3 => Ok(Self::Redeem),
            4 => Ok(Self::Reserve),
            5 => Ok(Self::Capture),
            6 => Ok(Self::Void),
            7 => Ok(Self::Expire),
            8 => Ok(Self::Queued),
            9 => Ok(Self::Notice),
            10 => Ok(Self::Clear),
            11 => Ok(Self::Net),
            14 => Ok(Self::Draw),
            16 => Ok(Self::Split),
            17 => Ok(Self::Mandated),
            18 => Ok(Self::Return),
            19 => Ok(Self::Recall),
            20 => Ok(Self::Exchange),
            21 => Ok(Self::Fee),
            22 => Ok(Self::FeeTax),
            23 => Ok(Self::PeriodFee),
            24 => Ok(Self::PeriodTax),
            25 => Ok(Self::Owed),
            26 => Ok(Self::Valued),
            _ => Err(ItemError::Field("kind")),
        }
    }

    /// Whether money moved; the other kinds change pending amounts alone, or nothing.
    #[must_use]
    pub const fn is_posted(self) -> bool {
        matches!(
            self,
            Self::Transfer
                | Self::Issue
                | Self::Redeem
                | Self::Capture
                | Self::Queued
                | Self::Net
                | Self::Draw
                | Self::Split
                | Self::Mandated
                | Self::Return
                | Self::Exchange
                | Self::Fee
                | Self::FeeTax
                | Self::PeriodFee
                | Self::PeriodTax
                | Self::Valued
        )
    }
}
