"""Items of a message against its body (SPEC: Items, Bodies, Private and text parts)."""
from base import Diverged, need, sha
from formats import (CAPTURE, CHARGES, CLEAR, EXCHANGE, MANDATED, NOTICE, RECALL, RESERVE, RETURN, SPLIT,
                     TRANSFER, VALUED, VOID, Instruction, Leg, commitment, text_salt)
from forms import is_told
from waiting import is_set
from instr import (WITH_TEXTS, Body, id_bytes, is_numbered, minor_units, places,
                   read_instruction)

LEG_KINDS = {1: "transfer", 2: "issue", 3: "redeem"}
HELD = {"transfer": TRANSFER, "reserve": RESERVE, "capture": CAPTURE, "void": VOID,
        "cancel": NOTICE, "clear": CLEAR, "return": RETURN, "reverse": RETURN, "recall": RECALL,
        "refuse_recall": RECALL, "split": SPLIT, "quote": RESERVE,
        "suspend_participant": NOTICE}


class Step:
    """The items of one instruction: its number, kind, wish and where they stand."""

    def __init__(self, ordinal, first_item, items):
        self.ordinal, self.first_item, self.items = ordinal, first_item, items
        self.id = items[0].id
        if isinstance(items[0], Leg):
            self.outcome = items[0].outcome
            self.kind, self.wish = self._of_legs()
        else:
            self.outcome = items[0].outcome
            self.kind, self.wish = read_instruction(items[0].json)
            need(id_bytes(self.wish["id"]) == self.id, "id in the JSON of an item")
            need(items[0].text is None or self.kind in WITH_TEXTS, "a text where there is none")
            need(not any(leg.kind in CHARGES and leg.id != self.id for leg in items[1:]
                         if isinstance(leg, Leg) and self.kind != "approve"), "a fee of another")
            for number, leg in enumerate(asked(items[1:]) if self.kind != "approve" else ()):
                # A notice is of the payment that is cancelled.
                one = id_bytes(self.wish["of"]) if self.kind == "cancel" else self.id
                kind = leg.kind
                if self.kind == "suspend_participant":
                    # Which leg of which payment is compared with the rules.
                    need(kind == NOTICE, f"leg {number} behind instruction {ordinal}")
                    continue
                if kind in (MANDATED, VALUED) and self.kind == "transfer":
                    kind = TRANSFER     # what of its kind is stated is compared with the rules
                need((leg.leg, leg.id, kind) == (number, one, self._behind(number)),
                     f"leg {number} behind instruction {ordinal}")
        need(self.id[6] >> 4 == 7 and self.id[8] >> 6 == 2, "the id is no UUIDv7")

    def _behind(self, number):
        """The kind of a leg behind the instruction."""
        if self.kind == "convert":
            return CAPTURE if number == 1 and "quote" in self.wish["at"] else EXCHANGE
        return HELD.get(self.kind)

    @property
    def is_set(self):
        """Is it a transfer whose instruction is an item?"""
        return is_set(self.kind, self.wish) or is_told(self.kind, self.wish)

    @property
    def settled(self):
        """Do the items state legs alone?"""
        return isinstance(self.items[0], Leg)

    @property
    def legs(self):
        """The number of the first leg, and all of them: they may stand behind an instruction."""
        behind = 0 if self.settled else 1
        return self.first_item + behind, self.items[behind:]

    def _of_legs(self):
        first = self.items[0]
        need(first.kind in LEG_KINDS, f"a leg of a hold without instruction {self.ordinal}")
        legs = asked(self.items)
        for number, leg in enumerate(legs):
            need((leg.leg, leg.id, leg.kind, leg.outcome) == (number, first.id, first.kind, 1),
                 f"leg {number} of instruction {self.ordinal}")
        need(all(leg.id == first.id for leg in self.items), "a fee of another")
        kind = LEG_KINDS[first.kind]
        if first.numbered:
            need(kind == "transfer" and len(self.items) == 1 and first.text is None,
                 "what is no leg of a batch")
            return kind, {"legs": [{"debit": first.debit, "credit": first.credit, "asset": None,
                                    "amount": f"{first.amount} minor units"}]}
        if kind == "transfer":
            return kind, {"legs": [{"debit": leg.debit_address, "credit": leg.credit_address,
                                    "asset": leg.asset, "amount": typed(leg.amount, leg.scale)}
                                   for leg in legs]}
        need(len(self.items) == 1 and first.text is None, f"legs of {kind}")
        account = first.credit_address if kind == "issue" else first.debit_address
        return kind, {"account": account, "amount": typed(first.amount, first.scale)}


