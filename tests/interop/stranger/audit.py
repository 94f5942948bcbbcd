"""The ledger of an export, applied again from nothing (SPEC: Ledger, Seals, Export)."""
import copy

import back
import charges
import cycles
import days
import ed
import formats
import holds
import proposals
import values
import standing
import waiting
import tree
from base import Diverged, Malformed, Missing, fields, need, read_json, sha, unb64, whole, write_json
from ed import Vkey
from export import read_keys, read_records
from formats import Authorisation, Genesis, Leg, Private, SealItem
from instr import id_time, open_body
from message import check_batch, check_body, steps_of
from notes import genesis_text, submission_text
from rules import DONE, MOVING, RANGES, Refused, Rules
from seals import Frozen, check_seal
from state import LogKey, Participant, PartyKey, State

SECOND = 10**9
MINUTE = 60 * SECOND
DOCUMENT = ["origin", "mode", "protocol", "log_vkey", "operators", "parameters", "network_id"]
WINDOW = ["window_back_s", "window_ahead_s", "window_ids_max"]
# Parameters that a genesis document leaves out if they are 0.
LATER = ["retention_days", "seal_interval_s", "holds_max", "return_s", "recall_s",
         "returns_max"]
BATCH = "application/vnd.quittance.batch"
SYSTEM = "application/vnd.quittance.system"
BODILESS = (formats.GENESIS, formats.SEAL, formats.SYSTEM)
MOST = {"application/json": 1000, BATCH: 8189}


