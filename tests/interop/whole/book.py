"""The ledger's book: participants, assets, accounts, parameters; every change can be undone."""

from collections import namedtuple
from heapq import heappop, heappush

Participant = namedtuple("Participant", "number id role keys threshold")
Key = namedtuple("Key", "name id public revoked")
Asset = namedtuple("Asset", "number id status issuance")
Account = namedtuple("Account", "number address owner kind asset closed limits")
Limits = namedtuple("Limits", "credit_line min_balance per_transfer_max")
# In the order in which private parts have them.
Counters = namedtuple("Counters", "debits_pending debits credits_pending credits")

MINOR_MAX = 2**96 - 1
DAY, SECOND, MINUTE = 86_400 * 10**9, 10**9, 60 * 10**9
# Digits after the point that an amount has at most: amounts of one asset compare in it.
FINEST = 18
HOLDS_MAX, ENDED_LEGS_MIN = 1_000_000, 4_096
NO_LIMITS = Limits((0, None), (0, None), None)
FLOORED = ("settlement", "customer", "pool")
MISSING = object()
# Name: lowest and highest value.
PARAMETERS = {
    "window_back_s": (10, 86_400),
    "window_ahead_s": (1, 3_600),
    "window_ids_max": (10_000, 1_000_000_000),
    "retention_days": (0, 36_525),
    "seal_interval_s": (0, 86_400),
    "holds_max": (0, 1_000_000),
    "return_s": (0, 34_560_000),
    "recall_s": (0, 5_356_800),
    "returns_max": (0, 1_000_000),
}


class Refused(Exception):
    """An instruction that the rules refuse: outcome, leg and detail."""

    def __init__(self, outcome, leg=None, detail=0):
        super().__init__(outcome)
        self.outcome, self.leg, self.detail = outcome, leg, detail


class Unjudged(Exception):
    """A refusal that cannot be judged from the log alone."""


