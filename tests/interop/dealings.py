"""Foreign exchange in the log of `history.py`: rates, quotes, conversions, and every refusal.

Each part tells (`history.told`) the entries that `forge_fx.py` changes.
"""

import time

import client
from holdings import ABORTED, APPLIED, RESERVED, SETTLED, VOIDED, capture, in_seconds, leg, reserve

TAKER, DEALER = "north", "south"
EURO, YEN = TAKER + ":fx", TAKER + ":yen"
TILL, VAULT = DEALER + ":fx", DEALER + ":yen"


def convert(amount, limit, at, debit=EURO, credit=YEN, fixed="source", **texts):
    return {"convert": dict({"id": client.uuid7(), "debit": debit, "credit": credit, "fixed": fixed,
                             "amount": amount, "limit": limit, "at": at}, **texts)}


def rate(source="desk", provider=DEALER):
    return {"rate": {"provider": provider, "source": source}}


class Dealings:
    def __init__(self, history, held, north, south):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south = north, south

    def play(self):
        self.opens()
        self.converts()
        self.refused()
        self.quotes()
        self.ends()

    def govern(self, asked, /, wanted=APPLIED, keys=(), **fields):
        return self.history.govern((asked, fields), wanted=wanted, keys=keys)

    def converted(self, *how, wanted=SETTLED, bank=None, **more):
        return self.held.ask(bank or self.north, [convert(*how, **more)], wanted)

    def states(self, wanted=APPLIED, bank=None, **fields):
        asked = {"id": client.uuid7(), "base": "EUR", "quote": "JPY", "source": "desk",
                 "bid": "16231/100", "ask": "16279/100", "valid_to": in_seconds(3_600), **fields}
        return self.held.ask(bank or self.south, [{"set_rate": asked}], wanted)

    def quoted(self, wanted=RESERVED, **fields):
        """A firm quote; gives its id."""
        asked = {"id": client.uuid7(), "for": TAKER, "receive": TILL, "source_amount": "20.00",
                 "debit": VAULT, "credit": YEN, "target_amount": "3300",
                 "expires_at": in_seconds(600), **fields}
        self.told["quoted"] = self.held.ask(self.south, [{"quote": asked}], wanted)
        return asked["id"]

    def opens(self):
        self.govern("add_asset", asset="JPY", module="fiat")
        for name in (TAKER, DEALER):
            for place, asset in (("fx", "EUR"), ("yen", "JPY")):
                self.govern("open_account", address="%s:%s" % (name, place), owner=name,
                            kind="settlement", asset=asset)
        self.govern("issue", account=EURO, amount="500.00", wanted=SETTLED)
        self.govern("issue", account=VAULT, amount="30000", wanted=SETTLED)
        self.through = {"base": TILL, "quote": VAULT, "max": "450.00"}
        self.states(wanted="QUORUM_NOT_MET")
        self.govern("set_provider", participant=DEALER, active=True)
        self.govern("set_provider", participant=DEALER, active=True, wanted="NO_CHANGE")
        self.govern("set_provider", participant="nobody", active=True, wanted="PARTICIPANT_UNKNOWN")
        self.govern("set_provider", participant="auditor", active=True, wanted="PARTICIPANT_NOT_BANK")
        self.govern("set_rate", base="EUR", quote="JPY", source="fix", bid="16255/100",
                    ask="16255/100", valid_to=in_seconds(3_600))
        for how, wanted in (
            ({"execute": {**self.through, "base": EURO}}, "NOT_OWNER"),
            ({"execute": {**self.through, "base": "nowhere"}}, "ACCOUNT_UNKNOWN"),
            ({"execute": {**self.through, "base": VAULT}}, "ASSET_MISMATCH"),
            ({"execute": {**self.through, "max": "0"}}, "AMOUNT_ZERO"),
            ({"execute": {**self.through, "max": "0.001"}}, "PRECISION_EXCEEDED"),
            ({"execute": {**self.through, "base": DEALER + ":eur.7"}}, "ACCOUNT_KIND_NOT_ALLOWED"),
            ({"quote": "XXX"}, "ASSET_UNKNOWN"),
            ({"valid_to": in_seconds(-1)}, "EXPIRY_INVALID"),
            ({"bid": "16280/100"}, "RATE_INVALID"),
            ({"quote": "EUR"}, "RATE_INVALID"),
        ):
            self.states(wanted=wanted, **how)
        self.told["rate"] = self.states(execute=self.through)
        for n in range(1, 9):
            self.states(source="line", valid_from=in_seconds(60 * n),
                        valid_to=in_seconds(60 * n + 60))
        self.told["ahead"] = self.states(source="line", valid_from=in_seconds(3_000),
                                         wanted="RATES_TOO_MANY")

    def converts(self):
        # 10.01 * 162.31 = 1624.7231, rounded down.
        self.told["converted"] = self.converted("10.01", "1624", rate(), end_to_end_id="FX-1",
                                                remittance="yen \u2014 \"please\"")
        # 1000 / 162.31 = 6.161..., rounded up.
        self.told["bought"] = self.converted("1000", "6.17", rate(), fixed="target")
        # The other way round, at the ask, and exactly.
        self.told["turned"] = self.converted("1000", "6.14", rate(), YEN, EURO)
        self.told["exact"] = self.converted("100.00", "16279", rate(), YEN, EURO, "target",
                                            wanted="INSUFFICIENT_FUNDS")
        self.converted("300.00", "48693", rate(), wanted="INVENTORY_SHORT")
        self.converted("100.00", "16231", rate())
        self.told["exact"] = self.converted("100.00", "16279", rate(), YEN, EURO, "target")
        # To somebody else.
        self.converted("1.00", "0", rate(), credit=VAULT, wanted="SELF_TRANSFER")
        self.converted("100", "0.01", rate(), YEN, DEALER + ":eur")

    def refused(self):
        for how, wanted in (
            (("10.00", "1624", rate()), "AMOUNT_MISMATCH"),
            (("1000", "6.16", rate(), EURO, YEN, "target"), "AMOUNT_MISMATCH"),
            (("1", "0", rate(), YEN, EURO), "ROUNDS_TO_ZERO"),
            (("450.01", "0", rate()), "CONVERSION_TOO_LARGE"),
            (("10", "0", rate("fix", "operators")), "RATE_INDICATIVE"),
            (("10", "0", rate("other")), "RATE_GAP"),
            (("10", "0", rate("line")), "RATE_GAP"),
            (("10", "0", rate("desk", "nobody")), "RATE_GAP"),
            (("10", "0", rate(), TAKER + ":eur", EURO), "RATE_GAP"),
            (("0", "0", rate()), "AMOUNT_ZERO"),
            (("0.001", "0", rate()), "PRECISION_EXCEEDED"),
            (("10", "0.1", rate()), "PRECISION_EXCEEDED"),
            (("10", "0", rate(), TILL), "NOT_OWNER"),
            (("10", "0", rate(), EURO, "nowhere"), "ACCOUNT_UNKNOWN"),
            (("10", "0", rate(), EURO, "operators:issuance.JPY"), "POSTING_NOT_ALLOWED"),
        ):
            self.told[wanted] = self.converted(*how, wanted=wanted)
        self.told["short"] = self.converted("400.00", "0", rate(), wanted="INVENTORY_SHORT")
        for status, wanted in (("suspended", "ASSET_SUSPENDED"), ("active", SETTLED)):
            self.govern("set_asset_status", asset="JPY", status=status)
            self.converted("1.00", "0", rate(), wanted=wanted)
        self.govern("set_limits", address=VAULT, per_transfer_max="100")
        self.converted("1.00", "0", rate(), wanted="INVENTORY_SHORT")
        self.govern("set_limits", address=VAULT)
        self.govern("suspend_participant", participant=DEALER)
        self.converted("1.00", "0", rate(), wanted="INVENTORY_SHORT")
        self.govern("resume_participant", keys=[self.history.second], participant=DEALER)
        self.govern("freeze", account=TILL, case="F-1", level="no_credit",
                    expires_at=in_seconds(1.0))
        self.converted("1.00", "0", rate(), wanted="ACCOUNT_FROZEN")
        time.sleep(1.2)
        self.held.ask(self.north, [convert("1.00", "0", rate()), convert("1.00", "163", rate())],
                      ABORTED, "AMOUNT_MISMATCH", atomic=True)
        # One rate after the other, and one that is over.
        self.states(source="brief", valid_to=in_seconds(0.4), execute=self.through)
        time.sleep(0.6)
        self.converted("1.00", "0", rate("brief"), wanted="RATE_STALE")

    def quotes(self):
        quote = self.quoted()
        self.told["quote"] = self.told["quoted"]
        self.converted("20.00", "3301", {"quote": quote}, wanted="AMOUNT_MISMATCH")
        self.converted("20.01", "0", {"quote": quote}, wanted="AMOUNT_MISMATCH")
        self.converted("20.00", "0", {"quote": quote}, TAKER + ":eur", TAKER + ":eur",
                       wanted="QUOTE_DIFFERS")
        self.converted("20.00", "0", {"quote": quote}, TILL, VAULT, bank=self.south,
                       wanted="QUOTE_UNKNOWN")
        self.held.ask(self.north, [capture(quote)], "HOLD_IS_QUOTE")
        self.told["used"] = self.converted("20.00", "3300", {"quote": quote}, remittance="firm")
        self.told["used_again"] = self.converted("20.00", "3300", {"quote": quote},
                                                 wanted="QUOTE_USED")
        quote = self.quoted()
        self.held.voided(quote, wanted=VOIDED)
        self.converted("20.00", "3300", {"quote": quote}, wanted="QUOTE_WITHDRAWN")
        # It ends by itself.
        quote = self.quoted(expires_at=in_seconds(0.5))
        self.told["quote_expiry"] = self.told["quoted"] + 1
        self.history.grown(self.told["quote_expiry"] + 1)
        self.converted("20.00", "3300", {"quote": quote}, wanted="QUOTE_EXPIRED")
        hold = reserve(leg(EURO, TILL, "1"))
        self.held.ask(self.north, [hold], RESERVED)
        self.converted("1", "0", {"quote": hold["reserve"]["id"]}, wanted="QUOTE_UNKNOWN")
        for how, wanted in (
            ({"receive": "nowhere"}, "ACCOUNT_UNKNOWN"),
            ({"receive": EURO}, "NOT_OWNER"),
            ({"debit": YEN, "credit": VAULT}, "NOT_OWNER"),
            ({"receive": VAULT}, "ASSET_MISMATCH"),
            ({"source_amount": "0"}, "AMOUNT_ZERO"),
            ({"source_amount": "0.001"}, "PRECISION_EXCEEDED"),
            ({"target_amount": "30001"}, "INSUFFICIENT_FUNDS"),
            ({"expires_at": in_seconds(-1)}, "EXPIRY_INVALID"),
            ({"for": "nobody"}, "PARTICIPANT_UNKNOWN"),
        ):
            self.quoted(wanted=wanted, **how)

    def ends(self):
        """What is withdrawn, and a provider that is none any more; its quotes are firm all the same."""
        gone = {"withdraw_rate": {"base": "EUR", "quote": "JPY", "source": "brief"}}
        for wanted in (APPLIED, "NO_CHANGE"):
            gone["withdraw_rate"]["id"] = client.uuid7()
            self.held.ask(self.south, [gone], wanted)
        quote = self.quoted(source_amount="1.00", target_amount="162")
        self.govern("set_provider", participant=DEALER, active=False)
        self.told["without"] = self.converted("1.00", "0", rate(), wanted="RATE_GAP")
        self.converted("162", "1.00", {"quote": quote}, fixed="target")
