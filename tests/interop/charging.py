"""Fees in the log of `history.py`: schedules, what is due by them on every kind of leg, and every refusal.

Each part tells (`history.told`) the entries that `forge_fees.py` changes.
"""

import client
from holdings import APPLIED, RESERVED, SETTLED, capture, reserve
from waits import QUEUED, pay

A, B, SHOP = "north:sek", "south:sek", "south:sek.7"
FEES, TAX, IDLE = "operators:fees.sek", "operators:tax.sek", "operators:idle.sek"
# 25 hundredths of a percent, at least ten; the shop pays by tiers; nothing from the shop; else both.
RULES = [
    {"debit_kind": "customer", "basis": "none"},
    {"credit_kind": "customer", "payer": "creditor", "max": "5.00", "basis": {"tiered": [
        {"up_to": "100.00", "flat": "0.50"}, {"flat": "0.10", "bps": 75}]}},
    {"debit_owner": "north", "basis": {"bps": 25}, "min": "0.10", "payer": "debtor"},
    {"basis": {"bps": 1}, "payer": "shared"},
]
PLAN = {"asset": "SEK", "account": FEES, "tax": {"account": TAX, "bps": 2500}, "rules": RULES}


def leg(debit, credit, amount):
    return {"debit": debit, "credit": credit, "asset": "SEK", "amount": amount}


