"""Payments that wait where there are limits and freezes, in the log of `history.py`.

Each part tells (`history.told`) the entries that `forge_queue.py` changes.
"""

import time
from decimal import Decimal

from holdings import APPLIED, SETTLED, in_seconds, leg
from limiting import FROZEN, N, S, VELOCITY
from waits import MUCH, QUEUED, change, pay, wait


class Meeting:
    def __init__(self, limits, queues):
        self.limits, self.queues = limits, queues
        self.held, self.told = limits.held, limits.told
        self.north, self.south = limits.north, limits.south

    def play(self):
        self.counted()
        self.stuck()
        self.ended()
        self.given_back()
        self.blocked()
        self.crowded()
        self.limits.limits()

    def ask(self, *asked, wanted, bank=None):
        return self.held.ask(bank or self.north, list(asked), *wanted)

    def lift(self, case):
        self.told["queued"] = self.limits.govern(
            "lift", keys=[self.limits.second], account=N, case=case)

    def counted(self):
        """It counts from when it is accepted; legs of a set count one by one."""
        self.limits.limits(velocity=[
            {"seconds": 3600, "direction": "debit", "amount": "9000001.00"}])
        self.told["waits_counted"] = self.ask(wait(leg(N, S, MUCH)), wanted=[QUEUED])
        self.told["waits_too_much"] = self.ask(
            wait(leg(N, S, "1.01")), wait(leg(N, S, "0.50"), leg(N, S, "0.51")),
            pay(leg(N, S, "0.50"), leg(N, S, "0.51"), check="net"), wanted=[VELOCITY] * 3)

    def stuck(self):
        """A freeze holds up both ways of a gridlock; when it is lifted both settle."""
        self.limits.freeze(case="M-1")
        self.ask(wait(leg(S, N, MUCH)), wanted=[QUEUED], bank=self.south)
        self.ask(wait(leg(N, S, "0.01")), wanted=[FROZEN])
        self.lift("M-1")
        self.queues.cleared("unfrozen")

    def ended(self):
        """A freeze that ends by time is found by the next entry."""
        self.limits.limits(multilateral="9000000.00")
        self.ask(wait(leg(N, S, MUCH)), wanted=[QUEUED])
        self.limits.freeze(S, case="M-2", level="no_credit", expires_at=in_seconds(0.6))
        self.ask(wait(leg(S, N, MUCH)), wanted=[QUEUED], bank=self.south)
        time.sleep(0.8)
        self.told["queued"] = self.limits.pay("0.01", credit="north:eur")
        self.queues.cleared("thawed")

    def given_back(self):
        """Cancelled, and revoked: it counts no more."""
        self.limits.limits(velocity=[
            {"seconds": 3600, "direction": "debit", "amount": MUCH, "count": 1}])
        one = wait(leg(N, S, MUCH))
        self.ask(one, wanted=[QUEUED])
        self.limits.pay("0.01", VELOCITY)
        late = wait(leg(N, S, MUCH), reject_at=in_seconds(0.6))
        self.ask(change("cancel", one["transfer"]["id"]), late, wait(leg(N, S, "0.01")),
                 wanted=[APPLIED, QUEUED, VELOCITY])
        time.sleep(0.8)
        self.limits.pay("0.01", SETTLED)
        self.limits.pay("0.01", VELOCITY)

    def blocked(self):
        """What a freeze keeps pays for nothing that waits."""
        self.limits.limits()
        self.limits.freeze(case="M-3", level="amount", amount="1000000.00")
        self.ask(wait(leg(N, S, "0.02")), wanted=[QUEUED])
        self.lift("M-3")
        self.queues.cleared("unblocked_funds")

    def crowded(self):
        """What waits settles as far as the account takes it, and the rest when there is room."""
        self.south.open_session()
        there = Decimal(self.south.get("/v1/accounts/" + S).json["posted"])
        self.limits.freeze(case="M-4", level="amount", amount="1000000.00")
        self.limits.limits(S, max_balance=str(there + Decimal("0.05")))
        self.ask(*(wait(leg(N, S, cents)) for cents in ("0.04", "0.03", "0.01")),
                 wanted=[QUEUED] * 3)
        self.lift("M-4")
        self.queues.cleared("crowded")
        self.told["queued"] = self.limits.pay("0.03", bank=self.south, debit=S, credit=N)
        self.queues.cleared("room")
        self.limits.limits(S)
