"""What waits for the signatures of several (SPEC: Proposals).

Like what is in `holds.py`, this is by somebody who had seen the source of the product.
"""
import copy
from collections import namedtuple
from dataclasses import dataclass, replace

import holds
from base import Malformed, sha, unb64, write_json
from formats import NO_LEG
from instr import ABOUT, id_bytes, read_time
from refused import Refused

LONGEST = 31 * 86_400 * 10**9
MOST_BYTES, MOST_WISHES, MOST_OPEN, MOST_OF_ONE, MOST_KNOWN = 16_384, 16, 2_048, 256, 256
PROPOSED, APPROVED, CARRIED_OUT, WITHDRAWN, DECLINED, EXPIRED = 7, 86, 87, 88, 89, 90
OVER, TOO_LATE = 92, 93
Wish = namedtuple("Wish", "kind wish")
# What must stand behind an approval, item by item.
Said = namedtuple("Said", "outcome detail id json")
Moved = namedtuple("Moved", "kind number id outcome posting")


@dataclass(frozen=True)
class Proposal:
    """A proposal; `ended` is (outcome for whoever comes late, index, time)."""

    id: bytes
    maker: str
    index: int
    expires: int
    hash: bytes
    wishes: tuple
    asked: frozenset
    two_operators: bool
    keys: frozenset
    ended: tuple | None = None

    def known(self, floor):
        """Is it open, or did it end at the floor or after?"""
        return self.ended is None or self.ended[2] >= floor


class Behind(list):
    """Items behind an approval."""


def wishes_of(wish):
    """What a `propose` proposes."""
    return tuple(Wish(*next(iter(one.items()))) for one in wish["instructions"])


def ids_of(step):
    """The ids that an instruction uses up."""
    proposed = wishes_of(step.wish) if step.kind == "propose" else ()
    return [step.id] + [id_bytes(one.wish["id"]) for one in proposed]


def keys_needed(steps, threshold):
    """How many keys of its submitter a message takes."""
    return 1 if all(step.kind in ABOUT for step in steps) else threshold


def due(state, time):
    """Open proposals that expire at a time or before, soonest first."""
    found = [one for one in state.proposals.values() if one.ended is None and one.expires <= time]
    return sorted(found, key=lambda one: (one.expires, one.id))


def propose(rules, wish, _first, _ordinal):
    """Keep instructions for those whose signatures they take."""
    asked, two_operators, unfit, state = set(), False, False, rules.state
    for kind, one in wishes_of(wish):
        asked |= _asked(rules, kind, one)
        two_operators |= kind in ("lift", "reverse", "resume_participant",
                                  "terminate_participant", "set_fees", "set_via")
        unfit |= kind in ABOUT or kind == "add_log_key"
    asked = {state.signer(name) for name in asked}
    expires = read_time(wish["expires_at"])
    if not rules.entry.time < expires <= rules.entry.time + LONGEST:
        raise Refused(35)
    if rules.submitter not in asked:
        raise Refused(91)
    one = id_bytes(wish["id"])
    if one in state.proposals and state.proposals[one].known(rules.floor):
        raise Refused(96)
    opened = [other for other in state.proposals.values() if other.ended is None]
    mine = [other for other in opened if other.maker == rules.submitter]
    part = MOST_OPEN // state.signing()
    if len(mine) >= MOST_OF_ONE or (len(opened) >= MOST_OPEN and len(mine) >= part):
        raise Refused(97)
    text = write_json({"propose": wish}).encode()
    if len(text) > MOST_BYTES or len(wish["instructions"]) > MOST_WISHES:
        raise Refused(98)
    if unfit:
        raise Refused(99)
    digest = sha(b"quittance proposal v1\n" + rules.submitter.encode() + b"\n" + text)
    state.proposals[one] = Proposal(
        one, rules.submitter, rules.entry.index, expires, digest, wishes_of(wish),
        frozenset(asked), two_operators, _own(rules, asked))
    return PROPOSED, 0, []


def _asked(rules, kind, wish):
    """Whose signatures an instruction takes, as far as that is known now."""
    state = rules.state
    if kind in ("transfer", "reserve"):
        pairs = [(state.account(leg["debit"]), state.account(leg["credit"]))
                 for leg in wish["legs"]]
        for number, pair in enumerate(pairs):
            if None in pair:
                raise Refused(13, number)
        return {debit.owner for debit, _ in pairs}
    if kind == "split":
        places = [state.account(one["account"]) for one in wish["payers"] + wish["payees"]]
        if None in places:
            raise Refused(13, places.index(None))
        return {account.owner for account in places[:len(wish["payers"])]}
    if kind == "convert":
        for number, side in enumerate(("debit", "credit")):
            if state.account(wish[side]) is None:
                raise Refused(13, number)
        return {state.account(wish["debit"]).owner}
    if kind == "clear":
        payers = [payment["from"] for payment in wish["payments"]]
        for number, payer in enumerate(payers):
            if payer not in state.participants:
                raise Refused(104, number)
        return set(payers)
    if kind == "redeem":
        account = state.account(wish["account"])
        if account is None:
            raise Refused(13)
        return {"operators", account.owner}
    if kind == "add_key":
        if wish["participant"] not in state.participants:
            raise Refused(40)
        return {"operators", wish["participant"]}
    alone = kind in ("capture", "void", "cancel", "requeue", "return", "recall", "refuse_recall",
                     "quote", "set_reservation", "add_log_key", *ABOUT)
    if alone or rules.alone(kind, wish):
        return {rules.submitter}
    return {"operators"}


