"""What a ledger knows between entries (SPEC: Ledger, State)."""
from dataclasses import dataclass, field

from ed import Vkey
from limits import Bounds


@dataclass
class PartyKey:
    """A key of a participant."""

    vkey: Vkey
    revoked: bool = False


@dataclass
class Participant:
    """A participant: id, role, keys, threshold, and how far it takes part."""

    name: str
    role: str
    keys: list
    threshold: int
    standing: str = "active"
    refuses: bool = False
    bic: str | None = None
    lei: str | None = None
    via: str | None = None
    holidays: tuple = ()
    freezes: list = field(default_factory=list)

    def active(self):
        """Keys that are not revoked."""
        return [key for key in self.keys if not key.revoked]


@dataclass
class Account:
    """An account; limits are amounts as typed or None."""

    number: int
    address: str
    owner: str
    kind: str
    asset: str
    counters: list = field(default_factory=lambda: [0, 0, 0, 0])
    last: tuple | None = None
    closed: bool = False
    credit_line: str | None = None
    min_balance: str | None = None
    per_transfer_max: str | None = None
    bounds: Bounds = field(default_factory=Bounds)
    freezes: list = field(default_factory=list)
    # For urgent payments, and for high ones; amounts as typed.
    reserved: list = field(default_factory=lambda: ["0", "0"])

    @property
    def balance(self):
        """Credits posted less debits posted."""
        return self.counters[3] - self.counters[1]


@dataclass
class Asset:
    """An asset; its scale is None if nothing in the log states it."""

    number: int
    name: str
    scale: int | None
    issuance: str
    status: str = "active"


@dataclass
class HeldLeg:
    """A leg of a hold: addresses and minor units."""

    debit: str
    credit: str
    reserved: int
    captured: int
    remaining: int


@dataclass
class QuoteTerms:
    """What makes a quote of a hold: who may use it, the account that is paid, and how much as typed."""

    taker: str
    receive: str
    source: str


@dataclass
class Hold:
    """A hold; `ended` is (outcome for whoever comes late, index, time)."""

    id: bytes
    submitter: str
    time: int
    expires: int | None
    multi: bool
    over: int
    guaranteed: bool
    legs: list
    ended: tuple | None = None
    quote: QuoteTerms | None = None

    def known(self, floor):
        """Is it open, or was it at the floor or after?"""
        return self.ended is None or self.ended[2] >= floor


@dataclass
class LogKey:
    """A key of the log: it signs sizes above `added` up to and including `retired`."""

    vkey: Vkey
    added: int | None = None
    retired: int | None = None


@dataclass
class State:
    """All that an atomic message can undo."""

    origin: str
    mode: str
    parameters: dict
    participants: dict = field(default_factory=dict)
    assets: dict = field(default_factory=dict)
    accounts: dict = field(default_factory=dict)
    log_keys: list = field(default_factory=list)
    public_keys: set = field(default_factory=set)
    erased: set = field(default_factory=set)
    holds: dict = field(default_factory=dict)
    queue: dict = field(default_factory=dict)
    proposals: dict = field(default_factory=dict)
    models: dict = field(default_factory=dict)
    calendars: dict = field(default_factory=dict)
    opened: dict = field(default_factory=dict)
    back: dict = field(default_factory=dict)
    back_of: dict = field(default_factory=dict)
    recalls: dict = field(default_factory=dict)
    mandates: dict = field(default_factory=dict)
    stopped: frozenset = frozenset()
    providers: set = field(default_factory=set)
    rates: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    fees: dict = field(default_factory=dict)

    def open(self, address, owner, kind, asset):
        """Open an account; gives back its number."""
        account = Account(len(self.accounts), address, owner, kind, asset)
        self.accounts[address] = account
        return account.number

    def account(self, reference):
        """The account with an address, or with a number; None if there is none."""
        if isinstance(reference, str):
            return self.accounts.get(reference)
        return next((one for one in self.accounts.values() if one.number == reference), None)

    def signer(self, name):
        """Whose keys sign for the accounts of a participant."""
        return self.participants[name].via or name

    def signing(self):
        """How many participants sign for themselves."""
        return sum(one.via is None for one in self.participants.values())

    def signed_for(self, names):
        """All who have signed, and those that they sign for."""
        return set(names) | {one.name for one in self.participants.values() if one.via in names}

    def party_key(self, name, key_id):
        """(participant, key) of a name and key id, among keys that are not revoked."""
        party = self.participants.get(name.partition("/")[0])
        for key in party.active() if party else []:
            if (key.vkey.name, key.vkey.key_id) == (name, key_id):
                return party, key.vkey
        return None, None

    def due(self, time):
        """Open holds that expire at a time or before, soonest first."""
        found = [hold for hold in self.holds.values()
                 if hold.ended is None and hold.expires is not None and hold.expires <= time]
        return sorted(found, key=lambda hold: (hold.expires, hold.id))

    def sums(self):
        """{asset: sum of its balances, and of what is pending}."""
        totals = {}
        for account in self.accounts.values():
            balance, pending = totals.get(account.asset, (0, 0))
            totals[account.asset] = (balance + account.balance,
                                     pending + account.counters[2] - account.counters[0])
        return totals
