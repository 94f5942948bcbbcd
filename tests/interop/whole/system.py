"""Item 0 of the entries that the node makes by rule (chain/SPEC.md, "Items")."""

import receipt
from whole.found import Diverges, same

# What an instruction item of a system entry may state.
NOTICES = (90, 100, 101, 120, 121, 122, 123, 124, 202)
SYSTEM = "application/vnd.quittance.system"


def check(entry, items):
    """Nobody asked, and nobody signed."""
    who, index = items[0], entry.index
    same(index, "item 0 of a system entry", (
        "operators", SYSTEM, "system-%d" % index, False, 0, [], receipt.sha256().hex(), entry.time,
    ), (who["submitter"], who["content_type"], who["message_id"], who["atomic"],
        who["instructions"], who["signatures"], who["body_hash"].hex(), who["created"]))
    for n, item in enumerate(items[1:], 1):
        leg = item["item"] == "leg" and item["kind"] in (
            "expire", "queued", "notice", "net", "draw", "recall", "fee", "fee_tax", *receipt.MONTHLY)
        if not leg and item.get("outcome") not in NOTICES:
            raise Diverges(index, "item %d" % n, "what nobody asks for", item["item"])
    if len(items) == 1:
        raise Diverges(index, "the items", "something that was due", "none")
