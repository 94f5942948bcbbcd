"""What a check can end with besides "it holds"."""


class Diverges(Exception):
    """Something is not what it must be: where, what, and both values."""

    def __init__(self, index, what, expected, found):
        super().__init__(what)
        self.index, self.what = index, what
        self.expected, self.found = shown(expected), shown(found)

    def __str__(self):
        place = "the log" if self.index is None else "entry %d" % self.index
        return "%s: %s\n    expected  %s\n    found     %s" % (
            place, self.what, self.expected, self.found)


class Unread(Exception):
    """Something could not be read, so that nothing can be said."""


def shown(value):
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    text = str(value)
    return text if len(text) <= 300 else text[:300] + "..."


def same(index, what, expected, found):
    if expected != found:
        raise Diverges(index, what, expected, found)
