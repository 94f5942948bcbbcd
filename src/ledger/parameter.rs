//! Rule parameters: logged, changed by governance only, never read from `node.toml`.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::module::Mode;
use super::time::{DAY, SECOND};
use crate::limits::{
    HOLDS_OPEN_MAX, RECALL_S, RECALL_S_MAX, RETURN_S, RETURN_S_MAX, RETURNS_KEPT_MAX,
};

/// Five years: how long records of payments are kept at least (Directive (EU) 2015/849, Art. 40(1);
/// Regulation (EU) 2024/1624, Art. 77).
const FIVE_YEARS_DAYS: u64 = 1_827;
const HOUR_S: u64 = 3_600;

/// The parameters that `apply` depends on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// How old `created` and ids may be, seconds of log time.
    pub window_back_s: u64,
    /// How far ahead of log time `created` and ids may be, seconds.
    pub window_ahead_s: u64,
    /// The most ids that one participant may have inside the window.
    pub window_ids_max: u64,
    /// Days that an entry's body is kept at least, counted from the end of the entry's day in UTC;
    /// 0: it may be erased at once.
    #[serde(default)]
    pub retention_days: u64,
    /// Seconds of log time between seals; 0: none are made.
    #[serde(default)]
    pub seal_interval_s: u64,
    /// Open holds that one participant may have made, counted by their legs; 0: [`HOLDS_OPEN_MAX`].
    #[serde(default)]
    pub holds_max: u64,
    /// Seconds after a payment in which it may be returned or recalled; 0: [`RETURN_S`].
    #[serde(default)]
    pub return_s: u64,
    /// Seconds after which a recall ends that nobody has answered; 0: [`RECALL_S`].
    #[serde(default)]
    pub recall_s: u64,
    /// Payments of which one participant may have given something back and that are remembered, and
    /// open recalls that it may have made; 0: [`RETURNS_KEPT_MAX`].
    #[serde(default)]
    pub returns_max: u64,
}

/// In JSON what is 0 and came later is left out, as in genesis documents from before there was it.
impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = !serializer.is_human_readable();
        let later = [
            ("retention_days", self.retention_days),
            ("seal_interval_s", self.seal_interval_s),
            ("holds_max", self.holds_max),
            ("return_s", self.return_s),
            ("recall_s", self.recall_s),
            ("returns_max", self.returns_max),
        ];
        let later = later.iter().filter(|(_, value)| whole || *value != 0);
        let mut fields =
            serializer.serialize_struct("Parameters", later.clone().count().saturating_add(3))?;
        fields.serialize_field("window_back_s", &self.window_back_s)?;
        fields.serialize_field("window_ahead_s", &self.window_ahead_s)?;
        fields.serialize_field("window_ids_max", &self.window_ids_max)?;
        for (name, value) in later {
            fields.serialize_field(name, value)?;
        }
        fields.end()
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            window_back_s: 3_600,
            window_ahead_s: 60,
            window_ids_max: 20_000_000,
            retention_days: 0,
            seal_interval_s: 0,
            holds_max: 0,
            return_s: 0,
            recall_s: 0,
            returns_max: 0,
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
    /// What a log is founded with: money that is real comes with a duty to keep its records.
    #[must_use]
    pub fn founding(mode: Mode) -> Self {
        match mode {
            Mode::Live => Self {
                retention_days: FIVE_YEARS_DAYS,
                seal_interval_s: HOUR_S,
                ..Self::default()
            },
            Mode::Sandbox => Self::default(),
        }
    }

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
        (
            "retention_days",
            0,
            36_525,
            "days after an entry's own (UTC) before its body may be erased",
        ),
        (
            "seal_interval_s",
            0,
            86_400,
            "seconds between seals of all balances; 0: none",
        ),
        (
            "holds_max",
            0,
            HOLDS_OPEN_MAX,
            "most open holds of one participant, each leg counted; 0: as many as may be set",
        ),
        (
            "return_s",
            0,
            RETURN_S_MAX,
            "seconds in which a payment may be returned or recalled; 0: 396 days",
        ),
        (
            "recall_s",
            0,
            RECALL_S_MAX,
            "seconds in which a recall is answered; 0: 15 days",
        ),
        (
            "returns_max",
            0,
            RETURNS_KEPT_MAX,
            "most returned payments, and most open recalls, of one participant; 0: as many as may be set",
        ),
    ];

    /// The value of a parameter by its name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<u64> {
        Some(match name {
            "window_back_s" => self.window_back_s,
            "window_ahead_s" => self.window_ahead_s,
            "window_ids_max" => self.window_ids_max,
            "retention_days" => self.retention_days,
            "seal_interval_s" => self.seal_interval_s,
            "holds_max" => self.holds_max,
            "return_s" => self.return_s,
            "recall_s" => self.recall_s,
            "returns_max" => self.returns_max,
            _ => return None,
        })
    }

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
            "window_ids_max" => changed.window_ids_max = value,
            "retention_days" => changed.retention_days = value,
            "seal_interval_s" => changed.seal_interval_s = value,
            "holds_max" => changed.holds_max = value,
            "return_s" => changed.return_s = value,
            "recall_s" => changed.recall_s = value,
            _ => changed.returns_max = value,
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

    /// Open holds that one participant may have made.
    #[must_use]
    pub const fn holds_open_max(&self) -> u64 {
        match self.holds_max {
            0 => HOLDS_OPEN_MAX,
            max => max,
        }
    }

    /// How long after a payment it may be returned or recalled, nanoseconds.
    #[must_use]
    pub const fn return_window(&self) -> u64 {
        match self.return_s {
            0 => RETURN_S.saturating_mul(SECOND),
            seconds => seconds.saturating_mul(SECOND),
        }
    }

    /// How long a recall waits for its answer, nanoseconds.
    #[must_use]
    pub const fn recall_window(&self) -> u64 {
        match self.recall_s {
            0 => RECALL_S.saturating_mul(SECOND),
            seconds => seconds.saturating_mul(SECOND),
        }
    }

    /// Payments of which one participant may have given something back, and open recalls of it.
    #[must_use]
    pub const fn returns_most(&self) -> u64 {
        match self.returns_max {
            0 => RETURNS_KEPT_MAX,
            max => max,
        }
    }

    /// `retention_days` in nanoseconds.
    #[must_use]
    pub const fn retention(&self) -> u64 {
        self.retention_days.saturating_mul(DAY)
    }
}
