"""Returns, reversals, recalls (chain/SPEC.md, "Returns and recalls")."""

import struct
from collections import namedtuple

import receipt
from whole import limits, words
from whole.book import DAY, SECOND, Refused
from whole.holds import ITEMS_MAX, room, signed
from whole.transfers import RESERVED, usable

# What of a leg of the log is asked for; `at` is (entry, item), and `entry` has the time.
Found = namedtuple("Found", "at time id amount debit credit numbered kind")
Returned = namedtuple("Returned", "owner amount last until")
Recall = namedtuple("Recall", "id at of numbered sender debit credit amount reason index ends")

SETTLED, APPLIED, RECALLED, REFUSED, ENDED = 1, 2, 160, 161, 162
UNKNOWN, OUTDATED, NOT_RETURNABLE, TOO_LATE, ALL_BACK, TOO_MUCH, TOO_MANY = range(163, 170)
OPEN, SAME_ID, RECALLS_TOO_MANY, NO_RECALL = range(170, 174)
PAYMENTS = "transfer", "capture", "queued", "split", "mandated", "valued"
NODES_KEPT, LEVELS_MAX = 256, 63
# Days, but for the last.
LONGEST, USUAL, ANSWER, MOST = 400, 396, 15, 1_000_000


class Edge:
    """The roots of the newest complete subtrees of the log, level by level."""

    def __init__(self):
        self.size, self.levels = 0, []

    def push(self, leaf):
        index, level, node = self.size, 0, leaf
        self.size += 1
        self.keep(level, node)
        while index >> level & 1:
            node = receipt.sha256(b"\x01", self.levels[level][-2], node)
            level += 1
            self.keep(level, node)

    def keep(self, level, node):
        if level == len(self.levels):
            self.levels.append([])
        nodes = self.levels[level]
        nodes.append(node)
        del nodes[:-NODES_KEPT]

    def node(self, level, index):
        """The root of a subtree; refused if the log has not completed it, or has forgotten it."""
        count = self.size >> level
        if index >= count:
            raise Refused(UNKNOWN)
        if count - index > NODES_KEPT:
            raise Refused(OUTDATED)
        return self.levels[level][index - count]


def formed(data):
    """Number of items, index, time and payload root of an entry, if it is one."""
    if len(data) != 120:
        raise Refused(UNKNOWN)
    version, kind, zero, items, index, time = struct.unpack(">BBHIQQ", data[:24])
    founding = index == 0
    if version != 1 or zero or kind > 5 or founding != (kind == 0) \
            or founding and any(data[24:56]) or kind != 4 and any(data[88:]):
        raise Refused(UNKNOWN)
    return items, index, time, data[56:88]


def prove(work, original):
    """Which leg of the log an original is."""
    data = receipt.unb64(original["entry"])
    items, index, time, payload_root = formed(data)
    item, salt, n = receipt.unb64(original["item"]), receipt.unb64(original["salt"]), original["n"]
    way = [receipt.unb64(node) for node in original["item_proof"]]
    try:
        root = receipt.root_from_proof(receipt.leaf_hash(salt + item), n, items, way)
    except receipt.Bad:
        raise Refused(UNKNOWN) from None
    if root != payload_root or len(original["proof"]) > LEVELS_MAX:
        raise Refused(UNKNOWN)
    node, level = receipt.leaf_hash(data), 0
    for sibling in original["proof"]:
        pair = receipt.unb64(sibling), node
        node = receipt.sha256(b"\x01", *(pair if index >> level & 1 else reversed(pair)))
        level += 1
    if work.edge.node(level, index >> level) != node:
        raise Refused(UNKNOWN)
    leg = receipt.parse_item(item)
    if leg["item"] != "leg":
        raise Refused(NOT_RETURNABLE)
    return Found((index, n), time, leg["id"], leg["amount"], leg["debit"], leg["credit"],
                 leg["numbered"], leg["kind"])


def of_kind(found, *kinds):
    if found.kind not in kinds or found.amount == 0:
        raise Refused(NOT_RETURNABLE)


def left(work, found):
    """What is left to give back."""
    seconds = work.book.parameters["return_s"] or USUAL * 86_400
    if work.time > found.time + seconds * SECOND:
        raise Refused(TOO_LATE)
    returned = work.book.returned.get(found.at)
    if returned is None:
        return found.amount
    if returned.amount == found.amount:
        raise Refused(ALL_BACK, detail=returned.last)
    return found.amount - returned.amount


def give_back(work, ordinal, fields):
    found = prove(work, fields["original"])
    of_kind(found, *PAYMENTS)
    if not signed(work, found.credit):
        raise Refused(14)
    move_back(work, ordinal, "return", fields, found)


def reverse(work, ordinal, fields):
    if not work.quorum():
        raise Refused(12)
    if len(work.book.participants["operators"].keys) > 1 and work.operator_keys < 2:
        raise Refused(75)
    found = prove(work, fields["original"])
    of_kind(found, "issue", "redeem")
    move_back(work, ordinal, "reverse", fields, found)


