"""What becomes of one instruction (SPEC: Ledger, Transfer to Governance)."""
import contextlib
import copy
import re

import back
import charges
import cycles
import days
import ed
import exchange
import forms
import holds
import limits
import proposals
import reserving
import standing
import waiting
from base import Malformed, write_json
from ed import Vkey
from formats import (CAPTURE, CLEAR, EXCHANGE, ISSUE, MANDATED, NO_LEG, NOTICE, RECALL, REDEEM,
                     RESERVE, RETURN, SPLIT, TRANSFER, VALUED, VOID)
from instr import MINOR, id_bytes, minor_units, places
from notes import signature_words
from refused import Refused
from state import Asset, LogKey, Participant, PartyKey

DAY = 86_400
LIMIT = 2**96
RANGES = {"window_back_s": (10, 86_400), "window_ahead_s": (1, 3_600),
          "window_ids_max": (10_000, 1_000_000_000), "retention_days": (0, 36_525),
          "seal_interval_s": (0, 86_400), "holds_max": (0, 1_000_000), "return_s": (0, 34_560_000),
          "recall_s": (0, 5_356_800), "returns_max": (0, 1_000_000)}
UNKNOWN_SCALE = 18
MAX_KEYS = 32
MOVING = ("transfer", "issue", "redeem")
# Outcomes of what took effect; 2 for all else.
DONE = {"transfer": 1, "issue": 1, "redeem": 1, "reserve": 3, "capture": 1, "void": 4,
        "clear": 102, "return": 1, "reverse": 1, "recall": 160, "split": 1, "quote": 3, "convert": 1}
LEGS = {"transfer": TRANSFER, "issue": ISSUE, "redeem": REDEEM, "reserve": RESERVE,
        "capture": CAPTURE, "void": VOID, "cancel": NOTICE, "clear": CLEAR, "return": RETURN,
        "reverse": RETURN, "recall": RECALL, "refuse_recall": RECALL, "split": SPLIT,
        "quote": RESERVE, "suspend_participant": NOTICE}


def _kind_of(kind, wish, number, posting):
    """The kind of leg `number` of an instruction."""
    if kind == "convert":
        return CAPTURE if number == 1 and "quote" in wish["at"] else EXCHANGE
    if kind == "transfer" and any(posting[11:12]):
        return MANDATED
    if kind == "transfer" and posting[14:] not in ((), (None,)):
        return VALUED
    return LEGS[kind]


