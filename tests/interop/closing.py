"""A bank that is closed on days of its own, in the business day of `business.py`.

Each part tells (`history.told`) the entries that `forge_closing.py` changes.
"""

from formings import party, split
from holdings import APPLIED, SETTLED, in_seconds

SHORE, S, A = "shore", "shore:usd", "north:usd"
ROLLED, WAREHOUSED, PASSED, QUEUED = "ROLLED", "WAREHOUSED", "CUTOFF_PASSED", "QUEUED"


def leg(amount, credit=S):
    return {"debit": A, "credit": credit, "asset": "USD", "amount": amount}


class Closing:
    def __init__(self, business):
        self.business, self.told = business, business.told
        self.pay, self.day = business.pay, business.day

    def close(self, *days, wanted=APPLIED, participant=SHORE):
        dates = [str(self.day(day)) for day in days]
        return self.business.govern("set_participant_days", wanted, participant=participant,
                                    holidays=dates)

    def before(self):
        """The asset has no calendar yet."""
        self.business.govern("add_participant", participant=SHORE, role="bank", keys=[],
                             threshold=0, via="north")
        self.business.govern("open_account", address=S, owner=SHORE, kind="settlement",
                             asset="USD")
        for days, who, wanted in (((), "nobody", "PARTICIPANT_UNKNOWN"), ((), SHORE, "NO_CHANGE"),
                                  ((0,), "operators", "PARTICIPANT_NOT_BANK"),
                                  ((1, 0), SHORE, "CALENDAR_INVALID"),
                                  ((0, 3_700), SHORE, "CALENDAR_INVALID")):
            self.told["away_" + wanted] = self.close(*days, wanted=wanted, participant=who)
        self.told["away_set"] = self.close(0)
        self.told["away_before"] = self.pay(leg("0.01"), queue={})

    def open(self):
        """Today it is closed, and tomorrow as well, as is said only now."""
        self.told["away_early"] = self.close(wanted="CALENDAR_TOO_EARLY")
        self.told["away_comes"] = self.pay(
            leg("0.02"), settlement_date=str(self.day(1)), wanted=WAREHOUSED)
        self.close(0, 1)
        self.told["away"] = self.pay(leg("0.03"), wanted=ROLLED)
        self.told["away_one_leg"] = self.pay(leg("0.04", "south:usd"), leg("0.04"), wanted=ROLLED)
        self.told["away_dated"] = self.pay(
            leg("0.05"), settlement_date=str(self.day(1)), wanted=ROLLED)
        held, north = self.business.held, self.business.north
        self.told["away_split"] = held.ask(
            north, [split([party(A, amount="0.02")], [party(S, ratio=1)], asset="USD")], PASSED)
        north.open_session()
        answer = north.get("/v1/numbers", addresses=",".join((A, S))).json
        a, shore = (item["number"] for item in answer["items"])
        self.told["away_batch"] = self.business.history.batch(north, ("%d,%d,1," % (a, shore),),
                                                              (128,))
        self.business.govern("issue", account=S, amount="1.00", wanted=SETTLED)
        # Its time comes today, and it waits for another day than that.
        index = self.pay(leg("0.06"), queue={"settle_from": in_seconds(1), "until": "cutoff"},
                         wanted=QUEUED)
        self.business.history.grown(index + 2)
        self.told["away_waits"] = index + 1
