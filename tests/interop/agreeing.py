"""Proposals in the log of `history.py`: two to agree, operators in two messages, and what goes wrong.

Each part tells (`history.told`) the entries that `forge_proposals.py` changes.
"""

import hashlib
import time

import client
from holdings import A, APPLIED, B, POOR, RESERVED, SETTLED, VOIDED, capture, in_seconds, leg
from holdings import reserve, void
from limiting import FROZEN, N, S
from waits import QUEUED, pay
from whole import words

PROPOSED, APPROVED, CARRIED = "PROPOSED", "APPROVED", "CARRIED_OUT"
SELF, OVER, NONE = "SELF_APPROVAL", "PROPOSAL_OVER", "NOTHING_PENDING"


def wish(kind, **fields):
    return {kind: dict({"id": client.uuid7()}, **fields)}


class Paper:
    """A proposal, with the hash that anybody makes of it."""

    def __init__(self, maker, *wishes, until=None, paper_id=None):
        self.id, self.maker = paper_id or client.uuid7(), maker
        fields = {"id": self.id, "expires_at": until or in_seconds(3600),
                  "instructions": list(wishes)}
        self.propose = {"propose": fields}
        text = words.canonical("propose", fields)
        digest = hashlib.sha256(("quittance proposal v1\n%s\n%s" % (maker, text)).encode()).digest()
        self.hash = client.b64(digest)

    def approve(self, other=False):
        digest = client.b64(bytes(32)) if other else self.hash
        return wish("approve", of=self.id, hash=digest)

    def end(self, how):
        return wish(how, of=self.id)


