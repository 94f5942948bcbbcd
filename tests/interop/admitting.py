"""How far banks take part, in the log of `history.py`: from onboarding to terminated.

Each part tells (`history.told`) the entries that `forge_standing.py` changes.
"""

import client
from holdings import A, APPLIED, SETTLED, in_seconds, leg, reserve
from waits import QUEUED, pay

FRESH, TRIAL = "fresh", "trial"
F, T = FRESH + ":eur", TRIAL + ":eur"
DEBTOR, CREDITOR, STATE = "DEBTOR_NOT_ACTIVE", "CREDITOR_NOT_ACTIVE", "STATE_NOT_ALLOWED"
# Of Deutsche Bank and of GLEIF.
BIC, LEI, OTHER_LEI = "DEUTDEFF", "7LTWFZYICNSX8D621K86", "506700GE1G29325QX363"


class Admitting:
    def __init__(self, history, held, second):
        self.history, self.told, self.held = history, history.told, held
        self.north, self.second = held.north, second
        self.banks = {}

    def govern(self, asked, wanted=APPLIED, by=(), **fields):
        return self.history.govern((asked, fields), wanted=wanted, keys=by)

    def ask(self, bank, *wishes, wanted):
        return self.held.ask(bank, list(wishes), wanted)

    def paid(self, bank, debit, credit, amount, wanted=SETTLED):
        return self.ask(bank, pay(leg(debit, credit, amount)), wanted=wanted)

    def redeemed(self, name, amount):
        return self.govern("redeem", SETTLED, by=[self.banks[name].key], account=name + ":eur",
                           amount=amount)

    def play(self):
        self.prepared()
        self.tested()
        self.named()
        self.suspended()
        self.ended()

    def prepared(self):
        """Keys and accounts are there, and nothing moves."""
        node = self.history.node
        for name, more in ((FRESH, {"bic": BIC, "lei": LEI}), (TRIAL, {})):
            key = client.Key(name + "/first")
            self.told["stand_new"] = self.govern(
                "add_participant", participant=name, role="bank", keys=[key.vkey], threshold=1,
                state="onboarding", **more)
            self.told.setdefault("stand_first", self.told["stand_new"])
            self.govern("open_account", address=name + ":eur", owner=name, kind="settlement",
                        asset="EUR")
            self.banks[name] = client.Client(node.url, name, key)
        self.told["stand_issue"] = self.govern("issue", CREDITOR, account=F, amount="10.00")
        self.told["stand_paid"] = self.paid(self.north, A, F, "1.00", CREDITOR)
        self.paid(self.banks[FRESH], F, A, "1.00", DEBTOR)
        self.ask(self.north, reserve(leg(A, F, "1.00")), wanted=CREDITOR)
        self.ask(self.north, pay(leg(A, F, "1.00"), queue={}), wanted=CREDITOR)
        self.ask(self.north, {"split": {
            "id": client.uuid7(), "asset": "EUR", "payers": [{"account": A, "amount": "2.00"}],
            "payees": [{"account": "south:eur", "amount": "1.00"},
                       {"account": F, "remainder": True}]}}, wanted=CREDITOR)

    def tested(self):
        """Among those in test; none of it is left when one of them takes part."""
        fresh, trial = self.banks[FRESH], self.banks[TRIAL]
        self.govern("admit_participant", participant=FRESH, to="test")
        self.govern("admit_participant", "NO_CHANGE", participant=FRESH, to="test")
        self.govern("issue", SETTLED, account=F, amount="20.00")
        self.paid(fresh, F, T, "1.00", DEBTOR)
        self.govern("admit_participant", participant=TRIAL, to="test")
        self.told["stand_test"] = self.paid(fresh, F, T, "5.00")
        self.told["stand_apart"] = self.paid(fresh, F, A, "1.00", DEBTOR)
        self.paid(self.north, A, F, "1.00", CREDITOR)
        self.govern("suspend_participant", STATE, participant=FRESH)
        self.told["stand_left"] = self.govern("admit_participant", "BALANCE_LEFT",
                                              participant=FRESH, to="active")
        self.redeemed(FRESH, "15.00")
        hold = self.held.hold(leg(T, F, "2.00"), bank=trial)
        self.govern("admit_participant", "HOLD_OPEN", participant=FRESH, to="active")
        self.held.voided(hold, bank=fresh)
        waits = pay(leg(T, F, "9.00"), queue={})
        self.ask(trial, waits, wanted=QUEUED)
        self.govern("admit_participant", "PAYMENT_WAITS", participant=FRESH, to="active")
        self.ask(trial, {"cancel": {"id": client.uuid7(), "of": waits["transfer"]["id"]}},
                 wanted=APPLIED)
        self.told["stand_active"] = self.govern("admit_participant", participant=FRESH, to="active")
        self.govern("admit_participant", STATE, participant=FRESH, to="test")
        self.told["stand_other"] = self.paid(trial, T, F, "1.00", DEBTOR)

    def named(self):
        """By what the world knows them."""
        self.govern("identify_participant", "NO_CHANGE", participant=FRESH, bic=BIC, lei=LEI)
        self.told["stand_taken"] = self.govern(
            "identify_participant", "IDENTIFIER_EXISTS", participant=TRIAL, bic=BIC + "XXX")
        self.told["stand_named"] = self.govern(
            "identify_participant", participant=TRIAL, bic=BIC + "500", lei=OTHER_LEI)

    def suspended(self):
        """Who is suspended receives or not, and what waits is revoked or not."""
        fresh, both = self.banks[FRESH], [self.second]
        self.govern("issue", SETTLED, account=F, amount="10.00")
        for amount in ("50.00", "60.00"):
            self.ask(fresh, pay(leg(F, A, amount), leg(F, "south:eur", "1.00"), queue={}),
                     wanted=QUEUED)
        self.govern("suspend_participant", participant=FRESH, queued="keep")
        self.paid(self.north, A, F, "1.00")
        self.told["stand_revoked"] = self.govern(
            "suspend_participant", participant=FRESH, incoming="refuse", queued="revoke")
        self.told["stand_again"] = self.govern(
            "suspend_participant", "NO_CHANGE", participant=FRESH, incoming="refuse",
            queued="revoke")
        self.told["stand_refused"] = self.paid(self.north, A, F, "1.00", CREDITOR)
        self.paid(fresh, F, A, "1.00", "PARTICIPANT_SUSPENDED")
        self.told["stand_alone"] = self.govern("resume_participant", "FOUR_EYES_NEEDED",
                                               participant=FRESH)
        self.told["stand_resumed"] = self.govern("resume_participant", by=both, participant=FRESH)
        self.paid(fresh, F, A, "1.00")

    def ended(self):
        """The end, when nothing is left."""
        fresh, both = self.banks[FRESH], [self.second]
        self.govern("terminate_participant", "FOUR_EYES_NEEDED", participant=FRESH)
        self.told["stand_early"] = self.govern("terminate_participant", "BALANCE_LEFT", by=both,
                                               participant=FRESH)
        self.redeemed(FRESH, "10.00")
        paper = {"id": client.uuid7(), "expires_at": in_seconds(600), "instructions": [
            pay(leg(F, A, "1.00"), leg(A, F, "1.00"))]}
        self.told["stand_paper"] = self.ask(fresh, {"propose": paper}, wanted="PROPOSED")
        self.told["stand_case"] = self.govern("terminate_participant", "CASE_OPEN", by=both,
                                              participant=FRESH)
        self.ask(fresh, {"withdraw": {"id": client.uuid7(), "of": paper["id"]}}, wanted="WITHDRAWN")
        self.told["stand_over"] = self.govern("terminate_participant", by=both, participant=FRESH)
        self.govern("terminate_participant", "NO_CHANGE", by=both, participant=FRESH)
        self.told["stand_key"] = self.govern(
            "add_key", STATE, participant=FRESH, vkey=client.Key(FRESH + "/second").vkey)
        self.told["stand_gone"] = self.paid(self.north, A, F, "1.00", CREDITOR)
        self.govern("open_account", STATE, address=FRESH + ":more", owner=FRESH, kind="settlement",
                    asset="EUR")
        # Who was terminated has no BIC any more that others cannot have.
        self.govern("identify_participant", participant=TRIAL, bic=BIC, lei=LEI)