def _own(rules, asked):
    """The keys of these participants that signed the message."""
    return frozenset(key for key in rules.keys if key[0] in asked)


def _find(rules, of):
    found = rules.state.proposals.get(id_bytes(of))
    if found is None or not found.known(rules.floor):
        raise Refused(59)
    keys = _own(rules, found.asked)
    if not keys:
        raise Refused(59)
    return found, keys


def _still_open(one):
    if one.ended is not None:
        raise Refused(one.ended[0], detail=one.ended[1])


def _signed(state, one, name):
    """How many keys of a participant signed, and are active."""
    active = {key.vkey.line for key in state.participants[name].active()}
    return len({line for who, line in one.keys if who == name and line in active})


def _complete(state, one):
    for name in one.asked:
        party = state.participants[name]
        two = one.two_operators and name == "operators" and len(party.keys) > 1
        if _signed(state, one, name) < max(party.threshold, 2 if two else 0):
            return False
    return True


def approve(rules, wish, first_item, ordinal):
    """Add the signatures of the message; with the last that is missing, do what is proposed."""
    if "of" not in wish or "hash" not in wish:
        raise Refused(59)
    found, keys = _find(rules, wish["of"])
    _still_open(found)
    if not _is_hash(wish["hash"], found.hash):
        raise Refused(94)
    if keys & found.keys:
        raise Refused(95)
    signed = replace(found, keys=found.keys | keys)
    if not _complete(rules.state, signed):
        rules.state.proposals[signed.id] = signed
        return APPROVED, signed.index, []
    behind = _carry_out(rules, signed, first_item, ordinal)
    _end(rules, signed, OVER)
    return CARRIED_OUT, signed.index, behind


def _is_hash(text, wanted):
    try:
        return unb64(text, 32) == wanted
    except Malformed:
        return False


def _carry_out(rules, one, first_item, ordinal):
    """As if the maker had sent it now, with all that signed; all of it, or nothing."""
    outer = rules.behind
    least = sum(holds.least(wish) for wish in (*one.wishes, *outer))
    if first_item + least > holds.MOST_ITEMS:
        raise Refused(39)
    own, saved = (rules.submitter, rules.signed, rules.operator_keys), copy.deepcopy(rules.state)
    rules.submitter, rules.signed = one.maker, rules.state.signed_for(one.asked)
    rules.operator_keys = _signed(rules.state, one, "operators")
    if "operators" not in one.asked:
        rules.operator_keys = 0
    behind = Behind()
    try:
        for number, (kind, wish) in enumerate(one.wishes):
            rules.behind = [*one.wishes[number + 1:], *outer]
            at = first_item + 1 + len(behind)
            rules.agreed = True
            detail, postings = rules.carry_out(kind, wish, at, ordinal)
            behind += rules.items_of(kind, wish, detail, postings)
    except Refused:
        vars(rules.state).update(vars(saved))
        raise
    finally:
        rules.submitter, rules.signed, rules.operator_keys = own
        rules.behind, rules.agreed = outer, False
    return behind


def _end(rules, one, how):
    ended = how, rules.entry.index, rules.entry.time
    known = rules.state.proposals
    known[one.id] = replace(one, ended=ended)
    over = sorted((other.ended[2], other.id) for other in known.values()
                  if other.ended is not None and other.maker == one.maker)
    for _, old in over[:-MOST_KNOWN]:
        del known[old]


def withdraw(rules, wish, _first, _ordinal):
    """End what one has proposed."""
    found, _ = _find(rules, wish["of"])
    if found.maker != rules.submitter:
        raise Refused(91)
    _still_open(found)
    _end(rules, found, OVER)
    return WITHDRAWN, found.index, []


def decline(rules, wish, _first, _ordinal):
    """End what one is asked to sign."""
    found, _ = _find(rules, wish["of"])
    _still_open(found)
    _end(rules, found, OVER)
    return DECLINED, found.index, []


def expire(rules):
    """What a system entry of this time says of proposals."""
    found, names = [], list(rules.state.participants)
    for one in due(rules.state, rules.entry.time)[:holds.MOST_ITEMS]:
        asked = sorted(one.asked, key=names.index)
        text = one.id.hex()
        spelled = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
        said = write_json({"proposal_expired": {"id": spelled, "asked": asked}})
        found.append(Said(EXPIRED, one.index, one.id, said))
        _end(rules, one, TOO_LATE)
    return found


def compare(same, leg, first, expected, found):
    """The items behind an approval, against what must stand there."""
    same("number of items behind it", len(expected), len(found))
    for at, (wanted, item) in enumerate(zip(expected, found), first):
        what = f"item {at}, carried out: "
        if isinstance(wanted, Said):
            same(what + "an instruction", tuple(wanted) + (NO_LEG, None),
                 (getattr(item, "outcome", None), getattr(item, "detail", None), item.id,
                  getattr(item, "json", None), item.leg, item.text))
            continue
        same(what + "a leg", tuple(wanted[:4]) + (None,),
             (getattr(item, "kind", None), item.leg, item.id, item.outcome, item.text))
        leg(at, item, wanted.posting)


KINDS = {"propose": propose, "approve": approve, "withdraw": withdraw, "decline": decline}
