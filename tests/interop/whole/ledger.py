"""The ledger, applied again from nothing: every item must be what the rules make of the message."""

import json
import struct

import receipt
from whole import batch, bodies, cycles, days, holds, proposals, queues, returns, system
from whole.book import PARAMETERS, SECOND, Book, Key, Participant, Window
from whole.found import Diverges, same
from whole.messages import message_of
from whole.registry import vkey_parts
from whole.rules import Work
from whole.seals import NONE, Seals


class Ledger:
    def __init__(self, entry, document):
        """As entry 0 founds it."""
        parameters = document["parameters"]
        for name, (low, high) in PARAMETERS.items():
            if not low <= parameters.get(name, 0) <= high:
                raise Diverges(0, "the parameter " + name, "%d to %d" % (low, high), parameters)
        self.book, self.window, self.seals = Book(parameters), Window(), Seals()
        operators = document["operators"]
        keys = tuple(Key(*vkey_parts(text), False) for text in operators["keys"])
        if not 1 <= operators["threshold"] <= len(keys):
            raise Diverges(0, "the operators' threshold", "1 to %d" % len(keys), operators)
        self.book.participants["operators"] = Participant(
            0, "operators", "operator", keys, operators["threshold"])
        own = Key(*vkey_parts(document["log_vkey"]), False)
        self.book.log_keys[0] = own
        for key in (*keys, own):
            self.book.publics[key.public] = True
        self.times = [entry.time]
        self.edge = returns.Edge()
        self.other = []         # entries whose body is of a type that is not compared here
        self.settled = self.refused = self.governed = self.unjudged = self.compared = 0
        self.held = self.about_holds = self.expired = self.cleared = self.cycled = 0
        self.ready = False      # whether payments that wait could settle after the last entry
        self.rest = 0           # until when no run comes

    def step(self, entry, items, counts, salt, body, key):
        """One entry; `counts` says how many keys of each participant signed."""
        self.learn(entry.index, items)
        before = self.times[-1]
        if entry.kind == "seal":
            self.seals.check(entry, items, self.book)
            self.seals.freeze_if_due(self.book, entry.index, before, entry.time)
            self.times.append(entry.time)
            return
        if entry.kind == "system":
            self.system(entry, items, salt)
            return
        message = message_of(entry.index, items)
        overdue = self.book.first_due(entry.time)
        if overdue is not None:
            raise Diverges(entry.index, "what stands before the entry", "the expiry of hold %s"
                           % overdue.id.hex(), "nothing that is due")
        if queues.due(self.book, entry.time) is not None or self.runs(entry.time):
            raise Diverges(entry.index, "what stands before the entry",
                           "what was due of payments that wait", "nothing that is due")
        paper = proposals.first_due(self.book, entry.time)
        if paper is not None:
            raise Diverges(entry.index, "what stands before the entry",
                           "the expiry of proposal %s" % paper.id.hex(), "nothing that is due")
        self.nothing_due(entry)
        calendar = days.first(self.book, self.seals.frozen is not None, entry.time)
        if calendar is not None:
            raise Diverges(entry.index, "what stands before the entry", "what was due of the day of "
                           + self.book.assets[calendar.asset].id, "nothing that is due")
        if returns.due(self.book, entry.time) is not None:
            raise Diverges(entry.index, "what stands before the entry",
                           "the end of a recall", "nothing that is due")
        if message.who["content_type"] == system.SYSTEM:
            raise Diverges(entry.index, "the content type", "one of a submission", system.SYSTEM)
        submitter, signers = self.admit(entry, message, counts)
        self.seals.freeze_if_due(self.book, entry.index, before, entry.time)
        self.times.append(entry.time)
        work = Work(self.book, self.window, self.times, submitter, self.book.signed_for(signers))
        work.operator_keys, work.edge = counts.get("operators", 0), self.edge
        work.keys = {(name.split("/")[0], name, key_id)
                     for name, key_id, _ in message.who["signatures"]}
        work.message(message)
        self.ready = bool(queues.Run(work).found())
        self.unjudged += work.unjudged
        self.compare(entry, items, work, salt)
        if message.who["content_type"] == batch.BATCH:
            batch.compare(entry.index, items)
            self.compared += 1
        elif message.who["content_type"] != "application/json":
            self.other.append(entry.index)
        elif body is not None:
            bodies.compare(entry.index, body, message, self.book, items, key)
            self.compared += 1

    def runs(self, time):
        """Whether payments that wait settle at a time."""
        return self.ready and time >= self.rest

    def system(self, entry, items, salt):
        """What the node did by rule: holds whose time had come, then payments that waited."""
        system.check(entry, items)
        self.seals.freeze_if_due(self.book, entry.index, self.times[-1], entry.time)
        self.times.append(entry.time)
        work = Work(self.book, self.window, self.times, None, set())
        sealing, before = self.seals.frozen is not None, self.cleared
        if days.goes_first(self.book, sealing, entry.time):
            if not self.settle(work):
                days.step(work, sealing)
        else:
            self.in_turn(work, sealing)
        settled = self.cleared - before
        self.ready = bool(queues.Run(work).found())
        if settled and self.ready:
            self.rest = entry.time + queues.REST
        self.compare(entry, items, work, salt)

    def settle(self, work):
        """Payments that wait, if they can."""
        settled = queues.settle(work) if self.runs(work.time) else 0
        self.cleared += settled
        return settled

    def in_turn(self, work, sealing):
        """The first of what the node does in a system entry of which there is anything."""
        expired = holds.expire(work)
        self.expired += expired
        if expired or queues.on_time(work) or proposals.expire(work):
            return
        cycled = cycles.step(work)
        self.cycled += cycled
        if not cycled and not returns.on_time(work) and not self.settle(work):
            days.step(work, sealing)

    def nothing_due(self, entry):
        """No window should have closed, settled or been in default before a submission."""
        if not self.book.models:
            return
        work = Work(self.book, self.window, [*self.times, entry.time], None, set())
        todo = cycles.due(work)
        if todo is not None:
            what = "%s of model %s" % (todo[0].__name__, todo[1].name)
            raise Diverges(entry.index, "what stands before the entry", what, "nothing that is due")

    def learn(self, index, items):
        """The scale of an asset, where the log states it first; it never changes."""
        for item in items[1:]:
            stated = item["assets"] if item["item"] == "seal" else [item]
            for row in stated if item["item"] in ("seal", "leg") else ():
                asset = self.book.asset_ids.get(row["asset"])
                if asset is None:
                    self.book.stated[row["asset"]] = row["scale"]
                else:
                    if asset not in self.book.scales:
                        self.book.learn(asset, row["scale"])
                    same(index, "the scale of " + row["asset"], self.book.scales[asset],
                         row["scale"])

    def admit(self, entry, message, counts):
        """Whether the message could become an entry here; gives submitter and signers by number."""
        index, who, book, window = entry.index, message.who, self.book, self.window
        participant = book.participants.get(who["submitter"])
        if participant is None or participant.role == "auditor":
            raise Diverges(index, "the submitter", "a bank or the operators", who["submitter"])
        signers = {book.participants[name].number for name, count in counts.items()
                   if count >= book.participants[name].threshold}
        need = proposals.keys_needed(message.instructions, participant.threshold)
        if counts.get(participant.id, 0) < need:
            raise Diverges(index, "the submitter's signatures", "%d" % need,
                           counts.get(participant.id, 0))
        floor = max(window.floor, entry.time - book.parameters["window_back_s"] * SECOND)
        ceiling = entry.time + book.parameters["window_ahead_s"] * SECOND
        span, created = "%d to %d" % (floor, ceiling), who["created"]
        if not floor <= created <= ceiling:
            raise Diverges(index, "`created`", span, created)
        self.once(index, participant.number, who, floor, ceiling)
        used = list(proposals.ids(message.instructions))
        for one in used:
            time = int(one.replace("-", "")[:12], 16) * 1_000_000
            if not floor <= time <= ceiling:
                raise Diverges(index, "the time of id " + one, span, time)
        most = book.parameters["window_ids_max"]
        if window.count(participant.number) + len(used) > most:
            raise Diverges(index, "ids of %s inside the window" % participant.id, most, "more")
        window.advance(floor)
        return participant.number, signers

    def once(self, index, submitter, who, floor, ceiling):
        """A message id is used once inside the window."""
        key = submitter, who["message_id"]
        known = self.window.messages.get(key)
        if known is not None and floor <= known[0] <= ceiling:
            raise Diverges(index, "the message id %s of %s" % (who["message_id"], who["submitter"]),
                           "one that is new", "that of entry %d" % known[1])
        self.window.messages[key] = who["created"], index

    def compare(self, entry, items, work, salt):
        """The items that the rules make, against those that the log has."""
        index = entry.index
        for n in range(1, max(len(items), len(work.done) + 1)):
            found = items[n] if n < len(items) else None
            expected = work.done[n - 1] if n <= len(work.done) else None
            if found is None or expected is None or differs(expected, found):
                raise Diverges(index, "item %d" % n, told(expected), told(found))
            if expected["item"] == "leg":
                private(index, n, expected["changes"], found["private"], salt)
                self.settled += expected["outcome"] == 1
                self.held += expected["outcome"] != 1
            elif expected["outcome"] in (1, 3, 4, 6, 102, 160, days.WAREHOUSED, days.ROLLED):
                self.about_holds += 1
            elif expected["outcome"] in (2, 7, 86, 87, 88, 89, *system.NOTICES):
                self.governed += 1
            else:
                self.refused += 1
        if entry.kind != "system":
            same(index, "the entry's kind", kind_of(work.done), entry.kind)

    def conserve(self):
        """In every asset the balances of all accounts sum to zero."""
        index, totals = len(self.times) - 1, []
        for number, (accounts, total, issued, redeemed, pending) in self.book.sums().items():
            asset = self.book.assets[number].id
            same(index, "the sum of all balances in " + asset, 0, total)
            same(index, "the sum of all that is pending in " + asset, 0, pending)
            totals.append((asset, accounts, issued, redeemed, self.book.scales.get(number)))
        return totals


