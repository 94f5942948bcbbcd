"""Splits, mandates and conversions that several agree to, or on a business day, in the log of
`history.py`.

Each part tells (`history.told`) the entries that `forge_joined.py` changes.
"""

import client
from agreeing import CARRIED, PROPOSED, Paper, wish
from dealings import DEALER, EURO, TAKER, TILL, VAULT, convert, rate
from formings import N, POOL, S, UNMET, grant, has, party, split
from holdings import APPLIED, RESERVED, SETTLED, in_seconds, leg
from waits import QUEUED, pay

DOLLARS = ("north:usd", "south:usd")


class Joined:
    def __init__(self, history, agreeing):
        self.history, self.told, self.agreeing = history, history.told, agreeing
        self.north, self.south = agreeing.north, agreeing.south

    def agree(self, paper, *done):
        """North or south proposes, and the other agrees."""
        makers = [self.north, self.south]
        first, second = makers if paper.maker == "north" else makers[::-1]
        self.agreeing.ask(first, paper.propose, wanted=[PROPOSED])
        return self.agreeing.ask(second, paper.approve(), wanted=done)

    def play(self):
        for account, amount in ((N, "10.00"), (S, "10.00"), (EURO, "10.00"), (VAULT, "1000")):
            self.history.govern(("issue", {"account": account, "amount": amount}), wanted=SETTLED)
        self.forms()
        self.refused()
        self.exchange()
        self.operators()

    def forms(self):
        granted = grant(N, "south", total_max="1.00")
        of = granted["grant_mandate"]["id"]
        both = split([party(N, amount="0.02"), party(S, amount="0.01")],
                     [party(POOL, remainder=True)])
        self.told["agreed_forms"] = self.agree(
            Paper("north", granted, pay(leg(N, S, "0.50"), leg(S, N, "0.10"), mandate=of),
                  pay(leg(N, S, "0.01"), conditions=[has(N, "0")]), both),
            CARRIED, APPLIED, SETTLED, SETTLED, SETTLED)
        gone = wish("revoke_mandate", mandate=of)
        self.agree(Paper("north", gone, pay(leg(N, S, "0.01"), leg(S, N, "0.01"), mandate=of)),
                   "MANDATE_UNKNOWN")
        self.agree(Paper("north", gone_again(gone), pay(leg(S, N, "0.01"))),
                   CARRIED, APPLIED, SETTLED)
        waits = pay(leg(N, S, "0.01"), leg(S, N, "500000"), conditions=[has(S, "0")], queue={})
        self.told["agreed_conditions"] = self.agree(Paper("north", waits), CARRIED, QUEUED)
        self.agreeing.ask(self.north, wish("cancel", of=waits["transfer"]["id"]),
                          wanted=[APPLIED])

    def refused(self):
        one = party(N, amount="1")
        for paper, wanted in (
            (Paper("north", split([one], [party("nobody", ratio=1)])), "ACCOUNT_UNKNOWN"),
            (Paper("north", split([party(S, amount="1")], [party(N, ratio=1)])),
             "PROPOSAL_NOT_YOURS"),
            (Paper("north", convert("1", "0", rate(), EURO, "nobody")), "ACCOUNT_UNKNOWN"),
            (Paper("north", convert("1", "0", rate(), TILL, VAULT)), "PROPOSAL_NOT_YOURS"),
            (Paper("north", wish("withdraw_rate", base="EUR", quote="JPY", source="desk")),
             "PROPOSAL_NOT_YOURS"),
        ):
            self.told["proposal_" + wanted] = self.agreeing.ask(
                self.north, paper.propose, wanted=[wanted])

    def exchange(self):
        """A quote and its use in one entry, and a rate and its use."""
        quote = client.uuid7()
        firm = {"quote": {"id": quote, "for": TAKER, "receive": TILL, "source_amount": "1.00",
                          "debit": VAULT, "credit": TAKER + ":yen", "target_amount": "162",
                          "expires_at": in_seconds(3600)}}
        self.told["agreed_quote"] = self.agree(
            Paper(DEALER, firm, convert("1.00", "162", {"quote": quote})),
            CARRIED, RESERVED, SETTLED)
        self.history.govern(("set_provider", {"participant": DEALER, "active": True}))
        through = {"base": TILL, "quote": VAULT, "max": "10.00"}
        states = wish("set_rate", base="EUR", quote="JPY", source="desk", bid="16231/100",
                      ask="16279/100", valid_to=in_seconds(3600), execute=through)
        self.told["agreed_rate"] = self.agree(
            Paper(DEALER, states, convert("1.01", "163", rate())), CARRIED, APPLIED, SETTLED)
        self.history.govern(("set_provider", {"participant": DEALER, "active": False}))

    def operators(self):
        rule = Paper("operators", wish("set_posting", debit="fee", credit="fee", allowed=False),
                     wish("set_provider", participant="north", active=True))
        one, two = self.agreeing.one, self.agreeing.two
        self.agreeing.operator(one, rule.propose, wanted=[PROPOSED])
        self.told["agreed_posting"] = self.agreeing.operator(
            two, rule.approve(), wanted=[CARRIED, APPLIED, APPLIED])

    def on_a_day(self, today, later):
        """The day is open; `today` is its date, `later` one that comes."""
        a, b = DOLLARS

        def cent(amount, **more):
            return pay(dollars(amount), **more)

        def ask(*asked, wanted, bank=self.north):
            return self.agreeing.ask(bank, *asked, wanted=wanted)

        holds, never = {"conditions": [has(a, "0")]}, {"conditions": [has(a, "99999")]}
        self.told["day_condition"] = ask(
            cent("0.03", **holds), cent("0.02", settlement_date=today, **holds),
            cent("0.01", settlement_date=later, **never),
            cent("0.04", settlement_date=later, **holds),
            split([party(a, amount="0.02")], [party(b, ratio=1)], asset="USD"),
            wanted=[SETTLED, SETTLED, UNMET, "WAREHOUSED", SETTLED])
        granted = grant(a, "south", total_max="5")
        of = granted["grant_mandate"]["id"]
        ask(granted, wanted=[APPLIED])
        self.told["day_mandate"] = ask(
            cent("0.01", mandate=of), cent("0.01", mandate=of, settlement_date=today),
            cent("0.01", mandate=of, settlement_date=later), bank=self.south,
            wanted=[SETTLED, SETTLED, "QUEUE_NOT_SENDERS"])


def dollars(amount):
    return dict(leg(*DOLLARS, amount), asset="USD")


def gone_again(revoked):
    """The same with another id."""
    return {"revoke_mandate": dict(revoked["revoke_mandate"], id=client.uuid7())}


def at_any_hour(business):
    """No day takes it: what several sign for is refused, and so is what is divided."""
    a, b = DOLLARS
    granted = grant(a, "south", total_max="5")
    of = granted["grant_mandate"]["id"]
    held = business.held
    held.ask(business.north, [granted], APPLIED)
    business.told["late_condition"] = held.ask(
        business.north,
        [pay(dollars("0.05"), conditions=[has(a, "0")]),
         pay(dollars("0.05"), conditions=[has(a, "99999")]),
         split([party(a, amount="0.02")], [party(b, ratio=1)], asset="USD")],
        "ROLLED", UNMET, "CUTOFF_PASSED")
    business.told["late_mandate"] = held.ask(
        business.south, [pay(dollars("0.01"), mandate=of),
                         {"revoke_mandate": {"id": client.uuid7(), "mandate": of}}],
        "CUTOFF_PASSED", APPLIED)
