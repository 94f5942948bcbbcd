"""A bank that is reached via another, in the log of `history.py`: whose keys sign for it, and what becomes of
it when the direct one is suspended, changed, or to be terminated.

Each part tells (`history.told`) the entries that `forge_reached.py` changes.
"""

import client
from agreeing import CARRIED, PROPOSED, Paper
from holdings import A, APPLIED, B, SETTLED, leg
from waits import QUEUED, pay

COOP, C = "coop", "coop:eur"
INDIRECT, NOT_OWNER = "PARTICIPANT_INDIRECT", "NOT_OWNER"
NOT_QUEUED = "PAYMENT_NOT_QUEUED"


class Reaching:
    def __init__(self, history, held, second):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.south, self.second = held.north, held.south, second

    def govern(self, asked, wanted=APPLIED, by=(), **fields):
        return self.history.govern((asked, fields), wanted=wanted, keys=by)

    def joins(self, name, wanted=APPLIED, **fields):
        return self.govern("add_participant", wanted, **{
            "participant": name, "role": "bank", "keys": [], "threshold": 0, **fields})

    def paid(self, bank, debit, credit, amount, wanted=SETTLED):
        return self.held.ask(bank, [pay(leg(debit, credit, amount))], wanted)

    def play(self):
        self.joining()
        self.signing()
        self.suspended()
        self.moved()
        self.left()

    def joining(self):
        key = client.Key(COOP + "/first").vkey
        for fields, wanted in (
            ({"via": "nobody"}, "PARTICIPANT_UNKNOWN"),
            ({"via": "north", "threshold": 1}, "THRESHOLD_INVALID"),
            ({"via": "operators"}, "PARTICIPANT_NOT_BANK"),
            ({"via": "north", "role": "auditor"}, "PARTICIPANT_NOT_BANK"),
            ({"via": "north", "keys": [key]}, INDIRECT),
        ):
            self.told["reached_" + wanted] = self.joins(COOP, wanted, **fields)
        self.told["reached"] = self.joins(COOP, via="north")
        self.joins("coop-2", INDIRECT, via=COOP)
        self.govern("open_account", address=C, owner=COOP, kind="settlement", asset="EUR")
        self.govern("issue", SETTLED, account=C, amount="50.00")
        self.told["reached_key"] = self.govern(
            "add_key", INDIRECT, by=[self.north.key], participant=COOP, vkey=key)
        self.told["reached_provider"] = self.govern(
            "set_provider", INDIRECT, participant=COOP, active=True)

    def signing(self):
        """The keys of north sign, for what waits and for what is agreed to as well."""
        self.paid(self.south, B, C, "1.00")
        self.told["reached_not_owner"] = self.paid(self.south, C, B, "1.00", NOT_OWNER)
        self.told["reached_paid"] = self.paid(self.north, C, B, "1.00")
        waits = pay(leg(C, B, "900.00"), queue={})
        self.told["reached_waits"] = self.held.ask(self.north, [waits], QUEUED)
        self.held.ask(self.north, [{"cancel": {
            "id": client.uuid7(), "of": waits["transfer"]["id"]}}], APPLIED)
        paper = Paper("south", pay(leg(C, B, "2.00")), pay(leg(B, C, "2.50")))
        self.held.ask(self.south, [paper.propose], PROPOSED)
        self.told["reached_agreed"] = self.held.ask(
            self.north, [paper.approve()], CARRIED, SETTLED, SETTLED)
        opened = {"open_account": {"id": client.uuid7(), "address": C + ".7", "owner": COOP,
                                   "kind": "customer", "asset": "EUR"}}
        self.told["reached_opened"] = self.held.ask(self.north, [opened], APPLIED)

    def suspended(self):
        self.govern("suspend_participant", participant="north")
        self.told["reached_suspended"] = self.paid(
            self.north, C, B, "1.00", "PARTICIPANT_SUSPENDED")
        self.paid(self.south, B, C, "1.00")
        self.joins("coop-2", "STATE_NOT_ALLOWED", via="north")
        self.govern("resume_participant", by=[self.second], participant="north")

    def moved(self):
        both = [self.second]
        for fields, wanted in (
            ({"participant": "nobody", "via": "south"}, "PARTICIPANT_UNKNOWN"),
            ({"participant": COOP, "via": "north"}, "NO_CHANGE"),
            ({"participant": COOP, "via": "auditor"}, "PARTICIPANT_NOT_BANK"),
            ({"participant": "south", "via": COOP}, INDIRECT),
            ({"participant": "south", "via": "north"}, "PARTICIPANT_DIRECT"),
        ):
            self.told["via_" + wanted] = self.govern("set_via", wanted, by=both, **fields)
        self.told["via_alone"] = self.govern(
            "set_via", "FOUR_EYES_NEEDED", participant=COOP, via="south")
        waits = pay(leg(C, B, "900.00"), queue={"priority": "urgent"})
        joint = pay(leg(C, B, "800.00"), leg(A, B, "0.01"), queue={})
        for one in (waits, joint):
            self.held.ask(self.north, [one], QUEUED)
        self.told["via"] = self.govern("set_via", by=both, participant=COOP, via="south")
        self.handed_over(waits["transfer"]["id"], joint["transfer"]["id"])
        self.told["via_before"] = self.paid(self.north, C, A, "1.00", NOT_OWNER)
        self.paid(self.south, C, A, "1.00")

    def handed_over(self, waits, joint):
        """Who signs now answers for what waits, but for what its sender signs for still."""
        def asked(bank, kind, of, wanted, **how):
            return self.held.ask(bank, [{kind: dict({"id": client.uuid7(), "of": of}, **how)}],
                                 wanted)

        self.told["via_kept"] = asked(self.south, "cancel", joint, NOT_QUEUED)
        self.told["via_lost"] = asked(self.north, "cancel", waits, NOT_QUEUED)
        self.told["via_moves"] = asked(self.south, "requeue", waits, APPLIED, priority="normal")
        self.told["via_takes"] = asked(self.south, "cancel", waits, APPLIED)
        asked(self.north, "requeue", joint, "QUEUE_NOT_SENDERS", position="last")
        self.told["via_shared"] = asked(self.north, "cancel", joint, APPLIED)

    def left(self):
        """A direct bank is terminated behind those that are reached via it."""
        key = client.Key("west/first")
        self.govern("add_participant", participant="west", role="bank", keys=[key.vkey],
                    threshold=1)
        self.joins("coop-2", via="west")
        both = [self.second]
        self.told["via_left"] = self.govern("terminate_participant", "INDIRECT_LEFT", by=both,
                                            participant="west")
        self.govern("terminate_participant", by=both, participant="coop-2")
        self.govern("terminate_participant", by=both, participant="west")
        self.govern("set_via", "STATE_NOT_ALLOWED", by=both, participant="coop-2", via="south")
