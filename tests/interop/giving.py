"""Returns, reversals and recalls in the log of `history.py`, with proofs out of receipts.

Each part tells (`history.told`) the entries that `forge_returns.py` changes.
"""

import client
import receipt
from formings import grant, party, split
from holdings import leg
from waits import C, pay

A, B = "north:eur", "south:eur"
APPLIED, SETTLED, RECALLED = "APPLIED", "SETTLED", "RECALLED"


def original(file, n):
    """Item `n` of a receipt, as a return brings it: of the proof of the entry only what lies inside
    of a complete subtree, which stays as it is when the log grows."""
    entry = receipt.unb64(file["entry"], 120)
    index, proof, checkpoint = receipt.parse_tlog_proof(file["tlog_proof"])
    level = (index ^ receipt.size_stated(checkpoint)).bit_length() - 1
    item, = [one for one in file["items"] if one["n"] == n]
    return {"entry": client.b64(entry), "n": n, "item": item["bytes"], "salt": item["salt"],
            "item_proof": item["proof"], "proof": [client.b64(node) for node in proof[:level]]}


def back(kind, brought, reason, **more):
    return {kind: dict({"id": client.uuid7(), "original": brought, "reason": reason}, **more)}


def refusal(of, reason):
    return {"refuse_recall": {"id": client.uuid7(), "of": of, "reason": reason}}


