"""The ledger as the items of a log say it, computed again (chain/SPEC.md, "Ledger" and "Seals").

What was refused is not judged again: no rule can make money out of a refusal. What settled or was
applied changes the state here, and everything the log commits to about the state must come out.
"""

import json
import struct

from receipt import Reader, parse_item, parse_vkey, sha256

SETTLED, APPLIED = 1, 2
NONE64, NONE32 = 2**64 - 1, 2**32 - 1
SECOND = 10**9


def root_of(leaves):
    """RFC 6962: the root over leaf hashes."""
    if not leaves:
        return sha256()
    level = leaves
    while len(level) > 1:
        pairs = zip(level[0::2], level[1::2])
        above = [sha256(b"\x01", left, right) for left, right in pairs]
        # The last of an odd row goes up as it is; RFC 6962 splits at the largest power of two.
        level = above + level[len(above) * 2:]
    return level[0]


class Account:
    def __init__(self, address, asset, kind):
        self.address, self.asset, self.kind = address, asset, kind
        self.counters = [0, 0, 0, 0]  # debits pending, posted, credits pending, posted
        self.last = (NONE64, NONE32)
        self.credit_line = 0

    def posted(self):
        return self.counters[3] - self.counters[1]

    def has_floor(self):
        return self.kind in ("settlement", "customer")


