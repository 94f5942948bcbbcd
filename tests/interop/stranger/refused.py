"""How an instruction is refused (SPEC: Ledger)."""
from formats import NO_LEG


class Refused(Exception):
    """An outcome that changes nothing, with the leg and detail of its item."""

    def __init__(self, outcome, leg=NO_LEG, detail=0):
        super().__init__(outcome)
        self.outcome, self.leg, self.detail = outcome, leg, detail
