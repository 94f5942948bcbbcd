//! What moved the money of a line of history.

use serde::{Deserialize, Serialize};

use crate::ledger::leg_kinds;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $word:literal,)*) => {
        /// What moved the money of a line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum HistoryKind {
            $($(#[$doc])* $kind,)*
        }

        impl HistoryKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The word for it, the same as in JSON.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
        }

        impl From<chain::LegKind> for HistoryKind {
            fn from(kind: chain::LegKind) -> Self {
                match kind {
                    $(chain::LegKind::$kind => Self::$kind,)*
                }
            }
        }
    };
}

leg_kinds!(kinds);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_one_in_json() {
        for kind in HistoryKind::ALL {
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.word());
        }
    }
}
