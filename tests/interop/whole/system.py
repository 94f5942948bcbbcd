"""Item 0 of the entries that the node makes by rule (chain/SPEC.md, "Items")."""

import receipt
from whole.found import Diverges, same

SYSTEM = "application/vnd.quittance.system"


def check(entry, items):
    """Nobody asked, and nobody signed."""
    who, index = items[0], entry.index
    same(index, "item 0 of a system entry", (
        "operators", SYSTEM, "system-%d" % index, False, 0, [], receipt.sha256().hex(), entry.time,
    ), (who["submitter"], who["content_type"], who["message_id"], who["atomic"],
        who["instructions"], who["signatures"], who["body_hash"].hex(), who["created"]))
    for n, item in enumerate(items[1:], 1):
        if item["item"] != "leg" or item["kind"] != "expire":
            raise Diverges(index, "item %d" % n, "a leg of a hold that expires", item["item"])
    if len(items) == 1:
        raise Diverges(index, "the items", "a hold that expires", "none")
