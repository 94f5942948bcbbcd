"""Proposals: what takes the signatures of several, each in a message of its own (chain/SPEC.md,
"Proposals")."""

from collections import namedtuple
from heapq import heappop, heappush

import receipt
from whole import govern, holds, words
from whole.book import DAY, Refused

# `keys` are (participant, key name, key id); `ended` is (outcome for who comes late, index, time).
Proposal = namedtuple("Proposal", "id maker index expires hash wishes asked four_eyes keys ended")

PROPOSED, APPROVED, CARRIED_OUT, WITHDRAWN, DECLINED, EXPIRED = 7, 86, 87, 88, 89, 90
OVER_BEFORE, EXPIRED_BEFORE = 92, 93
DAYS_MAX, BYTES_MAX, WISHES_MAX, OPEN_MAX, OPEN_OF_ONE_MAX = 31, 16_384, 16, 2_048, 256
ENDED_MAX = 256
# Instructions that a message with one signature may have.
ABOUT = ("propose", "approve", "withdraw", "decline")


def keys_needed(instructions, threshold):
    """How many keys of its submitter a message takes."""
    return 1 if all(kind in ABOUT for kind, _ in instructions) and instructions else threshold


def within(fields):
    """What an instruction proposes, as (kind, fields)."""
    return [next(iter(wish.items())) for wish in fields.get("instructions", ())]


def ids(instructions):
    """The ids that instructions use up, those of what they propose too."""
    for kind, fields in instructions:
        yield fields["id"]
        if kind == "propose":
            yield from (inner["id"] for _, inner in within(fields))


def known(work, proposal_id):
    """A proposal that is open, or ended at or after the floor."""
    found = work.book.proposals.get(proposal_id)
    if found is not None and found.ended is not None and found.ended[2] < work.window.floor:
        return None
    return found


def put(book, proposal):
    before = book.proposals.get(proposal.id)
    more = (proposal.ended is None) - (before is not None and before.ended is None)
    for whose in (proposal.maker, None):
        book.put(book.open_proposals, whose, book.open_proposals.get(whose, 0) + more)
    ended = (proposal.ended is not None) - (before is not None and before.ended is not None)
    known_of = book.ended_proposals.get(proposal.maker, 0)
    if before is not None and before.ended is not None and before.maker != proposal.maker:
        book.put(book.ended_proposals, before.maker, book.ended_proposals[before.maker] - 1)
        ended = int(proposal.ended is not None)
    book.put(book.ended_proposals, proposal.maker, known_of + ended)
    book.put(book.proposals, proposal.id, proposal)
    forget(book, proposal.maker)
    if before is None or before.ended is not None:
        heappush(book.proposals_due, (proposal.expires, proposal.id))


def forget(book, maker):
    """Of the proposals of a participant that ended only the newest are known."""
    more = book.ended_proposals[maker] - ENDED_MAX
    if more > 0:
        ended = sorted((one.ended[2], one.id) for one in book.proposals.values()
                       if one is not None and one.ended is not None and one.maker == maker)
        for _, proposal_id in ended[:more]:
            book.put(book.proposals, proposal_id, None)
        book.put(book.ended_proposals, maker, ENDED_MAX)


def first_due(book, time):
    """The open proposal that expires first, if it does at or before `time`."""
    while book.proposals_due and book.proposals_due[0][0] <= time:
        expires, proposal_id = book.proposals_due[0]
        found = book.proposals.get(proposal_id)
        if found is not None and found.ended is None and found.expires == expires:
            return found
        heappop(book.proposals_due)
    return None


class Needs:
    """Whose signatures instructions take."""

    def __init__(self, work):
        self.work, self.book = work, work.book
        self.asked, self.four_eyes, self.unfit = set(), False, False

    def ask(self, kind, fields):
        if kind in ("transfer", "reserve"):
            self.payers(fields)
        elif kind == "split":
            self.sides([party["account"] for party in fields["payers"] + fields["payees"]],
                       len(fields["payers"]))
        elif kind == "convert":
            self.sides([fields["debit"], fields["credit"]], 1)
        elif kind == "clear":
            for n, payment in enumerate(fields["payments"]):
                self.asked.add(self.participant(payment["from"], 104, n).number)
        elif kind == "redeem":
            account = self.book.account(fields["account"])
            if account is None:
                raise Refused(13)
            self.asked |= {0, account.owner}
        elif kind == "add_key":
            self.asked |= {0, self.participant(fields["participant"], 40, None).number}
        elif kind in ("lift", "reverse", "resume_participant", "terminate_participant", "set_fees",
                      "set_via"):
            self.asked.add(0)
            self.four_eyes = True
        elif kind in ("capture", "void", "cancel", "requeue", "return", "recall", "refuse_recall",
                      "quote", "set_reservation"):
            self.asked.add(self.work.submitter)
        elif kind in ABOUT or kind == "add_log_key":
            self.asked.add(self.work.submitter)
            self.unfit = True
        else:
            alone = govern.alone(self.work, kind, fields)
            self.asked.add(self.work.submitter if alone else 0)

    def participant(self, name, outcome, n):
        found = self.book.participants.get(name)
        if found is None:
            raise Refused(outcome, n)
        return found

    def sides(self, addresses, payers):
        """Accounts that must exist, the owners of the first of which are asked."""
        for n, address in enumerate(addresses):
            account = self.book.account(address)
            if account is None:
                raise Refused(13, n)
            if n < payers:
                self.asked.add(account.owner)

    def payers(self, fields):
        for n, leg in enumerate(fields["legs"]):
            debit, credit = self.book.account(leg["debit"]), self.book.account(leg["credit"])
            if debit is None or credit is None:
                raise Refused(13, n)
            self.asked.add(debit.owner)


