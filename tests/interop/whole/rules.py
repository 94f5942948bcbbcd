"""What becomes of a message (chain/SPEC.md, "Ledger"): every outcome and every leg, in order."""

from whole import govern, words
from whole.batch import BATCH
from whole.book import FLOORED, MINOR_MAX, Refused, Unjudged

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

    def quorum(self):
        return 0 in self.signers

    def message(self, message):
        self.book.journal.clear()
        self.numbered = message.who["content_type"] == BATCH
        for ordinal, (kind, fields) in enumerate(message.instructions):
            self.stated = message.stated[ordinal]
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
        used = self.use_id(fields)
        if used is not None:
            return Refused(ID_USED, detail=used)
        mark, done = len(self.book.journal), len(self.done)
        try:
            if kind in MONEY:
                MONEY[kind](self, ordinal, fields)
            else:
                detail = govern.carry_out(self, kind, fields)
                self.refuse(ordinal, kind, fields, Refused(APPLIED, detail=detail))
            return None
        except (Refused, Unjudged) as refused:
            self.book.revert(mark)
            del self.done[done:]
            if isinstance(refused, Unjudged):
                raise
            return refused

    def use_id(self, fields):
        """An id is used up by whatever becomes of its instruction."""
        key = words.id_bytes(fields["id"])
        used = self.window.ids.get((self.submitter, key))
        if used is None:
            self.window.use(self.submitter, key, words.id_time(key), self.index)
        return used

    def believe(self):
        """What cannot be judged is taken as it stands, and counted."""
        self.unjudged += 1
        return Refused(*self.stated)

    def abort(self, message, refused_at, refused):
        """All or nothing: the one that was refused keeps its reason."""
        self.book.revert(0)
        self.done = []
        for ordinal, (kind, fields) in enumerate(message.instructions):
            if ordinal > refused_at:
                self.use_id(fields)
            reason = refused if ordinal == refused_at else Refused(ABORTED)
            self.refuse(ordinal, kind, fields, reason)

    def refuse(self, ordinal, kind, fields, refused):
        self.done.append({
            "item": "instruction", "instruction": ordinal, "outcome": refused.outcome,
            "leg": 0xFFFF if refused.leg is None else refused.leg,
            "id": words.id_bytes(fields["id"]), "detail": refused.detail,
            "json": words.canonical(kind, fields),
        })

    def post(self, kind, ordinal, leg, fields, debit, credit, amount):
        """Checks and posts one leg."""
        book = self.book
        if amount[0] == 0:
            raise Refused(21)
        amount = book.minor(amount, debit.asset)
        if debit.closed or credit.closed:
            raise Refused(24)
        most = debit.limits.per_transfer_max
        if most is not None and amount > book.minor(most, debit.asset):
            raise Refused(25)
        if debit.kind in FLOORED and amount > max(0, book.available(debit)):
            raise Refused(26)
        (d0, c0), (d1, c1) = book.counters[debit.number], book.counters[credit.number]
        if d0 + amount > MINOR_MAX or c1 + amount > MINOR_MAX:
            raise Refused(27)
        changes = []
        for account, counters in ((debit.number, (d0 + amount, c0)),
                                  (credit.number, (d1, c1 + amount))):
            changes.append((account, counters, book.last.get(account)))
            book.put(book.counters, account, counters)
            book.put(book.last, account, (self.index, len(self.done) + 1))
        stated = [None if self.numbered else account.address for account in (debit, credit)]
        reference = fields.get("reference")
        self.done.append({
            "item": "leg", "kind": kind, "instruction": ordinal, "leg": leg, "outcome": SETTLED,
            "id": words.id_bytes(fields["id"]), "scale": book.scales.get(debit.asset),
            "amount": amount, "debit": debit.number, "credit": credit.number,
            "asset": book.assets[debit.asset].id, "numbered": self.numbered,
            "debit_address": stated[0], "credit_address": stated[1],
            "reference": bytes.fromhex(reference) if reference else None, "changes": changes,
        })


def transfer(work, ordinal, fields):
    """By authority of all debited owners, before anything else is looked at."""
    book, not_owned, legs = work.book, None, []
    for n, leg in enumerate(fields["legs"]):
        debit, credit = book.account(leg["debit"]), book.account(leg["credit"])
        if debit is None or credit is None:
            raise Refused(13, n)
        if not_owned is None and debit.owner not in work.signers:
            not_owned = n
        legs.append((leg, debit, credit))
    if not_owned is not None:
        raise Refused(14, not_owned)
    for n, (leg, debit, credit) in enumerate(legs):
        try:
            check_leg(book, leg.get("asset"), debit, credit)
            work.post("transfer", ordinal, n, fields, debit, credit, words.amount(leg["amount"]))
        except Refused as refused:
            raise Refused(refused.outcome, n) from None


def check_leg(book, asset, debit, credit):
    if asset is not None and asset != book.assets[debit.asset].id:
        raise Refused(16 if asset in book.asset_ids else 15)
    if credit.asset != debit.asset:
        raise Refused(16)
    usable(book, debit.asset)
    if debit.number == credit.number:
        raise Refused(19)
    if "issuance" in (debit.kind, credit.kind):
        raise Refused(20)


def usable(book, asset):
    status = book.assets[asset].status
    if status != "active":
        raise Refused({"retired": 17, "suspended": 18}[status])


def funds(work, fields, owner_too):
    if not work.quorum():
        raise Refused(12)
    account = work.book.account(fields["account"])
    if account is None:
        raise Refused(13)
    if owner_too and account.owner not in work.signers:
        raise Refused(14)
    usable(work.book, account.asset)
    if account.kind == "issuance":
        raise Refused(20)
    issuance = work.book.accounts[work.book.assets[account.asset].issuance]
    return account, issuance, words.amount(fields["amount"])


def issue(work, ordinal, fields):
    account, issuance, amount = funds(work, fields, False)
    work.post("issue", ordinal, 0, fields, issuance, account, amount)


def redeem(work, ordinal, fields):
    account, issuance, amount = funds(work, fields, True)
    work.post("redeem", ordinal, 0, fields, account, issuance, amount)


MONEY = {"transfer": transfer, "issue": issue, "redeem": redeem}