def move_back(work, ordinal, kind, fields, found):
    book = work.book
    debit, credit = book.accounts[found.credit], book.accounts[found.debit]
    usable(book, debit.asset)
    stated = None
    if "amount" in fields:
        stated = words.amount(fields["amount"])
        if stated[0] == 0:
            raise Refused(21)
        stated = book.minor(stated, debit.asset)
    rest = left(work, found)
    amount = rest if stated is None else stated
    if amount > rest:
        raise Refused(TOO_MUCH)
    before = book.returned.get(found.at)
    if before is None and kept(work, debit.owner) >= most(book):
        raise Refused(TOO_MANY)
    room(work, 1)
    work.refuse(ordinal, kind, fields, Refused(SETTLED))
    work.minor((amount, None), debit, credit)
    book.fits(debit.number, debits=amount)
    book.fits(credit.number, credits=amount)
    settles = debit.kind not in RESERVED and credit.kind not in RESERVED
    limits.count(work, debit, credit, amount, amount, settles=settles)
    leg(work, "return", ordinal, fields["id"], (debit, credit, amount),
        ({"debits": amount}, {"credits": amount}), SETTLED, found, fields["reason"])
    done = amount + (before.amount if before else 0)
    book.put(book.returned, found.at,
             Returned(debit.owner, done, work.index, found.time + LONGEST * DAY))
    case = open_recall(book, found.at)
    if case is not None:
        book.put(book.recalls, case.id, None)


def most(book):
    return book.parameters["returns_max"] or MOST


def kept(work, owner):
    """Of how many legs a participant has given something back, that may still be asked for more."""
    return sum(one.owner == owner and one.until >= work.window.floor
               for one in work.book.returned.values())


def leg(work, kind, ordinal, one, move, by, outcome, of, reason):
    """The leg, which names accounts by number where the original does."""
    debit, credit, amount = move
    stated = (None, None) if of.numbered else (debit.address, credit.address)
    original = of.id if isinstance(of, Found) else of.of
    work.leg(kind, ordinal, 0, {"id": one}, debit, credit, amount, by, outcome,
             numbered=of.numbered, debit_address=stated[0], credit_address=stated[1],
             original=(*of.at, original, reason))


def open_recall(book, at):
    for case in book.recalls.values():
        if case is not None and case.at == at:
            return case
    return None


def recall(work, ordinal, fields):
    book, found = work.book, prove(work, fields["original"])
    of_kind(found, *PAYMENTS)
    if not signed(work, found.debit):
        raise Refused(14)
    amount = left(work, found)
    case = open_recall(book, found.at)
    if case is not None:
        raise Refused(OPEN, detail=case.index)
    own = words.id_bytes(fields["id"])
    if book.recalls.get(own) is not None:
        raise Refused(SAME_ID)
    sender = book.accounts[found.debit].owner
    mine = sum(case is not None and case.sender == sender for case in book.recalls.values())
    if mine >= most(book):
        raise Refused(RECALLS_TOO_MANY)
    room(work, 1)
    seconds = book.parameters["recall_s"] or ANSWER * 86_400
    case = Recall(own, found.at, found.id, found.numbered, sender, found.debit, found.credit, amount,
                  fields["reason"], work.index, work.time + seconds * SECOND)
    work.refuse(ordinal, "recall", fields, Refused(RECALLED))
    tell(work, ordinal, fields["id"], case, RECALLED, case.reason)
    book.put(book.recalls, own, case)


def refuse(work, ordinal, fields):
    case = work.book.recalls.get(words.id_bytes(fields["of"]))
    if case is None or not (work.quorum() or signed(work, case.debit) or signed(work, case.credit)):
        raise Refused(NO_RECALL)
    if not signed(work, case.credit):
        raise Refused(14)
    room(work, 1)
    work.refuse(ordinal, "refuse_recall", fields, Refused(APPLIED))
    tell(work, ordinal, fields["id"], case, REFUSED, fields["reason"])
    work.book.put(work.book.recalls, case.id, None)


def tell(work, ordinal, one, case, outcome, reason):
    """A leg that changes nothing, and says what became of a recall."""
    book = work.book
    move = book.accounts[case.debit], book.accounts[case.credit], case.amount
    leg(work, "recall", ordinal, one, move, ({}, {}), outcome, case, reason)


def due(book, time):
    """The recall that ends first, if one does at or before `time`."""
    over = [(case.ends, case.id) for case in book.recalls.values()
            if case is not None and case.ends <= time]
    return book.recalls[min(over)[1]] if over else None


def on_time(work):
    """Recalls that end, soonest first, as many as an entry has room for."""
    ordinal = 0
    while len(work.done) < ITEMS_MAX and (case := due(work.book, work.time)) is not None:
        tell(work, ordinal, words.id_text(case.id), case, ENDED, case.reason)
        work.book.put(work.book.recalls, case.id, None)
        ordinal += 1
    return ordinal


KINDS = {"return": give_back, "reverse": reverse, "recall": recall, "refuse_recall": refuse}