class Giving:
    def __init__(self, history, north, south):
        self.history, self.told = history, history.told
        self.north, self.south = north, south
        self.held = self.second = self.early = None

    def play(self, held, second):
        """`second` is another key of the operators."""
        self.held, self.second = held, second
        for bank in (self.north, self.south):
            bank.open_session()
        self.returns()
        self.refused()
        self.of_batches()
        self.refunds()
        self.recalls()
        self.reversals()
        self.over_time()

    def original(self, bank, index, n=1):
        answer = bank.get("/v1/receipts/%d" % index, item=n)
        if answer.status != 200:
            raise SystemExit("FAILED: receipt %d: %s" % (index, answer.data[:200]))
        return original(answer.json, n)

    def paid(self, amount, **texts):
        return self.history.pay(self.north, A, B, amount, **texts)

    def ask(self, bank, asked, *wanted, **how):
        return self.held.ask(bank, asked if isinstance(asked, list) else [asked], *wanted, **how)

    def returns(self):
        """In parts, to the last cent, and no further."""
        paid = self.paid("12.50", end_to_end_id="R-1")
        brought = self.original(self.south, paid)
        self.told["returned"] = self.ask(
            self.south, back("return", brought, "AM09", amount="2.5"), SETTLED)
        self.told["too_much"] = self.ask(
            self.south, back("return", brought, "AM09", amount="10.01"), "RETURN_EXCEEDS_ORIGINAL")
        once = back("return", brought, "MS03")
        self.told["rest"] = self.ask(self.south, once, SETTLED)
        self.ask(self.south, once, "ID_ALREADY_USED")
        self.told["twice"] = self.ask(self.south, back("return", brought, "MS03"), "ALREADY_RETURNED")
        # Legs of one transfer, each for itself; a part of a hold; all or nothing.
        index = self.ask(self.north, pay(leg(A, B, "1"), leg(A, B, "2")), SETTLED)
        first, other = (self.original(self.south, index, n) for n in (1, 2))
        self.ask(self.south, [back("return", other, "DUPL"),
                              back("return", first, "DUPL", amount="1.01")],
                 "MESSAGE_ABORTED", "RETURN_EXCEEDS_ORIGINAL", atomic=True)
        self.ask(self.south, [back("return", other, "DUPL"), back("return", first, "DUPL")],
                 SETTLED, SETTLED)
        hold = self.held.hold(leg(A, B, "3"))
        captured = self.held.captured(hold, amount="1.75")
        self.ask(self.south, back("return", self.original(self.south, captured, 2), "SVNR"), SETTLED)

    def refused(self):
        paid = self.paid("0.75")
        brought = self.original(self.south, paid)
        for name, change in (
            ("n", lambda n: n + 1), ("salt", lambda _: client.b64(bytes(32))),
            ("item_proof", lambda way: way[:-1]), ("entry", lambda text: "AQEA" + text[4:8] + "BBBB"
                                                   + text[12:]),
        ):
            wrong = dict(brought, **{name: change(brought[name])})
            self.told["original_unknown"] = self.ask(self.south, back("return", wrong, "AC04"),
                                            "ORIGINAL_UNKNOWN")
        ahead = dict(brought, proof=brought["proof"] + [client.b64(bytes(32))] * 40)
        self.ask(self.south, back("return", ahead, "AC04"), "ORIGINAL_UNKNOWN")
        self.told["not_owner"] = self.ask(self.north, back("return", brought, "AC04"), "NOT_OWNER")
        self.ask(self.south, back("return", brought, "AC04", amount="0.00"), "AMOUNT_ZERO")
        self.ask(self.south, back("return", brought, "AC04", amount="0.001"), "PRECISION_EXCEEDED")
        index = self.ask(self.south, back("return", brought, "AC04"), SETTLED)
        again = self.original(self.south, index, 2)
        self.ask(self.north, back("return", again, "AC04"), "ORIGINAL_NOT_RETURNABLE")
        self.ask(self.south, back("return", self.original(self.south, index), "AC04"),
                 "ORIGINAL_NOT_RETURNABLE")

    def of_batches(self):
        """A leg that names accounts by number goes back by number."""
        answer = self.north.get("/v1/numbers", addresses="%s,%s" % (A, B)).json
        a, b = (item["number"] for item in answer["items"])
        index = self.history.batch(self.north, ("%d,%d,77,INV-7" % (a, b),), (1,))
        brought = self.original(self.south, index)
        asked = back("recall", self.original(self.north, index), "CUST")
        self.ask(self.north, asked, RECALLED)
        self.told["by_number"] = self.ask(self.south, back("return", brought, "CUST"), SETTLED)

    def refunds(self):
        """Legs of splits, but for those of nothing, and debits under a mandate."""
        parts = split([party(A, amount="0.03")], [party(B, ratio=2), party(C, ratio=1)])
        index = self.ask(self.north, parts, SETTLED)
        half = self.original(self.south, index, 2)
        self.told["refund"] = self.ask(
            self.south, back("return", half, "CUST", amount="0.01"), SETTLED)
        self.told["refund_too_much"] = self.ask(
            self.south, back("return", half, "CUST", amount="0.02"), "RETURN_EXCEEDS_ORIGINAL")
        self.ask(self.south, pay(leg(C, A, "0.01")), SETTLED)
        parts = split([party(A, amount="0.01")], [party(B, ratio=1), party(C, ratio=1)])
        nothing = self.original(self.south, self.ask(self.north, parts, SETTLED), 3)
        self.told["of_nothing"] = self.ask(
            self.south, back("return", nothing, "CUST"), "ORIGINAL_NOT_RETURNABLE")
        granted = grant(A, "south", total_max="0.05")
        self.ask(self.north, granted, APPLIED)
        debit = pay(leg(A, B, "0.05"), mandate=granted["grant_mandate"]["id"])
        index = self.ask(self.south, debit, SETTLED)
        asked = back("recall", self.original(self.north, index, 2), "FRAD")
        self.ask(self.north, asked, RECALLED)
        self.told["refunded"] = self.ask(
            self.south, back("return", self.original(self.south, index, 2), "MD06"), SETTLED)
        self.ask(self.south, refusal(asked["recall"]["id"], "CUST"), "RECALL_UNKNOWN")
        debit = pay(leg(A, B, "0.01"), mandate=granted["grant_mandate"]["id"])
        self.ask(self.south, debit, "MANDATE_EXCEEDED")

    def recalls(self):
        paid = self.paid("5.00")
        theirs, ours = self.original(self.south, paid), self.original(self.north, paid)
        self.ask(self.south, back("recall", theirs, "DUPL"), "NOT_OWNER")
        asked = back("recall", ours, "DUPL")
        self.told["recall"] = self.ask(self.north, asked, RECALLED)
        self.told["asked_twice"] = self.ask(self.north, back("recall", ours, "FRAD"),
                                            "RECALL_ALREADY_OPEN")
        one = asked["recall"]["id"]
        self.ask(self.north, refusal(one, "CUST"), "NOT_OWNER")
        self.told["no"] = self.ask(self.south, refusal(one, "CUST"), APPLIED)
        self.ask(self.south, refusal(one, "CUST"), "RECALL_UNKNOWN")
        asked = back("recall", ours, "CUST")
        self.ask(self.north, asked, RECALLED)
        other = self.original(self.south, self.history.pay(self.south, B, A, "0.01"))
        same = {"recall": {"id": asked["recall"]["id"], "original": other, "reason": "DUPL"}}
        self.ask(self.south, same, "RECALL_EXISTS")
        self.history.govern(("set_parameter", {"name": "returns_max", "value": 1}))
        more = self.original(self.north, self.paid("0.02"))
        self.ask(self.north, back("recall", more, "UPAY"), "RECALLS_TOO_MANY")
        fresh = self.original(self.south, self.paid("0.03"))
        self.ask(self.south, back("return", fresh, "UPAY"), "RETURNS_TOO_MANY")
        self.history.govern(("set_parameter", {"name": "returns_max", "value": 0}))
        # A part is an answer too.
        self.told["answered"] = self.ask(
            self.south, back("return", theirs, "FOCR", amount="1.00"), SETTLED)
        self.ask(self.south, refusal(asked["recall"]["id"], "LEGL"), "RECALL_UNKNOWN")

    def reversals(self):
        """What the operators put in, and took out, by error; two of them are needed."""
        issued = self.history.govern(("issue", {"account": B, "amount": "9.00"}), wanted=SETTLED)
        brought = self.original(self.south, issued)
        fields = back("reverse", brought, "MS03", amount="4.00")["reverse"]
        self.told["alone"] = self.history.govern(("reverse", fields), wanted="FOUR_EYES_NEEDED")
        fields = dict(fields, id=client.uuid7())
        self.told["reversed"] = self.history.govern(
            ("reverse", fields), wanted=SETTLED, keys=[self.second])
        self.ask(self.south, back("reverse", brought, "MS03"), "QUORUM_NOT_MET")
        self.ask(self.south, back("return", brought, "MS03"), "ORIGINAL_NOT_RETURNABLE")
        rest = back("reverse", brought, "AM05")["reverse"]
        self.history.govern(("reverse", rest), wanted=SETTLED, keys=[self.second])
        out = self.history.govern(("redeem", {"account": B, "amount": "0.25"}), wanted=SETTLED,
                                  keys=[self.south.key])
        fields = back("reverse", self.original(self.south, out), "MS02")["reverse"]
        self.history.govern(("reverse", fields), wanted=SETTLED, keys=[self.second])

    def over_time(self):
        """Recalls that nobody answers end, and old payments stay where they are."""
        paid = self.original(self.north, self.paid("0.50"))
        self.history.govern(("set_parameter", {"name": "recall_s", "value": 1}))
        asked = self.ask(self.north, back("recall", paid, "TECH"), RECALLED)
        self.told["ended"] = asked + 1
        self.history.grown(asked + 2)
        self.history.govern(("set_parameter", {"name": "return_s", "value": 1}))
        self.told["return_too_late"] = self.ask(self.south, back("return", paid, "AC04"),
                                         "RETURN_WINDOW_CLOSED")
        for name in ("return_s", "recall_s"):
            self.history.govern(("set_parameter", {"name": name, "value": 0}))
        # The proof of a payment of long ago leads to what nobody remembers any more; a new one does.
        self.told["outdated"] = self.ask(
            self.south, back("return", self.early[0], "AC04"), "PROOF_OUTDATED")
        self.ask(self.south, back("return", self.original(self.south, self.early[1]), "AC04"), SETTLED)

    def keep_early(self):
        """A payment with its proof of the moment, which leads to the entry alone."""
        self.south.open_session()
        while True:
            paid = self.paid("0.10")
            proof = self.original(self.south, paid)
            if not proof["proof"]:
                self.early = proof, paid
                return
