"""Forged logs about foreign exchange: an operator who holds the log's key writes what the rules do not
make. `told` are the entries that `dealings.py` names.
"""

import struct

import receipt
from forge_cycles import BEFORE, early_entry
from forge_holds import at, leg_end, put, raised, replaced
from rewritten import SUBMISSION

SETTLED = put(7, struct.pack(">HH", 1, 0xFFFF))


def forge(cases):
    told = cases.told
    amounts(cases, told)
    rates(cases, told)
    legs(cases, told)
    quotes(cases, told)
    refusals(cases, told)


def residue(change):
    """A leg of a conversion whose residue is another fraction."""
    def changed(item):
        end = leg_end(item)
        part, whole = (int.from_bytes(item[place:place + 16], "big") for place in (end - 32, end - 16))
        return item[:end - 32] + b"".join(n.to_bytes(16, "big") for n in change(part, whole)) + \
            item[end:]
    return changed


def amounts(cases, told):
    sold, bought, turned, exact = (told[name] for name in ("converted", "bought", "turned", "exact"))
    of = receipt.parse_item(cases.copy().items[sold][3])["residue"]
    assert of == (7231, 10_000), of
    cases.forged("a yen more than the rate gives", sold, "item 3", at(sold, 3, raised(1)))
    cases.forged("a yen less than the rate gives", sold, "item 3", at(sold, 3, raised(-1)))
    cases.forged("a cent less than the rate asks", bought, "item 2", at(bought, 2, raised(-1)))
    cases.forged("a cent more than the rate asks", bought, "item 2", at(bought, 2, raised(1)))
    cases.forged("a conversion the other way round that pays more", turned, "item 3",
                 at(turned, 3, raised(1)))
    cases.forged("a residue", sold, "item 3", at(sold, 3, residue(lambda n, d: (n + 2, d))))
    cases.forged("a residue that is left out", sold, "item 3",
                 at(sold, 3, residue(lambda n, d: (0, 1))))
    cases.forged("a residue not in lowest terms", sold, "item 3",
                 at(sold, 3, residue(lambda n, d: (2 * n, 2 * d))), log=True)
    cases.forged("a residue of one", sold, "item 3", at(sold, 3, residue(lambda n, d: (1, 1))),
                 log=True)
    cases.forged("a residue where there is none", exact, "item 2",
                 at(exact, 2, residue(lambda n, d: (1, 2))))

    def both(copy):
        """Stated and paid alike: what was asked for is another amount."""
        at(sold, 1, replaced(b'"10.01"', b'"10.02"'))(copy)
        at(sold, 2, raised(1))(copy)

    cases.forged("a conversion of another amount", sold, "private commitment 0 of item 2", both)


def rates(cases, told):
    stated, sold = told["rate"], told["converted"]
    cases.forged("another rate", stated, "instruction 0 of the body", at(
        stated, 1, replaced(b'"16231/100"', b'"16232/100"')))
    cases.forged("a rate that is none", stated, "item 1", at(
        stated, 1, replaced(b'"16231/100"', b'"06231/100"')))
    cases.forged("a rate with another maximum", stated, "instruction 0 of the body", at(
        stated, 1, replaced(b'"450.00"', b'"950.00"')))
    own = bytes.fromhex(receipt.parse_item(cases.copy().items[sold][2])["at"].hex())
    cases.forged("a conversion at another rate", sold, "item 2", at(
        sold, 2, replaced(own, own[:-1] + bytes([own[-1] ^ 1]))))
    cases.forged("a rate too many", told["ahead"], "item 1", at(
        told["ahead"], 1, put(7, struct.pack(">HH", 2, 0xFFFF))))

    def without_its_rate(copy):
        """The rate is refused, and what was converted at it stands."""
        at(stated, 1, put(7, struct.pack(">H", 183)))(copy)

    cases.forged("a rate that is refused", stated, "item 1", without_its_rate)


def legs(cases, told):
    sold, used, paid = told["converted"], told["used"], told["after_rotation"]
    cases.forged("a conversion without what is received", sold, "item 3",
                 lambda copy: copy.items[sold].pop())
    cases.forged("a conversion without what is paid", sold, "item 2",
                 lambda copy: copy.items[sold].pop(2))
    cases.forged("a conversion without its instruction", sold, "item 1, a leg of a hold, its place",
                 lambda copy: copy.items[sold].pop(1))
    cases.forged("a conversion whose legs are turned about", sold, "item 2", lambda copy: (
        copy.items[sold].insert(2, copy.items[sold].pop(3))))
    cases.forged("a leg of a conversion behind a transfer", paid, "item 2, a leg of a hold, its place",
                 lambda copy: copy.items[paid].append(copy.items[sold][2]))
    cases.forged("what a quote pays, twice", used, "item 4", lambda copy: (
        copy.items[used].append(copy.items[used][3])))
    system = told["quote_expiry"]
    cases.forged("a conversion by the node", system, "item 2", lambda copy: (
        copy.items[system].append(copy.items[sold][2])))


def quotes(cases, told):
    made, used, ended = told["quote"], told["used"], told["quote_expiry"]

    def more(copy):
        at(made, 1, replaced(b'"3300"', b'"3301"'))(copy)
        at(made, 2, raised(1))(copy)

    cases.forged("what a quote reserves", made, "private commitment 0 of item 2", more)
    cases.forged("what a quote costs", made, "instruction 0 of the body", at(
        made, 1, replaced(b'"20.00"', b'"10.00"')))
    cases.forged("whom a quote is for", made, "instruction 0 of the body", at(
        made, 1, replaced(b'"for":"north"', b'"for":"south"')))
    cases.forged("a quote that pays more than it says", used, "item 3", at(used, 3, raised(1)))
    cases.forged("a quote that costs less than it says", used, "item 2", at(used, 2, raised(-1)))
    cases.forged("a quote used twice", told["used_again"], "item 1",
                 at(told["used_again"], 1, SETTLED))
    copy = cases.copy()
    copy.silence(ended)
    cases.run("an expiry of a quote that is left out, signed anew", 1, BEFORE % ended, copy=copy,
              chained=True, key=cases.key)
    cases.forged("a quote that ends early", ended, "item 1", early_entry(ended))
    copy = cases.copy()
    copy.entries[ended][1] = SUBMISSION
    cases.run("an expiry of a quote as a submission, signed anew", 1,
              "entry %d: the signatures" % ended, copy=copy, chained=True, key=cases.key)


def refusals(cases, told):
    """Written as if they had taken effect, or as if something else were the matter."""
    for name in ("AMOUNT_MISMATCH", "ROUNDS_TO_ZERO", "CONVERSION_TOO_LARGE", "RATE_INDICATIVE",
                 "RATE_GAP", "NOT_OWNER", "without"):
        index = told[name]
        cases.forged("a conversion that was refused (%s)" % name, index, "item 1",
                     at(index, 1, SETTLED))
    short = told["short"]
    cases.forged("how much a provider has, told", short, "item 1", at(
        short, 1, put(7, struct.pack(">HH", 26, 1))))