def propose(work, ordinal, fields):
    book, needs, wishes = work.book, Needs(work), within(fields)
    for kind, inner in wishes:
        needs.ask(kind, inner)
    needs.asked = {book.signer(number) for number in needs.asked}
    expires = words.nanos(fields["expires_at"])
    if not work.time < expires <= work.time + DAYS_MAX * DAY:
        raise Refused(35)
    if work.submitter not in needs.asked:
        raise Refused(91)
    proposal_id = words.id_bytes(fields["id"])
    if known(work, proposal_id) is not None:
        raise Refused(96)
    own, every = (book.open_proposals.get(whose, 0) for whose in (work.submitter, None))
    crowded = every >= OPEN_MAX and own >= book.part(OPEN_MAX)
    if own >= OPEN_OF_ONE_MAX or crowded:
        raise Refused(97)
    text = words.canonical("propose", fields).encode()
    if len(text) > BYTES_MAX or len(wishes) > WISHES_MAX:
        raise Refused(98)
    if needs.unfit:
        raise Refused(99)
    maker = book.numbered(work.submitter).id
    digest = receipt.sha256(b"quittance proposal v1\n", maker.encode(), b"\n", text)
    work.refuse(ordinal, "propose", fields, Refused(PROPOSED))
    put(book, Proposal(proposal_id, work.submitter, work.index, expires, digest, tuple(wishes),
                       frozenset(needs.asked), needs.four_eyes, pens(work, needs.asked), None))


def pens(work, asked):
    """The keys of those who are asked that signed the message."""
    numbers = work.book.participants
    return frozenset(key for key in work.keys if numbers[key[0]].number in asked)


def find(work, fields):
    found = known(work, words.id_bytes(fields["of"]))
    keys = frozenset() if found is None else pens(work, found.asked)
    if not keys:
        raise Refused(59)
    return found, keys


def still_open(proposal):
    if proposal.ended is not None:
        raise Refused(proposal.ended[0], detail=proposal.ended[1])


def signed(book, proposal, participant):
    """How many keys of a participant signed and are active."""
    active = {(key.name, key.id) for key in participant.keys if not key.revoked}
    return sum(name == participant.id and (key, key_id) in active
               for name, key, key_id in proposal.keys)


def complete(book, proposal):
    for number in proposal.asked:
        participant = book.numbered(number)
        needed = participant.threshold
        if proposal.four_eyes and number == 0 and len(participant.keys) > 1:
            needed = max(2, needed)
        if signed(book, proposal, participant) < needed:
            return False
    return True


def approve(work, ordinal, fields):
    if "of" not in fields or "hash" not in fields:
        raise Refused(59)
    found, keys = find(work, fields)
    still_open(found)
    if words.hash_bytes(fields["hash"]) != found.hash:
        raise Refused(94)
    if keys & found.keys:
        raise Refused(95)
    found = found._replace(keys=found.keys | keys)
    done = complete(work.book, found)
    outcome = CARRIED_OUT if done else APPROVED
    work.refuse(ordinal, "approve", fields, Refused(outcome, detail=found.index))
    if done:
        carry_out(work, ordinal, found)
        found = ended(work, found, OVER_BEFORE)
    put(work.book, found)


def carry_out(work, ordinal, proposal):
    """As if the maker had sent it now with all signatures; the ids were used up before."""
    least = sum(holds.at_least(kind, fields) for kind, fields in proposal.wishes)
    outer, least = work.behind, least + sum(holds.at_least(*one) for one in work.behind)
    if len(work.done) + least > holds.ITEMS_MAX:
        raise Refused(39)
    own = work.submitter, work.signers, work.operator_keys
    operators = work.book.numbered(0)
    work.submitter, work.signers = proposal.maker, work.book.signed_for(set(proposal.asked))
    work.operator_keys = signed(work.book, proposal, operators) if 0 in proposal.asked else 0
    try:
        for n, (kind, fields) in enumerate(proposal.wishes):
            work.behind, work.agreed = [*proposal.wishes[n + 1:], *outer], True
            work.carry(ordinal, kind, fields)
    finally:
        work.submitter, work.signers, work.operator_keys = own
        work.behind, work.agreed = outer, False


def ended(work, proposal, how):
    return proposal._replace(wishes=(), ended=(how, work.index, work.time))


def withdraw(work, ordinal, fields):
    found, _ = find(work, fields)
    if found.maker != work.submitter:
        raise Refused(91)
    still_open(found)
    work.refuse(ordinal, "withdraw", fields, Refused(WITHDRAWN, detail=found.index))
    put(work.book, ended(work, found, OVER_BEFORE))


def decline(work, ordinal, fields):
    found, _ = find(work, fields)
    still_open(found)
    work.refuse(ordinal, "decline", fields, Refused(DECLINED, detail=found.index))
    put(work.book, ended(work, found, OVER_BEFORE))


def expire(work):
    """What is due at the time of a system entry, soonest first."""
    ordinal, book = 0, work.book
    while (found := first_due(book, work.time)) is not None and len(work.done) < holds.ITEMS_MAX:
        said = {"id": words.id_text(found.id),
                "asked": [book.numbered(number).id for number in sorted(found.asked)]}
        work.done.append({
            "item": "instruction", "instruction": ordinal, "outcome": EXPIRED, "leg": 0xFFFF,
            "id": found.id, "detail": found.index,
            "json": words.compact({"proposal_expired": said}),
        })
        put(book, ended(work, found, EXPIRED_BEFORE))
        ordinal += 1
    return ordinal


KINDS = {"propose": propose, "approve": approve, "withdraw": withdraw, "decline": decline}