class Charging:
    def __init__(self, history, held, second):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south, self.second = held.north, held.south, second

    def play(self):
        self.opens()
        self.schedules()
        self.legs()
        self.sets()
        self.others()
        self.waits()
        self.ends()

    def govern(self, asked, /, wanted=APPLIED, keys=(), **fields):
        return self.history.govern((asked, fields), wanted=wanted, keys=keys)

    def fees(self, wanted=APPLIED, both=True, **fields):
        """Sets a schedule; by one operator alone if not `both`."""
        return self.govern("set_fees", wanted=wanted, keys=[self.second] if both else (),
                           **{**PLAN, **fields})

    def pay(self, *legs, bank=None, wanted=SETTLED, **more):
        return self.held.ask(bank or self.north, [pay(*legs, **more)], wanted)

    def free(self):
        """All that north can pay, and so no fee with it."""
        self.north.open_session()
        return self.north.get("/v1/accounts/" + A).json["available"]

    def opens(self):
        self.govern("add_asset", asset="SEK", module="fiat")
        for name, owner, kind in ((A, "north", "settlement"), (B, "south", "settlement"),
                                  (SHOP, "south", "customer"), (FEES, "operators", "fee"),
                                  (TAX, "operators", "fee"), (IDLE, "operators", "fee")):
            self.govern("open_account", address=name, owner=owner, kind=kind, asset="SEK")
        self.govern("issue", account=A, amount="1000.00", wanted=SETTLED)
        self.govern("issue", account=B, amount="10.00", wanted=SETTLED)

    def schedules(self):
        asked = {"set_fees": dict({"id": client.uuid7()}, **PLAN)}
        self.held.ask(self.north, [asked], "QUORUM_NOT_MET")
        rule = RULES[2]
        for fields, wanted in (
            ({"account": "nowhere"}, "ACCOUNT_UNKNOWN"),
            ({"tax": {"account": "nowhere", "bps": 1}}, "ACCOUNT_UNKNOWN"),
            ({"asset": "XXX"}, "ASSET_UNKNOWN"),
            ({"asset": "EUR"}, "ASSET_MISMATCH"),
            ({"rules": [dict(rule, min="0.001")]}, "PRECISION_EXCEEDED"),
            ({"rules": [dict(rule, debit_owner="nobody")]}, "PARTICIPANT_UNKNOWN"),
            ({"account": A}, "ACCOUNT_KIND_NOT_ALLOWED"),
            ({"rules": [dict(rule, debit_kind="fee")]}, "ACCOUNT_KIND_NOT_ALLOWED"),
            ({"rules": []}, "NO_CHANGE"),
            ({"rules": [dict(rule, max="0.09")]}, "FEES_INVALID"),
            ({"rules": [dict(rule, basis="none")]}, "FEES_INVALID"),
            ({"rules": [{"basis": {"bps": 10_001}, "payer": "debtor"}]}, "FEES_INVALID"),
            ({"rules": [{"basis": {"tiered": []}, "payer": "debtor"}]}, "FEES_INVALID"),
            ({"rules": [{"basis": {"tiered": [{"up_to": "1"}]}, "payer": "debtor"}]},
             "FEES_INVALID"),
            ({"rules": [{"basis": {"tiered": [{"up_to": "2"}, {"up_to": "2.00"}, {}]},
                         "payer": "debtor"}]}, "FEES_INVALID"),
            ({"rules": [{"basis": {"flat": "1"}}]}, "FEES_INVALID"),
            ({"tax": {"account": TAX, "bps": 0}}, "FEES_INVALID"),
            ({"rules": [rule] * 65}, "FEES_INVALID"),
        ):
            self.told["fees_" + wanted] = self.fees(wanted=wanted, **fields)
        self.fees(wanted="FOUR_EYES_NEEDED", both=False)
        self.told["schedule"] = self.fees()

    def legs(self):
        # 0.25 %, and a quarter of that, half up.
        self.told["charged"] = self.pay(leg(A, B, "100.00"), end_to_end_id="F-1", remittance="goods")
        self.told["charged_least"] = self.pay(leg(A, B, "1.00"))
        self.told["charged_shop"] = self.pay(leg(A, SHOP, "200.00"), leg(A, SHOP, "100.00"),
                                             leg(A, B, "2.22"))
        self.told["charged_not"] = self.pay(leg(SHOP, A, "1.00"), bank=self.south)
        self.told["charged_nothing"] = self.pay(leg(B, A, "0.49"), bank=self.south)
        self.told["charged_both"] = self.pay(leg(B, A, "110.00"), bank=self.south)
        self.told["too_little"] = self.pay(leg(A, SHOP, "0.62"), wanted="FEE_EXCEEDS_AMOUNT")
        self.pay(leg(A, SHOP, "0.63"))
        self.govern("freeze", account=SHOP, case="S-1", level="no_debit")
        self.told["frozen_shop"] = self.pay(leg(A, SHOP, "1.00"), wanted="ACCOUNT_FROZEN")
        self.govern("lift", account=SHOP, case="S-1", keys=[self.second])
        # Enough for what is paid, and not for the fee on it.
        self.govern("set_limits", address=A, min_balance="700.00")
        self.told["not_covered"] = self.pay(leg(A, B, self.free()), wanted="FEE_NOT_COVERED")
        self.pay(leg(A, B, "3000.00"), wanted="INSUFFICIENT_FUNDS")
        self.govern("set_limits", address=A)

    def sets(self):
        self.told["charged_set"] = self.held.ask(self.north, [pay(
            leg(A, B, "900.00"), leg(B, A, "899.00"), check="net")], SETTLED, keys=[self.south.key])
        self.pay(leg(A, SHOP, "0.50"), check="net", wanted="FEE_EXCEEDS_AMOUNT")
        self.pay(leg(A, B, self.free()), check="net", wanted="FEE_NOT_COVERED")
        self.told["charged_if"] = self.pay(leg(A, B, "5.00"), conditions=[
            {"balance_at_least": {"account": A, "amount": "1.00"}}])

    def others(self):
        """Captures, whose payee pays; what is not charged; and a batch, which takes no fee."""
        hold = reserve(leg(A, B, "20.00"), leg(A, SHOP, "30.00"))
        self.held.ask(self.north, [hold], RESERVED)
        self.told["charged_capture"] = self.held.ask(
            self.south, [capture(hold["reserve"]["id"])], SETTLED)
        hold = reserve(leg(A, B, "20.00"))
        self.held.ask(self.north, [hold], RESERVED)
        self.held.ask(self.south, [capture(hold["reserve"]["id"], amount="0.11")],
                      "FEE_EXCEEDS_AMOUNT")
        self.held.ask(self.south, [capture(hold["reserve"]["id"])], SETTLED)
        self.held.ask(self.north, [{"split": {
            "id": client.uuid7(), "asset": "SEK", "payers": [{"account": A, "amount": "1.00"}],
            "payees": [{"account": B, "remainder": True}]}}], SETTLED)
        self.north.open_session()
        answer = self.north.get("/v1/numbers", addresses=",".join((A, B, SHOP))).json
        a, b, shop = (item["number"] for item in answer["items"])
        lines = ("%d,%d,100," % (a, b), "%d,%d,100," % (a, shop))
        self.told["charged_batch"] = self.history.batch(self.north, lines, (198, 198))
        lines = ("%d,%d,100," % (shop, b),)
        self.history.batch(self.south, lines, (1,))

    def waits(self):
        """What waits has to be covered with its fee; so has a ring that frees itself."""
        first = pay(leg(B, A, "2000.00"), queue={})
        self.told["waits"] = self.held.ask(self.south, [first], QUEUED)
        second = pay(leg(A, B, "2000.00"), queue={})
        self.told["charged_ring"] = self.held.ask(self.north, [second], QUEUED) + 1
        self.history.grown(self.told["charged_ring"] + 1)
        self.pay(leg(A, SHOP, "0.50"), queue={}, wanted="FEE_EXCEEDS_AMOUNT")

    def ends(self):
        self.govern("close_account", address=TAX, wanted="ACCOUNT_NOT_EMPTY")
        self.fees(account=IDLE, tax=None, rules=[RULES[2]])
        self.told["in_use"] = self.govern("close_account", address=IDLE, wanted="FEE_ACCOUNT_IN_USE")
        self.told["no_fees"] = self.fees(account=None, tax=None, rules=[])
        self.govern("close_account", address=IDLE)
        self.fees(account=IDLE, wanted="ACCOUNT_CLOSED")
        self.pay(leg(A, B, "1.00"))
        self.govern("set_asset_status", asset="SEK", status="retired")
        self.fees(wanted="ASSET_RETIRED")
