"""What a bank does with limits and netting, from the guide alone: `docs/guide/settlement.md`."""

import time

import client
import receipt as receipts


def wish(kind, **fields):
    return {kind: dict({"id": client.uuid7()}, **fields)}


def operate(node, kind, **fields):
    """The operator's answer to one instruction: index and outcome."""
    answer = node.operator(wish(kind, **fields))
    return answer["index"], answer["outcomes"][0]["code"]


def cleared(model, payer, payee, amount, **texts):
    return wish("clear", model=model, payments=[
        {"from": payer.participant, "to": payee.participant, "amount": amount}], **texts)


def line(bank, n=0):
    """A line of the account's history, the newest first."""
    path = "/v1/accounts/%s:usd/history" % bank.participant
    return bank.get(path).json["items"][n]


def mine(bank, answer, vkey, n):
    """An item of an entry, as the bank's own receipt of it proves it."""
    file = bank.get("/v1/receipts/%d" % answer, item=n)
    return receipts.verify(file.json, vkey)["items"][n]


def check_limits(node, bank, other, vkey, say):
    """By the hour and towards one bank: what is refused, what is told, what is given back."""
    debit, credit = bank.participant + ":usd", other.participant + ":usd"

    def pay(amount, payer=bank, path=(debit, credit)):
        answer = payer.submit(client.message([client.transfer(*path, "USD", amount)]))
        return answer, answer.json["outcomes"][0]["code"]

    limits = {"velocity": [{"seconds": 3600, "direction": "debit", "amount": "50.00", "count": 3}],
              "bilateral": [{"counterparty": other.participant, "amount": "40.00"}]}
    say("limits", operate(node, "set_limits", address=debit, **limits)[1], "APPLIED")
    bank.open_session()
    shown = bank.get("/v1/accounts/" + debit).json
    say("the limits of the account", (shown["velocity"], shown["bilateral"]),
        ([dict(rule, period=None) for rule in limits["velocity"]], limits["bilateral"]))
    say("within both", pay("30.00")[1], "SETTLED")
    refused, code = pay("10.01")
    say("above the limit towards the other bank", code, "LIMIT_BILATERAL")
    told = receipts.verify(refused.json["receipt"], vkey)["items"][1]
    say("the proof of the refusal", (told["item"], told["outcome"]), ("instruction", 67))
    say("what came back makes room", pay("20.00", other, (credit, debit))[1], "SETTLED")
    say("in the net of the day", pay("20.01")[1], "LIMIT_VELOCITY")
    hold = wish("reserve", legs=[{
        "debit": debit, "credit": credit, "asset": "USD", "amount": "20.00"}])
    made = bank.submit(client.message([hold]))
    say("what is reserved counts", made.json["outcomes"][0]["code"], "RESERVED")
    say("at once", pay("0.01")[1], "LIMIT_VELOCITY")
    void = bank.submit(client.message([wish("void", hold=hold["reserve"]["id"])]))
    say("and no more", void.json["outcomes"][0]["code"], "VOIDED")
    say("when it is given back", pay("20.00")[1], "SETTLED")
    say("no limits", operate(node, "set_limits", address=debit)[1], "APPLIED")
    return "limits by the hour and towards a bank, told and proven to the payer"


def check_nets(node, bank, other, vkey, say):
    """Two banks clear, the window closes, one net settles; each proves its own part."""
    model = "ach-" + bank.participant.rpartition("-")[2]
    say("a model", operate(node, "open_model", model=model, asset="USD", close="manual",
                           funding_s=600)[1], "APPLIED")
    for one, cap in ((bank, "100.00"), (other, "25.00")):
        account = one.participant + ":usd"
        say("a member", operate(node, "join_model", model=model, account=account,
                                net_debit_cap=cap)[1], "APPLIED")
        one.open_session()
    before = [line(one)["balance"] for one in (bank, other)]

    def clear(payer, payee, amount):
        answer = payer.submit(client.message([cleared(
            model, payer, payee, amount, end_to_end_id="FILE-1")]))
        return answer.json["index"], answer.json["outcomes"][0]["code"]

    there = clear(bank, other, "70.00")
    back = clear(other, bank, "20.00")
    say("cleared", (there[1], back[1]), ("CLEARED", "CLEARED"))
    # What bank-a sent makes room for what the other sends: 70.00 and 25.00, less the 20.00.
    say("above the cap", clear(other, bank, "75.01")[1], "NDC_EXCEEDED")
    for one, side in ((bank, ("debit", "credit")), (other, ("credit", "debit"))):
        found = [line(one, n) for n in (1, 0)]
        say("lines of the history", [(row["kind"], row["direction"], row["amount"], row["model"],
                                      row["window"], row["end_to_end_id"])
                                     for row in found],
            [("clear", side[0], "70.00", model, 1, "FILE-1"),
             ("clear", side[1], "20.00", model, 1, "FILE-1")])
        say("balances as they were", found[0]["balance"], before[one is other])
        leg = mine(one, there[0], vkey, 2)
        say("the payment, proven", (leg["kind"], leg["outcome"], leg["amount"], leg["model"],
                                    leg["window"]), ("clear", 102, 7000, model, 1))
        say("with the payment of another", one.get(
            "/v1/receipts/%d" % there[0], item=1).status, 200 if one is bank else 404)
        view = one.get("/v1/cycles/%s/1" % model).json["nets"]
        say("a position of one's own alone", [(net["participant"], net["net"]) for net in view],
            [(one.participant, "-50.00" if one is bank else "50.00")])
    closed, code = operate(node, "close_window", model=model)
    say("the end of the window", code, "APPLIED")
    settled = wait(bank, model)
    say("settled by the next entry", settled, closed + 1)
    for n, (one, kind, amount) in enumerate(((bank, "debit", "50.00"), (other, "credit", "50.00"))):
        row = line(one)
        say("the net in the history", (row["index"], row["kind"], row["direction"], row["amount"],
                                       row["model"], row["window"]),
            (settled, "net", kind, amount, model, 1))
        leg = mine(one, settled, vkey, n + 1)
        say("the net, proven", (leg["kind"], leg["outcome"], leg["amount"], leg["window"]),
            ("net", 1, 5000, 1))
        say("another's net", one.get("/v1/receipts/%d" % settled, item=2 - n).status, 404)
    late = bank.get("/v1/cycles/%s/2" % model).json
    say("the next window", (late["from_index"], late["nets"]), (closed + 1, []))
    return "cleared, netted and settled: each bank proves its payments and its net"


def wait(bank, model):
    """The entry that settled window 1."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        window = bank.get("/v1/cycles/%s/1" % model).json
        if window["settled_index"] is not None:
            return window["settled_index"]
        time.sleep(0.05)
    raise SystemExit("FAILED: the window does not settle")
