"""Entries, items, private parts, salts (SPEC: Entry, Items, Seals)."""
import math
import re
from dataclasses import dataclass, field

import tree
from base import U32_ALL_ONES, U64_ALL_ONES, ZERO_HASH, Reader, need, read_json, sha, u, utf8

GENESIS, SUBMISSION, SYSTEM, KEY, SEAL, ERASURE = range(6)
PARTICIPANT = re.compile(r"[a-z0-9-]{1,32}")
MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
NO_LEG = 0xFFFF
# Kinds of legs, and the outcome that each states.
TRANSFER, ISSUE, REDEEM, RESERVE, CAPTURE, VOID, EXPIRE, QUEUED, NOTICE, CLEAR, NET = range(1, 12)
DRAW = 14
SPLIT, MANDATED, RETURN, RECALL, EXCHANGE, FEE, FEE_TAX = range(16, 23)
PERIOD_FEE, PERIOD_TAX, OWED, VALUED = range(23, 27)
LEG_OUTCOMES = {TRANSFER: (1,), ISSUE: (1,), REDEEM: (1,), RESERVE: (3,), CAPTURE: (1,),
                VOID: (4,), EXPIRE: (5,), QUEUED: (1,), NOTICE: (6, 84, 85, 132, 208, 216), CLEAR: (102,),
                NET: (1,), DRAW: (1,), SPLIT: (1,), MANDATED: (1,), RETURN: (1,), RECALL: (160, 161, 162),
                EXCHANGE: (1,), VALUED: (1,), FEE: (1,), FEE_TAX: (1,),
                PERIOD_FEE: (1,), PERIOD_TAX: (1,), OWED: (201,)}
# What is due on other legs: nobody asks for it.
CHARGES = (FEE, FEE_TAX)
REASON = re.compile(r"[A-Z0-9]{4}")


@dataclass(frozen=True)
class Entry:
    """One leaf of the log."""

    kind: int
    items: int
    index: int
    time: int
    prev: bytes
    payload_root: bytes
    aux: bytes
    data: bytes

    @staticmethod
    def read(data):
        """Read the 120 bytes."""
        need(len(data) == 120, "an entry has 120 bytes")
        r = Reader(data)
        need(r.number(1) == 1, "version of the entry")
        kind = r.number(1)
        need(kind <= ERASURE, "kind of the entry")
        need(r.number(2) == 0, "reserved bytes of the entry")
        entry = Entry(kind, r.number(4), r.number(8), r.number(8), r.take(32), r.take(32),
                      r.take(32), data)
        need((kind == GENESIS) == (entry.index == 0), "genesis is entry 0 and only it")
        need(entry.index > 0 or entry.prev == ZERO_HASH, "genesis with an entry before")
        need(kind == SEAL or entry.aux == ZERO_HASH, "aux outside a seal")
        return entry

    @property
    def leaf(self):
        """Leaf hash of the entry."""
        return tree.leaf(self.data)


@dataclass
class Authorisation:
    """Item of type 0."""

    atomic: bool
    submitter: str
    content_type: str
    body_hash: bytes
    created: int
    message_id: str
    instructions: int
    signatures: list


@dataclass
class Leg:
    """Item of type 1."""

    kind: int
    instruction: int
    leg: int
    outcome: int
    id: bytes
    scale: int
    amount: int
    debit: int
    credit: int
    asset: str
    numbered: bool
    debit_address: str | None
    credit_address: str | None
    reference: bytes | None
    hold: bytes | None
    unreserved: int | None
    since: int | None
    model: str | None
    window: int | None
    original: tuple | None
    mandate: bytes | None
    at: bytes | None
    residue: tuple | None
    value_date: int | None
    month: int | None
    text: bytes | None
    private: list


@dataclass
class Instruction:
    """Item of type 2."""

    instruction: int
    outcome: int
    leg: int
    id: bytes
    detail: int
    json: str
    text: bytes | None


@dataclass
class Genesis:
    """Item of type 3."""

    json: str


@dataclass
class SealTotals:
    """What a seal says of one asset."""

    asset: str
    scale: int
    accounts: int
    sums: list
    issued: int
    redeemed: int


@dataclass
class SealItem:
    """Item of type 4."""

    size: int
    secret: bytes
    accounts: int
    assets: list = field(default_factory=list)


def read_item(data):
    """Read an item of any type."""
    r = Reader(data)
    need(r.number(1) == 1, "version of the item")
    kind = r.number(1)
    readers = {0: _authorisation, 1: _leg, 2: _instruction, 4: _seal,
               3: lambda r: Genesis(r.text(4))}
    need(kind in readers, "type of the item")
    item = readers[kind](r)
    r.end()
    return item


def _flag(r):
    flags = r.number(1)
    need(flags <= 1, "unknown flags of an item")
    return flags == 1


def _authorisation(r):
    item = Authorisation(_flag(r), r.text(), r.text(), r.take(32), r.number(8), r.text(),
                         r.number(4), [])
    need(PARTICIPANT.fullmatch(item.submitter) is not None, "bad submitter")
    need(MIME.fullmatch(item.content_type) is not None and len(item.content_type) <= 127,
         "bad content type")
    for _ in range(r.number(1)):
        item.signatures.append((r.text(), r.take(4), r.take(64)))
    return item


