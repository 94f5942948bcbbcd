//! Rule parameters: logged, changed by governance only, never read from `node.toml`.

use serde::{Deserialize, Serialize};

use super::time::SECOND;

/// The parameters that `apply` depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// How old `created` and ids may be, seconds of log time.
    pub window_back_s: u64,
    /// How far ahead of log time `created` and ids may be, seconds.
    pub window_ahead_s: u64,
    /// The most ids that one participant may have inside the window.
    pub window_ids_max: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            window_back_s: 3_600,
            window_ahead_s: 60,
            window_ids_max: 20_000_000,
        }
    }
}

/// Why a parameter cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParameterRefusal {
    /// No such parameter.
    #[error("no such parameter")]
    Unknown,
    /// The value is out of range.
    #[error("value out of range")]
    OutOfRange,
}

impl Parameters {
    /// Names, ranges and meanings, in order.
    pub const TABLE: &'static [(&'static str, u64, u64, &'static str)] = &[
        (
            "window_back_s",
            10,
            86_400,
            "how old `created` and ids may be, seconds",
        ),
        (
            "window_ahead_s",
            1,
            3_600,
            "how far ahead `created` and ids may be, seconds",
        ),
        (
            "window_ids_max",
            10_000,
            1_000_000_000,
            "most ids of one participant inside the window",
        ),
    ];

    /// The parameters with one of them changed.
    ///
    /// # Errors
    /// [`ParameterRefusal`].
    pub fn with(&self, name: &str, value: u64) -> Result<Self, ParameterRefusal> {
        let row = Self::TABLE
            .iter()
            .find(|row| row.0 == name)
            .ok_or(ParameterRefusal::Unknown)?;
        if value < row.1 || value > row.2 {
            return Err(ParameterRefusal::OutOfRange);
        }
        let mut changed = self.clone();
        match name {
            "window_back_s" => changed.window_back_s = value,
            "window_ahead_s" => changed.window_ahead_s = value,
            _ => changed.window_ids_max = value,
        }
        Ok(changed)
    }

    /// `window_back_s` in nanoseconds.
    #[must_use]
    pub const fn window_back(&self) -> u64 {
        self.window_back_s.saturating_mul(SECOND)
    }

    /// `window_ahead_s` in nanoseconds.
    #[must_use]
    pub const fn window_ahead(&self) -> u64 {
        self.window_ahead_s.saturating_mul(SECOND)
    }
}
