#!/usr/bin/env python3
"""Random messages about holds, queues, limits, freezes, netting, fees and how far banks take part, to a
node in a sandbox.

Nobody says what becomes of them: the log does, and verifiers that share no code judge it. A seed
that leads to a log on which they differ leads to another such log most of the time; it is printed.
"""

import argparse
import os
import random
import sys
import time

import client
import node as nodes
from history import load
from holdings import in_seconds

BANKS = ("east", "west", "south")
OWN = tuple("%s:%s" % (bank, name) for bank in BANKS for name in ("main", "side", "till"))
ASSETS = ("EUR", "JPY")
ACCOUNTS = OWN + tuple(bank + ":yen" for bank in BANKS)
MODELS = ("fast", "slow")
POOL = "operators:pool"
# A bank that is being prepared at first, and its account.
TRIAL, TRIED = "trial", "trial:main"
BICS, LEI = ("DEUTDEFF", "DEUTDEFFXXX", "DEUTDEFF500"), "7LTWFZYICNSX8D621K86"
LEVELS = ("no_debit", "no_credit", "none_allowed", "amount")


class Chance:
    def __init__(self, node, seed):
        self.dice = random.Random(seed)
        keys = node.folder / "data/keys"
        operator = load(keys / "operator-1.pem", keys / "passphrase")
        self.operators = client.Client(node.url, "operators", operator)
        self.second = client.Key("operators/second")
        self.keys = {bank: client.Key(bank + "/key") for bank in BANKS}
        self.banks = {bank: client.Client(node.url, bank, key) for bank, key in self.keys.items()}
        self.holds, self.waiting, self.cases = [], [], []
        self.later = []         # what ends what the operators have stopped: (message, wish)
        self.message = 0
        self.outcomes = {}

    def send(self, who, wishes, signers=(), **fields):
        body = client.message(wishes, **fields)
        text = who.statement(body)
        signatures = [key.sign(text) for key in (who.key, *signers)]
        answer = who.post("/v1/submissions", body, signatures)
        if answer.status not in (200, 201):
            raise SystemExit("FAILED: %d %s: %s" % (answer.status, answer.data[:300], wishes))
        for row in answer.json["outcomes"]:
            self.outcomes[row["code"]] = self.outcomes.get(row["code"], 0) + 1
        return [row["code"] for row in answer.json["outcomes"]]

    def found(self, auditor):
        def wish(asked, **fields):
            return {asked: dict({"id": client.uuid7()}, **fields)}

        wishes = [wish("add_participant", participant=bank, role="bank", keys=[key.vkey],
                       threshold=1) for bank, key in self.keys.items()]
        wishes += [wish("add_participant", participant="auditor", role="auditor", keys=[auditor],
                        threshold=1), wish("set_parameter", name="seal_interval_s", value=2)]
        wishes += [wish("add_asset", asset=asset, module="fiat") for asset in ASSETS]
        for address in ACCOUNTS:
            kind = "customer" if address.endswith("till") else "settlement"
            asset = "JPY" if address.endswith("yen") else "EUR"
            wishes.append(wish("open_account", address=address, owner=address.split(":")[0],
                               kind=kind, asset=asset))
            wishes.append(wish("issue", account=address, amount="300"))
        trial = client.Key(TRIAL + "/key")
        wishes += [wish("add_participant", participant=TRIAL, role="bank", keys=[trial.vkey],
                        threshold=1, state="onboarding"),
                   wish("open_account", address=TRIED, owner=TRIAL, kind="settlement", asset="EUR")]
        wishes += [wish("open_account", address="operators:%s.%s" % (name, asset),
                        owner="operators", kind="fee", asset=asset)
                   for name in ("fees", "tax") for asset in ASSETS]
        wishes += [wish("open_account", address=POOL, owner="operators", kind="pool", asset="EUR"),
                   wish("issue", account=POOL, amount="100")]
        for model, close in zip(MODELS, ({"every_s": 10}, "manual")):
            wishes.append(wish("open_model", model=model, asset="EUR", close=close, funding_s=1,
                               pool=POOL))
            name = "main" if model == "fast" else "side"
            wishes += [wish("join_model", model=model, account="%s:%s" % (bank, name),
                            net_debit_cap="400") for bank in BANKS]
        codes = self.send(self.operators, wishes)
        codes += self.send(self.operators, [wish("add_key", participant="operators",
                                                 vkey=self.second.vkey)])
        if set(codes) - {"APPLIED", "SETTLED"}:
            raise SystemExit("FAILED: %s" % codes)

    def run(self, messages):
        for self.message in range(messages):
            over = [wish for when, wish in self.later if when <= self.message]
            if over:
                self.later = [one for one in self.later if one[0] > self.message]
                self.send(self.operators, over, [self.second])
            if self.dice.random() < 0.03:
                time.sleep(self.dice.choice((0.05, 0.3, 1.0)))
            fields = {"atomic": True} if self.dice.random() < 0.1 else {}
            count = self.dice.choice((1, 1, 2, 3, 6))
            if self.dice.random() < 0.2:
                wishes = [self.governance() for _ in range(count)]
                signers = [self.second] if self.dice.random() < 0.7 else []
                signers += [self.keys[bank] for bank in BANKS if self.dice.random() < 0.1]
                self.send(self.operators, wishes, signers, **fields)
                continue
            bank = self.dice.choice(BANKS)
            others = [self.keys[other] for other in BANKS
                      if other != bank and self.dice.random() < 0.15]
            wishes = [self.wish(bank) for _ in range(count)]
            self.note(wishes, self.send(self.banks[bank], wishes, others, **fields))

    def note(self, wishes, codes):
        """Holds and payments that wait, by their ids."""
        for wish, code in zip(wishes, codes):
            (fields,) = wish.values()
            if code in ("RESERVED", "QUEUED"):
                (self.holds if code == "RESERVED" else self.waiting).append(fields["id"])

    # ---- what banks ask for

    def amount(self):
        chance = self.dice.random()
        if chance < 0.02:
            return self.dice.choice(("0", "0.001", "79228162514264337593543950335", "1.5"))
        return str(self.dice.choice((1, 5, 20, 50, 50, 100, 150, 250, 400)))

    def leg(self, bank, own=0.93):
        dice = self.dice
        debit = dice.choice([one for one in ACCOUNTS if one.split(":")[0] == bank])
        if dice.random() > own:
            debit = dice.choice(ACCOUNTS + ("nobody",))
        yen = debit.endswith("yen") != (dice.random() < 0.03)
        others = [one for one in ACCOUNTS if one.endswith("yen") == yen and
                  (one != debit or dice.random() < 0.05)]
        if not yen and dice.random() < 0.03:
            others = [TRIED]
        return {"debit": debit, "credit": dice.choice(others), "amount": self.amount(),
                "asset": "JPY" if debit.endswith("yen") else "EUR"}

    def legs(self, bank):
        return [self.leg(bank) for _ in range(self.dice.choice((1, 1, 1, 2, 3)))]

    def one(self, names):
        """Mostly one of the last that were made."""
        if not names or self.dice.random() < 0.05:
            return client.uuid7()
        return self.dice.choice(names[-12:])

    def wish(self, bank):
        kind = self.dice.choice((self.pay, self.wait, self.wait, self.wait, self.hold, self.hold,
                                 self.taken, self.taken, self.changed, self.cleared, self.cleared,
                                 self.marked))
        return kind(bank)

    def pay(self, bank):
        fields = {"id": client.uuid7(), "legs": self.legs(bank)}
        if self.dice.random() < 0.4:
            fields["check"] = "net"
        return {"transfer": fields}

    def wait(self, bank):
        dice, terms = self.dice, {}
        if dice.random() < 0.6:
            terms["priority"] = dice.choice(("urgent", "high", "normal"))
        if dice.random() < 0.6:
            terms["reject_at"] = in_seconds(dice.choice((-1, 0.1, 0.5, 2, 5)))
        if dice.random() < 0.2:
            terms["till"] = in_seconds(dice.choice((0.05, 0.3, 1)))
        if dice.random() < 0.2:
            terms["settle_from"] = in_seconds(dice.choice((0.02, 0.1, 0.4)))
        fields = {"id": client.uuid7(), "legs": self.legs(bank), "queue": terms}
        return {"transfer": fields}

    def marked(self, bank):
        dice, fields = self.dice, {"id": client.uuid7()}
        fields["address"] = dice.choice([one for one in ACCOUNTS if one.split(":")[0] == bank])
        if dice.random() < 0.05:
            fields["address"] = dice.choice(ACCOUNTS + ("nobody",))
        for name in ("urgent", "high"):
            if dice.random() < 0.7:
                fields[name] = dice.choice(("0", "0", "20", "50", "150", self.amount()))
        return {"set_reservation": fields}

    def hold(self, bank):
        dice, fields = self.dice, {"id": client.uuid7(), "legs": self.legs(bank)}
        if dice.random() < 0.7:
            fields["expires_at"] = in_seconds(dice.choice((-1, 0.02, 0.2, 1, 3)))
        for name, values in (("multi", (True, False)), ("guaranteed", (True,)),
                             ("over_capture_bp", (1_000, 10_000, 10_001))):
            if dice.random() < 0.3:
                fields[name] = dice.choice(values)
        return {"reserve": fields}

    def taken(self, _bank):
        fields = {"id": client.uuid7(), "hold": self.one(self.holds)}
        if self.dice.random() < 0.25:
            return {"void": fields}
        if self.dice.random() < 0.5:
            fields["amount"] = self.amount()
        if self.dice.random() < 0.4:
            fields["final"] = self.dice.random() < 0.5
        return {"capture": fields}

    def changed(self, _bank):
        fields = {"id": client.uuid7(), "of": self.one(self.waiting)}
        if self.dice.random() < 0.4:
            return {"cancel": fields}
        if self.dice.random() < 0.5:
            fields["priority"] = self.dice.choice(("urgent", "high", "normal"))
        if self.dice.random() < 0.7:
            fields["position"] = self.dice.choice(("first", "last"))
        return {"requeue": fields}

    def cleared(self, bank):
        def payment():
            payer = bank if self.dice.random() < 0.93 else self.dice.choice(BANKS)
            return {"from": payer, "to": self.dice.choice(BANKS), "amount": self.amount()}
        payments = [payment() for _ in range(self.dice.choice((1, 1, 2, 4)))]
        return {"clear": {"id": client.uuid7(), "model": self.dice.choice(MODELS * 8 + ("none",)),
                          "payments": payments}}

    # ---- what the operators ask for

    def governance(self):
        kinds = self.limits, self.freeze, self.lift, self.money, self.status, self.window, \
            self.cap, self.bank, self.account, self.stands, self.fees
        kind, = self.dice.choices(kinds, (3, 3, 1, 6, 1, 4, 2, 1, 1, 1, 3))
        name, fields = kind()
        return {name: dict({"id": client.uuid7()}, **fields)}

    def soon(self, kind, **fields):
        """Ends something after a few messages."""
        wish = {kind: dict({"id": client.uuid7()}, **fields)}
        self.later.append((self.message + self.dice.randrange(1, 8), wish))

    def limits(self):
        dice, fields = self.dice, {"address": self.dice.choice(ACCOUNTS)}
        self.soon("set_limits", **fields)
        owner = fields["address"].split(":")[0]
        for name, values in (("credit_line", ("50", "200")), ("min_balance", ("10", "100")),
                             ("per_transfer_max", ("100", "250")), ("max_balance", ("300", "900")),
                             ("multilateral", ("100", "500"))):
            if dice.random() < 0.25:
                fields[name] = dice.choice(values)
        if dice.random() < 0.4:
            fields["velocity"] = []
            for direction in dice.sample(("debit", "credit", "net"), dice.choice((1, 2, 3))):
                within = dice.choice((("seconds", dice.choice((1, 2, 5))),
                                      ("period", dice.choice(("day", "week", "month")))))
                rule = dict([within], direction=direction, amount=dice.choice(("100", "400")))
                if direction != "net" and dice.random() < 0.5:
                    rule["count"] = dice.choice((1, 3))
                fields["velocity"].append(rule)
        if dice.random() < 0.3:
            others = [bank for bank in BANKS if bank != owner]
            fields["bilateral"] = [{"counterparty": one, "amount": dice.choice(("50", "400"))}
                                   for one in dice.sample(others, dice.choice((1, 2)))]
        return "set_limits", fields

    def target(self):
        if self.dice.random() < 0.3:
            return {"participant": self.dice.choice(BANKS)}
        return {"account": self.dice.choice(ACCOUNTS)}

    def freeze(self):
        fields = dict(self.target(), case="C-%d" % self.dice.randrange(1_000_000),
                      level=self.dice.choice(LEVELS))
        if fields["level"] == "amount":
            fields["amount"] = self.amount()
        if self.dice.random() < 0.6:
            fields["expires_at"] = in_seconds(self.dice.choice((0.02, 0.1, 0.4)))
        self.cases.append({name: fields[name] for name in fields if name in
                           ("account", "participant", "case")})
        self.soon("lift", **self.cases[-1])
        return "freeze", fields

    def lift(self):
        return "lift", self.dice.choice(self.cases[-8:] or [dict(self.target(), case="C")])

    def money(self):
        fields = {"account": self.dice.choice(ACCOUNTS + (TRIED, POOL)), "amount": self.amount()}
        return self.dice.choice(("issue", "issue", "redeem")), fields

    def status(self):
        fields = {"asset": self.dice.choice(ASSETS)}
        self.soon("set_asset_status", status="active", **fields)
        return "set_asset_status", dict(fields, status="suspended")

    def window(self):
        return "close_window", {"model": self.dice.choice(MODELS)}

    def cap(self):
        fields = {"model": self.dice.choice(MODELS), "account": self.dice.choice(OWN),
                  "net_debit_cap": self.amount()}
        if self.dice.random() < 0.3:
            fields["still_owed"] = self.amount()
        return "join_model", fields

    def fees(self):
        """A schedule, now and then none or one that is unsound."""
        dice, asset = self.dice, self.dice.choice(ASSETS)
        rules = [self.fee_rule() for _ in range(dice.choice((0, 1, 1, 2, 3)))]
        fields = {"asset": asset, "rules": rules}
        if rules and dice.random() < 0.95:
            fields["account"] = "operators:fees." + dice.choice((asset, asset, asset, "EUR"))
        if rules and dice.random() < 0.4:
            fields["tax"] = {"account": "operators:tax." + asset,
                             "bps": dice.choice((1, 500, 1_900, 3_333, 10_000))}
        return "set_fees", fields

    def fee_rule(self):
        dice, rule = self.dice, {}
        for side in ("debit", "credit"):
            if dice.random() < 0.3:
                rule[side + "_kind"] = dice.choice(("settlement", "customer"))
            if dice.random() < 0.2:
                rule[side + "_owner"] = dice.choice(BANKS)
        if dice.random() < 0.15:
            return dict(rule, basis="none")
        bps = dice.choice((1, 7, 33, 150, 1_000))
        rule["basis"] = dice.choice((
            {"bps": bps}, {"flat": dice.choice(("0", "1", "3", "20"))},
            {"tiered": [{"up_to": "20", "flat": "2"}, {"up_to": "100", "flat": "1", "bps": bps},
                        {"bps": bps}]}))
        for name, values in (("min", ("1", "4")), ("max", ("1", "2", "9"))):
            if dice.random() < 0.3:
                rule[name] = dice.choice(values)
        rule["payer"] = dice.choice(("debtor", "creditor", "shared"))
        return rule

    def bank(self):
        fields = {"participant": self.dice.choice(BANKS)}
        self.soon("resume_participant", **fields)
        for name, words in (("incoming", ("accept", "refuse")), ("queued", ("keep", "revoke"))):
            if self.dice.random() < 0.5:
                fields[name] = self.dice.choice(words)
        return "suspend_participant", fields

    def stands(self):
        """Who ends signs nothing any more: only the bank that never does."""
        dice, fields = self.dice, {"participant": self.dice.choice((TRIAL, TRIAL) + BANKS)}
        kind = dice.choice(("admit_participant", "identify_participant", "terminate_participant"))
        if kind == "admit_participant":
            fields["to"] = dice.choice(("test", "test", "active", "onboarding"))
        elif kind == "identify_participant":
            fields.update({"bic": dice.choice(BICS)} if dice.random() < 0.6 else {})
            fields.update({"lei": LEI} if dice.random() < 0.4 else {})
        else:
            fields["participant"] = dice.choice((TRIAL, "auditor", "nobody"))
        return kind, fields

    def account(self):
        kind = self.dice.choice(("close_account", "reopen_account", "reopen_account"))
        return kind, {"address": self.dice.choice(ACCOUNTS)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--node", required=True, help="folder of a node that runs")
    parser.add_argument("--auditor", required=True, help="vkey of the auditor to register")
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    binary = os.environ.get("QUITTANCE") or sys.exit("QUITTANCE must name the binary")
    node = nodes.Node(os.path.abspath(binary), options.node).attach()
    node.folder = node.folder.absolute()
    chance = Chance(node, options.seed)
    chance.found(options.auditor)
    chance.run(options.messages)
    print("chance.py: seed %d, %d messages: %s" % (options.seed, options.messages, " ".join(
        "%s %d" % pair for pair in sorted(chance.outcomes.items()))))


if __name__ == "__main__":
    main()