def kind_of(done):
    """The kind of an entry, by what took effect in it."""
    applied = {next(iter(json.loads(item["json"]))) for item in done
               if item["item"] == "instruction" and item["outcome"] == 2}
    if "erase" in applied:
        return "erasure"
    return "key" if applied & {"add_log_key", "retire_log_key"} else "submission"


def differs(expected, found):
    return any(found.get(name) != value
               for name, value in expected.items() if name != "changes")


def told(item):
    if item is None:
        return "no such item"
    if item["item"] == "leg":
        return "instruction %(instruction)d, leg %(leg)d: %(kind)s of %(amount)d minor units " \
            "(scale %(scale)s) of %(asset)s from %(debit)d (%(debit_address)s) to %(credit)d " \
            "(%(credit_address)s), reference %(reference)s, hold %(hold)s, unreserved " \
            "%(unreserved)s, since %(since)s, model %(model)s, window %(window)s, original " \
            "%(original)s, at %(at)s, residue %(residue)s, mandate %(mandate)s, " \
            "value date %(value_date)s, month %(month)s, outcome %(outcome)s" % item
    if item["item"] == "instruction":
        return "instruction %(instruction)d: outcome %(outcome)d, leg %(leg)d, " \
            "detail %(detail)d, %(json)s" % item
    return item["item"]


def private(index, n, changes, commitments, salt):
    """The private parts of a leg: both accounts after it, and the item before."""
    same(index, "private parts of item %d" % n, 2, len(commitments))
    for k, (account, counters, previous) in enumerate(changes):
        entry, item = previous or NONE
        part = struct.pack(">Q", account) + b"".join(
            value.to_bytes(16, "big") for value in counters
        ) + struct.pack(">QI", entry, item)
        own = receipt.sha256(b"\x11", salt, struct.pack(">IH", n, k))
        what = "private commitment %d of item %d (account %d: debits %d and %d pending, credits %d " \
            "and %d pending, item before %s)" % (
                k, n, account, counters.debits, counters.debits_pending, counters.credits,
                counters.credits_pending, previous)
        same(index, what, receipt.sha256(b"\x12", own, part), commitments[k])
