//! What may be asked of calendars.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::date::{Date, TimeOfDay, Weekday};
use crate::ledger::id::{AssetId, InstructionId};
use crate::ledger::time::Time;

/// On which day a payment settles whose date is no good day (ISO 20022 `BusinessDayConvention1Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// On the next good day (`FWNG`).
    Following,
    /// The same, unless that is in another month; then on the good day before (`MODF`).
    ModifiedFollowing,
    /// On the good day before (`PREC`).
    Preceding,
    /// On none: it is refused.
    None,
}

/// What becomes of a payment that comes when the day does not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffPolicy {
    /// It is refused.
    Reject,
    /// It waits for the next business date.
    Roll,
}

/// From when on the zone is another: summer time begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffsetChange {
    /// From this instant on.
    pub at: Time,
    /// Minutes that local time is ahead of UTC.
    pub offset_min: i16,
}

/// Sets the business days of an asset, from a date on. The log holds all that decides: days and
/// offsets are listed, and nothing is looked up anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetCalendar {
    /// Instruction id.
    pub id: InstructionId,
    /// The asset.
    pub asset: AssetId,
    /// The first date for which it holds.
    pub valid_from: Date,
    /// Days of the week that are good, Monday first.
    pub good_days: Vec<Weekday>,
    /// Dates that are not good all the same, in order.
    pub holidays: Vec<Date>,
    /// Minutes that local time is ahead of UTC, before the first change.
    pub offset_min: i16,
    /// When that changes, in order; never, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_changes: Option<Vec<OffsetChange>>,
    /// When a day opens, local time.
    pub opens: TimeOfDay,
    /// Whether that is in the evening before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_day_before: Option<bool>,
    /// Until when payments from or to customers settle.
    pub customer_cutoff: TimeOfDay,
    /// Until when payments between banks settle.
    pub interbank_cutoff: TimeOfDay,
    /// When the day closes.
    pub closes: TimeOfDay,
    /// What becomes of a settlement date that is no good day.
    pub roll: Roll,
    /// What becomes of a payment that comes when the day does not take it.
    pub cutoff_policy: CutoffPolicy,
    /// How many days ahead a settlement date may lie.
    pub max_warehouse_days: u32,
    /// How many days back a value date may lie; none, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_value_days: Option<u32>,
}