def _leg(r):
    kind = r.number(1)
    need(kind in LEG_OUTCOMES, "kind of the leg")
    flags = r.number(1)
    need(flags < 8 and flags & 6 != 4, "unknown flags of a leg")
    has_text, numbered, has_reference = flags & 1 > 0, flags & 2 > 0, flags & 4 > 0
    item = Leg(kind, r.number(4), r.number(2), r.number(2), r.take(16), r.number(1),
               r.number(16), r.number(8), r.number(8), r.text(), numbered,
               None if numbered else r.text(), None if numbered else r.text(),
               r.take(32) if has_reference else None,
               r.take(16) if kind in (CAPTURE, VOID) else None,
               r.number(16) if kind == CAPTURE else None,
               r.number(8) if kind in (QUEUED, NOTICE) else None,
               r.text() if kind in (CLEAR, NET, DRAW) else None,
               r.number(8) if kind in (CLEAR, NET, DRAW) else None,
               _original(r) if kind in (RETURN, RECALL) else None,
               r.take(16) if kind == MANDATED else None,
               r.take(16) if kind == EXCHANGE else None,
               (r.number(16), r.number(16)) if kind == EXCHANGE else None,
               r.number(4) if kind == VALUED else None,
               r.number(4) if kind in (PERIOD_FEE, PERIOD_TAX, OWED) else None,
               r.take(32) if has_text else None, [])
    need(item.outcome in LEG_OUTCOMES[kind], "outcome of the leg")
    need(kind in (TRANSFER, RETURN, RECALL) or not numbered,
         "a leg of a batch that is no transfer")
    need(item.reference != ZERO_HASH, "a reference of zeros")
    need(item.amount < 2**96, "amount of the leg")
    need((item.value_date or 0) <= 157_053, "value date of the leg")
    need(item.month is None or 197_001 <= item.month <= 239_912 and 0 < item.month % 100 < 13,
         "month of the leg")
    need(item.model is None or PARTICIPANT.fullmatch(item.model) is not None, "name of a model")
    part, whole = item.residue or (0, 1)
    need(part < whole and math.gcd(part, whole) == 1, "residue of the leg")
    need(r.number(1) == 2, "a leg has two private parts")
    item.private = [r.take(32), r.take(32)]
    return item


def _original(r):
    of = r.number(8), r.number(4), r.take(16), utf8(r.take(4))
    need(of[1] > 0 and REASON.fullmatch(of[3]) is not None, "which leg a leg is about")
    return of


def _instruction(r):
    has_text = _flag(r)
    return Instruction(r.number(4), r.number(2), r.number(2), r.take(16), r.number(8), r.text(4),
                       r.take(32) if has_text else None)


def _seal(r):
    item = SealItem(r.number(8), r.take(32), r.number(8))
    for _ in range(r.number(4)):
        item.assets.append(SealTotals(r.text(), r.number(1), r.number(8),
                                      [r.number(16) for _ in range(4)], r.number(16),
                                      r.number(16)))
    return item


def _last(entry, item):
    need((entry == U64_ALL_ONES) == (item == U32_ALL_ONES), "half a last item")
    return None if entry == U64_ALL_ONES else (entry, item)


def _write_last(last):
    entry, item = last or (U64_ALL_ONES, U32_ALL_ONES)
    return u(entry, 8) + u(item, 4)


@dataclass
class Private:
    """A private part."""

    account: int
    counters: list
    previous: tuple | None

    @staticmethod
    def read(data):
        """Read the 84 bytes."""
        r = Reader(data)
        part = Private(r.number(8), [r.number(16) for _ in range(4)],
                       _last(r.number(8), r.number(4)))
        r.end()
        return part

    def write(self):
        """The 84 bytes."""
        counters = b"".join(u(n, 16) for n in self.counters)
        return u(self.account, 8) + counters + _write_last(self.previous)


@dataclass
class SealedAccount:
    """What a seal commits to of one account."""

    size: int
    accounts: int
    number: int
    asset: str
    scale: int
    address: str
    counters: list
    last: tuple | None

    @staticmethod
    def read(data):
        """Read a sealed account."""
        r = Reader(data)
        need(r.number(1) == 1, "version of a sealed account")
        account = SealedAccount(r.number(8), r.number(8), r.number(8), r.text(), r.number(1),
                                r.text(), [r.number(16) for _ in range(4)],
                                _last(r.number(8), r.number(4)))
        r.end()
        need(account.number < account.accounts, "number of a sealed account")
        return account

    def write(self):
        """The bytes of a sealed account."""
        asset, address = self.asset.encode(), self.address.encode()
        return b"".join([b"\x01", u(self.size, 8), u(self.accounts, 8), u(self.number, 8),
                         u(len(asset), 1), asset, u(self.scale, 1), u(len(address), 1), address,
                         *(u(n, 16) for n in self.counters), _write_last(self.last)])


def item_salt(salt, number):
    """Salt of an item."""
    return sha(b"\x10", salt, u(number, 4))


def private_salt(salt, number, k):
    """Salt of private part k of an item."""
    return sha(b"\x11", salt, u(number, 4), u(k, 2))


def commitment(salt, part):
    """Commitment to a private or text part."""
    return sha(b"\x12", salt, part)


def text_salt(key, number):
    """Salt of the text part of an item."""
    return sha(b"\x13", key, u(number, 4))


def sealed_salt(secret, account):
    """Salt of an account under a seal."""
    return sha(b"\x14", secret, u(account, 8))


def item_leaf(salt, item):
    """Leaf of an item under the payload root, from the item's own salt."""
    return tree.leaf(salt + item)


def genesis_document(item):
    """The fields of a genesis document."""
    return read_json(item.json)
