"""The parts of `verify_log.py`: a whole log and its ledger, checked by what chain/SPEC.md says."""
