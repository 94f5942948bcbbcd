"""From items back to the message that they came of."""

import json

from whole import forms, queues, words
from whole.batch import BATCH
from whole.found import Diverges, same
from whole.rules import Message

NAMED = {"issue": "credit", "redeem": "debit"}
HELD = {"reserve", "capture", "void", "expire", "queued", "notice", "clear", "net", "draw", "return",
        "recall", "split", "mandated", "exchange", "valued", "fee", "fee_tax"}
# Behind which instructions legs stand whose kind is not that of the one instruction.
BEHIND = {"notice": {"cancel", "suspend_participant"}, "return": {"return", "reverse"},
          "recall": {"recall", "refuse_recall"}, "mandated": {"transfer"}, "valued": {"transfer"},
          "reserve": {"reserve", "quote"}, "capture": {"capture", "convert"},
          "exchange": {"convert"}, "fee": {"transfer", "capture"},
          "fee_tax": {"transfer", "capture"}}


def message_of(index, items):
    """Legs and instructions in order, as the instructions of one message."""
    instructions, stated = [], []
    is_batch = items[0]["content_type"] == BATCH
    for n, item in enumerate(items[1:], 1):
        if is_carried_out(item, instructions):
            continue
        if item["item"] == "leg":
            if item["original"] is None:
                same(index, "item %d, a leg of a batch" % n, is_batch, item["numbered"])
            if item["kind"] in HELD or is_told(item, instructions):
                held_leg(index, n, item, instructions)
                continue
            add_leg(index, n, item, instructions, stated)
        elif item["item"] == "instruction":
            add_instruction(index, n, item, instructions, stated)
        else:
            raise Diverges(index, "item %d" % n, "a leg or an instruction", item["item"])
    same(index, "the number of instructions", items[0]["instructions"], len(instructions))
    return Message(items[0], instructions, stated)


def add_leg(index, n, item, instructions, stated):
    what, amount = "item %d" % n, "%d minor units" % item["amount"]
    leg = {"debit": item["debit"], "credit": item["credit"], "amount": amount}
    uuid = words.id_text(item["id"])
    if item["kind"] == "transfer" and item["leg"] > 0:
        kind, fields = instructions[-1] if instructions else (None, {})
        legs = fields.get("legs", [])
        expected = (len(instructions) - 1, "transfer", fields.get("id"), len(legs))
        same(index, what + ", a further leg", expected,
             (item["instruction"], kind, uuid, item["leg"]))
        legs.append(leg)
        return
    same(index, what + ", its place", (len(instructions), 0), (item["instruction"], item["leg"]))
    if item["kind"] == "transfer":
        fields = {"id": uuid, "legs": [leg]}
        if item["reference"] is not None:
            fields["reference"] = item["reference"].hex()
    else:
        fields = {"id": uuid, "account": item[NAMED[item["kind"]]], "amount": amount}
    instructions.append((item["kind"], fields))
    stated.append((item["outcome"],))


def held_leg(index, n, item, instructions):
    """It stands behind its instruction, which says all that was asked for; what is in it is made
    again and compared."""
    kind = instructions[-1][0] if instructions else None
    same(index, "item %d, a leg of a hold, its place" % n, len(instructions) - 1,
         item["instruction"])
    if kind not in BEHIND.get(item["kind"], {item["kind"]}):
        raise Diverges(index, "item %d, a leg of a hold, its place" % n, "behind its instruction", kind)


def is_carried_out(item, instructions):
    """It stands behind an approval that completed a proposal; it is made again and compared."""
    return (instructions and instructions[-1][0] == "approve"
            and item.get("instruction") == len(instructions) - 1
            and item["item"] in ("leg", "instruction"))


def is_told(item, instructions):
    """A leg of a transfer whose instruction is an item before it."""
    here = len(instructions) - 1 == item["instruction"] and item["kind"] == "transfer"
    return here and (queues.is_set(*instructions[-1]) or forms.is_told(*instructions[-1]))


def add_instruction(index, n, item, instructions, stated):
    what = "item %d" % n
    same(index, what + ", its place", len(instructions), item["instruction"])
    try:
        (kind, fields), = json.loads(item["json"]).items()
        again, key = words.canonical(kind, fields), words.id_bytes(fields["id"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Diverges(index, what, "an instruction", repr(error)) from None
    same(index, what + ", the form of its JSON", again, item["json"])
    same(index, what + ", its id", key, item["id"])
    instructions.append((kind, fields))
    leg = None if item["leg"] == 0xFFFF else item["leg"]
    stated.append((item["outcome"], leg, item["detail"]))
