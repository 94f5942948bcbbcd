"""The parts of `verify_log.py`: a whole log and its ledger, checked from chain/SPEC.md alone."""
