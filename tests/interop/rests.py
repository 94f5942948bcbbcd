"""Payments that free each other one by one, in the log of `history.py`: a run that its bounds end
leaves the log to others for a while.
"""

from holdings import APPLIED, SETTLED, leg
from waits import change, wait

LINKS = 18      # two more than one run settles


def name(n):
    return "south:link.%d" % n


class Rests:
    def __init__(self, queues):
        self.queues, self.held, self.told = queues, queues.held, queues.told
        self.north, self.south = queues.north, queues.south

    def play(self):
        history = self.queues.history
        accounts = [("open_account", {"address": name(n), "owner": "south", "kind": "settlement",
                                      "asset": "EUR"}) for n in range(LINKS + 1)]
        history.govern(*accounts, wanted=[APPLIED] * len(accounts))
        # Each link is behind one that nobody funds, so that no set of them settles together.
        before = [wait(leg(name(n), "south:eur", "5000.00")) for n in range(LINKS)]
        ids = self.queues.queue(self.south, *before)
        # The last link goes first, so that each round of a run settles one.
        links = [wait(leg(name(n), name(n + 1), "10.00")) for n in reversed(range(LINKS))]
        self.queues.queue(self.south, *links)
        history.pay(self.north, "north:eur", name(0), "10.00")
        self.queues.cleared("chain", 2)
        other = self.held.ask(self.north, [change("cancel", ids[0])], "PAYMENT_NOT_QUEUED")
        chain = self.told["chain"]
        # It stands behind the first run, unless this machine was very slow.
        self.told["chain_goes_on"] = chain + (2 if other == chain + 1 else 1)
        history.grown(self.told["chain_goes_on"] + 1)
        self.held.ask(self.south, [change("cancel", one) for one in ids], *[APPLIED] * LINKS)
        history.pay(self.south, name(LINKS), "north:eur", "10.00", SETTLED)
