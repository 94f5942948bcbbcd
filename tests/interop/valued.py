"""Value dates in the log of `history.py`: on the second day of `business.py`, payments that count from
the first on; what is refused; and what the node answers about value-dated balances, which the verifiers
compute again (`--values`).
"""

import json

import waits

A, B, CUSTOMER = "north:usd", "south:usd", "south:usd.7"
EARLIER = "VALUE_DATE_TOO_OLD"


def leg(debit, credit, amount, asset="USD"):
    return {"debit": debit, "credit": credit, "asset": asset, "amount": amount}


def play(day):
    """`day` is a Business whose second day is open; three days back are let through."""
    before, today = str(day.today), str(day.day(1))
    told, both = day.told, [day.south.key]
    told["valued"] = day.pay(leg(A, B, "2.50"), leg(A, CUSTOMER, "0.25"), value_date=before,
                             remittance="for yesterday")
    told["valued_set"] = day.pay(leg(A, B, "1.00"), leg(B, A, "0.40"), check="net",
                                 value_date=before, keys=both)
    told["valued_today"] = day.pay(leg(A, B, "0.05"), value_date=today)
    cent = leg(A, B, "0.01")
    told["value_ahead"] = day.pay(cent, value_date=str(day.day(2)), wanted="VALUE_DATE_AHEAD")
    told["value_old"] = day.pay(cent, value_date=str(day.day(-3)), wanted=EARLIER)
    told["value_never"] = day.pay(cent, value_date=str(day.day(-1)), wanted="VALUE_DATE_NOT_GOOD")
    told["value_waits"] = day.pay(cent, value_date=before, queue={}, wanted="VALUE_DATE_NOT_TAKEN")
    day.pay(leg("north:eur", "south:eur", "0.01", "EUR"), value_date=before,
            wanted="CALENDAR_UNKNOWN")
    day.govern("open_account", address="operators:dates.usd", owner="operators", kind="suspense",
               asset="USD")
    given = waits.pay(leg("operators:dates.usd", A, "0.01"), value_date=before)["transfer"]
    told["value_alone"] = day.govern("transfer", wanted="FOUR_EYES_NEEDED", **given)
    answers(day, before, today)


def answers(day, before, today):
    """What the node says; by hand, from what was paid above."""
    found = []
    for bank, account, moved in ((day.north, A, -335), (day.south, B, 310), (day.south, CUSTOMER, 25)):
        bank.open_session()
        for date, expected in ((before, moved), (today, 0)):
            answer = bank.get("/v1/accounts/%s" % account, value_date=date).json
            valued = answer["value_dated"]
            if cents(valued["balance"]) - cents(valued["booked"]) != expected:
                raise SystemExit("FAILED: %s on %s: %s" % (account, date, valued))
            if valued["business_date"] != date or valued["final"]:
                raise SystemExit("FAILED: %s on %s: %s" % (account, date, valued))
            found.append(dict(valued, account=account, at_index=answer["at_index"]))
        rows = bank.get("/v1/accounts/%s/history" % account, limit="200").json["items"]
        dates = {(row["kind"] == "valued", row.get("value_date") == row.get("business_date"))
                 for row in rows}
        if (False, True) not in dates or (True, False) not in dates or (False, False) in dates:
            raise SystemExit("FAILED: value dates in the history of " + account)
    (day.history.node.folder / "values.json").write_text(json.dumps(found))


def cents(text):
    return int(text.replace(".", ""))
