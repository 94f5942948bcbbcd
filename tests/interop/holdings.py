"""Holds in the log of `history.py`: reserved, captured, voided, expired, refused for every reason.

Each part tells (`history.told`) the entries that `forge_holds.py` changes.
"""

import datetime
import time

import client

A, B = "north:eur", "south:eur"
RESERVED, SETTLED, VOIDED, APPLIED = "RESERVED", "SETTLED", "VOIDED", "APPLIED"
ABORTED, POOR = "MESSAGE_ABORTED", "INSUFFICIENT_FUNDS"


def leg(debit, credit, amount):
    return {"debit": debit, "credit": credit, "asset": "EUR", "amount": amount}


def reserve(*legs, hold=None, **terms):
    return {"reserve": dict({"id": hold or client.uuid7(), "legs": list(legs)}, **terms)}


def capture(hold, **how):
    return {"capture": dict({"id": client.uuid7(), "hold": hold}, **how)}


def void(hold):
    return {"void": {"id": client.uuid7(), "hold": hold}}


def in_seconds(seconds):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Holdings:
    def __init__(self, history, north, south):
        self.history, self.told = history, history.told
        self.north, self.south = north, south

    def ask(self, bank, instructions, *wanted, keys=(), **fields):
        """One message, signed by the bank and by further keys; gives its index."""
        body = client.message(instructions, **fields)
        text = bank.statement(body)
        signatures = [key.sign(text) for key in (bank.key, *keys)]
        answer = bank.post("/v1/submissions", body, signatures)
        return self.history.outcome(answer, *wanted)

    def hold(self, *legs, bank=None, wanted=RESERVED, keys=(), **terms):
        """Reserves; gives the id."""
        asked = reserve(*(legs or [leg(A, B, "10.00")]), **terms)
        self.told["reserved"] = self.ask(bank or self.north, [asked], wanted, keys=keys)
        return asked["reserve"]["id"]

    def captured(self, hold, wanted=SETTLED, bank=None, **how):
        return self.ask(bank or self.south, [capture(hold, **how)], wanted)

    def voided(self, hold, wanted=VOIDED, bank=None):
        return self.ask(bank or self.south, [void(hold)], wanted)

    def play(self):
        self.parts()
        self.ends()
        self.refused_reserves()
        self.refused_captures()
        self.several_legs()
        self.messages()
        self.expires_alone()
        self.expires_in_traffic()
        self.is_forgotten()

    def parts(self):
        """In parts, and above what was reserved."""
        hold = self.hold(leg(A, B, "100"), multi=True, over_capture_bp=1000,
                         end_to_end_id="H-1", remittance="a room \u2014 \"101\"")
        self.told["reserve"] = self.told["reserved"]
        self.told["part"] = self.captured(hold, amount="40.00")
        self.captured(hold, amount="30", final=False)
        self.captured(hold, "CAPTURE_EXCEEDS_RESERVED", amount="40.01")
        self.told["over"] = self.captured(hold, amount="40.00")
        self.captured(hold, "HOLD_ALREADY_CAPTURED")
        self.told["late_void"] = self.voided(hold, "HOLD_ALREADY_CAPTURED")
        hold = self.hold(leg(A, B, "20"), multi=True)
        self.captured(hold, amount="5")
        self.told["final"] = self.captured(hold, amount="6", final=True)
        hold = self.hold(leg(A, B, "20"), multi=True)
        self.captured(hold, bank=self.north)
        self.captured(self.hold(leg(A, B, "3.33")), amount="1.11")
        self.captured(self.hold(over_capture_bp=10000), amount="20")
        self.captured(self.hold(multi=False, guaranteed=False), final=True)

    def ends(self):
        """Void, by the payer, the payee and the operators, and what a guarantee is."""
        hold = self.hold()
        self.told["void"] = self.voided(hold, bank=self.north)
        self.voided(hold, "HOLD_ALREADY_VOIDED")
        self.captured(hold, "HOLD_ALREADY_VOIDED", amount="1")
        self.voided(self.hold())
        hold = self.hold(guaranteed=True)
        self.told["guaranteed"] = self.voided(hold, "NOT_OWNER", bank=self.north)
        self.voided(hold)
        self.history.govern(("void", {"hold": self.hold(guaranteed=True)}), wanted=VOIDED)
        # What is left of a hold of which a part was captured.
        hold = self.hold(multi=True)
        self.captured(hold, amount="2.5")
        self.voided(hold, bank=self.north)

    def refused_reserves(self):
        for debit, credit, amount, wanted in (
            (A, B, "100000", POOR), (A, B, "0.0", "AMOUNT_ZERO"), (A, A, "1", "SELF_TRANSFER"),
            (A, B, "0.001", "PRECISION_EXCEEDED"), (B, A, "1", "NOT_OWNER"),
            (A, "nobody", "1", "ACCOUNT_UNKNOWN"),
            (A, "operators:issuance.EUR", "1", "POSTING_NOT_ALLOWED"),
        ):
            self.hold(leg(debit, credit, amount), wanted=wanted, remittance="refused")
        self.hold(leg(A, B, "1"), leg(A, B, "99999"), leg(A, B, "1"), wanted=POOR)
        self.hold(expires_at=in_seconds(-1), wanted="EXPIRY_INVALID")
        self.hold(expires_at=in_seconds(401 * 86_400), wanted="EXPIRY_INVALID")
        self.hold(over_capture_bp=10001, wanted="OVER_CAPTURE_TOO_HIGH")
        self.too_many()
        # Money that is reserved is not available; nor is what is to come.
        hold = self.hold(leg(A, B, "300"))
        self.history.pay(self.north, A, B, "700.00", POOR)
        self.hold(leg(A, B, "700.00"), wanted=POOR)
        self.history.pay(self.south, B, A, "400.00", POOR)
        self.ask(self.south, [reserve(leg(B, A, "1"), hold=hold)], "HOLD_EXISTS")
        self.ask(self.north, [reserve(leg(A, B, "1"), hold=hold)], "ID_ALREADY_USED")
        self.voided(hold)
        # It has ended, and is still known.
        asked = reserve(leg(B, A, "1"), hold=hold)["reserve"]
        self.history.govern(("reserve", asked), wanted="HOLD_EXISTS", keys=[self.south.key])

    def too_many(self):
        govern, most = self.history.govern, {"name": "holds_max", "value": 1}
        hold = self.hold()
        govern(("set_parameter", most))
        self.hold(wanted="HOLDS_TOO_MANY")
        self.hold(leg(B, A, "1"), bank=self.south)
        self.captured(hold)
        self.voided(self.hold())
        govern(("set_parameter", dict(most, value=0)))

    def refused_captures(self):
        hold = self.hold()
        for amount, wanted in (("0", "AMOUNT_ZERO"), ("0.001", "PRECISION_EXCEEDED"),
                               ("10.01", "CAPTURE_EXCEEDS_RESERVED"),
                               ("79228162514264337593543950335", "AMOUNT_TOO_LARGE")):
            self.captured(hold, wanted, amount=amount)
        self.captured(hold, "HOLD_NOT_MULTI", final=False, amount="1")
        self.captured(client.uuid7(), "HOLD_UNKNOWN")
        # The operators are told of it, and are no party.
        self.history.govern(("capture", {"hold": hold}), wanted="NOT_OWNER")
        govern, suspended = self.history.govern, {"asset": "EUR", "status": "suspended"}
        govern(("set_asset_status", suspended))
        self.captured(hold, "ASSET_SUSPENDED")
        self.hold(wanted="ASSET_SUSPENDED")
        self.ask(self.south, [void(hold)], VOIDED)
        govern(("set_asset_status", dict(suspended, status="active")))
        # Above what is reserved it takes what is available, and there is none.
        account = self.north.open_session() and self.north.get("/v1/accounts/" + A).json
        rest = "%d.%02d" % divmod(cents(account["posted"]) - 1000, 100)
        hold = self.hold(leg(A, B, rest), over_capture_bp=1)
        self.captured(hold, POOR, amount="%d.%02d" % divmod(cents(rest) + 1, 100))
        self.voided(hold)

    def several_legs(self):
        """Both banks pay: both sign what reserves, and either captures."""
        legs = leg(A, B, "5.00"), leg(B, "north:eur.7", "2"), leg(A, "south:eur.7", "1")
        self.hold(*legs, wanted="NOT_OWNER")
        both = {"keys": [self.south.key], "end_to_end_id": "H-2"}
        hold = self.hold(*legs, **both)
        self.captured(hold, "HOLD_HAS_LEGS", amount="1")
        self.told["legs"] = self.captured(hold)
        hold = self.hold(*legs, multi=True, **both)
        self.voided(hold, bank=self.north)
        # Nobody voids the leg of a payer who has not signed, or captures what is not for him.
        own = leg(A, "north:eur.7", "1")
        hold = self.hold(leg(A, B, "1"), own)
        self.captured(hold, "NOT_OWNER")
        self.voided(hold, "NOT_OWNER")
        self.voided(hold, bank=self.north)
        private = self.hold(own)
        self.told["unknown"] = self.captured(private, "HOLD_UNKNOWN")
        self.told["stranger"] = self.voided(private, "HOLD_UNKNOWN")
        self.history.pay(self.north, A, "south:eur.7", "1.00")
        self.captured(private, bank=self.north)
        self.history.pay(self.north, "north:eur.7", A, "2.00")
        self.history.pay(self.south, "south:eur.7", A, "2.00")

    def messages(self):
        """Made and captured in one message; all or nothing; among other instructions."""
        much = lambda: client.transfer(A, B, "EUR", "499999")
        made = reserve(leg(A, B, "7"), multi=True)
        hold = made["reserve"]["id"]
        self.told["hold_aborted"] = self.ask(
            self.north, [made, capture(hold, amount="3"), void(hold), much()],
            ABORTED, ABORTED, ABORTED, POOR, atomic=True)
        self.captured(hold, "HOLD_UNKNOWN")
        made = reserve(leg(A, B, "7"), leg(A, B, "1"), multi=True, debtor_name="N\u00f6rd")
        hold = made["reserve"]["id"]
        pay = client.transfer(A, B, "EUR", "0.50")
        self.ask(self.north, [made, pay, capture(hold), much(), void(hold)],
                 RESERVED, SETTLED, SETTLED, POOR, "HOLD_ALREADY_CAPTURED")
        made = reserve(leg(A, B, "7"), multi=True)
        hold = made["reserve"]["id"]
        self.ask(self.north, [made, capture(hold, amount="6"), void(hold)],
                 RESERVED, SETTLED, VOIDED, atomic=True)

    def expires_alone(self):
        """Nobody sends anything, and the node lets it expire by itself."""
        hold = self.hold(expires_at=in_seconds(0.5))
        self.told["expiry"] = self.told["reserved"] + 1
        self.history.grown(self.told["expiry"] + 1)
        self.captured(hold, "HOLD_EXPIRED")
        self.voided(hold, "HOLD_EXPIRED")
        # One that was voided or captured in time does not expire.
        holds = [self.hold(expires_at=in_seconds(after)) for after in (4, 4, 0.4)]
        self.voided(holds[0])
        self.captured(holds[1], amount="1")
        self.history.grown(self.told["reserved"] + 4)
        self.captured(holds[2], "HOLD_EXPIRED")

    def expires_in_traffic(self):
        """Several of the same moment, one of which has several legs, while others pay."""
        then = in_seconds(0.8)
        holds = [self.hold(expires_at=then) for _ in range(3)]
        holds.append(self.hold(leg(A, B, "1"), leg(A, "south:eur.7", "1"), expires_at=then))
        part = self.hold(expires_at=then, multi=True)
        self.captured(part, amount="4.00")
        self.hold(leg(A, B, "1"), expires_at=in_seconds(3600))
        behind = self.told["reserved"] + 1
        while then > in_seconds(-0.2):
            paid = self.history.pay(self.north, A, B, "0.01")
            if paid > behind:
                self.told["expiries"] = behind
            behind = paid + 1
            time.sleep(0.05)
        self.captured(holds[0], "HOLD_EXPIRED")
        self.captured(part, "HOLD_EXPIRED", amount="1")

    def is_forgotten(self):
        """What ended before the window is as if it had never been, and its id is free for others."""
        past = "%012x" % ((time.time_ns() // 1_000_000) + 25_000)
        made = past[:8] + "-" + past[8:] + client.uuid7()[13:]
        hold = self.hold(hold=made)
        self.voided(hold)
        self.history.govern(("set_parameter", {"name": "window_back_s", "value": 10}))
        time.sleep(10.5)
        self.voided(hold, "HOLD_UNKNOWN")
        self.ask(self.south, [reserve(leg(B, A, "1"), hold=hold)], RESERVED)
        self.voided(hold)
        self.history.govern(("set_parameter", {"name": "window_back_s", "value": 3_600}))

    def open_ones(self):
        """Open while a seal is made; gives what is left to do behind it."""
        some, rest = self.hold(leg(A, B, "9"), multi=True), self.hold(leg(A, "south:eur.7", "1"))
        self.captured(some, amount="2")
        back = self.hold(leg(B, A, "4"), bank=self.south)

        def between_seals():
            self.captured(some, amount="3")
            self.voided(some)
            self.captured(back, bank=self.north)
            self.hold(leg(A, B, "1"), expires_at=in_seconds(0.4))
            self.told["open"] = self.told["reserved"]
            self.hold(leg(B, A, "2"), bank=self.south)
            time.sleep(0.5)

        return between_seals, rest


def cents(amount):
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))
