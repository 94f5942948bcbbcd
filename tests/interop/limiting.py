"""Limits, freezes, suspensions and reopening in the log of `history.py`.

Each part tells (`history.told`) the entries that `forge_limits.py` changes.
"""

import time

import client
from holdings import in_seconds, leg

N, S = "north:lim", "south:lim"
SETTLED, APPLIED = "SETTLED", "APPLIED"
FROZEN, VELOCITY = "ACCOUNT_FROZEN", "LIMIT_VELOCITY"


class Limiting:
    def __init__(self, history, held):
        self.history, self.held, self.told = history, held, history.told
        self.north, self.south, self.second = held.north, held.south, None

    def govern(self, asked, wanted=APPLIED, keys=(), **fields):
        return self.history.govern((asked, fields), wanted=wanted, keys=keys)

    def pay(self, amount, wanted=SETTLED, bank=None, debit=N, credit=S):
        return self.history.pay(bank or self.north, debit, credit, amount, wanted)

    def limits(self, address=N, wanted=APPLIED, **limits):
        return self.govern("set_limits", wanted, address=address, **limits)

    def freeze(self, account=N, wanted=APPLIED, case="C-1", level="no_debit", **fields):
        return self.govern("freeze", wanted, account=account, case=case, level=level, **fields)

    def play(self):
        for owner, address in (("north", N), ("south", S), ("operators", "operators:fees")):
            kind = "fee" if owner == "operators" else "settlement"
            self.govern("open_account", address=address, owner=owner, kind=kind, asset="EUR")
        self.govern("issue", SETTLED, account=N, amount="200.00")
        self.counted()
        self.in_a_day()
        self.in_a_second()
        self.received()
        self.unsound()
        self.frozen()
        self.blocked()
        self.frozen_bank()
        self.suspended()
        self.reopened()

    def counted(self):
        """By the hour: so much, so often; what is reserved counts, and what is given back does not."""
        self.told["limits"] = self.limits(velocity=[
            {"seconds": 3600, "direction": "debit", "amount": "10", "count": 4}])
        self.pay("6.00")
        self.told["velocity"] = self.pay("4.01", VELOCITY)
        hold = self.held.hold(leg(N, S, "4.00"), over_capture_bp=10000)
        self.pay("0.01", VELOCITY)
        self.held.captured(hold, VELOCITY, bank=self.north, amount="4.01")
        self.held.captured(hold, "INSUFFICIENT_FUNDS", amount="4.01")
        self.held.captured(hold, amount="1.00")
        void = self.held.hold(leg(N, S, "2.00"))
        self.held.voided(void)
        self.told["given_back"] = self.pay("2.50")
        self.pay("0.25")
        self.pay("0.25", VELOCITY)
        self.govern("redeem", VELOCITY, keys=[self.north.key], account=N, amount="0.01")
        # All or nothing: nothing of it is counted.
        asked = [client.transfer(N, S, "EUR", amount) for amount in ("0.10", "0.20")]
        self.limits(velocity=[{"seconds": 3600, "direction": "debit", "amount": "10"}])
        self.held.ask(self.north, asked, "MESSAGE_ABORTED", VELOCITY, atomic=True)
        self.pay("0.25")
        self.pay("0.01", VELOCITY)

    def in_a_day(self):
        """Towards one, and towards all; what comes back gives room."""
        self.limits(bilateral=[{"counterparty": "south", "amount": "5.00"}], multilateral="6")
        self.pay("5.01", "LIMIT_BILATERAL")
        self.pay("4.00")
        hold = self.held.hold(leg(N, S, "1.00"))
        self.told["bilateral"] = self.pay("0.01", "LIMIT_BILATERAL")
        self.pay("1.01", "LIMIT_MULTILATERAL", credit="operators:fees")
        self.pay("1.00", credit="operators:fees")
        self.held.voided(hold)
        self.pay("1.00")
        self.pay("3.00", bank=self.south, debit=S, credit=N)
        self.pay("3.01", "LIMIT_BILATERAL")
        self.pay("3.00")
        self.pay("30.00", credit="north:eur")
        self.limits()

    def in_a_second(self):
        self.limits(S, velocity=[{"seconds": 1, "direction": "net", "amount": "1.00"}])
        self.pay("2.00")
        self.pay("3.01", VELOCITY, bank=self.south, debit=S, credit=N)
        time.sleep(1.1)
        self.pay("1.01", VELOCITY, bank=self.south, debit=S, credit=N)
        self.pay("1.00", bank=self.south, debit=S, credit=N)
        self.pay("0.01", VELOCITY, bank=self.south, debit=S, credit=N)
        time.sleep(1.1)
        self.told["net"] = self.pay("0.50", bank=self.south, debit=S, credit=N)

    def received(self):
        """The most that may be on an account; of what it may receive others are told the same."""
        self.limits(S, max_balance="100.00", velocity=[
            {"seconds": 60, "direction": "credit", "amount": "50.00"}])
        self.told["most"] = self.govern("issue", "MAX_BALANCE", account=S, amount="100.00")
        self.pay("50.01", "MAX_BALANCE")
        self.govern("issue", VELOCITY, account=S, amount="50.01")
        hold = self.held.hold(leg(N, S, "49.00"))
        self.pay("1.01", "MAX_BALANCE")
        self.held.captured(hold)
        self.pay("1.00")
        self.limits(S)

    def unsound(self):
        rule = {"seconds": 60, "direction": "net", "amount": "1"}
        self.limits(wanted="LIMITS_INVALID", velocity=[rule, dict(rule, amount="2")])
        self.limits(wanted="LIMITS_INVALID", velocity=[dict(rule, count=1)])
        self.limits(wanted="LIMITS_INVALID", velocity=[dict(rule, seconds=0)])
        self.limits(wanted="LIMITS_INVALID", bilateral=[{"counterparty": "north", "amount": "1"}])
        self.limits(wanted="PARTICIPANT_UNKNOWN",
                    bilateral=[{"counterparty": "nobody", "amount": "1"}])
        self.limits(wanted="PRECISION_EXCEEDED", velocity=[dict(rule, amount="0.001")])
        self.limits("operators:fees", "ACCOUNT_KIND_NOT_ALLOWED", multilateral="1.00")

    def frozen(self):
        hold = self.held.hold(leg(N, S, "1.00"))
        self.told["freeze"] = self.freeze()
        self.told["frozen"] = self.pay("1.00", FROZEN)
        self.held.hold(leg(N, S, "1.00"), wanted=FROZEN)
        self.held.captured(hold, FROZEN)
        self.held.voided(hold, FROZEN, bank=self.north)
        self.held.voided(hold)
        self.pay("1.00", bank=self.south, debit=S, credit=N)
        self.freeze(wanted="CASE_EXISTS", level="no_credit")
        self.freeze(case="C-2", level="no_credit")
        self.pay("1.00", FROZEN, bank=self.south, debit=S, credit=N)
        self.govern("lift", account=N, case="C-1")
        self.pay("1.00")
        self.govern("lift", "CASE_UNKNOWN", account=N, case="C-1")
        self.govern("lift", account=N, case="C-2")

    def blocked(self):
        self.freeze(case="C-3", level="amount", amount="1000000.00",
                    expires_at=in_seconds(1.0))
        self.pay("0.01", "INSUFFICIENT_FUNDS")
        time.sleep(1.1)
        self.pay("0.01")
        for wanted, fields in (
            ("FREEZE_INVALID", {"level": "amount"}), ("FREEZE_INVALID", {"amount": "1.00"}),
            ("FREEZE_INVALID", {"participant": "north"}),
            ("AMOUNT_ZERO", {"level": "amount", "amount": "0.00"}),
            ("EXPIRY_INVALID", {"expires_at": "2001-01-01T00:00:00Z"}),
            ("ACCOUNT_KIND_NOT_ALLOWED", {"account": "operators:fees"}),
            ("ACCOUNT_UNKNOWN", {"account": "nobody"}),
        ):
            self.freeze(wanted=wanted, **fields)

    def frozen_bank(self):
        """All accounts of a bank; lifted by two operators, now that there are two."""
        where = {"participant": "south", "case": "B-1"}
        self.govern("freeze", "PARTICIPANT_NOT_BANK", case="B-1", level="no_debit",
                    participant="operators")
        self.govern("freeze", level="no_credit", **where)
        self.pay("1.00", FROZEN)
        self.pay("1.00", FROZEN, debit="north:eur", credit="south:eur")
        self.second = self.history.second = client.Key("operators/second")
        self.govern("add_key", participant="operators", vkey=self.second.vkey)
        self.told["four_eyes"] = self.govern("lift", "FOUR_EYES_NEEDED", **where)
        self.govern("lift", keys=[self.second], **where)
        self.pay("1.00")

    def suspended(self):
        hold = self.held.hold(leg(N, S, "1.00"))
        self.told["suspended"] = self.govern("suspend_participant", participant="north")
        self.govern("suspend_participant", "NO_CHANGE", participant="north")
        self.pay("1.00", "PARTICIPANT_SUSPENDED")
        self.pay("1.00", bank=self.south, debit=S, credit=N)
        self.held.captured(hold)
        self.told["resumed_alone"] = self.govern("resume_participant", "FOUR_EYES_NEEDED",
                                                 participant="north")
        self.govern("resume_participant", keys=[self.second], participant="north")
        self.pay("1.00")
        self.govern("suspend_participant", "PARTICIPANT_UNKNOWN", participant="nobody")

    def reopened(self):
        """Closed and opened again, with the limits that it had."""
        self.govern("open_account", address="south:life", owner="south", kind="settlement",
                    asset="EUR")
        self.limits("south:life", max_balance="1.00")
        self.govern("close_account", address="south:life")
        self.pay("1.00", "ACCOUNT_CLOSED", credit="south:life")
        self.told["reopened"] = self.govern("reopen_account", address="south:life")
        self.govern("reopen_account", "NO_CHANGE", address="south:life")
        self.pay("1.01", "MAX_BALANCE", credit="south:life")
        self.told["after_life"] = self.pay("1.00", credit="south:life")
