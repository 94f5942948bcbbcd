//! The shapes of calendars and business days, for `/openapi.json`: what is submitted and answered.

#![expect(dead_code, reason = "read by the derive, which makes schemas of them")]

use utoipa::ToSchema;

use super::openapi_words::{AssetId, Balance, DateText, InstructionId, Time, TimeOfDay};

/// From when on the zone is another: summer time begins or ends.
#[derive(ToSchema)]
pub(super) struct OffsetChange {
    at: Time,
    /// Minutes that local time is ahead of UTC from then on.
    #[schema(minimum = -840, maximum = 840)]
    offset_min: i16,
}

/// A day of the week.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Sets the business days of an asset, from a date on.
#[derive(ToSchema)]
pub(super) struct SetCalendar {
    id: InstructionId,
    asset: AssetId,
    /// The first date for which it holds: behind the present business date.
    valid_from: DateText,
    /// Days of the week that are good, Monday first.
    #[schema(min_items = 1, max_items = 7)]
    good_days: Vec<Weekday>,
    /// Dates that are not good all the same, in order.
    #[schema(max_items = 400)]
    holidays: Vec<DateText>,
    /// Minutes that local time is ahead of UTC, before the first change.
    #[schema(minimum = -840, maximum = 840)]
    offset_min: i16,
    /// When that changes, in order; never, if left out.
    #[schema(max_items = 40)]
    offset_changes: Option<Vec<OffsetChange>>,
    /// When a day opens, local time.
    opens: TimeOfDay,
    /// Whether that is in the evening before; then not before the close.
    opens_day_before: Option<bool>,
    /// Until when payments from or to customers settle.
    customer_cutoff: TimeOfDay,
    /// Until when payments between banks settle.
    interbank_cutoff: TimeOfDay,
    /// When the day closes.
    closes: TimeOfDay,
    /// What becomes of a settlement date that is no good day.
    #[schema(pattern = "^(following|modified_following|preceding|none)$")]
    roll: String,
    /// What becomes of a payment that comes when the day does not take it.
    #[schema(pattern = "^(reject|roll)$")]
    cutoff_policy: String,
    /// How many days ahead a settlement date may lie.
    #[schema(maximum = 366)]
    max_warehouse_days: u32,
    /// How many days back a value date may lie; none, if left out.
    #[schema(maximum = 31)]
    back_value_days: Option<u32>,
}

/// All calendars.
#[derive(ToSchema)]
pub(super) struct CalendarsPage {
    items: Vec<Calendar>,
}

/// The calendar of an asset, and its present business day.
#[derive(ToSchema)]
pub(super) struct Calendar {
    asset: AssetId,
    business_date: DateText,
    /// `ahead` of its first day the asset moves as it did before.
    #[schema(pattern = "^(ahead|night|open|interbank|cutoff|closed)$")]
    phase: String,
    /// Index of the first entry of the business date.
    from_index: u64,
    next: NextEvent,
    /// The date on which a payment from or to a customer would settle that came now without one;
    /// null, if it would be refused.
    customer_payments_settle: Option<DateText>,
    /// The same for a payment between banks.
    interbank_payments_settle: Option<DateText>,
    /// The version in force, then those for later dates.
    versions: Vec<CalendarVersion>,
    /// Business dates that are over, newest first; in a list of calendars the newest alone.
    days: Vec<BusinessDay>,
    /// Log index up to which this is true.
    at_index: u64,
}

/// What comes next.
#[derive(ToSchema)]
pub(super) struct NextEvent {
    #[schema(pattern = "^(STDY|CUSC|IBKC|SYSC|fees|next_date)$")]
    event: String,
    /// At once, if it is null.
    at: Option<Time>,
}

/// A calendar as one instruction set it.
#[derive(ToSchema)]
pub(super) struct CalendarVersion {
    /// Number, from 1 on.
    version: u32,
    id: InstructionId,
    /// Index of its entry.
    index: u64,
    valid_from: DateText,
    good_days: Vec<Weekday>,
    holidays: Vec<DateText>,
    offset_min: i16,
    offset_changes: Vec<OffsetChange>,
    opens: TimeOfDay,
    opens_day_before: bool,
    customer_cutoff: TimeOfDay,
    interbank_cutoff: TimeOfDay,
    closes: TimeOfDay,
    #[schema(pattern = "^(following|modified_following|preceding|none)$")]
    roll: String,
    #[schema(pattern = "^(reject|roll)$")]
    cutoff_policy: String,
    max_warehouse_days: u32,
    back_value_days: u32,
}

/// A business date that is over.
#[derive(ToSchema)]
pub(super) struct BusinessDay {
    date: DateText,
    /// Index of its first entry.
    from_index: u64,
    /// Index of its last entry: balances after it are those of the date.
    to_index: u64,
    opened_index: u64,
    customer_cutoff_index: u64,
    interbank_cutoff_index: u64,
    /// Whether a seal is of the state behind its last entry.
    sealed: bool,
}

/// The value-dated balance that was asked for: each payment counts from its value date on.
#[derive(ToSchema)]
pub(super) struct ValueDated {
    date: DateText,
    /// The business date whose close it is: that date, or the last one before it.
    business_date: DateText,
    /// As payments up to `at_index` of the account have it.
    balance: Balance,
    /// The posted balance at the close of the business date; of the present one, up to now.
    booked: Balance,
    /// The log index at which that is exact.
    booked_at_index: u64,
    /// Whether no payment to come can change `balance` any more.
    r#final: bool,
}
