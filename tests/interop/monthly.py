"""What is due for a month, in the log of `history.py`: a business day that is the last of its month, and
over as soon as it is set; who pays, who owes it, of whom nothing is due.

Each part tells (`history.told`) the entries that `forge_months.py` changes.
"""

import datetime

from business import EVERY_DAY
from holdings import APPLIED, SETTLED

BANK, OTHER = "north:nok", "south:nok"
RICH, POOR, COLD, GONE = "north:nok.1", "north:nok.2", "north:nok.3", "north:nok.4"
FEES, TAX = "operators:fees.nok", "operators:tax.nok"
# Of customers 1.25; of north's own nothing; of others' own 3.00; and 19 % of tax on it.
PERIODIC = [
    {"account_kind": "customer", "period": "month", "flat": "1.25"},
    {"account_owner": "north", "period": "month", "flat": "0"},
    {"period": "month", "flat": "3.00"},
]
PLAN = {"asset": "NOK", "account": FEES, "tax": {"account": TAX, "bps": 1900}, "rules": [],
        "periodic": PERIODIC}


class Months:
    def __init__(self, history, held, second):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.second = held.north, second

    def play(self):
        self.opens()
        self.refusals()
        self.ends()

    def govern(self, *asked, wanted=APPLIED):
        return self.history.govern(*asked, wanted=wanted, keys=[self.second])

    def opens(self):
        self.govern(("add_asset", {"asset": "NOK", "module": "fiat"}))
        for address, owner, kind, amount in (
            (BANK, "north", "settlement", "100.00"), (OTHER, "south", "settlement", "100.00"),
            (RICH, "north", "customer", "10.00"), (POOR, "north", "customer", None),
            (COLD, "north", "customer", "10.00"), (GONE, "north", "customer", None),
            (FEES, "operators", "fee", None), (TAX, "operators", "fee", None),
        ):
            self.govern(("open_account", {"address": address, "owner": owner, "kind": kind,
                                          "asset": "NOK"}))
            if amount:
                self.govern(("issue", {"account": address, "amount": amount}), wanted=SETTLED)
        self.govern(("freeze", {"account": COLD, "case": "M-1", "level": "no_debit"}))
        self.govern(("close_account", {"address": GONE}))

    def refusals(self):
        for fields, wanted in (
            ({"periodic": [dict(PERIODIC[0], flat="0.001")]}, "PRECISION_EXCEEDED"),
            ({"periodic": [dict(PERIODIC[0], account_owner="nobody")]}, "PARTICIPANT_UNKNOWN"),
            ({"periodic": [dict(PERIODIC[0], account_kind="fee")]}, "ACCOUNT_KIND_NOT_ALLOWED"),
            ({"periodic": [], "account": None, "tax": None}, "NO_CHANGE"),
            ({}, "CALENDAR_UNKNOWN"),
        ):
            self.told["months_" + wanted] = self.govern(
                ("set_fees", {**PLAN, **fields}), wanted=wanted)

    def ends(self):
        """It is noon, the day was over at eleven, and no other of its month is good."""
        now = datetime.datetime.now(datetime.timezone.utc)
        offset = 720 - (now.hour * 60 + now.minute)
        today = (now + datetime.timedelta(minutes=offset)).date()
        later = [today + datetime.timedelta(days=days) for days in range(1, 31)]
        self.told["month"] = today.strftime("%Y-%m")
        calendar = {
            "asset": "NOK", "valid_from": str(today), "good_days": EVERY_DAY,
            "holidays": [str(day) for day in later if day.month == today.month],
            "offset_min": offset, "opens": "08:00", "customer_cutoff": "09:00",
            "interbank_cutoff": "10:00", "closes": "11:00", "roll": "following",
            "cutoff_policy": "roll", "max_warehouse_days": 5}
        set_both = self.govern(("set_calendar", calendar), ("set_fees", PLAN),
                               wanted=[APPLIED, APPLIED])
        self.told["monthly"] = set_both
        # STDY, CUSC, IBKC, SYSC, what is due, the next date; and the seal of the close.
        self.history.grown(set_both + 8)
        self.north.open_session()
        days = self.north.get("/v1/calendars/NOK").json["days"]
        self.told["months"] = days[0]["to_index"] + 1
        answer = [self.north.get("/v1/accounts/" + address).json["posted"]
                  for address in (BANK, RICH, POOR, COLD)]
        if answer != ["100.00", "8.51", "0.00", "10.00"]:
            raise SystemExit("FAILED: balances at the end of a month: %s" % answer)
