"""What becomes of a message (chain/SPEC.md, "Ledger"): every outcome and every leg, in order."""

from whole import (
    cycles, days, fees, forms, fx, govern, holds, limits, proposals, queues, reservations, returns,
    standing, transfers, words,
)
from whole.batch import BATCH
from whole.book import FLOORED, Refused, Unjudged
from whole.found import Diverges

SETTLED, APPLIED, ABORTED, ID_USED = 1, 2, 10, 11


class Message:
    """What was asked for: instructions as (kind, fields), each with its id."""

    def __init__(self, who, instructions, stated):
        self.who, self.instructions, self.stated = who, instructions, stated


class Work:
    """A message while it is carried out. `done` are the items that come of it."""

    def __init__(self, book, window, times, submitter, signers):
        self.book, self.window, self.times = book, window, times
        self.index, self.time = len(times) - 1, times[-1]
        self.submitter, self.signers = submitter, signers
        self.done, self.unjudged, self.stated = [], 0, None
        self.numbered = False   # a batch: its legs state no addresses
        self.operator_keys = 0  # distinct keys of theirs that signed
        self.keys = set()       # (participant, key name, key id) of those that signed
        self.agreed = False     # whether what is carried out was proposed
        self.behind = []        # the instructions behind the one at hand
        self.at = (), 0         # all of them, and which is at hand
        self.edge = None        # what is known of the hashes of the log

    def quorum(self):
        return 0 in self.signers

    def message(self, message):
        self.book.journal.clear()
        self.numbered = message.who["content_type"] == BATCH
        for ordinal, (kind, fields) in enumerate(message.instructions):
            self.stated = message.stated[ordinal]
            self.at = message.instructions, ordinal
            if (kind in holds.KINDS or kind in queues.KINDS or kind in returns.KINDS
                    or kind in standing.KINDS
                    or kind == "approve" or queues.is_set(kind, fields)):
                self.look_behind()
            try:
                refused = self.instruction(ordinal, kind, fields)
            except Unjudged:
                refused = self.believe()
            if refused is None:
                continue
            if message.who["atomic"]:
                self.abort(message, ordinal, refused)
                return
            self.refuse(ordinal, kind, fields, refused)

    def instruction(self, ordinal, kind, fields):
        """Carries one out; gives the refusal, after everything that it did is undone."""
        used = self.use_ids(kind, fields)
        if used is not None:
            return Refused(ID_USED, detail=used)
        mark, done = len(self.book.journal), len(self.done)
        try:
            self.carry(ordinal, kind, fields)
            return None
        except (Refused, Unjudged) as refused:
            self.book.revert(mark)
            del self.done[done:]
            if isinstance(refused, Unjudged):
                raise
            return refused

    def carry(self, ordinal, kind, fields):
        """What it does, or a refusal."""
        if queues.is_set(kind, fields) or kind == "transfer" and self.waits(fields):
            queues.transfer(self, ordinal, fields)
            return
        if forms.is_told(kind, fields):
            forms.transfer(self, ordinal, fields)
            return
        for kinds in (queues.KINDS, MONEY, cycles.KINDS, holds.KINDS, returns.KINDS,
                      proposals.KINDS, forms.KINDS, fx.KINDS, standing.KINDS,
                      reservations.KINDS):
            if kind in kinds:
                kinds[kind](self, ordinal, fields)
                return
        detail = govern.carry_out(self, kind, fields)
        self.refuse(ordinal, kind, fields, Refused(APPLIED, detail=detail))

    def use_ids(self, kind, fields):
        """Its own id, and those of what it proposes; gives the first entry that used one."""
        used = [self.use_id({"id": one}) for one in proposals.ids([(kind, fields)])]
        return next((index for index in used if index is not None), None)

    def look_behind(self):
        instructions, ordinal = self.at
        self.behind = instructions[ordinal + 1:]

    def waits(self, fields):
        """Whether what is no set waits for its day, as one; a record of a batch never does."""
        if not self.book.calendars:
            return False
        pairs = [pair[1:] for pair in forms.mandated(self, fields)[0]]
        forms.conditions(self, fields)
        if self.numbered:
            (debit, credit), = pairs
            if not days.open_to(self.book, [debit.asset], (debit, credit)):
                raise Refused(days.PASSED, 0)
            return False
        self.look_behind()
        return days.timing(self, fields, pairs) is not None

    def use_id(self, fields):
        """An id is used up by whatever becomes of its instruction."""
        key = words.id_bytes(fields["id"])
        used = self.window.ids.get((self.submitter, key))
        if used is None:
            self.window.use(self.submitter, key, words.id_time(key), self.index)
        return used

    def believe(self):
        """A refusal that cannot be judged is taken as it stands, and counted."""
        if self.stated[0] < ABORTED:
            raise Diverges(self.index, "an outcome", "a refusal", self.stated[0])
        self.unjudged += 1
        return Refused(*self.stated)

    def abort(self, message, refused_at, refused):
        """All or nothing: the one that was refused keeps its reason."""
        self.book.revert(0)
        self.done = []
        for ordinal, (kind, fields) in enumerate(message.instructions):
            if ordinal > refused_at:
                self.use_ids(kind, fields)
            reason = refused if ordinal == refused_at else Refused(ABORTED)
            self.refuse(ordinal, kind, fields, reason)

    def refuse(self, ordinal, kind, fields, refused):
        self.done.append({
            "item": "instruction", "instruction": ordinal, "outcome": refused.outcome,
            "leg": 0xFFFF if refused.leg is None else refused.leg,
            "id": words.id_bytes(fields["id"]), "detail": refused.detail,
            "json": words.canonical(kind, fields),
        })

    def minor(self, amount, debit, credit):
        """An amount in minor units, if the one account may be debited by it for the other."""
        book = self.book
        if amount[0] == 0:
            raise Refused(21)
        amount = book.minor(amount, debit.asset)
        if debit.closed or credit.closed:
            raise Refused(24)
        limits.may_join(self, debit, credit)
        most = debit.limits.per_transfer_max
        if most is not None and amount > book.minor(most, debit.asset):
            raise Refused(25)
        if not self.affords(debit, amount):
            raise Refused(26)
        return amount

    def affords(self, account, amount):
        if account.kind not in FLOORED:
            return True
        own = reservations.free(self, account)
        return amount <= own and not queues.kept(self.book, account.number)

    def post(self, kind, ordinal, leg, fields, debit, credit, amount):
        """Checks and posts one leg."""
        amount = self.minor(amount, debit, credit)
        self.book.fits(debit.number, debits=amount)
        self.book.fits(credit.number, credits=amount)
        if self.numbered and fees.rule_for(self, debit, credit) is not None:
            raise Refused(fees.NOT_IN_BATCH)
        limits.count(self, debit, credit, amount, amount, settles=kind == "transfer")
        self.leg(kind, ordinal, leg, fields, debit, credit, amount,
                 ({"debits": amount}, {"credits": amount}))
        left = len(fields.get("legs", ())) - leg - 1
        fees.charge(self, ordinal, leg, fields, debit, credit, amount, left)

    def leg(self, kind, ordinal, leg, fields, debit, credit, amount, by, outcome=SETTLED, **more):
        """Changes both accounts, and makes the item that says so."""
        book, at = self.book, (self.index, len(self.done) + 1)
        changes = [book.change(account.number, at, **counters)
                   for account, counters in zip((debit, credit), by)]
        stated = [None if self.numbered else account.address for account in (debit, credit)]
        reference = fields.get("reference")
        self.done.append({
            "item": "leg", "kind": kind, "instruction": ordinal, "leg": leg, "outcome": outcome,
            "id": words.id_bytes(fields["id"]), "scale": book.scales.get(debit.asset),
            "amount": amount, "debit": debit.number, "credit": credit.number,
            "asset": book.assets[debit.asset].id, "numbered": self.numbered,
            "debit_address": stated[0], "credit_address": stated[1],
            "reference": bytes.fromhex(reference) if reference else None,
            "hold": None, "unreserved": None, "since": None, "model": None, "window": None,
            "original": None,
            "mandate": None, "at": None, "residue": None, "value_date": None, "month": None,
            "changes": changes, **more,
        })


MONEY = {"transfer": transfers.transfer, "issue": transfers.issue, "redeem": transfers.redeem}