def asked(items):
    """The legs that somebody asked for: fees are due on them."""
    return [leg for leg in items if not isinstance(leg, Leg) or leg.kind not in CHARGES]


def typed(amount, scale):
    """An amount in minor units as it could have been typed."""
    digits = str(amount).rjust(scale + 1, "0")
    return f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits


def check_batch(index, authorisation, steps):
    """The bytes that were signed are made from the items (SPEC: Binary batch)."""
    first, name = int.from_bytes(steps[0].id, "big"), authorisation.message_id.encode()
    need(first % 2**62 + len(steps) - 1 < 2**62 and 1 <= len(name) <= 64, "no batch has this head")
    body = (b"QTB1" + _le(1, 2) + _le(authorisation.atomic, 2) + _le(len(steps), 4) + bytes(4)
            + _le(authorisation.created, 8) + _le(len(name), 1) + bytes(7) + name.ljust(64, b"\0")
            + steps[0].id + bytes(16))
    for number, step in enumerate(steps):
        _same(index, f"id of record {number}", first + number, int.from_bytes(step.id, "big"))
        debit, credit, amount, reference = _record(step.items[0])
        body += (_le(debit, 8) + _le(credit, 8) + _le(amount, 16) + bytes(16) + _le(1, 2)
                 + bytes(6) + reference + bytes(40))
    _same(index, "hash of the batch made from the items", authorisation.body_hash, sha(body))


def _le(number, length):
    return int(number).to_bytes(length, "little")


def _record(item):
    if isinstance(item, Leg):
        need(item.numbered, "a leg with addresses in a batch")
        return item.debit, item.credit, item.amount, item.reference or bytes(32)
    kind, wish = read_instruction(item.json)
    need(kind == "transfer" and is_numbered(wish) and len(wish["legs"]) == 1 and item.text is None,
         "no record of a batch")
    (leg,) = wish["legs"]
    amount = minor_units(leg["amount"], 0)
    need(amount < 2**128, "amount of a record")
    return leg["debit"], leg["credit"], amount, bytes.fromhex(wish.get("reference", "00" * 32))


def steps_of(items, count):
    """Group items 1 and up by instruction."""
    steps, at = [], 1
    while at < len(items):
        first, end = items[at], at + 1
        need(isinstance(first, (Leg, Instruction)), f"type of item {at}")
        need(first.instruction == len(steps), f"ordinal of item {at}")
        behind = (Leg, Instruction) if _approves(first) else Leg
        while end < len(items) and isinstance(items[end], behind) \
                and items[end].instruction == first.instruction:
            end += 1
        steps.append(Step(len(steps), at, items[at:end]))
        at = end
    need(len(steps) == count, "number of instructions")
    return steps


def _approves(item):
    """May items of other instructions stand behind it?"""
    return isinstance(item, Instruction) and read_instruction(item.json)[0] == "approve"


def check_body(index, data, authorisation, steps, key):
    """The opened body is that of item 0 and of the items with their ordinals."""
    body = Body(data)
    for what in ("message_id", "created", "atomic"):
        _same(index, f"{what} of the body", getattr(authorisation, what), getattr(body, what))
    _same(index, "instructions in the body", len(steps), len(body.instructions))
    for step, (kind, text, words) in zip(steps, body.instructions):
        where = f"instruction {step.ordinal} of the body"
        if step.settled:
            _same(index, f"{where}: kind", step.kind, kind)
            _check_legs(index, where, step, read_instruction(text)[1])
        else:
            _same(index, where, step.items[0].json, text)
        for number, item in enumerate(step.items, step.first_item):
            silent = words is None or isinstance(item, Leg) and item.kind in CHARGES
            due = None if silent else commitment(text_salt(key, number), words)
            _same(index, f"text commitment of item {number}", due, item.text)


def _check_legs(index, where, step, wish):
    need(id_bytes(wish["id"]) == step.id, f"{where}: id")
    if step.kind != "transfer":
        _same(index, f"{where}: account", wish["account"], step.wish["account"])
        legs = [dict(wish)]
    else:
        legs = wish["legs"]
        _same(index, f"{where}: legs", len(legs), len(asked(step.items)))
        for leg, item in zip(legs, asked(step.items)):
            _same(index, f"{where}: accounts", (leg["debit"], leg["credit"], leg["asset"]),
                  (item.debit_address, item.credit_address, item.asset))
    for leg, item in zip(legs, asked(step.items)):
        need(places(leg["amount"]) <= item.scale, f"{where}: decimal places")
        _same(index, f"{where}: amount", minor_units(leg["amount"], item.scale), item.amount)


def _same(index, what, expected, found):
    if expected != found:
        raise Diverged(index, what, expected, found)
