"""The other half of a log: items and bodies, against what the entries commit to."""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import receipt
from whole.batch import BATCH
from whole.export import formed
from whole.found import Diverges, same
from whole.system import SYSTEM
from whole.tree import root_of

sha256 = hashlib.sha256
NONCE = bytes(12)


def items_of(entry, record):
    """The items of an entry, read, after its payload root was computed from them."""
    index = entry.index
    same(index, "the number of items", entry.items, len(record.items))
    leaves = []
    for n, data in enumerate(record.items):
        salt = sha256(b"\x10" + record.salt + n.to_bytes(4, "big")).digest()
        leaves.append(sha256(b"\0" + salt + data).digest())
    same(index, "the root over the items", entry.payload_root, root_of(leaves))
    items = [formed(index, "item %d" % n, receipt.parse_item, data)
             for n, data in enumerate(record.items)]
    if items[0]["item"] != "authorisation":
        raise Diverges(index, "item 0", "an authorisation", items[0]["item"])
    for item, data in zip(items, record.items):
        item["bytes"] = data
    return items


def body_of(record, who, key):
    """The body, opened; None if there is none, or no key."""
    index = record.index
    if who["content_type"] in (BATCH, SYSTEM) and record.sealed_body is not None:
        raise Diverges(index, "the sealed body", "none, for a batch keeps none", "one")
    if key is None:
        return None
    if record.sealed_body is None:
        raise Diverges(index, "the body's key", "none, for there is no body", "a key")
    try:
        body = AESGCM(key).decrypt(NONCE, record.sealed_body, None)
    except InvalidTag:
        raise Diverges(index, "the sealed body", "to open under its key",
                       "a changed byte or key") from None
    same(index, "the hash of the body", who["body_hash"], sha256(body).digest())
    return body
