//! Instructions that give money back, or ask for it (LEDGER F16).

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::ledger::amount::Amount;
use crate::ledger::base64::{Bytes, HashText};
use crate::ledger::id::InstructionId;

macro_rules! reasons {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $meaning:literal])* $variant:ident = $code:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $meaning])* #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it stands in legs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The code as bytes.
            pub(in crate::ledger) fn bytes(self) -> [u8; 4] {
                let code = self.code().as_bytes().first_chunk::<4>();
                *code.expect("codes have four letters")
            }
        }
    };
}

reasons! {
    /// Why money is returned: external return reason codes of ISO 20022.
    ReturnReason {
        /// The account number is wrong.
        Ac01 = "AC01",
        /// The creditor's account number is wrong.
        Ac03 = "AC03",
        /// The account is closed.
        Ac04 = "AC04",
        /// The account is blocked.
        Ac06 = "AC06",
        /// The account does not take such a payment.
        Ag01 = "AG01",
        /// It is a duplicate.
        Am05 = "AM05",
        /// The amount is not the one agreed.
        Am09 = "AM09",
        /// Account and customer do not belong together.
        Be01 = "BE01",
        /// The currency is wrong.
        Curr = "CURR",
        /// The debtor asked for it.
        Cust = "CUST",
        /// It was paid twice.
        Dupl = "DUPL",
        /// After a recall.
        Focr = "FOCR",
        /// Its origin is fraudulent.
        Frad = "FRAD",
        /// By order of a court or authority.
        Legl = "LEGL",
        /// The end customer asks for a refund.
        Md06 = "MD06",
        /// The end customer has died.
        Md07 = "MD07",
        /// No reason given by the customer.
        Ms02 = "MS02",
        /// No reason given by the bank.
        Ms03 = "MS03",
        /// The bank identifier is wrong.
        Rc01 = "RC01",
        /// For a regulation: the debtor's account is missing.
        Rr01 = "RR01",
        /// For a regulation: the debtor's name or address is missing.
        Rr02 = "RR02",
        /// For a regulation: the creditor's name or address is missing.
        Rr03 = "RR03",
        /// For a regulation.
        Rr04 = "RR04",
        /// The service was not rendered.
        Svnr = "SVNR",
        /// A technical problem.
        Tech = "TECH",
        /// It was not due.
        Upay = "UPAY",
    }
}

reasons! {
    /// Why the sender asks for a payment back: external cancellation reason codes of ISO 20022.
    RecallReason {
        /// The creditor's account number is wrong.
        Ac03 = "AC03",
        /// The agent is wrong.
        Agnt = "AGNT",
        /// The amount is wrong.
        Am09 = "AM09",
        /// The currency is wrong.
        Curr = "CURR",
        /// The debtor asked for it.
        Cust = "CUST",
        /// The creditor could not apply it.
        Cuta = "CUTA",
        /// It was sent twice.
        Dupl = "DUPL",
        /// It was sent in fraud.
        Frad = "FRAD",
        /// A technical problem sent it.
        Tech = "TECH",
        /// It was not due.
        Upay = "UPAY",
    }
}

reasons! {
    /// Why a recall is refused: external codes for rejected cancellations of ISO 20022.
    RefusalReason {
        /// The account is closed.
        Ac04 = "AC04",
        /// The funds are not there.
        Am04 = "AM04",
        /// It was returned already.
        Ardt = "ARDT",
        /// The customer does not agree.
        Cust = "CUST",
        /// For a legal reason.
        Legl = "LEGL",
        /// The customer gives no answer.
        Noas = "NOAS",
    }
}

reasons! {
    /// Why the operators reverse funds in or out: external reversal reason codes of ISO 20022.
    ReversalReason {
        /// It was done twice.
        Am05 = "AM05",
        /// At the customer's wish.
        Ms02 = "MS02",
        /// The operators made an error.
        Ms03 = "MS03",
    }
}

/// A leg of the log, with what proves it: what a receipt has of it, see [`chain::Original`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// The entry, 120 bytes.
    pub entry: Bytes,
    /// Number of the item in it.
    pub n: u32,
    /// The item.
    pub item: Bytes,
    /// The item's salt.
    pub salt: HashText,
    /// From the item to the entry, the leaf's sibling first.
    pub item_proof: Vec<HashText>,
    /// From the entry to the root of a complete subtree of the log, the leaf's sibling first.
    pub proof: Vec<HashText>,
}

/// Gives money back that was received, all or a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Instruction id.
    pub id: InstructionId,
    /// The leg that brought it.
    pub original: Original,
    /// How much; all that was not returned yet, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Why.
    pub reason: ReturnReason,
}

/// Corrects funds in or out that the operators booked by error, all or a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reverse {
    /// Instruction id.
    pub id: InstructionId,
    /// The leg that booked them.
    pub original: Original,
    /// How much; all that was not reversed yet, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Why.
    pub reason: ReversalReason,
}

/// Asks whoever received a payment to return it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// Instruction id, which names the recall.
    pub id: InstructionId,
    /// The leg that paid it.
    pub original: Original,
    /// Why.
    pub reason: RecallReason,
}

/// Says no to a recall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefuseRecall {
    /// Instruction id.
    pub id: InstructionId,
    /// The recall.
    pub of: InstructionId,
    /// Why.
    pub reason: RefusalReason,
}

impl Original {
    /// What it proves, to be verified; `None` if its entry is none.
    #[must_use]
    pub fn to_proof(&self) -> Option<chain::Original> {
        let hashes = |hashes: &[HashText]| hashes.iter().map(|hash| hash.0).collect();
        Some(chain::Original {
            entry: chain::Entry::from_bytes(&self.entry.0).ok()?,
            n: self.n,
            item: self.item.0.clone(),
            salt: self.salt.0,
            item_proof: hashes(&self.item_proof),
            proof: hashes(&self.proof),
        })
    }
}

impl From<&chain::Original> for Original {
    fn from(proof: &chain::Original) -> Self {
        let hashes = |hashes: &[chain::Hash]| hashes.iter().copied().map(HashText).collect();
        Self {
            entry: Bytes(proof.entry.to_bytes().to_vec()),
            n: proof.n,
            item: Bytes(proof.item.clone()),
            salt: proof.salt.into(),
            item_proof: hashes(&proof.item_proof),
            proof: hashes(&proof.proof),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_four_letters_and_no_other_spelling() {
        let returns = ReturnReason::ALL.iter().map(|r| (r.code(), r.bytes()));
        let recalls = RecallReason::ALL.iter().map(|r| (r.code(), r.bytes()));
        let refusals = RefusalReason::ALL.iter().map(|r| (r.code(), r.bytes()));
        let reversals = ReversalReason::ALL.iter().map(|r| (r.code(), r.bytes()));
        for (code, bytes) in returns.chain(recalls).chain(refusals).chain(reversals) {
            assert_eq!(code.as_bytes(), bytes);
        }
        let read = serde_json::from_str::<ReturnReason>;
        assert_eq!(read("\"AC04\"").unwrap(), ReturnReason::Ac04);
        assert!(read("\"ac04\"").is_err() && read("\"AGNT\"").is_err());
    }
}