class Agreeing:
    def __init__(self, history, held, second):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south = held.north, held.south
        self.one, self.two = history.operators.key, second
        self.east = None

    def play(self):
        self.payment_versus_payment()
        self.poor()
        self.ends()
        self.refused()
        self.waits()
        self.two_keys()
        self.operators()
        self.everything()
        self.expires()

    def ask(self, bank, *asked, wanted, **more):
        return self.held.ask(bank, list(asked), *wanted, **more)

    def operator(self, key, *asked, wanted, **fields):
        """A message of the operators by one of their keys."""
        body = client.message(list(asked), **fields)
        signature = key.sign(self.history.operators.statement(body))
        answer = self.history.operators.post("/v1/submissions", body, [signature])
        return self.history.outcome(answer, *wanted)

    def payment_versus_payment(self):
        paper = Paper("north", pay(leg(A, B, "5.00"), leg(B, A, "3.00")))
        self.told["proposed"] = self.ask(self.north, paper.propose, wanted=[PROPOSED])
        self.told["changed"] = self.ask(
            self.south, paper.approve(other=True), wanted=["BODY_CHANGED"])
        self.told["self"] = self.ask(self.north, paper.approve(), wanted=[SELF])
        self.operator(self.one, paper.approve(), wanted=[NONE])
        self.told["pvp"] = self.ask(self.south, paper.approve(), wanted=[CARRIED, SETTLED])
        self.told["too_late"] = self.ask(self.south, paper.approve(), wanted=[OVER])
        first = paper.propose["propose"]["instructions"][0]
        self.ask(self.north, first, wanted=["ID_ALREADY_USED"])

    def poor(self):
        """What cannot be done when all agree may be approved again."""
        paper = Paper("south", pay(leg(B, A, "1.00")), pay(leg(A, B, "9000000.00")))
        self.ask(self.south, paper.propose, wanted=[PROPOSED])
        self.told["poor"] = self.ask(self.north, paper.approve(), wanted=[POOR])
        one = pay(leg(A, B, "0.01"))
        self.ask(self.north, one, paper.approve(), wanted=["MESSAGE_ABORTED", POOR], atomic=True)
        self.ask(self.north, paper.approve(), paper.end("decline"), wanted=[POOR, "DECLINED"])

    def ends(self):
        paper = Paper("north", pay(leg(A, B, "1"), leg(B, A, "1")))
        self.ask(self.north, paper.propose, wanted=[PROPOSED])
        self.ask(self.south, paper.end("withdraw"), wanted=["PROPOSAL_NOT_YOURS"])
        self.told["withdrawn"] = self.ask(
            self.north, paper.end("withdraw"), paper.end("decline"), wanted=["WITHDRAWN", OVER])
        again = Paper("south", pay(leg(B, A, "1")), paper_id=paper.id)
        self.ask(self.south, again.propose, wanted=["PROPOSAL_EXISTS"])
        paper = Paper("north", pay(leg(A, B, "1"), leg(B, A, "1")))
        self.ask(self.north, paper.propose, paper.propose, wanted=[PROPOSED, "ID_ALREADY_USED"])
        self.told["declined"] = self.ask(self.south, paper.end("decline"), wanted=["DECLINED"])

    def refused(self):
        own = pay(leg(A, B, "1"))
        for paper, wanted in (
            (Paper("north", pay(leg(A, "nobody", "1"))), "ACCOUNT_UNKNOWN"),
            (Paper("north", pay(leg(A, B, "1")), until=in_seconds(-1)), "EXPIRY_INVALID"),
            (Paper("north", pay(leg(A, B, "1")), until=in_seconds(32 * 86_400)), "EXPIRY_INVALID"),
            (Paper("north", pay(leg(B, A, "1"))), "PROPOSAL_NOT_YOURS"),
            (Paper("north", wish("set_parameter", name="holds_max", value=1)),
             "PROPOSAL_NOT_YOURS"),
            (Paper("north", wish("add_key", participant="nobody", vkey=self.two.vkey)),
             "PARTICIPANT_UNKNOWN"),
            (Paper("north", pay(*[leg(A, B, "1")] * 250)), "PROPOSAL_TOO_LARGE"),
        ):
            self.ask(self.north, paper.propose, wanted=[wanted])
        paper = Paper("north", own)
        self.ask(self.north, own, paper.propose, wanted=[SETTLED, "ID_ALREADY_USED"])
        self.ask(self.north, paper.end("withdraw"), paper.approve(), wanted=[NONE, NONE])
        old = wish("approve", entry_index=1, item=1, item_leaf=client.b64(bytes(32)))
        self.ask(self.north, old, wanted=[NONE])
        new = wish("add_log_key", vkey=self.two.vkey, proof="x")
        self.operator(self.one, Paper("operators", new).propose, wanted=["NOT_PROPOSABLE"])

    def waits(self):
        """Both have agreed that it waits: both legs in one entry, as soon as there are funds."""
        both = leg(A, B, "1.00"), leg(B, A, "400000.00")
        papers = [Paper("north", pay(*both, queue={})) for _ in range(3)]
        self.ask(self.north, *(paper.propose for paper in papers), wanted=[PROPOSED] * 3)
        self.told["agreed_waits"] = self.ask(
            self.south, papers[0].approve(), wanted=[CARRIED, QUEUED])
        self.ask(self.south, papers[1].approve(), wanted=[CARRIED, QUEUED])
        first, second, _ = (one.propose["propose"]["instructions"][0]["transfer"]["id"]
                            for one in papers)
        self.ask(self.north, wish("requeue", of=first, position="first"),
                 wish("cancel", of=first), wanted=["QUEUE_NOT_SENDERS", APPLIED])
        self.ask(self.south, wish("cancel", of=second), wanted=["PAYMENT_NOT_QUEUED"])
        self.ask(self.north, pay(*both, queue={}), wanted=["QUEUE_NOT_SENDERS"],
                 keys=[self.south.key])
        urgent = Paper("south", pay(*both, queue={"priority": "high"}))
        self.ask(self.south, urgent.propose, wanted=[PROPOSED])
        self.ask(self.north, urgent.approve(), wanted=["QUEUE_NOT_SENDERS"])
        self.told["both_settle"] = 1 + self.history.govern(
            ("issue", {"account": B, "amount": "399999.00"}), wanted=SETTLED)
        self.history.grown(self.told["both_settle"] + 1)
        back = leg(A, B, "399999.00")
        self.ask(self.north, pay(back), wanted=[SETTLED])
        self.history.govern(("redeem", {"account": B, "amount": "399999.00"}),
                            wanted=SETTLED, keys=[self.south.key])

    def two_keys(self):
        """A bank of two hands: one proposes, the other agrees."""
        keys = [client.Key("east/" + name) for name in ("one", "two", "three")]
        govern = self.history.govern
        govern(("add_participant", {"participant": "east", "role": "bank", "threshold": 2,
                                    "keys": [key.vkey for key in keys]}))
        govern(("open_account", {"address": "east:eur", "owner": "east", "kind": "settlement",
                                 "asset": "EUR"}))
        govern(("issue", {"account": "east:eur", "amount": "20"}), wanted=SETTLED)
        self.east = [client.Client(self.history.node.url, "east", key) for key in keys]
        paper = Paper("east", pay(leg("east:eur", A, "2.00")))
        self.told["one_hand"] = self.ask(self.east[0], paper.propose, wanted=[PROPOSED])
        self.ask(self.east[0], paper.approve(), wanted=[SELF])
        self.ask(self.north, paper.approve(), wanted=[NONE])
        # A key that is gone counts no more.
        govern(("revoke_key", {"participant": "east", "key_id": keys[0].id.hex()}))
        self.told["still_one"] = self.ask(self.east[1], paper.approve(), wanted=[APPROVED])
        self.told["both_hands"] = self.ask(self.east[2], paper.approve(), wanted=[CARRIED, SETTLED])

    def operators(self):
        """Four eyes in two messages, for what takes them and for what does not."""
        freeze = wish("freeze", account=N, case="P-1", level="no_debit")
        self.operator(self.one, freeze, wanted=[APPLIED])
        lift = Paper("operators", wish("lift", account=N, case="P-1"))
        self.told["lift"] = self.operator(self.one, lift.propose, wanted=[PROPOSED])
        self.operator(self.one, lift.approve(), wanted=[SELF])
        self.told["lifted"] = self.operator(self.two, lift.approve(), wanted=[CARRIED, APPLIED])
        limits = Paper("operators", wish("set_limits", address=N, credit_line="1.00"),
                       wish("set_limits", address=S), wish("issue", account=S, amount="0.50"))
        self.operator(self.two, limits.propose, wanted=[PROPOSED])
        self.told["limits_agreed"] = self.operator(
            self.one, limits.approve(), wanted=[CARRIED, APPLIED, APPLIED, SETTLED])
        out = Paper("operators", wish("redeem", account=S, amount="0.50"),
                    wish("set_limits", address=N))
        self.operator(self.one, out.propose, wanted=[PROPOSED])
        self.operator(self.two, out.approve(), wanted=[APPROVED])
        self.ask(self.south, out.approve(), wanted=[CARRIED, SETTLED, APPLIED])
        key = client.Key("east/four")
        more = Paper("east", wish("add_key", participant="east", vkey=key.vkey))
        self.ask(self.east[1], more.propose, wanted=[PROPOSED])
        self.operator(self.one, more.approve(), wanted=[APPROVED])
        self.ask(self.east[2], more.approve(), wanted=[CARRIED, APPLIED])
        self.ask(client.Client(self.history.node.url, "east", key), more.approve(), wanted=[OVER])

    def everything(self):
        """Holds, queues and freezes, by two hands."""
        hold, late = client.uuid7(), pay(leg("east:eur", A, "5000"), queue={})
        more = Paper("east", reserve(leg("east:eur", A, "3.00"), hold=hold, multi=True), late,
                     pay(leg("east:eur", A, "0.10"), leg("east:eur", B, "0.10"), check="net"))
        self.ask(self.east[1], more.propose, wanted=[PROPOSED])
        self.told["held"] = self.ask(
            self.east[2], more.approve(), wanted=[CARRIED, RESERVED, QUEUED, SETTLED])
        rest = Paper("east", capture(hold, amount="1.00", final=False), void(hold),
                     wish("requeue", of=late["transfer"]["id"], priority="high"),
                     wish("cancel", of=late["transfer"]["id"]))
        self.ask(self.east[2], rest.propose, wanted=[PROPOSED])
        self.told["all_ended"] = self.ask(
            self.east[1], rest.approve(), wanted=[CARRIED, SETTLED, VOIDED, APPLIED, APPLIED])
        paper = Paper("south", pay(leg(S, N, "0.01"), leg(N, S, "0.01")))
        self.ask(self.south, paper.propose, wanted=[PROPOSED])
        self.operator(self.one, wish("freeze", account=N, case="P-2", level="none_allowed",
                                     expires_at=in_seconds(0.6)), wanted=[APPLIED])
        self.ask(self.north, paper.approve(), wanted=[FROZEN])
        time.sleep(0.7)
        self.ask(self.north, paper.approve(), wanted=[CARRIED, SETTLED])

    def expires(self):
        """By time alone, and in traffic; two of the same moment, so that one entry ends both."""
        swap, then = (leg(A, B, "1"), leg(B, A, "1")), in_seconds(3)
        papers = [Paper("north", pay(*swap), until=then) for _ in range(2)]
        self.told["expired"] = 1 + self.ask(
            self.north, *(paper.propose for paper in papers), wanted=[PROPOSED, PROPOSED])
        self.history.grown(self.told["expired"] + 1)
        self.told["expired_late"] = self.ask(
            self.south, papers[0].approve(), wanted=["APPROVAL_EXPIRED"])