class Ledger:
    def __init__(self, genesis, expect):
        self.expect = expect  # expect(index, what, expected, found) raises a divergence
        self.participants, self.public = {}, set()
        self.assets, self.accounts = [], []
        self.erased, self.ids = set(), set()
        self.interval = genesis["parameters"].get("seal_interval_s", 0)
        self.frozen, self.last_time = None, 0
        self.seals = 0
        operators = genesis["operators"]
        self.register(0, "operators", operators["keys"], operators["threshold"])
        self.log_keys = [[genesis["log_vkey"], 0, None]]

    def register(self, index, name, vkeys, threshold):
        keys = [[*parse_vkey(vkey), index, None] for vkey in vkeys]
        self.participants[name] = {"keys": keys, "threshold": threshold}

    # --- who may ask ------------------------------------------------------------------------

    def authorise(self, index, who, statement):
        """Every signature holds under a key active here; enough of them are the submitter's."""
        own = 0
        for name, key_id, signature in who["signatures"]:
            participant = self.participants.get(name.split("/")[0], {"keys": []})
            known = [k for k in participant["keys"] if k[0] == name and k[1] == key_id]
            active = [k for k in known if k[4] is None]
            self.expect(index, "the key of %s" % name, "one active here", len(active) == 1 or known)
            try:
                active[0][2].verify(signature, statement)
            except Exception:
                self.expect(index, "the signature by %s" % name, "over this body", "another")
            own += name.split("/")[0] == who["submitter"]
        threshold = self.participants[who["submitter"]]["threshold"]
        self.expect(index, "signatures of %s" % who["submitter"], True, own >= threshold)
        return len(who["signatures"])

    # --- what settled -----------------------------------------------------------------------

    def leg(self, index, n, leg, salt):
        """Moves the money, and computes the private parts that the item commits to."""
        debit, credit = self.account(index, leg["debit"]), self.account(index, leg["credit"])
        for account, address in ((debit, "debit_address"), (credit, "credit_address")):
            self.expect(index, "item %d: address" % n, account.address, leg[address])
            asset = self.assets[account.asset]
            self.expect(index, "item %d: asset" % n, asset[:2], (leg["asset"], leg["scale"]))
        self.expect(index, "item %d: two accounts" % n, True, debit is not credit)
        parts = []
        for account, number, counter in ((debit, leg["debit"], 1), (credit, leg["credit"], 3)):
            account.counters[counter] += leg["amount"]
            part = struct.pack(">Q", number)
            part += b"".join(c.to_bytes(16, "big") for c in account.counters)
            parts.append(part + struct.pack(">QI", *account.last))
            account.last = (index, n)
        for k, part in enumerate(parts):
            private = sha256(b"\x11", salt, struct.pack(">IH", n, k))
            computed = sha256(b"\x12", private, part)
            self.expect(index, "item %d: balance of account %d" % (n, (leg["debit"], leg["credit"])[k]),
                        computed.hex(), leg["private"][k].hex())
        if debit.has_floor():
            left = debit.posted() - debit.counters[0] + debit.credit_line
            self.expect(index, "item %d: %s above its floor" % (n, debit.address), True, left >= 0)

    def account(self, index, number):
        self.expect(index, "account %d" % number, "opened before", number < len(self.accounts) or "not")
        return self.accounts[number]

    # --- governance -------------------------------------------------------------------------

    def govern(self, index, item):
        (kind, wish), = json.loads(item["json"]).items()
        getattr(self, "do_" + kind, lambda *_: None)(index, wish, item)

    def do_add_participant(self, index, wish, _):
        self.register(index, wish["participant"], wish["keys"], wish["threshold"])

    def do_add_key(self, index, wish, _):
        key = [*parse_vkey(wish["vkey"]), index, None]
        self.participants[wish["participant"]]["keys"].append(key)

    def do_revoke_key(self, index, wish, _):
        for key in self.participants[wish["participant"]]["keys"]:
            if key[1].hex() == wish["key_id"] and key[4] is None:
                key[4] = index

    def do_add_log_key(self, index, wish, _):
        self.log_keys.append([wish["vkey"], index, None])

    def do_retire_log_key(self, index, wish, _):
        for key in self.log_keys:
            if key[0].split("+")[1] == wish["key_id"] and key[2] is None:
                key[2] = index

    def do_add_asset(self, index, wish, item):
        self.expect(index, "number of %s" % wish["asset"], len(self.assets), item["detail"])
        # The scale is the module's; legs and seals state it, and must agree.
        self.assets.append((wish["asset"], None))
        label = wish["asset"] if len(wish["asset"]) == 3 else str(item["detail"])
        self.accounts.append(Account("operators:issuance." + label, item["detail"], "issuance"))

    def do_open_account(self, index, wish, item):
        self.expect(index, "number of %s" % wish["address"], len(self.accounts), item["detail"])
        asset = [name for name, _ in self.assets].index(wish["asset"])
        self.accounts.append(Account(wish["address"], asset, wish["kind"]))

    def do_set_limits(self, index, wish, _):
        account, = [a for a in self.accounts if a.address == wish["address"]]
        line, scale = wish.get("credit_line"), self.assets[account.asset][1] or 0
        whole, _, part = (line or "0").partition(".")
        account.credit_line = int(whole + part.ljust(scale, "0"))

    def do_set_parameter(self, _, wish, __):
        if wish["name"] == "seal_interval_s":
            self.interval = wish["value"]

    def do_erase(self, _, wish, __):
        self.erased.add(wish["entry_index"])

    # --- seals ------------------------------------------------------------------------------

    def begin_entry(self, index, time):
        """Freezes the state before an entry that makes a seal due."""
        if self.interval and self.frozen is None and self.last_time:
            if time // (self.interval * SECOND) > self.last_time // (self.interval * SECOND):
                self.frozen = (index, [(a, list(a.counters), a.last) for a in self.accounts])
        self.last_time = time

    def seal(self, index, item, aux):
        """Computes the root over all accounts as they were."""
        self.expect(index, "a seal that is due", True, self.frozen is not None)
        size, accounts = self.frozen
        self.frozen = None
        self.expect(index, "the sealed size", size, item["size"])
        leaves, totals = [], [[0, 0, 0, 0, 0] for _ in item["assets"]]
        for number, (account, counters, last) in enumerate(accounts):
            name, scale = item["assets"][account.asset][:2]
            sealed = b"\x01" + struct.pack(">QQQ", size, len(accounts), number)
            sealed += text(name) + bytes([scale]) + text(account.address)
            sealed += b"".join(c.to_bytes(16, "big") for c in counters) + struct.pack(">QI", *last)
            salt = sha256(b"\x14", item["secret"], struct.pack(">Q", number))
            leaves.append(sha256(b"\x00", salt, sealed))
            of = totals[account.asset]
            of[0] += 1
            of[1:] = [have + more for have, more in zip(of[1:], counters)]
        self.expect(index, "the root over all accounts", root_of(leaves).hex(), aux.hex())
        for (name, _, *stated), of in zip(item["assets"], totals):
            self.expect(index, "totals of %s" % name, of, list(stated[:5]))
        self.seals += 1

    def conservation(self, index):
        sums = [0] * len(self.assets)
        for account in self.accounts:
            sums[account.asset] += account.posted()
        for (name, _), total in zip(self.assets, sums):
            self.expect(index, "the sum over all accounts in %s" % name, 0, total)

    def scale(self, index, n, leg):
        """The first leg of an asset states its scale; every other must agree."""
        number = self.account(index, leg["debit"]).asset
        name, known = self.assets[number]
        if known is None:
            self.assets[number] = (name, leg["scale"])


def text(value):
    data = value.encode()
    return bytes([len(data)]) + data


def parse_seal(r):
    size, secret, accounts = r.number(8), r.take(32), r.number(8)
    assets = []
    for _ in range(r.number(4)):
        name, scale, count = r.text(), r.number(1), r.number(8)
        sums = [r.number(16) for _ in range(4)]
        issued, redeemed = r.number(16), r.number(16)
        assets.append((name, scale, count, *sums, issued, redeemed))
    return {"item": "seal", "size": size, "secret": secret, "accounts": accounts, "assets": assets}


def parse(data):
    """An item; seals are read here, all others as in a receipt."""
    if data[:2] == b"\x01\x04":
        r = Reader(data)
        r.take(2)
        item = parse_seal(r)
        r.finish()
        return item
    return parse_item(data)
