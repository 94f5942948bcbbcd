//! At which rate or quote a leg is, as the store has it.

use serde::{Deserialize, Serialize};

use crate::ledger::id::InstructionId;

/// At which rate or quote a leg is (see [`chain::OfExchange`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfExchange {
    /// The rate's or quote's instruction.
    pub at: InstructionId,
    /// What its rounding left, in lowest terms.
    numerator: u128,
    denominator: u128,
}

impl OfExchange {
    /// At a rate or quote, with what the rounding of the leg's amount left.
    #[must_use]
    pub const fn new(at: InstructionId, residue: chain::Residue) -> Self {
        Self {
            at,
            numerator: residue.numerator(),
            denominator: residue.denominator(),
        }
    }

    /// What the rounding left: nothing, if what is stored is none.
    #[must_use]
    pub fn residue(&self) -> chain::Residue {
        let residue = chain::Residue::new(self.numerator, self.denominator);
        residue.unwrap_or(chain::Residue::NONE)
    }
}

impl From<OfExchange> for chain::OfExchange {
    fn from(of: OfExchange) -> Self {
        Self {
            at: of.at.to_bytes(),
            residue: of.residue(),
        }
    }
}
