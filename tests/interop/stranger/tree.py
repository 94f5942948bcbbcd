"""Merkle tree and its proofs (SPEC: Tree; RFC 6962, RFC 9162)."""
from base import Malformed, need, sha


def leaf(data):
    """Hash of a leaf."""
    return sha(b"\x00", data)


def node(left, right):
    """Hash of two subtrees."""
    return sha(b"\x01", left, right)


def root(leaves):
    """Root over leaf hashes."""
    if not leaves:
        return sha()
    level = list(leaves)
    while len(level) > 1:
        pairs = [node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1:]
    return level[0]


def proven_root(leaf_hash, index, size, proof):
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    need(0 <= index < size, "index not below the size")
    first, last, value = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise Malformed("a hash of the proof too many")
        if first & 1 or first == last:
            value = node(sibling, value)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            value = node(value, sibling)
        first, last = first >> 1, last >> 1
    need(last == 0, "a hash of the proof too few")
    return value