class Rules:
    """Carries out the instructions of one message.

    `recorded` is the outcome in the log of the instruction at hand: it decides only what SPEC
    says a verifier without the list of currencies cannot judge.
    """

    def __init__(self, state, entry, times, submitter, signed):
        self.state, self.entry, self.times = state, entry, times
        self.submitter, self.signed = submitter, signed
        self.scales, self.recorded, self.unjudged = {}, None, []
        self.floor, self.behind, self.operator_keys, self.waits = 0, [], 0, False
        self.keys, self.outcome, self.agreed = set(), None, False
        # When it settles, if the instruction at hand waits for a date.
        self.waits_for = None
        self.hashes = []

    def carry_out(self, kind, wish, first_item, ordinal=0):
        """(detail, postings) of what took effect; else Refused."""
        self.waits, self.outcome, self.waits_for = False, None, None
        if kind in proposals.KINDS:
            done, detail, behind = proposals.KINDS[kind](self, wish, first_item, ordinal)
            self.waits, self.outcome, self.waits_for = False, done, None
            return detail, behind
        if waiting.is_set(kind, wish) or kind == "transfer" and self._for_its_day(wish):
            postings = waiting.transfer(self, wish, first_item, ordinal)
            self.waits = postings is None
            return 0, postings or []
        if forms.is_told(kind, wish):
            return 0, forms.transfer(self, wish, first_item)
        if kind == "split":
            return 0, forms.split(self, wish, first_item)
        if kind == "suspend_participant":
            return standing.suspend(self, wish, first_item, ordinal)
        if kind == "set_reservation":
            return reserving.set_reservation(self, wish, first_item, ordinal)
        if kind in waiting.KINDS:
            return 0, waiting.KINDS[kind](self, wish, first_item, ordinal)
        if kind == "transfer":
            return 0, self.transfer(wish["legs"], first_item)
        if kind in ("issue", "redeem"):
            return 0, self.funds(kind, wish, first_item)
        if kind in exchange.KINDS:
            return 0, exchange.KINDS[kind](self, wish, first_item)
        if kind == "clear":
            return 0, cycles.clear(self, wish, first_item)
        if kind in back.KINDS:
            return 0, back.KINDS[kind](self, wish, first_item)
        if kind in holds.KINDS:
            return 0, holds.KINDS[kind](self, wish, first_item)
        if not self.alone(kind, wish) and "operators" not in self.signed:
            raise Refused(12)
        if kind in limits.KINDS:
            return limits.KINDS[kind](self, wish), []
        for others in (forms.GOVERN, exchange.GOVERN, cycles.GOVERN, days.GOVERN,
                       standing.GOVERN, charges.GOVERN):
            if kind in others:
                return others[kind](self, wish), []
        return getattr(self, kind)(wish), []

    def alone(self, kind, wish):
        """Is it for the submitter, and not for the operators?"""
        if kind in ("set_rate", "withdraw_rate"):
            return exchange.may_state(self)
        return (kind in ("grant_mandate", "revoke_mandate")
                or kind == "open_account" and self.own_customer(wish))

    def items_of(self, kind, wish, detail, postings):
        """The items of an instruction that took effect just now, behind an approval."""
        one, told = id_bytes(wish["id"]), waiting.is_set(kind, wish) or forms.is_told(kind, wish)
        done = 6 if self.waits else DONE.get(kind, 2)
        if self.waits_for:
            done, detail = self.waits_for.outcome, days.number_of(self.waits_for.date)
        in_legs = kind in MOVING and not told and not self.waits
        first = [] if in_legs else [proposals.Said(done, detail, one, write_json({kind: wish}))]
        if kind == "suspend_participant":
            return first + [proposals.Moved(NOTICE, number, of, 208, posting)
                            for (number, of), posting in zip(postings.of, postings)]
        of = id_bytes(wish["of"]) if kind == "cancel" else one
        leg = 85 if kind == "cancel" else back.OUTCOMES.get(kind, done)
        legs, number = [], 0
        for posting in postings:
            if isinstance(posting, charges.Due):
                legs.append(proposals.Moved(posting.kind, posting.leg, one, 1, posting))
                continue
            named = _kind_of(kind, wish, number, posting)
            legs.append(proposals.Moved(named, number, of, leg, posting))
            number += 1
        return first + legs

    def _for_its_day(self, wish):
        """Does what is no set wait for a day? A record of a batch is refused instead."""
        if not self.state.calendars:
            return False
        pairs = forms.Under(self, wish).pairs
        forms.hold(self, wish)
        if wish["legs"][0].get("asset") is None:
            (debit, credit), = pairs
            days.admit(self.state, [debit, credit], [debit.asset], leg=0)
            return False
        return days.timing(self, wish, pairs) is not None

    def own_customer(self, wish):
        """Is it a customer account that a bank opens by itself?"""
        owner = self.state.participants.get(wish["owner"])
        prefix = wish["address"].partition(":")[0]
        return (wish["kind"] == "customer" and owner is not None and owner.role == "bank"
                and self.state.signer(wish["owner"]) == self.submitter
                and wish["owner"] == prefix)

    def transfer(self, legs, first_item):
        """Transfer, leg by leg; a refusal undoes the legs before it."""
        pairs, postings = self.pairs(legs), []
        with self.undone(pairs):
            for number, (leg, (debit, credit)) in enumerate(zip(legs, pairs)):
                self.leg(leg, debit, credit, number)
                in_batch = leg.get("asset") is None
                posting = self._post(debit, credit, leg["amount"], number,
                                     first_item + len(postings), in_batch)
                postings.append(posting)
                postings += charges.take(self, (debit, credit), posting[2], number,
                                         first_item + len(postings), len(legs) - number - 1)
        return postings

    def pairs(self, legs):
        """The accounts of all legs, whose debited owners have signed."""
        find = self.state.account
        pairs = [(find(leg["debit"]), find(leg["credit"])) for leg in legs]
        for number, pair in enumerate(pairs):
            if None in pair:
                raise Refused(13, number)
        for number, (debit, _) in enumerate(pairs):
            if debit.owner not in self.signed:
                raise Refused(14, number)
        return pairs

    @contextlib.contextmanager
    def undone(self, pairs):
        """What a refusal inside does to these accounts is undone."""
        before = [(account, list(account.counters), account.last, copy.deepcopy(account.bounds),
                   account.reserved)
                  for pair in [*pairs, charges.touched(self.state)] for account in pair]
        try:
            yield
        except Refused:
            for account, counters, last, bounds, reserved in before:
                account.counters, account.last, account.bounds = counters, last, bounds
                account.reserved = reserved
            raise

    def leg(self, leg, debit, credit, number):
        # A leg of a batch states no asset.
        if leg.get("asset") is not None and leg["asset"] != debit.asset:
            raise Refused(16 if leg["asset"] in self.state.assets else 15, number)
        if debit.asset != credit.asset:
            raise Refused(16, number)
        self.status(debit.asset, number)
        if debit is credit:
            raise Refused(19, number)
        if {"issuance", "netting"} & {debit.kind, credit.kind} \
                or (debit.kind, credit.kind) in self.state.stopped:
            raise Refused(20, number)

    def status(self, asset, leg):
        """An asset that moves at all."""
        status = self.state.assets[asset].status
        if status != "active":
            raise Refused(17 if status == "retired" else 18, leg)

    def funds(self, kind, wish, first_item):
        """Issue and redeem."""
        if "operators" not in self.signed:
            raise Refused(12)
        account = self.state.accounts.get(wish["account"])
        if account is None:
            raise Refused(13)
        if kind == "redeem" and account.owner not in self.signed:
            raise Refused(14)
        self.status(account.asset, NO_LEG)
        way = ("issuance", account.kind) if kind == "issue" else (account.kind, "issuance")
        if account.kind in ("issuance", "netting") or way in self.state.stopped:
            raise Refused(20)
        issuance = self.state.accounts[self.state.assets[account.asset].issuance]
        pair = (issuance, account) if kind == "issue" else (account, issuance)
        return [self._post(*pair, wish["amount"], NO_LEG, first_item)]

    def amount(self, asset, text, leg=NO_LEG):
        """Minor units of an amount: outcomes 22 and 23."""
        scale = self.state.assets[asset].scale
        if scale is None and not MINOR.fullmatch(text):
            if self.recorded in (22, 23):
                self.unjudged.append(f"outcome {self.recorded}: scale of {asset} unknown")
                raise Refused(self.recorded, leg)
            return minor_units(text, UNKNOWN_SCALE)
        if not MINOR.fullmatch(text) and places(text) > scale:
            raise Refused(22, leg)
        value = minor_units(text, scale)
        if value >= LIMIT:
            raise Refused(23, leg)
        return value

    def _post(self, debit, credit, text, leg, item, in_batch=False):
        value = self.may_debit(debit, credit, text, leg)
        self.fits(debit, credit, (0, value), leg)
        if in_batch and charges.rule_of(self.state, debit, credit):
            raise Refused(charges.NOT_IN_BATCH, leg)
        settles = "issuance" not in (debit.kind, credit.kind)
        limits.count(self, debit, credit, value, value, 1, leg, settles)
        parts = self.move(debit, credit, (0, value), leg, item)
        return debit, credit, value, parts, None, None

    def move(self, debit, credit, by, leg, item):
        """Change what is pending and posted of both; gives what their private parts state."""
        self.fits(debit, credit, by, leg)
        parts = []
        for account, at in ((debit, 0), (credit, 2)):
            for k, more in enumerate(by):
                account.counters[at + k] += more
            parts.append((account, list(account.counters), account.last))
        debit.last = credit.last = (self.entry.index, item)
        return parts

    @staticmethod
    def fits(debit, credit, by, leg):
        """Do the counters of both have room?"""
        for account, at in ((debit, 0), (credit, 2)):
            if any(account.counters[at + k] + more >= LIMIT for k, more in enumerate(by)):
                raise Refused(27, leg)

    def worthless(self, text):
        """Is an amount zero?"""
        return not text.removesuffix(" minor units").strip("0.")

    def affords(self, account, value):
        """Is so much available on an account, or nothing asked of it?"""
        if not self.has_floor(account):
            return True
        return value <= reserving.unreserved(self, account) and not self.kept(account)

    def has_floor(self, account):
        """Is anything asked of an account that pays?"""
        return account.kind in ("settlement", "customer", "pool")

    def available(self, account):
        """What may be debited; negative if limits are lower, or freezes keep more, than is there."""
        return (account.balance - account.counters[0]
                - self.units(account, account.min_balance)
                + self.units(account, account.credit_line)
                - limits.blocked(self, account))

    def kept(self, account):
        """Is what is on it there for something urgent?"""
        return self.has_floor(account) and waiting.keeps(self.state, account.address)

    def units(self, account, limit):
        scale = self.state.assets[account.asset].scale
        return minor_units(limit or "0", UNKNOWN_SCALE if scale is None else scale)

    def may_debit(self, debit, credit, text, leg):
        """The amount in minor units: outcomes 21 to 26."""
        value = self.may_move(debit, credit, text, leg)
        if not self.affords(debit, value):
            raise Refused(26, leg)
        return value

    def may_move(self, debit, credit, text, leg):
        """The same but for funds: outcomes 21 to 25."""
        if self.worthless(text):
            raise Refused(21, leg)
        value = self.amount(debit.asset, text, leg)
        if debit.closed or credit.closed:
            raise Refused(24, leg)
        limits.may_join(self, debit, credit, leg)
        if debit.per_transfer_max is not None \
                and value > self.units(debit, debit.per_transfer_max):
            raise Refused(25, leg)
        return value

    def _participant_key(self, line, participant, taken):
        """A key that a participant may register: outcomes 42 to 44."""
        if not re.fullmatch(re.escape(participant) + r"/[A-Za-z0-9._-]{1,32}", line.split("+")[0]):
            raise Refused(42)
        key = self._registrable(line)
        if key.public in self.state.public_keys or key.public in {k.public for k in taken}:
            raise Refused(44)
        if key.key_id in {k.key_id for k in taken}:
            raise Refused(44)
        return key

    def _registrable(self, line):
        try:
            key = Vkey.read(line)
        except Malformed as error:
            raise Refused(43) from error
        if not ed.registrable(key.public):
            raise Refused(43)
        return key

    def add_participant(self, wish):
        """Register a participant with its first keys."""
        name, parties = wish["participant"], self.state.participants
        if "via" in wish:
            self.party(wish["via"])
        if name in parties or wish["role"] == "operator":
            raise Refused(41)
        keys = []
        for line in wish["keys"]:
            key = self._participant_key(line, name, keys)
            if len(keys) == MAX_KEYS:
                raise Refused(61)
            keys.append(key)
        if not ("via" not in wish) <= wish["threshold"] <= len(keys):
            raise Refused(46)
        if "via" in wish:
            standing.reached(self, wish, keys)
        state = standing.first_state(wish)
        standing.unique(self, None, wish)
        parties[name] = Participant(name, wish["role"], [PartyKey(k) for k in keys],
                                    max(wish["threshold"], 1), state, False, wish.get("bic"),
                                    wish.get("lei"), wish.get("via"))
        self.state.public_keys |= {key.public for key in keys}
        return len(parties) - 1

    def party(self, name):
        if name not in self.state.participants:
            raise Refused(40)
        return list(self.state.participants).index(name), self.state.participants[name]

    def add_key(self, wish):
        """Register one more key of a participant."""
        number, party = self.party(wish["participant"])
        standing.not_over(party)
        if party.name not in self.signed:
            raise Refused(14)
        if party.via is not None:
            raise Refused(standing.INDIRECT)
        key = self._participant_key(wish["vkey"], party.name, [k.vkey for k in party.keys])
        if len(party.active()) >= MAX_KEYS:
            raise Refused(61)
        party.keys.append(PartyKey(key))
        self.state.public_keys.add(key.public)
        return number

    def revoke_key(self, wish):
        """Revoke a key from the next entry on."""
        number, party = self.party(wish["participant"])
        found = [k for k in party.active() if k.vkey.key_id.hex() == wish["key_id"]]
        if not found:
            raise Refused(45)
        if party.name == "operators" and len(party.active()) - 1 < party.threshold:
            raise Refused(46)
        found[0].revoked = True
        return number

    def add_asset(self, wish):
        """Add an asset with its issuance account."""
        name, assets = wish["asset"], self.state.assets
        if (wish["module"], wish.get("module_version", 1)) != ("fiat", 1):
            raise Refused(47)
        if name == "XTS":
            offered = self.state.mode == "sandbox"
        elif re.fullmatch(r"[A-Z]{3}", name) is None:
            offered = False
        else:
            offered = name in assets or self.recorded != 48
            self.unjudged.append(f"whether {name} is offered ({self.recorded})")
        if not offered:
            raise Refused(48)
        if name in assets:
            raise Refused(49)
        issuance = f"operators:issuance.{name}"
        if issuance in self.state.accounts:
            raise Refused(50)
        scale = 2 if name == "XTS" else self.scales.get(name)
        assets[name] = Asset(len(assets), name, scale, issuance)
        self.state.open(issuance, "operators", "issuance", name)
        return len(assets) - 1

    def set_asset_status(self, wish):
        """Change the status of an asset."""
        asset = self.state.assets.get(wish["asset"])
        if asset is None:
            raise Refused(15)
        if asset.status == wish["status"]:
            raise Refused(60)
        asset.status = wish["status"]
        return asset.number

    def open_account(self, wish):
        """Open an account."""
        asset = self.state.assets.get(wish["asset"])
        if asset is None:
            raise Refused(15)
        if asset.status == "retired":
            raise Refused(17)
        _, owner = self.party(wish["owner"])
        standing.not_over(owner)
        if wish["address"] in self.state.accounts:
            raise Refused(50)
        if wish["address"].partition(":")[0] != owner.name:
            raise Refused(51)
        kinds = {"bank": ("settlement", "customer"), "operator": ("suspense", "fee", "pool")}
        if wish["kind"] not in kinds.get(owner.role, ()):
            raise Refused(52)
        return self.state.open(wish["address"], owner.name, wish["kind"], asset.name)

    def account(self, wish):
        account = self.state.accounts.get(wish["address"])
        if account is None:
            raise Refused(13)
        return account

    def close_account(self, wish):
        """Close an account."""
        account = self.account(wish)
        if account.kind in ("issuance", "netting"):
            raise Refused(52)
        if account.closed:
            raise Refused(24)
        waits = any(account.address in leg[:2] for one in self.state.queue.values()
                    for leg in one.legs)
        if waits or account.balance or account.counters[0] or account.counters[2]:
            raise Refused(53)
        if cycles.joined(self.state, account):
            raise Refused(115)
        if cycles.is_pool(self.state, account):
            raise Refused(226)
        if charges.in_use(self.state, account):
            raise Refused(charges.IN_USE)
        account.closed = True
        return account.number

    def set_limits(self, wish):
        """Set all limits of an account."""
        account = self.account(wish)
        account.bounds = limits.read_bounds(self, account, wish)
        for name in ("credit_line", "min_balance", "per_transfer_max"):
            setattr(account, name, wish.get(name))
        return account.number

    def set_parameter(self, wish):
        """Set a parameter."""
        if wish["name"] not in RANGES:
            raise Refused(54)
        low, high = RANGES[wish["name"]]
        if not low <= wish["value"] <= high:
            raise Refused(55)
        self.state.parameters[wish["name"]] = wish["value"]
        return 0

    def protocol(self, wish):
        """Change of protocol: version 1 knows no other."""
        raise Refused(56 if wish["version"] != 1 or wish["from_index"] <= self.entry.index else 60)

    def add_log_key(self, wish):
        """Add a key of the log."""
        try:
            key = Vkey.read(wish["vkey"])
        except Malformed as error:
            raise Refused(43) from error
        if key.name != self.state.origin:
            raise Refused(42)
        if not ed.registrable(key.public) or not self._proven(key, wish["proof"]):
            raise Refused(43)
        if (key.public in self.state.public_keys
                or key.key_id in {k.vkey.key_id for k in self.state.log_keys}):
            raise Refused(44)
        if len([k for k in self.state.log_keys if k.retired is None]) >= 2:
            raise Refused(61)
        self.state.log_keys.append(LogKey(key, added=self.entry.index))
        self.state.public_keys.add(key.public)
        return len(self.state.log_keys) - 1

    @staticmethod
    def _proven(key, proof):
        try:
            name, key_id, signature = signature_words(proof)
        except Malformed:
            return False
        text = f"quittance log key v1\n{key.line}\n".encode()
        return (name, key_id) == (key.name, key.key_id) and ed.holds(key.public, signature, text)

    def retire_log_key(self, wish):
        """Retire a key of the log."""
        active = [k for k in self.state.log_keys if k.retired is None]
        found = [k for k in active if k.vkey.key_id.hex() == wish["key_id"]]
        if not found:
            raise Refused(45)
        if len(active) == 1:
            raise Refused(46)
        found[0].retired = self.entry.index
        return self.state.log_keys.index(found[0])

    def erase(self, wish):
        """Erase the body and texts of an entry."""
        target = wish["entry_index"]
        if not 0 < target < self.entry.index:
            raise Refused(57)
        if target in self.state.erased:
            raise Refused(58)
        days = self.state.parameters["retention_days"]
        end = (self.times[target] // 10**9 // DAY + 1 + days) * DAY
        if days and self.entry.time < end * 10**9:
            raise Refused(62, detail=end)
        self.state.erased.add(target)
        return target