class Audit:
    """Replays all entries; `run` raises at the first that diverges."""

    def __init__(self, folder, log):
        self.folder, self.log = folder, log
        self.state, self.keys, self.frozen = None, {}, None
        self.floor, self.ids, self.messages = 0, {}, {}
        self.operator_keys, self.ready, self.ran, self.rest = 0, False, False, 0
        self.signing, self.by_party = set(), {}
        self.times, self.scales, self.bodies, self.unjudged = [], {}, set(), []
        # What a node answered about value-dated balances, by the index that it names.
        self.questions = {}

    def run(self):
        """Check everything; afterwards `state` is the state at the checkpoint."""
        size = self.log.checkpoint.size
        if not any(name.startswith("records/") for name in self.folder.names):
            raise Missing("no records: a public export")
        for _, record in read_records(self.folder, size):
            self._note_scales(record)
        try:
            self.keys = read_keys(self.folder)
        except Malformed as error:
            raise Diverged(None, str(error)) from error
        self.times = [entry.time for entry in self.log.entries]
        for index, record in read_records(self.folder, size):
            try:
                self._entry(self.log.entries[index], record)
            except Malformed as error:
                raise Diverged(index, str(error)) from error
        self._keys_at_the_end()

    def _note_scales(self, record):
        """The first leg or seal that states a scale."""
        for data in record.items[1:]:
            try:
                item = formats.read_item(data)
            except Malformed:
                continue
            for one in item.assets if isinstance(item, SealItem) else [item]:
                if not isinstance(item, (SealItem, Leg)):
                    break
                self.scales.setdefault(one.asset, one.scale)

    def _entry(self, entry, record):
        if record.entry != entry.data:
            raise Diverged(entry.index, "entry of the record", entry.data, record.entry)
        self._same(entry, "number of items", entry.items, len(record.items))
        leaves = [formats.item_leaf(formats.item_salt(record.salt, n), item)
                  for n, item in enumerate(record.items)]
        self._same(entry, "payload root", entry.payload_root, tree.root(leaves))
        items = [formats.read_item(item) for item in record.items]
        need(items and isinstance(items[0], Authorisation), "item 0 is no authorisation")
        if entry.kind in BODILESS or items[0].content_type == BATCH:
            need(record.sealed_body is None, "a body where there is none")
        else:
            need(record.sealed_body is not None, "no sealed body")
        if entry.kind == formats.GENESIS:
            self._genesis(items, record.items)
            return
        if entry.kind == formats.SEAL:
            check_seal(entry, items, self.frozen)
            self.frozen = None
        self._seal_due(entry)
        if entry.kind == formats.SYSTEM:
            self._system(entry, record, items)
        elif entry.kind != formats.SEAL:
            self._submission(entry, record, items)
        if entry.kind != formats.SEAL:
            rules = Rules(self.state, entry, self.times, None, set())
            self.ready = bool(waiting.Run(rules).settled)
            if self.ready and self.ran:
                self.rest = entry.time + waiting.REST
            self.ran = False
        values.compare(self.state, self.questions.get(entry.index, ()),
                       lambda *what: self._same(entry, *what))
        for asset, sums in self.state.sums().items():
            self._same(entry, f"sums of balances and of what is pending in {asset}", (0, 0), sums)

    @staticmethod
    def _same(entry, what, expected, found):
        if expected != found:
            raise Diverged(entry.index, what, expected, found)

    def _seal_due(self, entry):
        interval = self.state.parameters["seal_interval_s"] * SECOND
        if self.frozen is not None:
            return
        by_time = interval and entry.time // interval > self.times[entry.index - 1] // interval
        if days.to_seal(self.state, entry.index) or by_time and not days.closing(self.state, entry.time):
            self.frozen = Frozen(entry.index, self.state)

    def _genesis(self, items, raw):
        """Entry 0 and the state it founds (SPEC: Genesis document)."""
        need(len(items) == 2 and isinstance(items[1], Genesis), "items of entry 0")
        text = items[1].json
        doc = read_json(text)
        need(write_json(doc) == text and list(doc) == DOCUMENT, "spelling of the document")
        fields(doc["operators"], ("keys", "threshold"))
        need(list(doc["operators"]) == ["keys", "threshold"], "order of operators")
        given = doc["parameters"]
        order = WINDOW + [n for n in LATER if n in given]
        need(list(given) == order, "parameters of the document")
        for name, value in given.items():
            low, high = RANGES[name]
            need(low <= whole(value) <= high, f"range of {name}")
            need(name in WINDOW or value, f"{name} is stated though 0")
        parameters = dict.fromkeys(LATER, 0) | given
        need(doc["mode"] in ("live", "sandbox") and doc["protocol"] == 1, "mode or protocol")
        unb64(doc["network_id"], 32)
        origin, first = doc["origin"], Vkey.read(doc["log_vkey"])
        need(origin == self.log.checkpoint.origin == first.name, "origin of the document")
        keys = [Vkey.read(line) for line in doc["operators"]["keys"]]
        threshold = whole(doc["operators"]["threshold"])
        need(1 <= threshold <= len(keys), "threshold of the operators")
        everyone = [first] + keys
        need(all(ed.registrable(key.public) for key in everyone), "a key not registrable")
        need(len({key.public for key in everyone}) == len(everyone), "a key twice")
        need(len({key.key_id for key in keys}) == len(keys), "two keys of one id")
        need(all(key.name.startswith("operators/") for key in keys), "name of a key")
        auth = items[0]
        need((auth.submitter, auth.content_type, auth.instructions, auth.atomic)
             == ("operators", "application/vnd.quittance.genesis", 0, False), "item 0")
        need(auth.body_hash == sha(raw[1]), "body hash of entry 0")
        message = genesis_text(origin, sha(raw[1]))
        known = {(key.name, key.key_id): key for key in keys}
        signed = [(name, key_id) for name, key_id, _ in auth.signatures]
        need(sorted(signed) == sorted(known), "every key of the operators signs entry 0")
        for name, key_id, signature in auth.signatures:
            need(ed.holds(known[name, key_id].public, signature, message), "signature of genesis")
        self.state = State(origin, doc["mode"], parameters)
        self.state.participants["operators"] = Participant(
            "operators", "operator", [PartyKey(key) for key in keys], threshold)
        self.state.log_keys = [LogKey(first)]
        self.state.public_keys = {key.public for key in everyone}

    def _signed(self, auth):
        """The participants that have signed, by the state before the entry."""
        state = self.state
        text = submission_text(state.origin, self.log.hashes[0], auth.submitter,
                               auth.content_type, auth.body_hash)
        by_party, lines = {}, {}
        for name, key_id, signature in auth.signatures:
            party, key = state.party_key(name, key_id)
            need(party is not None, f"signed by {name}+{key_id.hex()}, which is not registered")
            need(ed.holds(key.public, signature, text), f"signature of {name} does not hold")
            mine = by_party.setdefault(party.name, set())
            need(key.public not in mine, f"{name} signed twice")
            mine.add(key.public)
            lines.setdefault(party.name, set()).add(key.line)
        self.operator_keys, self.by_party = len(by_party.get("operators", ())), by_party
        self.signing = {(name, line) for name, lines in lines.items() for line in lines}
        return state.signed_for({name for name, mine in by_party.items()
                                 if len(mine) >= state.participants[name].threshold})

    def _admit(self, entry, auth, steps):
        """SPEC: Admission; gives back who has signed."""
        state, who = self.state, auth.submitter
        party = state.participants.get(who)
        need(party is not None and party.role != "auditor", f"submitter {who}")
        need(auth.content_type in MOST, "content type of a submission")
        need(1 <= len(steps) <= MOST[auth.content_type], "number of instructions")
        signed = self._signed(auth)
        enough = proposals.keys_needed(steps, party.threshold)
        need(len(self.by_party.get(who, ())) >= enough, f"{who} has not signed")
        ids = [one for step in steps for one in proposals.ids_of(step)]
        back, ahead, most = (state.parameters[name] for name in WINDOW)
        last, floor = self.floor, max(self.floor, entry.time - back * SECOND)
        ceiling = entry.time + ahead * SECOND
        for moment in [auth.created] + [id_time(one) for one in ids]:
            if not floor <= moment <= ceiling:
                raise Diverged(entry.index, "a time of the message", f"{floor} to {ceiling}",
                               moment)
        seen = self.messages.setdefault((who, auth.message_id), [])
        need(not any(floor <= created <= ceiling for created in seen),
             f"message id {auth.message_id} stands twice")
        seen.append(auth.created)
        mine = self.ids.setdefault(who, {})
        recent = {one for one in mine if id_time(one) // MINUTE >= last // MINUTE}
        need(len(recent) + len(ids) <= most, "too many ids")
        self.floor = floor
        return signed

    def _system(self, entry, record, items):
        """SPEC: System entries, Expiry, Queues."""
        auth = items[0]
        self._same(entry, "item 0 of a system entry",
                   ("operators", SYSTEM, f"system-{entry.index}", 0, [], False, sha(), entry.time),
                   (auth.submitter, auth.content_type, auth.message_id, auth.instructions,
                    auth.signatures, auth.atomic, auth.body_hash, auth.created))
        rules = Rules(self.state, entry, self.times, None, set())
        sealing, done = self.frozen is not None, []
        if not days.before_others(self.state, sealing, entry.time):
            kind, done = formats.EXPIRE, [(hold, 5, legs) for hold, legs in holds.expire(rules)]
            if not done:
                kind, done = formats.NOTICE, waiting.on_time(rules)
            if not done:
                expired = proposals.expire(rules)
                if expired:
                    self._expired(entry, items, expired)
                    return
                cycled = cycles.step(rules)
                if cycled:
                    self._cycle(entry, record, items, cycled)
                    return
                kind, done = formats.RECALL, back.on_time(rules)
        if not done and self.ready and entry.time >= self.rest:
            kind, done, self.ran = formats.QUEUED, waiting.settle(rules), True
        if not done:
            self._day(entry, record, items, days.step(rules, sealing))
            return
        self._same(entry, "number of legs", self._count(done), len(items) - 1)
        self._moved(entry, record, items, kind, list(enumerate(done)), 1)

    @staticmethod
    def _count(done):
        return sum(len(postings) for _, _, postings in done)

    def _day(self, entry, record, items, done):
        """SPEC: Business days: what the node says, then what it releases or revokes."""
        need(done is not None, "a system entry though nothing is due")
        said = len(done.notices)
        self._same(entry, "number of items", said + self._count(done.payments), len(items) - 1)
        for item, notice in zip(items[1:], done.notices):
            need(isinstance(item, formats.Instruction), "what is said of a day is no instruction")
            self._same(entry, "what is said of a day", (0, formats.NO_LEG, None, *notice),
                       (item.instruction, item.leg, item.text, item.outcome, item.detail, item.id,
                        item.json))
        self._moved(entry, record, items, formats.NOTICE, list(enumerate(done.payments, 1)),
                    1 + said)

    def _moved(self, entry, record, items, kind, done, first):
        """The legs of payments and holds, from an item on."""
        legs = []
        for ordinal, (one, outcome, postings) in done:
            number = 0
            for posting in postings:
                if isinstance(posting, charges.Due):
                    legs.append((posting.kind, ordinal, posting.leg, one.id, posting.outcome,
                                 posting))
                    continue
                legs.append((kind, ordinal, number, one.id, outcome, posting))
                number += 1
        for at, (item, (named, ordinal, number, one, outcome, posting)) in enumerate(
                zip(items[first:], legs), first):
            need(isinstance(item, Leg) and item.kind == named and item.text is None,
                 f"item {at} of a system entry")
            self._same(entry, f"item {at}: ordinal, leg, id and outcome",
                       (ordinal, number, one, outcome),
                       (item.instruction, item.leg, item.id, item.outcome))
            self._leg(entry, record.salt, at, item, posting)

    def _expired(self, entry, items, done):
        """SPEC: Proposals: what the node says of those whose time has come."""
        self._same(entry, "number of items", len(done), len(items) - 1)
        for ordinal, (item, said) in enumerate(zip(items[1:], done)):
            need(isinstance(item, formats.Instruction), f"item {ordinal + 1} of a system entry")
            self._same(entry, f"item {ordinal + 1}", (ordinal, formats.NO_LEG, None, *said),
                       (item.instruction, item.leg, item.text, item.outcome, item.detail, item.id,
                        item.json))

    def _cycle(self, entry, record, items, done):
        """SPEC: Netting cycles: what the node does by itself."""
        need(done is not None, "a system entry though nothing is due")
        notice, postings = done
        self._same(entry, "number of items", 1 if notice else len(postings), len(items) - 1)
        if notice:
            item = items[1]
            need(isinstance(item, formats.Instruction), "item 1 of a system entry")
            self._same(entry, "item 1", (0, formats.NO_LEG, None, *notice),
                       (item.instruction, item.leg, item.text, item.outcome, item.detail, item.id,
                        item.json))
        for number, posting in enumerate(postings):
            item = items[1 + number]
            kind = formats.DRAW if posting[0].kind == "pool" else formats.NET
            need(isinstance(item, Leg) and item.kind == kind and item.text is None,
                 f"item {1 + number} of a system entry")
            model = self.state.models[posting[7]]
            self._same(entry, f"item {1 + number}: leg and id", (0, number, model.id),
                       (item.instruction, item.leg, item.id))
            self._leg(entry, record.salt, 1 + number, item, posting)

    def _submission(self, entry, record, items):
        auth = items[0]
        due = self.state.due(entry.time)
        if due:
            raise Diverged(entry.index, f"hold {due[0].id.hex()} should have expired before")
        waited = waiting.due(self.state, entry.time)
        if waited or self.ready and entry.time >= self.rest:
            raise Diverged(entry.index, "what was due of payments that wait is missing before it")
        late = proposals.due(self.state, entry.time)
        if late:
            raise Diverged(entry.index, f"proposal {late[0].id.hex()} should have expired before")
        todo = cycles.due(Rules(self.state, entry, self.times, None, set()))
        if todo:
            raise Diverged(entry.index, f"model {todo[1].name} had to {todo[0]} before")
        day = days.next_one(self.state, self.frozen is not None, entry.time)
        if day:
            raise Diverged(entry.index, f"the day of {day.asset} had to go on before")
        if back.due(self.state, entry.time):
            raise Diverged(entry.index, "a recall should have ended before")
        steps = steps_of(items, auth.instructions)
        signed = self._admit(entry, auth, steps)
        before_erased, before_keys = set(self.state.erased), copy.deepcopy(self.state.log_keys)
        expected = self._carry_out(entry, auth, steps, signed)
        for step, (outcome, leg, detail, postings) in zip(steps, expected):
            what = f"instruction {step.ordinal} ({step.kind}): "
            self._same(entry, what + "outcome", outcome, step.outcome)
            in_legs = outcome == 1 and step.kind in MOVING and not step.is_set
            self._same(entry, what + "is in legs", in_legs, step.settled)
            if step.kind == "approve":
                proposals.compare(
                    lambda say, *both, what=what: self._same(entry, what + say, *both),
                    lambda at, item, posting: self._leg(entry, record.salt, at, item, posting),
                    step.first_item + 1, postings, step.items[1:])
            else:
                self._legs(entry, record.salt, step, postings)
            if step.settled:
                continue
            item = step.items[0]
            self._same(entry, what + "leg", leg, item.leg)
            self._same(entry, what + "detail", detail, item.detail)
        kind = formats.SUBMISSION
        if self.state.log_keys != before_keys:
            kind = formats.KEY
        if self.state.erased != before_erased:
            kind = formats.ERASURE
        self._same(entry, "kind", kind, entry.kind)
        self._body(entry, record, auth, steps)

    def _carry_out(self, entry, auth, steps, signed):
        """[(outcome, leg, detail, postings)] of the instructions."""
        saved = copy.deepcopy(self.state) if auth.atomic else None
        rules = Rules(self.state, entry, self.times, auth.submitter, signed)
        rules.scales, rules.floor = self.scales, self.floor
        rules.operator_keys, rules.keys = self.operator_keys, self.signing
        rules.hashes = self.log.hashes
        used, found, failed, at = self.ids[auth.submitter], [], None, 1
        for step in steps:
            rules.recorded = step.outcome
            asks = step.kind in ("capture", "void", "cancel", "approve", "suspend_participant") \
                or step.is_set \
                or step.kind in back.KINDS or self.state.calendars or self.state.fees
            rules.behind = steps[step.ordinal + 1:] if asks else []
            try:
                before = []
                for one in proposals.ids_of(step):
                    before += [used[one]] if one in used else []
                    used.setdefault(one, entry.index)
                if before:
                    raise Refused(11, detail=before[0])
                detail, postings = rules.carry_out(step.kind, step.wish, at, step.ordinal)
                done = rules.outcome or (6 if rules.waits else DONE.get(step.kind, 2))
                if rules.waits_for:
                    done, detail = rules.waits_for.outcome, days.number_of(rules.waits_for.date)
                found.append((done, formats.NO_LEG, detail, postings))
                at += len(postings) + (step.kind not in MOVING or step.is_set or rules.waits)
            except Refused as no:
                at += 1
                found.append((no.outcome, no.leg, no.detail, []))
                failed = step.ordinal
                if auth.atomic:
                    break
        self.unjudged += [f"entry {entry.index}: {what}" for what in rules.unjudged]
        if auth.atomic and failed is not None:
            self.state = saved
            found = [found[failed] if step.ordinal == failed else (10, formats.NO_LEG, 0, [])
                     for step in steps]
            for step in steps:
                for one in proposals.ids_of(step):
                    used.setdefault(one, entry.index)
        return found

    def _legs(self, entry, salt, step, postings):
        """Leg items against what was posted, private commitments included."""
        first, legs = step.legs
        self._same(entry, "number of legs", len(postings), len(legs))
        own = [leg for leg in legs if leg.kind not in formats.CHARGES]
        if step.kind == "cancel":
            need(all(leg.outcome == 85 for leg in legs), "outcome of what was cancelled")
        if step.kind == "suspend_participant" and legs:
            standing.compare(legs, postings)
        if step.kind in back.KINDS:
            need(all(leg.outcome == back.OUTCOMES[step.kind] for leg in legs),
                 f"outcome of what {step.kind} says")
        need([id(leg) for leg, posting in zip(legs, postings)
              if not isinstance(posting, charges.Due)] == [id(leg) for leg in own],
             "a fee where none is due, or none where one is")
        for number, (item, posting) in enumerate(zip(legs, postings), first):
            if isinstance(posting, charges.Due):
                self._same(entry, f"item {number}: kind, leg and text",
                           (posting.kind, posting.leg, None), (item.kind, item.leg, item.text))
            self._leg(entry, salt, number, item, posting)

    def _leg(self, entry, salt, number, item, posting):
        (debit, credit, value, parts, hold, unreserved, since, *of, numbered, mandate, at, residue,
         date) = (*posting, *[None] * 9)[:15]
        self._same(entry, f"item {number}: model, window and original", tuple(of),
                   (item.model, item.window, item.original))
        self._same(entry, f"item {number}: mandate, rate, residue and value date",
                   (mandate, at, residue, date),
                   (item.mandate, item.at, item.residue, item.value_date))
        self._same(entry, f"item {number}: month", getattr(posting, "month", None), item.month)
        if item.original is not None:
            self._same(entry, f"item {number}: names accounts by number", numbered, item.numbered)
        named = (None, None) if item.numbered else (debit.address, credit.address)
        self._same(entry, f"item {number}",
                   (self.state.assets[debit.asset].scale, value, debit.number, credit.number,
                    debit.asset, *named, hold, unreserved, since),
                   (item.scale, item.amount, item.debit, item.credit, item.asset,
                    item.debit_address, item.credit_address, item.hold, item.unreserved,
                    item.since))
        for k, (account, counters, last) in enumerate(parts):
            part = Private(account.number, counters, last).write()
            due = formats.commitment(formats.private_salt(salt, number, k), part)
            self._same(entry, f"item {number}: private commitment {k}", due, item.private[k])

    def _body(self, entry, record, auth, steps):
        if auth.content_type == BATCH:
            check_batch(entry.index, auth, steps)
            return
        legs = [leg for step in steps if step.kind == "transfer" for leg in step.wish["legs"]]
        need(all(leg.get("asset") is not None for leg in legs), "a leg of a batch elsewhere")
        self.bodies.add(entry.index)
        key = self.keys.get(entry.index)
        if key is None:
            return
        data = open_body(key, record.sealed_body)
        self._same(entry, "hash of the body", auth.body_hash, sha(data))
        check_body(entry.index, data, auth, steps, key)

    def _keys_at_the_end(self):
        erased = self.state.erased
        for index in sorted(self.keys):
            if index not in self.bodies or index in erased:
                raise Diverged(index, "body.keys has a key for no body or an erased one")
        missing = sorted(self.bodies - erased - set(self.keys))
        if missing:
            raise Missing(f"no key for the bodies of entries {missing}")
