"""Forged logs about splits, mandates and conversions that several agreed to, or on a business day: an
operator who holds the log's key writes what the rules do not make. `told` are the entries that
`joined.py` names.
"""

from forge_holds import at, raised, replaced
from forge_proposals import outcome


def forge(cases):
    told = cases.told
    agreed(cases, told)
    exchange(cases, told)
    days(cases, told)


def agreed(cases, told):
    """Item 2 is the grant, 3 to 5 what is under it, 6 and 7 what has a condition, 8 to 10 the split."""
    forms, waits = told["agreed_forms"], told["agreed_conditions"]
    cases.forged("a mandate of more than was agreed", forms, "item 2", at(
        forms, 2, replaced(b'"1.00"', b'"9.00"')))
    cases.forged("a debit that was agreed, and more of it", forms, "item 4", at(forms, 4, raised(1)))
    cases.forged("a debit under a mandate without its instruction", forms, "item 3",
                 lambda copy: copy.items[forms].pop(3))
    cases.forged("an agreed split of which somebody gets nothing", forms, "item 10",
                 lambda copy: copy.items[forms].pop())
    cases.forged("an agreed split whose payers change places", forms, "item 9", lambda copy: (
        copy.items[forms].insert(9, copy.items[forms].pop(10))))
    cases.forged("an agreed payment whose condition did not hold", waits, "item 2", at(
        waits, 2, outcome(142)))


def exchange(cases, told):
    quote, rate = told["agreed_quote"], told["agreed_rate"]
    cases.forged("an agreed quote that reserves more", quote, "item 3", at(quote, 3, raised(1)))
    cases.forged("what an agreed quote pays, left out", quote, "item 6",
                 lambda copy: copy.items[quote].pop())
    cases.forged("an agreed conversion that pays more", rate, "item 5", at(rate, 5, raised(1)))
    cases.forged("another rate than was agreed", rate, "item 2", at(
        rate, 2, replaced(b'"16231/100"', b'"16232/100"')))


def days(cases, told):
    """A condition comes before the day, and a mandate waits for none."""
    open_one, late = told["day_condition"], told["late_condition"]
    mandate, passed = told["day_mandate"], told["late_mandate"]
    cases.forged("a condition that did not hold, and waits", open_one, "item 5", at(
        open_one, 5, outcome(125)))
    cases.forged("a debit of a mandate that waits", mandate, "item 5", at(mandate, 5, outcome(125)))
    cases.forged("a condition that is not asked after the cut-off", late, "item 2", at(
        late, 2, outcome(126)))
    cases.forged("a split after the cut-off", late, "item 3", at(late, 3, outcome(1)))
    cases.forged("a debit of a mandate after the cut-off", passed, "item 1", at(
        passed, 1, outcome(1)))
