"""Reservations for urgent and high payments in the log of `history.py`, and payments that are late.

Each part tells (`history.told`) the entries that `forge_reservations.py` changes.
"""

import client
from holdings import ABORTED, APPLIED, POOR, SETTLED, in_seconds, leg, reserve
from nettings import clear
from waits import QUEUED, change, pay, wait

A, B = "north:mark", "south:mark"


def mark(address=A, **amounts):
    return {"set_reservation": dict({"id": client.uuid7(), "address": address}, **amounts)}


class Earmarking:
    def __init__(self, history, held):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south = held.north, held.south

    def play(self):
        self.opens()
        self.refused()
        self.used()
        self.runs()
        self.others()
        self.late()

    def ask(self, *asked, wanted=SETTLED, bank=None, **how):
        wanted = [wanted] if isinstance(wanted, str) else wanted
        return self.held.ask(bank or self.north, list(asked), *wanted, **how)

    def govern(self, asked, /, wanted=APPLIED, **fields):
        return self.history.govern((asked, fields), wanted=wanted)

    def marked(self, **amounts):
        return self.ask(mark(**amounts), wanted=APPLIED)

    def cleared(self, name, index, entries=1):
        """Waits for what the node does behind an entry."""
        self.told[name] = index + entries
        self.history.grown(self.told[name] + 1)

    def opens(self):
        for name in ("north", "south"):
            self.govern("open_account", address=name + ":mark", owner=name, kind="settlement",
                        asset="EUR")
        self.govern("issue", account=A, amount="100.00", wanted=SETTLED)
        self.told["earmarked"] = self.marked(urgent="40.00", high="30")

    def refused(self):
        self.told["mark_refused"] = self.ask(
            mark("nowhere", urgent="1"), mark(B, urgent="1"), mark(high="0.001"),
            mark(urgent="1" + "0" * 28), mark(urgent="40", high="30.00"), mark(),
            wanted=["ACCOUNT_UNKNOWN", "NOT_OWNER", "PRECISION_EXCEEDED", "AMOUNT_TOO_LARGE",
                    "NO_CHANGE", "NO_CHANGE"])
        self.govern("set_reservation", address="operators:issuance.EUR", urgent="1",
                    wanted="ACCOUNT_KIND_NOT_ALLOWED")
        # What is taken back with its message has never been.
        self.ask(mark(urgent="0"), pay(leg(A, B, "100.01")), wanted=[ABORTED, POOR], atomic=True)

    def used(self):
        """30 for everybody; then what is reserved, in its order."""
        over = leg(A, B, "30.01")
        self.told["mark_poor"] = self.ask(pay(over), wanted=POOR)
        self.ask(reserve(over), wanted=POOR)
        self.ask(pay(over, check="net"), wanted=POOR)
        late = wait(over)
        self.told["mark_waits"] = self.ask(late, wanted=QUEUED)
        self.ask(change("cancel", late["transfer"]["id"]), wanted=APPLIED)
        self.ask(pay(leg(A, B, "30.00")))
        self.told["mark_high"] = self.ask(wait(leg(A, B, "10"), priority="high"))
        # 40 of its own, and five of what is for high ones.
        self.told["mark_urgent"] = self.ask(wait(leg(A, B, "45"), priority="urgent"))
        self.ask(pay(leg(A, B, "0.01")), wanted=POOR)
        self.ask(wait(leg(A, B, "15"), priority="high"))

    def runs(self):
        """What frees a payment, and what a run uses."""
        self.govern("issue", account=A, amount="20.00", wanted=SETTLED)
        self.marked(urgent="15", high="1.00")
        self.ask(wait(leg(A, B, "10")), wanted=QUEUED)
        self.marked(urgent="9.01")
        self.cleared("mark_freed", self.marked(urgent="9"))
        # Ten are left, nine of them for urgent ones: of 200 that go, 192 come back.
        self.ask(wait(leg(A, B, "200"), priority="urgent"), wanted=QUEUED)
        back = self.ask(wait(leg(B, A, "192")), wanted=QUEUED, bank=self.south)
        self.cleared("mark_run", back)
        # One is left for urgent ones, and one for high ones.
        self.ask(pay(leg(A, B, "0.01")), wanted=POOR)
        self.told["mark_left"] = self.ask(mark(urgent="1.00"), wanted="NO_CHANGE")
        self.marked(urgent="0", high="0.00")
        self.ask(pay(leg(A, B, "2")))

    def others(self):
        """Nets are as what is urgent; a split pays what is not reserved."""
        self.govern("issue", account=A, amount="10.00", wanted=SETTLED)
        self.marked(urgent="6")
        self.govern("open_model", model="marked", asset="EUR", close="manual", funding_s=1)
        for address in (A, B):
            self.govern("join_model", model="marked", account=address, net_debit_cap="50")
        self.ask(clear("marked", ("north", "south", "5")), wanted="CLEARED")
        self.cleared("mark_net", self.govern("close_window", model="marked"))
        self.told["mark_behind_net"] = self.ask(pay(leg(A, B, "4.01")), wanted=POOR)
        self.ask(pay(leg(A, B, "3")))
        self.told["mark_split"] = self.ask({"split": {
            "id": client.uuid7(), "asset": "EUR", "payers": [{"account": A, "all_available": True}],
            "payees": [{"account": B, "remainder": True}]}})
        self.marked(urgent="0")
        self.ask(pay(leg(A, B, "1")))

    def late(self):
        own = leg(A, B, "50.00")
        self.ask(wait(own, till=in_seconds(-1)), wait(own, till=in_seconds(9), reject_at=in_seconds(8)),
                 wanted=["QUEUE_TIMES_INVALID"] * 2)
        queued = self.ask(wait(own, till=in_seconds(0.3), reject_at=in_seconds(1.0)), wanted=QUEUED)
        self.cleared("mark_overdue", queued)
        self.cleared("mark_revoked", queued, 2)
