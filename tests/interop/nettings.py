"""Netting cycles in the log of `history.py`: windows that settle, wait, default, and every refusal.

Each part tells (`history.told`) the entries that `forge_cycles.py` changes.
"""

import client
import waits
from holdings import in_seconds, leg

A, B = "north:net", "south:net"
APPLIED, CLEARED, SETTLED = "APPLIED", "CLEARED", "SETTLED"


def clear(model, *payments, **texts):
    asked = [{"from": payer, "to": payee, "amount": amount} for payer, payee, amount in payments]
    return {"clear": dict({"id": client.uuid7(), "model": model, "payments": asked}, **texts)}


class Nettings:
    def __init__(self, history, held, north, south):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south = north, south

    def cleared(self, *payments, bank=None, model="ach", wanted=CLEARED, keys=(), **texts):
        bank = bank or self.north
        return self.held.ask(bank, [clear(model, *payments, **texts)], wanted, keys=keys)

    def govern(self, asked, /, wanted=APPLIED, keys=(), **fields):
        return self.history.govern((asked, fields), wanted=wanted, keys=keys)

    def close(self, due=1, model="ach", **how):
        """Closes a window, and waits for what the node makes of it; gives the entry behind."""
        index = self.govern("close_window", model=model, **how)
        self.history.grown(index + 1 + due)
        return index + 1

    def play(self):
        self.opens()
        self.settles()
        self.refused()
        self.defaults()
        self.pools()
        self.by_schedule()
        self.meets()
        self.ends()

    def opens(self):
        for name in ("north", "south"):
            self.govern("open_account", address=name + ":net", owner=name, kind="settlement",
                        asset="EUR")
        self.govern("issue", account=A, amount="100.00", wanted=SETTLED)
        self.told["model"] = self.govern("open_model", model="ach", asset="EUR", close="manual",
                                         funding_s=1)
        self.govern("open_model", model="strict", asset="EUR", close="manual", funding_s=0,
                    count_unsettled_credits="none")
        self.govern("open_model", model="ach", asset="EUR", close="manual", funding_s=1,
                    wanted="MODEL_EXISTS")
        self.govern("open_model", model="x", asset="EUR", close={"every_s": 9}, funding_s=1,
                    wanted="SCHEDULE_INVALID")
        for address in (A, B):
            self.govern("join_model", model="ach", account=address, net_debit_cap="50")
        self.govern("join_model", model="ach", account=A, net_debit_cap="50.00", wanted="NO_CHANGE")
        self.govern("join_model", model="ach", account=A, net_debit_cap="60.00")
        self.govern("join_model", model="ach", account="north:eur", net_debit_cap="1",
                    wanted="MEMBER_EXISTS")
        self.govern("join_model", model="strict", account=A, net_debit_cap="1",
                    wanted="MODEL_OVERLAP")
        self.govern("join_model", model="none", account=A, net_debit_cap="1", wanted="MODEL_UNKNOWN")
        self.govern("join_model", model="ach", account="north:eur.7", net_debit_cap="1",
                    wanted="ACCOUNT_KIND_NOT_ALLOWED")

    def settles(self):
        self.cleared(("north", "south", "12.5"))
        self.told["clear"] = self.cleared(
            ("north", "south", "20"), ("north", "south", "1.00"), end_to_end_id="N-1",
            remittance="deferred \u2014 \"net\"")
        self.cleared(("south", "north", "3.25"), bank=self.south)
        self.told["settled_net"] = self.close()
        # In one message with its end: the window of the index, and of no other.
        self.told["race"] = self.history.govern(
            ("clear", clear("ach", ("north", "south", "1"))["clear"]),
            ("close_window", {"model": "ach"}),
            ("clear", clear("ach", ("north", "south", "2"))["clear"]),
            wanted=(CLEARED, APPLIED, "WINDOW_ENDS"), keys=[self.north.key])
        self.history.grown(self.told["race"] + 2)
        # Even, and empty: settled at once.
        self.cleared(("north", "south", "7"), ("south", "north", "7.00"), keys=[self.south.key])
        self.close(0)
        self.close(0)

    def refused(self):
        self.told["cap"] = self.cleared(("north", "south", "60.01"), wanted="NDC_EXCEEDED")
        self.cleared(("north", "south", "60"), ("north", "south", "0.01"), wanted="NDC_EXCEEDED")
        self.cleared(("north", "north", "1"), wanted="SELF_TRANSFER")
        self.cleared(("south", "north", "1"), wanted="NOT_OWNER")
        self.cleared(("north", "operators", "1"), wanted="MEMBER_UNKNOWN")
        self.cleared(("north", "south", "1"), model="strict", wanted="MODEL_UNKNOWN")
        self.cleared(("north", "south", "1"), model="no-such", wanted="MODEL_UNKNOWN")
        self.cleared(("north", "south", "0"), wanted="AMOUNT_ZERO")
        self.cleared(("north", "south", "0.001"), wanted="PRECISION_EXCEEDED")
        self.held.ask(self.north, [clear("ach", ("north", "south", "1")),
                                   clear("ach", ("north", "south", "60"))],
                      "MESSAGE_ABORTED", "NDC_EXCEEDED", atomic=True)
        self.history.pay(self.north, A, "operators:netting.ach", "1", "POSTING_NOT_ALLOWED")
        self.govern("close_account", address=A, wanted="ACCOUNT_NOT_EMPTY")
        self.govern("close_account", address="operators:netting.ach",
                    wanted="ACCOUNT_KIND_NOT_ALLOWED")

    def defaults(self):
        """A debtor without funds: named when the time is over, and rescued."""
        self.history.pay(self.south, B, "south:eur", "31.25")
        self.cleared(("south", "north", "5"), bank=self.south)
        self.govern("close_account", address=B, wanted="ACCOUNT_JOINED")
        self.told["default"] = self.close()
        # A second window waits behind it, even as it is.
        self.cleared(("south", "north", "7"), ("north", "south", "7"), bank=self.south,
                     keys=[self.north.key])
        self.close(0)
        self.history.pay(self.north, "north:eur", B, "4.99")
        rescue = self.govern("issue", account=B, amount="0.01", wanted=SETTLED)
        self.told["rescued"] = rescue + 1
        self.history.grown(rescue + 2)

    def pools(self):
        """A pool that funds what a defaulter lacks, and one that has too little at first."""
        pool = "operators:pool.eur"
        self.govern("open_account", address="north:pool", owner="north", kind="pool", asset="EUR",
                    wanted="ACCOUNT_KIND_NOT_ALLOWED")
        for address in (pool, "operators:pool.dry"):
            self.govern("open_account", address=address, owner="operators", kind="pool", asset="EUR")
        for name in ("north", "south"):
            self.govern("open_account", address=name + ":wet", owner=name, kind="settlement",
                        asset="EUR")
        self.govern("issue", account=pool, amount="10.00", wanted=SETTLED)
        self.govern("issue", account="south:wet", amount="1.50", wanted=SETTLED)
        for named, wanted in (("operators:none", "ACCOUNT_UNKNOWN"),
                              ("north:eur", "ACCOUNT_KIND_NOT_ALLOWED"), (pool, APPLIED)):
            self.told["wet"] = self.govern("open_model", model="wet", asset="EUR", close="manual",
                                           funding_s=0, pool=named, wanted=wanted)
        self.govern("open_model", model="dry", asset="EUR", close="manual", funding_s=0,
                    close_with_day="SYSC", pool="operators:pool.dry", wanted="CALENDAR_UNKNOWN")
        self.govern("open_model", model="dry", asset="EUR", close="manual", funding_s=0,
                    pool="operators:pool.dry")
        self.told["pool_named"] = self.govern("close_account", address="operators:pool.dry",
                                              wanted="POOL_NAMED")
        self.govern("close_model", model="dry")
        self.govern("close_account", address="operators:pool.dry")
        for name in ("north", "south"):
            self.govern("join_model", model="wet", account=name + ":wet", net_debit_cap="50")
        self.cleared(("south", "north", "6"), model="wet", bank=self.south)
        self.told["pool_default"] = self.close(2, model="wet")
        self.told["drawn"] = self.told["pool_default"] + 1
        owes = {"model": "wet", "account": "south:wet", "net_debit_cap": "50"}
        self.told["owed"] = self.govern("join_model", wanted="OWED_EXCEEDED", **owes,
                                        still_owed="4.51")
        self.history.pay(self.north, "north:wet", "south:wet", "2")
        self.history.pay(self.south, "south:wet", pool, "2.00")
        self.history.pay(self.south, pool, "south:wet", "2.00", "NOT_OWNER")
        self.told["still_owed"] = self.govern("join_model", **owes, still_owed="2.50")
        self.govern("join_model", **owes, still_owed="2.5", wanted="NO_CHANGE")
        # All or nothing: the last cent brings it about.
        self.cleared(("south", "north", "8"), model="wet", bank=self.south)
        self.told["pool_short"] = self.close(1, model="wet")
        self.history.pay(self.north, "north:eur", pool, "0.49")
        self.told["topped"] = self.history.pay(self.north, "north:eur", pool, "0.01") + 1
        self.history.grown(self.told["topped"] + 1)
        self.govern("close_model", model="wet")

    def by_schedule(self):
        """A window that closes by itself, as soon as the clock shows ten seconds more."""
        for name in ("north", "south"):
            self.govern("open_account", address=name + ":fast", owner=name, kind="settlement",
                        asset="EUR")
        self.govern("issue", account="north:fast", amount="10", wanted=SETTLED)
        self.govern("open_model", model="fast", asset="EUR", close={"every_s": 10}, funding_s=10,
                    count_unsettled_credits="none")
        for name in ("north", "south"):
            self.govern("join_model", model="fast", account=name + ":fast", net_debit_cap="9")
        index = self.cleared(("north", "south", "8"), ("south", "north", "6"), model="fast",
                             keys=[self.south.key])
        self.told["scheduled"] = index + 1
        self.history.grown(index + 3)
        self.govern("close_model", model="fast")

    def meets(self):
        """Freezes, suspensions and what is urgent, in a model that waits long enough for them."""
        for name in ("north", "south"):
            self.govern("open_account", address=name + ":meet", owner=name, kind="settlement",
                        asset="EUR")
        self.govern("issue", account="north:meet", amount="10", wanted=SETTLED)
        self.govern("open_model", model="meet", asset="EUR", close="manual", funding_s=600)
        for name in ("north", "south"):
            self.govern("join_model", model="meet", account=name + ":meet", net_debit_cap="20")
        self.cleared(("north", "south", "4"), model="meet")
        self.govern("suspend_participant", participant="north")
        self.told["idle_clear"] = self.cleared(("north", "south", "1"), model="meet",
                                               wanted="PARTICIPANT_SUSPENDED")
        self.govern("resume_participant", keys=[self.history.second], participant="north")
        self.govern("freeze", account="north:meet", case="N-1", level="amount", amount="5")
        self.govern("freeze", account="north:meet", case="N-2", level="none_allowed",
                    expires_at=in_seconds(3.0))
        self.told["frozen_clear"] = self.cleared(("north", "south", "1"), model="meet",
                                                 wanted="ACCOUNT_FROZEN")
        # It settles when the freeze ends, by itself.
        self.told["net_thawed"] = self.close(model="meet")
        # What is urgent keeps from others what it does not keep from the net.
        urgent = waits.wait(leg("north:meet", "south:meet", "100"), priority="urgent")
        self.held.ask(self.north, [urgent], "QUEUED")
        self.cleared(("north", "south", "1"), model="meet")
        self.told["before_urgent"] = self.close(model="meet")
        self.held.ask(self.north, [waits.change("cancel", urgent["transfer"]["id"])], APPLIED)
        # What a freeze keeps is no funds: it waits for the cent that is blocked.
        self.cleared(("north", "south", "0.01"), model="meet")
        self.close(0, model="meet")
        issued = self.govern("issue", account="north:meet", amount="0.01", wanted=SETTLED)
        self.told["beside_blocked"] = issued + 1
        self.history.grown(issued + 2)

    def ends(self):
        self.cleared(("north", "south", "9.99"))
        self.govern("close_model", model="ach")
        self.cleared(("north", "south", "1"), wanted="MODEL_CLOSED")
        self.govern("close_window", model="ach", wanted="MODEL_CLOSED")
        self.history.pay(self.south, B, "south:eur", "9.99")
        self.govern("close_account", address=B)