class Book:
    def __init__(self, parameters):
        self.participants, self.publics = {}, {}
        self.assets, self.asset_ids = {}, {}
        self.accounts, self.addresses = {}, {}
        self.counters = {}      # account number to Counters
        self.last = {}          # account number to (entry, item)
        self.holds = {}         # id to hold, ended ones too
        self.open_legs = {}     # participant number to the legs of open holds that it made
        self.ended_legs = {}    # the same of holds that have ended and are known
        self.proposals = {}     # id to proposal, ended ones too
        self.open_proposals = {}    # participant number, None for all, to how many are open
        self.ended_proposals = {}   # participant number to how many have ended and are known
        self.proposals_due = []     # (expiry, id) of proposals, also of some that have ended
        self.queue = {}         # (submitter, id) to payment; None if it has left
        self.due = []           # (expiry, id) of holds, also of some that have ended
        self.bounds = {}        # account number to its limits that are counted
        self.tapes = {}         # account number to its moves, where they are counted
        self.reserved = {}      # account number to what is reserved for urgent and high payments
        self.freezes = {}       # what is frozen to its freezes, also some whose time is over
        self.stands = {}        # participant number to how far it takes part
        self.vias = {}          # number of who has no keys to that of whose keys sign for it
        self.closed = {}        # participant number to dates on which it is closed
        self.providers = {}     # participant number to whether it states rates
        self.rates = {}         # (owner, base, quote, source) to rates, by time
        self.models = {}        # name to settlement model
        self.members = {}       # (model, participant) by number to member
        self.windows = {}       # (model, window) by number to what closed, once, and may wait
        self.calendars = {}     # asset number to calendar
        self.opened = {}        # asset number to (time, date) of each business date that opened
        self.returned = {}      # (entry, item) of a leg to what was given back of it
        self.recalls = {}       # id to recall; None if it is closed
        self.mandates = {}      # id to mandate; None if it is forgotten
        self.values = {}        # (account number, date) to what the value-dated balance is above
        self.fees = {}          # asset number to schedule of fees
        self.stopped = {}       # (kind, kind) of accounts to whether the one may not pay the other
        self.erased = {}
        self.log_keys = {}      # number to key, revoked if it is retired
        self.scales = {}        # asset number to decimal places, once the log has stated them
        self.stated = {}        # the same of assets that the entry itself adds, by id
        self.parameters = {name: parameters.get(name, 0) for name in PARAMETERS}
        self.journal = []

    def put(self, table, key, value):
        self.journal.append((table, key, table.get(key, MISSING)))
        table[key] = value

    def revert(self, mark):
        while len(self.journal) > mark:
            table, key, before = self.journal.pop()
            if before is MISSING:
                del table[key]
            else:
                table[key] = before

    def signer(self, owner):
        """Whose keys sign for the accounts of a participant."""
        return self.vias.get(owner, owner)

    def part(self, of):
        """What is kept of something for each who signs."""
        return of // (len(self.participants) - len(self.vias))

    def signed_for(self, signers):
        """All who sign, and those that they sign for."""
        return signers | {number for number, via in self.vias.items() if via in signers}

    def numbered(self, number):
        for participant in self.participants.values():
            if participant.number == number:
                return participant
        return None

    def allows(self, debit, credit):
        """Whether accounts of one kind may pay accounts of another."""
        return not self.stopped.get((debit, credit), False)

    def account(self, reference):
        """By address, or by number."""
        if isinstance(reference, str):
            reference = self.addresses.get(reference)
        return self.accounts.get(reference)

    def open(self, account):
        self.put(self.accounts, account.number, account)
        self.put(self.addresses, account.address, account.number)
        self.put(self.counters, account.number, Counters(0, 0, 0, 0))

    def units(self, amount, asset):
        """Minor units, or something in proportion while the log does not say how small they are."""
        digits, places = amount
        if places is None or asset in self.scales:
            return self.minor(amount, asset)
        return digits * 10 ** (FINEST - places)

    def learn(self, asset, scale):
        """How small the units of an asset are: what was counted before was only in proportion."""
        self.scales[asset] = scale
        for number, tape in self.tapes.items():
            if self.accounts[number].asset == asset:
                by = 10 ** (FINEST - scale)
                self.tapes[number] = tuple(
                    move._replace(amount=move.amount // by, booked=move.booked // by)
                    for move in tape)

    def minor(self, amount, asset):
        """An amount in minor units of the asset; nothing is ever rounded."""
        digits, places = amount
        if places is not None:
            scale = self.scales.get(asset)
            if scale is None:
                raise Unjudged("the scale of asset %d" % asset)
            if places > scale:
                raise Refused(22)
            digits *= 10 ** (scale - places)
        if digits > MINOR_MAX:
            raise Refused(23)
        return digits

    def available(self, account):
        """What may still be debited."""
        counters = self.counters[account.number]
        line, floor, _ = account.limits
        return (counters.credits - counters.debits - counters.debits_pending
                - self.minor(floor, account.asset) + self.minor(line, account.asset))

    def fits(self, account, **by):
        counters = self.counters[account]
        if any(getattr(counters, name) + more > MINOR_MAX for name, more in by.items()):
            raise Refused(27)

    def change(self, account, at, **by):
        """Adds to counters of an account by item `at`; gives what its private part states."""
        counters, last = self.counters[account], self.last.get(account)
        after = counters._replace(**{name: getattr(counters, name) + more
                                     for name, more in by.items()})
        if max(after) > MINOR_MAX:
            raise Refused(27)
        self.put(self.counters, account, after)
        self.put(self.last, account, at)
        return account, after, last

    def put_hold(self, hold):
        """A hold that is new, or has changed; what expires is noted."""
        before = self.holds.get(hold.id)
        more = (hold.ended is None) - (before is not None and before.ended is None)
        count = self.open_legs.get(hold.submitter, 0) + more * len(hold.legs)
        self.put(self.open_legs, hold.submitter, count)
        if before is not None and before.ended is not None:
            self.count_ended(before, -1)
        self.put(self.holds, hold.id, hold)
        if before is None or before.ended is not None:
            if hold.expires is not None:
                heappush(self.due, (hold.expires, hold.id))
        if hold.ended is not None:
            self.count_ended(hold, 1)
            self.forget_holds(hold.submitter)

    def count_ended(self, hold, sign):
        legs = self.ended_legs.get(hold.submitter, 0) + sign * len(hold.legs)
        self.put(self.ended_legs, hold.submitter, legs)

    def forget_holds(self, submitter):
        """Of the holds of a participant that ended only the newest are known."""
        most = max(self.parameters["holds_max"] or HOLDS_MAX, ENDED_LEGS_MIN)
        if self.ended_legs[submitter] <= most:
            return
        ended = sorted((hold.ended[2], hold.id) for hold in self.holds.values()
                       if hold is not None and hold.ended is not None
                       and hold.submitter == submitter)
        for _, hold_id in ended:
            if self.ended_legs[submitter] <= most:
                break
            self.count_ended(self.holds[hold_id], -1)
            self.put(self.holds, hold_id, None)

    def first_due(self, time):
        """The open hold that expires first, if it does at or before `time`. Not to be asked inside
        a message, which may be undone."""
        while self.due and self.due[0][0] <= time:
            expires, hold_id = self.due[0]
            hold = self.holds.get(hold_id)
            if hold is not None and hold.ended is None and hold.expires == expires:
                return hold
            heappop(self.due)
        return None

    def sums(self):
        """Per asset: accounts, sum of balances, issued, redeemed, and the sum of what is pending."""
        totals = {number: [0, 0, 0, 0, 0] for number in self.assets}
        for number, account in self.accounts.items():
            counters = self.counters[number]
            total = totals[account.asset]
            total[0] += 1
            total[1] += counters.credits - counters.debits
            total[4] += counters.credits_pending - counters.debits_pending
            if number == self.assets[account.asset].issuance:
                total[2:4] = counters.debits, counters.credits
        return totals


class Window:
    """Ids and messages that were used, and how far back and ahead `created` and ids may lie."""

    def __init__(self):
        self.floor = 0
        self.ids, self.messages = {}, {}
        self.minutes = {}       # participant number to {minute: ids}

    def use(self, submitter, instruction_id, time, index):
        self.ids[submitter, instruction_id] = index
        minutes = self.minutes.setdefault(submitter, {})
        minutes[time // MINUTE] = minutes.get(time // MINUTE, 0) + 1

    def count(self, submitter):
        return sum(self.minutes.get(submitter, {}).values())

    def advance(self, floor):
        if floor // MINUTE > self.floor // MINUTE:
            for minutes in self.minutes.values():
                for minute in [m for m in minutes if m < floor // MINUTE]:
                    del minutes[minute]
        self.floor = max(self.floor, floor)
