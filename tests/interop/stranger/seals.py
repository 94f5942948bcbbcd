"""Frozen states and the seals that state them (SPEC: Seals)."""
import tree
from base import Diverged, sha, u
from formats import SealItem, SealedAccount, sealed_salt


class Frozen:
    """The accounts before an entry at which a seal fell due."""

    def __init__(self, size, state):
        self.size = size
        self.accounts = [(a, list(a.counters), a.last) for a in state.accounts.values()]
        self.assets = list(state.assets.values())

    def root(self, secret):
        """The root over all account leaves."""
        leaves = []
        for number, (account, counters, last) in enumerate(self.accounts):
            scale = next(s.scale for s in self.assets if s.name == account.asset)
            sealed = SealedAccount(self.size, len(self.accounts), number, account.asset, scale,
                                   account.address, counters, last)
            leaves.append(tree.leaf(sealed_salt(secret, number) + sealed.write()))
        return tree.root(leaves)

    def totals(self):
        """What a seal has to say of every asset."""
        found = []
        for asset in self.assets:
            held = [(a, counters) for a, counters, _ in self.accounts if a.asset == asset.name]
            issuance = next(counters for a, counters in held if a.kind == "issuance")
            sums = [sum(counters[k] for _, counters in held) for k in range(4)]
            found.append((asset.name, asset.scale, len(held), sums, issuance[1], issuance[3]))
        return found


def check_seal(entry, items, frozen):
    """A seal is the one that the frozen state waits for."""
    def same(what, expected, found):
        if expected != found:
            raise Diverged(entry.index, f"seal: {what}", expected, found)

    if frozen is None:
        raise Diverged(entry.index, "seal that nothing waits for")
    same("number of items", 2, len(items))
    authorisation, seal = items
    if not isinstance(seal, SealItem):
        raise Diverged(entry.index, "seal: type of item 1")
    same("sealed size", frozen.size, seal.size)
    same("item 0", ("operators", "application/vnd.quittance.seal", f"seal-{seal.size}", 0, [],
                    False),
         (authorisation.submitter, authorisation.content_type, authorisation.message_id,
          authorisation.instructions, authorisation.signatures, authorisation.atomic))
    same("body hash", sha(u(seal.size, 8), seal.secret), authorisation.body_hash)
    same("accounts", len(frozen.accounts), seal.accounts)
    same("totals", frozen.totals(), [(a.asset, a.scale, a.accounts, a.sums, a.issued, a.redeemed)
                                     for a in seal.assets])
    same("aux", frozen.root(seal.secret), entry.aux)
