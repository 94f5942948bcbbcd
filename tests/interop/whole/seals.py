"""Seals (chain/SPEC.md, "Seals"): when one is due, what it must state, and its root."""

import struct

import receipt
from whole import days
from whole.found import Diverges, same
from whole.tree import root_of

NONE = (2**64 - 1, 2**32 - 1)


class Frozen:
    """All accounts at one size of the log."""

    def __init__(self, book, size):
        self.size = size
        self.accounts = [(number, book.counters[number], book.last.get(number))
                         for number in range(len(book.accounts))]

    def root(self, book, secret):
        leaves = []
        for number, counters, last in self.accounts:
            salt = receipt.sha256(b"\x14", secret, struct.pack(">Q", number))
            leaves.append(receipt.sha256(
                b"\0", salt, self.account(book, number, counters, last)))
        return root_of(leaves)

    def account(self, book, number, counters, last):
        account = book.accounts[number]
        asset, address = book.assets[account.asset].id.encode(), account.address.encode()
        entry, item = last or NONE
        return b"".join((
            b"\1", struct.pack(">QQQ", self.size, len(self.accounts), number),
            bytes([len(asset)]), asset, bytes([book.scales[account.asset]]),
            bytes([len(address)]), address,
            *(value.to_bytes(16, "big") for value in counters), struct.pack(">QI", entry, item)))

    def totals(self, book):
        """What the seal states of each asset that had an account at that size."""
        totals = {}
        for number, counters, _ in self.accounts:
            asset = book.accounts[number].asset
            total = totals.setdefault(asset, [0, (0, 0, 0, 0), 0, 0])
            total[0] += 1
            total[1] = tuple(map(sum, zip(total[1], counters)))
            if book.assets[asset].issuance == number:
                total[2:] = counters.debits, counters.credits
        return [{
            "asset": book.assets[asset].id, "scale": book.scales[asset], "accounts": count,
            "sums": sums, "issued": issued, "redeemed": redeemed,
        } for asset, (count, sums, issued, redeemed) in sorted(totals.items())]


class Seals:
    def __init__(self):
        self.frozen, self.count, self.last = None, 0, None

    def freeze_if_due(self, book, size, before, time):
        interval = book.parameters["seal_interval_s"] * 10**9
        by_time = interval and before // interval < time // interval
        if self.frozen is not None:
            return
        if days.to_seal(book, size) or by_time and not days.closes_by(book, time):
            self.frozen = Frozen(book, size)

    def check(self, entry, items, book):
        """The entry of a seal, against the state that waits for one."""
        index, frozen = entry.index, self.frozen
        if len(items) != 2 or items[1]["item"] != "seal":
            raise Diverges(index, "the items", "an authorisation and a seal", "others")
        who, seal = items
        if frozen is None:
            raise Diverges(index, "the seal", "none, for none is due", seal["sealed_size"])
        same(index, "the sealed size", frozen.size, seal["sealed_size"])
        order = struct.pack(">Q", frozen.size) + seal["secret"]
        same(index, "item 0 of the seal", (
            "operators", "application/vnd.quittance.seal", "seal-%d" % frozen.size, False, 0, [],
            receipt.sha256(order).hex(),
        ), (who["submitter"], who["content_type"], who["message_id"], who["atomic"],
            who["instructions"], who["signatures"], who["body_hash"].hex()))
        same(index, "the accounts under the seal", len(frozen.accounts), seal["accounts"])
        same(index, "the totals of the seal", frozen.totals(book), seal["assets"])
        for total in seal["assets"]:
            same(index, "the sum of all balances in " + total["asset"],
                 total["sums"][1], total["sums"][3])
            same(index, "the sums of what is pending in " + total["asset"],
                 total["sums"][0], total["sums"][2])
        same(index, "the root over all accounts", frozen.root(book, seal["secret"]), entry.aux)
        self.frozen, self.last = None, frozen.size
        self.count += 1
