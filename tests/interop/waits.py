"""Queues in the log of `history.py`: sets of legs, payments that wait, settle, and leave the queue.

Each part tells (`history.told`) the entries that `forge_queue.py` changes.
"""

import client
from holdings import A, APPLIED, B, POOR, SETTLED, in_seconds, leg

QUEUED, GONE, MUCH = "QUEUED", "PAYMENT_NOT_QUEUED", "9000000.00"
C = "south:eur.7"


def pay(*legs, **more):
    return {"transfer": dict({"id": client.uuid7(), "legs": list(legs)}, **more)}


def wait(*legs, **terms):
    return pay(*legs, queue=terms, remittance="when there is money")


def change(kind, of, **how):
    return {kind: dict({"id": client.uuid7(), "of": of}, **how)}


class Waits:
    def __init__(self, held):
        self.held, self.history, self.told = held, held.history, held.history.told
        self.north, self.south = held.north, held.south

    def play(self):
        self.sets()
        self.gridlock()
        self.ring()
        self.changed_minds()
        self.refused()
        self.times()

    def queue(self, bank, *asked):
        """Queues payments, in one message; gives their ids."""
        self.told["queued"] = self.held.ask(bank, list(asked), *[QUEUED] * len(asked))
        return [one["transfer"]["id"] for one in asked]

    def cleared(self, name, entries=1):
        """Waits for what the node does behind the last that was queued."""
        self.told[name] = self.told["queued"] + entries
        self.history.grown(self.told[name] + 1)

    def sets(self):
        """Two that owe each other more than they have."""
        both = leg(A, B, MUCH), leg(B, A, MUCH)
        keys = [self.south.key]
        self.told["net"] = self.held.ask(
            self.north, [pay(*both, check="net", end_to_end_id="N-1")], SETTLED, keys=keys)
        poor = pay(both[0], leg(B, A, "1"), check="net")
        self.held.ask(self.north, [pay(*both), poor], POOR, POOR, keys=keys)
        self.held.ask(self.north, [pay(*both, check="net"), pay(both[0])],
                      "MESSAGE_ABORTED", POOR, keys=keys, atomic=True)

    def gridlock(self):
        """Nobody overtakes what is urgent, and it settles against what comes back."""
        self.queue(self.north, wait(leg(A, B, MUCH), priority="urgent"))
        self.told["urgent"] = self.told["queued"]
        cent = leg(A, B, "0.01")
        self.told["overtakes"] = self.held.ask(self.north, [pay(cent), wait(cent)], POOR, QUEUED)
        self.queue(self.south, wait(leg(B, A, MUCH), priority="high"))
        self.cleared("cleared")

    def ring(self):
        """Three accounts, and one payment too many; sets of several legs."""
        self.queue(self.north, wait(leg(A, B, MUCH)))
        _, late = self.queue(self.south, wait(leg(B, C, MUCH), leg(B, A, "0.50")),
                             wait(leg(B, A, "9900000.00")))
        self.queue(self.south, wait(leg(C, A, MUCH), priority="normal"))
        self.cleared("ring")
        self.held.ask(self.south, [change("cancel", late)], APPLIED)

    def changed_minds(self):
        much = leg(A, B, MUCH)
        one, two = self.queue(self.north, *(wait(much, priority="high") for _ in range(2)))
        self.told["requeue"] = self.held.ask(
            self.north, [change("requeue", two, position="first"), change("requeue", one)],
            APPLIED, "NO_CHANGE")
        self.held.ask(
            self.north, [change("requeue", two, position="last"),
                         change("requeue", one, priority="normal", position="first"),
                         change("requeue", one, position="first")],
            APPLIED, APPLIED, "NO_CHANGE")
        self.told["cancel"] = self.held.ask(
            self.north, [change("cancel", two), change("cancel", one), change("cancel", two)],
            APPLIED, APPLIED, GONE)
        # What it stood before can go now.
        cent = wait(leg(B, A, "0.01"), priority="high")
        first, _ = self.queue(self.south, wait(leg(B, A, MUCH), priority="high"), cent)
        self.told["queued"] = self.held.ask(self.south, [change("cancel", first)], APPLIED)
        self.cleared("unblocked")

    def refused(self):
        own = leg(A, B, "1")
        past, far = in_seconds(-1), in_seconds(401 * 86_400)
        self.held.ask(
            self.north, [wait(own, leg(B, A, "1")), wait(own, reject_at=past),
                         wait(own, settle_from=far), wait(leg(A, B, "0.001")),
                         wait(leg(A, "nobody", "1")), wait(leg(A, B, "0.25"))],
            "QUEUE_NOT_SENDERS", "QUEUE_TIMES_INVALID", "QUEUE_TIMES_INVALID",
            "PRECISION_EXCEEDED", "ACCOUNT_UNKNOWN", SETTLED, keys=[self.south.key])

    def times(self):
        """Warehoused, released, revoked; and one that waits for its day."""
        soon, end = in_seconds(0.5), in_seconds(1.2)
        self.queue(self.north, wait(leg(A, B, MUCH), settle_from=soon, reject_at=end),
                   wait(leg(A, B, "0.75"), settle_from=soon),
                   wait(leg(A, B, "1"), settle_from=in_seconds(300 * 86_400)))
        self.cleared("released")
        self.cleared("revoked", 3)
