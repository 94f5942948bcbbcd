"""Business days in the log of `history.py`: one that opens, is cut off, closes, and the next one.

The offset of the calendar jumps by half an hour every few seconds, so that a day of three hours passes
while a test looks on. Each part tells (`history.told`) the entries that `forge_days.py` changes.
"""

import datetime
import json
import os
import signal
import time

import closing
import joined
import nettings
import valued
import waits
from agreeing import PROPOSED, Paper
from holdings import APPLIED, SETTLED, in_seconds

A, B, CUSTOMER = "north:usd", "south:usd", "south:usd.7"
BY_DAY = "north:usd.8"
QUEUED, PASSED = "QUEUED", "CUTOFF_PASSED"
WAREHOUSED, ROLLED = "WAREHOUSED", "ROLLED"
# Seconds until each jump of half an hour: what is sent in between must be through by then, on a slow
# machine too.
JUMPS = (20, 28, 34, 40)
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def leg(debit, credit, amount, asset="USD"):
    return {"debit": debit, "credit": credit, "asset": asset, "amount": amount}


class Business:
    def __init__(self, history, held, north, south):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south = north, south
        self.closing = closing.Closing(self)

    def govern(self, asked, /, wanted=APPLIED, **fields):
        return self.history.govern((asked, fields), wanted=wanted)

    def pay(self, *legs, bank=None, wanted=SETTLED, keys=(), **more):
        asked = waits.pay(*legs, **more)
        return self.held.ask(bank or self.north, [asked], wanted, keys=keys)

    def play(self):
        self.accounts()
        self.begins()
        self.open()
        self.customers()
        self.banks()
        self.closes()
        self.next_day()

    def accounts(self):
        for asset in ("USD", "GBP"):
            self.govern("add_asset", asset=asset, module="fiat")
            for name in ("north", "south"):
                self.govern("open_account", address="%s:%s" % (name, asset.lower()), owner=name,
                            kind="settlement", asset=asset)
        self.govern("open_account", address=CUSTOMER, owner="south", kind="customer", asset="USD")
        self.govern("open_account", address=BY_DAY, owner="north", kind="settlement", asset="USD")
        self.govern("issue", account=BY_DAY, amount="1.00", wanted=SETTLED)
        self.told["by_day"] = self.govern("set_limits", address=BY_DAY, multilateral="0.05", velocity=[
            {"period": "day", "direction": "debit", "count": 2},
            {"period": "month", "direction": "debit", "amount": "0.20"}])
        # What moves on a date in UTC is of no business date.
        self.pay(leg(BY_DAY, B, "0.05"))
        self.pay(leg(BY_DAY, B, "0.01"), wanted="LIMIT_MULTILATERAL")
        self.govern("issue", account=A, amount="100.00", wanted=SETTLED)
        self.govern("issue", account="north:gbp", amount="100.00", wanted=SETTLED)
        self.pay(leg(A, B, "1"), settlement_date="2026-01-01", wanted="CALENDAR_UNKNOWN")

    def begins(self):
        """It is one o'clock in the night, and the day is open since a quarter past three before."""
        now = datetime.datetime.now(datetime.timezone.utc)
        offset = 60 - (now.hour * 60 + now.minute)
        offset += 1440 if offset < -840 else 0
        self.today = (now + datetime.timedelta(minutes=offset)).date()
        self.closing.before()
        self.at = [time.monotonic() + seconds for seconds in JUMPS]
        changes = [{"at": in_seconds(seconds), "offset_min": offset + 30 * n}
                   for n, seconds in enumerate(JUMPS, 1)]
        self.plan = {
            "asset": "USD", "valid_from": str(self.today), "good_days": EVERY_DAY,
            "holidays": [str(self.day(3))], "offset_min": offset, "offset_changes": changes,
            "opens": "02:45", "opens_day_before": True, "customer_cutoff": "01:15",
            "interbank_cutoff": "01:45", "closes": "02:15", "roll": "following",
            "cutoff_policy": "roll", "max_warehouse_days": 5, "back_value_days": 3}
        self.told["calendar"] = self.govern("set_calendar", **self.plan)
        self.told["opened"] = self.told["calendar"] + 1
        self.history.grown(self.told["opened"] + 1)
        for model, event in (("day-cust", "CUSC"), ("day-end", "SYSC")):
            self.govern("open_model", model=model, asset="USD", close="manual", funding_s=600,
                        close_with_day=event)
        for address in (A, B):
            self.govern("join_model", model="day-cust", account=address, net_debit_cap="50")

    def day(self, days):
        return self.today + datetime.timedelta(days=days)

    def open(self):
        # They end while the node stands still: one before the cut-off for customers, one behind it.
        left = self.at[0] - time.monotonic()
        self.held.hold(leg(A, B, "0.01"), expires_at=in_seconds(left + 1))
        paper = Paper("north", waits.pay(leg(A, B, "0.01")), until=in_seconds(left - 1))
        self.held.ask(self.north, [paper.propose], PROPOSED)
        self.told["today"] = self.pay(leg(A, B, "1.00"), settlement_date=str(self.today))
        self.pay(leg(A, B, "2.00"), leg(A, CUSTOMER, "0.50"))
        self.pay(leg(BY_DAY, B, "0.03"))
        hold = self.held.hold(leg(BY_DAY, B, "0.02"))
        self.told["day_used"] = self.pay(leg(BY_DAY, B, "0.01"), wanted="LIMIT_VELOCITY")
        self.held.voided(hold)
        self.pay(leg(BY_DAY, B, "0.03"), wanted="LIMIT_MULTILATERAL")
        self.last_of_day = self.held.hold(leg(BY_DAY, B, "0.02"))
        self.clear("5")
        self.told["warehoused"] = self.pay(
            leg(A, B, "5.00"), settlement_date=str(self.day(1)), wanted=WAREHOUSED,
            remittance="for tomorrow")
        self.told["holiday"] = self.pay(leg(A, B, "6"), settlement_date=str(self.day(3)),
                                        wanted=ROLLED)
        self.told["past"] = self.pay(leg(A, B, "6"), settlement_date=str(self.day(-1)),
                                     wanted="DATE_PAST")
        self.pay(leg(A, B, "6"), settlement_date=str(self.day(6)), wanted="DATE_TOO_FAR")
        self.pay(leg(A, B, "6"), settlement_date=str(self.day(1)), queue={
            "settle_from": in_seconds(60)}, wanted="QUEUE_TIMES_INVALID")
        self.pay(leg(A, CUSTOMER, "999"), queue={"until": "cutoff"}, wanted=QUEUED)
        self.pay(leg(A, B, "999"), queue={"until": "cutoff"}, wanted=QUEUED)
        self.govern("set_calendar", **dict(self.plan, good_days=[]), wanted="CALENDAR_INVALID")
        self.closing.open()
        self.told["last_open"] = self.govern("set_calendar", **self.plan,
                                             wanted="CALENDAR_TOO_EARLY")

    def clear(self, amount):
        """There and back: the window is even, and settles as the day closes it."""
        both = ("north", "south", amount), ("south", "north", amount)
        self.held.ask(self.north, [nettings.clear("day-cust", *both)], "CLEARED",
                      keys=[self.south.key])

    def wait(self, n, entries):
        """Until the offset has jumped, and the node has done so much; gives its first entry."""
        time.sleep(max(0.0, self.at[n] - time.monotonic()))
        first = self.last + 1
        self.history.grown(first + entries)
        return first

    def sleep(self, n, seconds):
        """The node stands still until so long behind a jump of the offset."""
        run = json.loads((self.history.node.folder / "data" / "run.json").read_text())
        os.kill(run["pid"], signal.SIGSTOP)
        try:
            time.sleep(max(0.0, self.at[n] + seconds - time.monotonic()))
        finally:
            os.kill(run["pid"], signal.SIGCONT)

    def customers(self):
        """What was due first comes first: the cut-off, then the hold. What was proposed moves nothing."""
        self.last = self.told["last_open"]
        self.sleep(0, 2)
        self.told["customers"] = self.wait(0, 4)
        self.told["customer_revoked"] = self.told["customers"] + 1
        self.told["slept"] = self.told["customers"] + 2
        self.clear("7")
        self.told["rolled"] = self.pay(leg(A, CUSTOMER, "3.00"), wanted=ROLLED)
        self.told["interbank"] = self.pay(leg(A, B, "1.25"))
        # A record of a batch keeps to the day, and does not wait.
        self.north.open_session()
        answer = self.north.get("/v1/numbers", addresses=",".join((A, B, CUSTOMER))).json
        a, b, customer = (item["number"] for item in answer["items"])
        lines = ("%d,%d,25," % (a, customer), "%d,%d,25," % (a, b))
        self.told["day_batch"] = self.last = self.history.batch(self.north, lines, (128, 1))

    def banks(self):
        self.told["banks"] = self.wait(1, 2)
        self.told["bank_revoked"] = self.told["banks"] + 1
        back = leg(B, A, "0.01")
        self.told["passed"] = self.pay(leg(A, B, "1"), back, keys=[self.south.key], wanted=PASSED)
        joined.at_any_hour(self)
        self.told["late"] = self.last = self.pay(leg(A, B, "4.00"), leg(A, B, "0.10"),
                                                 wanted=ROLLED)

    def closes(self):
        """The close, the next date, and the seal of the close."""
        self.told["closed"] = self.wait(2, 3)
        self.told["next_date"] = self.told["closed"] + 1
        self.told["night"] = self.pay(leg(A, B, "0.07"), wanted=WAREHOUSED)
        # The day that opened last goes on counting.
        self.held.hold(leg(BY_DAY, B, "0.01"), wanted="LIMIT_VELOCITY")
        # Before it opens it becomes another day, and a calendar of another asset begins.
        self.govern("set_calendar", **dict(
            self.plan, valid_from=str(self.day(1)), holidays=[str(self.day(2))]))
        self.govern("set_calendar", asset="GBP", **{
            name: value for name, value in self.plan.items() if name != "asset"} | {
            "valid_from": str(self.day(2)), "holidays": [], "roll": "none",
            "cutoff_policy": "reject"})
        both = leg(A, B, "1"), leg("north:gbp", "south:gbp", "1", "GBP")
        self.told["joint"] = self.pay(*both, settlement_date=str(self.day(3)), wanted=WAREHOUSED)
        self.last = self.pay(*both, settlement_date=str(self.day(2)), wanted="DATE_NOT_GOOD")

    def next_day(self):
        self.told["day_reopened"] = self.wait(3, 3)
        self.told["released"] = self.told["day_reopened"] + 1
        self.told["went"] = self.told["day_reopened"] + 2
        self.pay(leg(A, B, "0.11"))
        self.pay(leg(BY_DAY, B, "0.04"))
        # It was reserved on another date, and gives this one no room.
        self.held.voided(self.last_of_day)
        self.told["next_used"] = self.pay(leg(BY_DAY, B, "0.02"), wanted="LIMIT_MULTILATERAL")
        self.pay(leg(BY_DAY, B, "0.01"))
        valued.play(self)
