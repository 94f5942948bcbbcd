"""Splits, conditions, mandates and the posting matrix in the log of `history.py`.

Each part tells (`history.told`) the entries that `forge_forms.py` changes.
"""

import time

import client
from holdings import in_seconds, leg
from waits import pay, wait

N, POOL, TILL, S = "north:forms", "north:pool", "north:till", "south:forms"
COLD, PERSON = "north:cold", "north:forms.7"
APPLIED, SETTLED, NOT_OWNER = "APPLIED", "SETTLED", "NOT_OWNER"
POOR, UNMET, UNKNOWN = "INSUFFICIENT_FUNDS", "PRECONDITION_FAILED", "MANDATE_UNKNOWN"


def party(account, **form):
    return dict({"account": account}, **form)


def split(payers, payees, asset="EUR", **more):
    return {"split": dict({"id": client.uuid7(), "asset": asset, "payers": payers,
                           "payees": payees}, **more)}


def grant(account, to, **bounds):
    return {"grant_mandate": dict({"id": client.uuid7(), "account": account, "to": to}, **bounds)}


def has(account, amount):
    return {"balance_at_least": {"account": account, "amount": amount}}


class Formings:
    def __init__(self, history, held):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south = held.north, held.south

    def ask(self, *asked, bank=None, wanted=(SETTLED,), keys=(), **fields):
        return self.held.ask(bank or self.north, list(asked), *wanted, keys=keys, **fields)

    def govern(self, kind, /, wanted=APPLIED, **fields):
        return self.history.govern((kind, fields), wanted=wanted)

    def play(self):
        for address in (N, POOL, TILL, S, COLD):
            self.govern("open_account", address=address, owner=address.partition(":")[0],
                        kind="settlement", asset="EUR")
        self.govern("open_account", address=PERSON, owner="north", kind="customer", asset="EUR")
        self.govern("issue", account=N, amount="100.00", wanted=SETTLED)
        self.splits()
        self.sweeps()
        self.refused()
        self.conditions()
        self.mandates()
        self.refused_mandates()
        self.postings()

    def splits(self):
        self.told["split"] = self.ask(split(
            [party(N, amount="10.00")],
            [party(S, ratio=1), party(POOL, ratio=1), party(TILL, ratio=1)],
            end_to_end_id="F-1", remittance="in three \u2014 \"equal\" parts"))
        self.ask(split([party(N, amount="0.05")],
                       [party(S, amount="0.01"), party(POOL, ratio=3), party(TILL, ratio=4)]))
        self.ask(split([party(N, amount="1"), party(S, amount="0.34")],
                       [party(POOL, amount="1.2"), party(TILL, remainder=True)]),
                 keys=[self.south.key])

    def sweeps(self):
        self.told["sweep"] = self.ask(split(
            [party(POOL, all_available=True), party(TILL, up_to="2.00", at_least="1.00")],
            [party(S, amount="1.00"), party(N, remainder=True)]))
        self.told["nothing"] = self.ask(split(
            [party(POOL, all_available=True, at_least="0"), party(TILL, up_to="9999")],
            [party(S, amount="0.02"), party(N, ratio=2**32 - 1)]))
        # What a freeze keeps and what is reserved is not available, a credit line is.
        self.govern("freeze", account=N, case="F-1", level="amount", amount="3.00")
        self.ask(split([party(N, up_to="9999")], [party(POOL, remainder=True)]))
        self.govern("set_limits", address=N, credit_line="5.00", per_transfer_max="4.99")
        self.ask(split([party(N, all_available=True)], [party(POOL, remainder=True)]),
                 wanted=["LIMIT_PER_TRANSFER"])
        self.govern("set_limits", address=N)
        self.govern("freeze", account=COLD, case="F-2", level="no_credit")
        self.ask(split([party(N, all_available=True)], [party(COLD, remainder=True)]),
                 wanted=["ACCOUNT_FROZEN"])

    def refused(self):
        one, rest = party(POOL, amount="1"), [party(S, remainder=True)]
        for asked, wanted in (
            (split([one], [party(S, amount="0.99")]), "UNBALANCED"),
            (split([one], [party(S, amount="1.01"), party(TILL, ratio=1)]), "UNBALANCED"),
            (split([party(POOL, amount="1", at_least="1")], rest), "SPLIT_INVALID"),
            (split([party(POOL, all_available=False)], rest), "SPLIT_INVALID"),
            (split([one], [party(S, ratio=0)]), "SPLIT_INVALID"),
            (split([one], [party(S, ratio=1), party(TILL, remainder=True)]), "SPLIT_INVALID"),
            (split([one], [party(S, remainder=True), party(TILL, amount="1")]), "SPLIT_INVALID"),
            (split([party(S, amount="1")], [one]), NOT_OWNER),
            (split([one], [party("nobody", ratio=1)]), "ACCOUNT_UNKNOWN"),
            (split([one], rest, asset="CHF"), "ASSET_UNKNOWN"),
            (split([one], [party(S, ratio=1), party(POOL, ratio=1)]), "SELF_TRANSFER"),
            (split([one], [party("operators:issuance.EUR", ratio=1)]), "POSTING_NOT_ALLOWED"),
            (split([party(POOL, amount="0.00")], rest), "AMOUNT_ZERO"),
            (split([party(POOL, up_to="0.001")], rest), "PRECISION_EXCEEDED"),
            (split([party(POOL, amount="99999")], rest), POOR),
            (split([party(POOL, up_to="99999", at_least="9999")], rest), POOR),
        ):
            self.ask(asked, wanted=[wanted])
        self.ask(split([one], rest), split([party(POOL, amount="99999")], rest),
                 wanted=["MESSAGE_ABORTED", POOR], atomic=True)

    def conditions(self):
        def cent(*conditions, **more):
            return pay(leg(POOL, S, "0.01"), conditions=list(conditions), **more)

        soon = {"not_after": in_seconds(600)}
        index = self.ask(cent(soon, has(POOL, "1.00")))
        self.told["guarded"] = self.ask(
            cent(soon, {"account_version": {"account": POOL, "index": index}}, has(POOL, "1.00"),
                 end_to_end_id="F-2"))
        self.told["unmet"] = self.ask(
            cent({"account_version": {"account": POOL, "index": index}}), wanted=[UNMET])
        self.ask(cent({"not_after": in_seconds(-5)}), wanted=[UNMET])
        self.ask(cent(has(POOL, "99999"), check="net"), wanted=[UNMET])
        self.ask(cent(soon, has(POOL, "0"), check="net"))
        self.ask(cent(has(S, "0")), cent(soon, has("nobody", "0")), cent(has(POOL, "0.001")),
                 wanted=[NOT_OWNER, "ACCOUNT_UNKNOWN", "PRECISION_EXCEEDED"])
        self.ask(split([party(POOL, amount="1")], [party(S, ratio=1)],
                       conditions=[has(POOL, "1"), has(POOL, "99999")]), wanted=[UNMET])
        self.ask(split([party(POOL, amount="1")], [party(S, ratio=1)], conditions=[soon]))
        waits = wait(leg(POOL, S, "500.00"))
        waits["transfer"]["conditions"] = [has(POOL, "1")]
        self.ask(waits, wanted=["QUEUED"])
        self.ask({"cancel": {"id": client.uuid7(), "of": waits["transfer"]["id"]}},
                 wanted=[APPLIED])

    def mandates(self):
        asked = grant(POOL, "south", per_transfer_max="5", total_max="8.00", period="month",
                      period_max="7.5", creditors=[S, TILL])
        self.told["grant"] = self.ask(asked, wanted=[APPLIED])
        self.of = of = asked["grant_mandate"]["id"]

        def take(amount, to=S, *more, **how):
            return pay(leg(POOL, to, amount), *more, mandate=of, **how)

        def debit(*asked, wanted=(SETTLED,), **how):
            return self.ask(*asked, bank=self.south, wanted=wanted, **how)

        self.told["debited"] = debit(take("4.00", S, leg(S, POOL, "0.50"), end_to_end_id="F-3"))
        self.told["exceeded"] = debit(take("3.51"), wanted=["MANDATE_EXCEEDED"])
        debit(take("5.01"), take("1", N), take("0"), take("0.001"), take("1", "nobody"),
              wanted=["MANDATE_EXCEEDED", "MANDATE_NOT_FOR_CREDITOR", "AMOUNT_ZERO",
                      "PRECISION_EXCEEDED", "ACCOUNT_UNKNOWN"])
        debit(take("1", S, leg(N, S, "1")), pay(leg(POOL, S, "1")), wanted=[NOT_OWNER, NOT_OWNER])
        debit(take("1", conditions=[has(POOL, "0")]), wanted=[NOT_OWNER])
        debit(take("1", conditions=[has(S, "0")]))
        debit(take("0.50", S, leg(S, POOL, "0.5"), check="net"))
        debit(take("0.5", queue={}), wanted=["QUEUE_NOT_SENDERS"])
        debit(take("1.01"), take("1"), wanted=["MESSAGE_ABORTED", "MANDATE_EXCEEDED"], atomic=True)
        # Who has it learns nothing of limits and suspensions.
        self.govern("set_limits", address=POOL, per_transfer_max="0.10")
        self.told["masked"] = debit(take("0.20"), wanted=[POOR])
        self.ask(take("0.20"), keys=[self.south.key], wanted=["LIMIT_PER_TRANSFER"])
        self.govern("set_limits", address=POOL)
        debit(take("2"))
        self.told["revoke"] = self.ask({"revoke_mandate": {"id": client.uuid7(), "mandate": of}},
                                       wanted=[APPLIED])
        debit(take("0.01"), {"revoke_mandate": {"id": client.uuid7(), "mandate": of}},
              wanted=[UNKNOWN, UNKNOWN])

    def refused_mandates(self):
        short = grant(POOL, "south", total_max="1", expires_at=in_seconds(0.7))
        spans = grant(POOL, "south", period={"every_s": 3600}, period_max="1")
        self.ask(short, spans, grant(S, "north", total_max="1"), grant(POOL, "south"),
                 grant(POOL, "north", total_max="1"), grant(POOL, "auditor", total_max="1"),
                 grant(POOL, "nobody", total_max="1"), grant(POOL, "south", total_max="0"),
                 grant(POOL, "south", total_max="1", period="day"),
                 grant(POOL, "south", total_max="1", expires_at=in_seconds(-5)),
                 grant(POOL, "south", total_max="1", creditors=[]),
                 grant("operators:issuance.EUR", "south", total_max="1"),
                 wanted=[APPLIED, APPLIED, NOT_OWNER, "MANDATE_INVALID", "MANDATE_INVALID",
                         "MANDATE_INVALID", "PARTICIPANT_UNKNOWN", "AMOUNT_ZERO",
                         "MANDATE_INVALID", "EXPIRY_INVALID", "MANDATE_INVALID", NOT_OWNER])
        time.sleep(1.0)
        of = short["grant_mandate"]["id"]
        debit = pay(leg(POOL, S, "1"), mandate=of)
        self.told["mandate_expired"] = self.ask(debit, bank=self.south, wanted=["MANDATE_EXPIRED"])
        self.ask(pay(leg(POOL, S, "1"), mandate=spans["grant_mandate"]["id"]), bank=self.south)
        # The next grant forgets it.
        again = grant(POOL, "south", total_max="1")
        self.ask(again, wanted=[APPLIED])
        self.ask(pay(leg(POOL, S, "1"), mandate=of), bank=self.south, wanted=[UNKNOWN])
        known = dict(again["grant_mandate"])
        self.history.govern(("grant_mandate", known), wanted="MANDATE_EXISTS",
                            keys=[self.north.key])
        for one in (spans, again):
            gone = {"revoke_mandate": {"id": client.uuid7(), "mandate": one["grant_mandate"]["id"]}}
            self.ask(gone, bank=self.south, wanted=[APPLIED])

    def postings(self):
        def rule(debit, credit, allowed, wanted=APPLIED):
            return self.govern("set_posting", debit=debit, credit=credit, allowed=allowed,
                               wanted=wanted)

        self.told["posting"] = rule("settlement", "customer", False)
        rule("settlement", "customer", False, "NO_CHANGE")
        rule("settlement", "netting", False, "ACCOUNT_KIND_NOT_ALLOWED")
        stopped = "POSTING_NOT_ALLOWED"
        self.told["stopped"] = self.ask(pay(leg(POOL, PERSON, "1")), wanted=[stopped])
        self.ask(split([party(POOL, amount="1")], [party(S, ratio=1), party(PERSON, ratio=1)]),
                 pay(leg(POOL, S, "0.01")), wanted=[stopped, SETTLED])
        rule("issuance", "settlement", False)
        self.govern("issue", account=POOL, amount="1", wanted=stopped)
        rule("issuance", "settlement", True)
        rule("settlement", "customer", True)
        self.ask(pay(leg(POOL, PERSON, "0.01")))
