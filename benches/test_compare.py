"""What compare.py makes of counts."""

import json
import unittest

import compare


def printed(stage, counted):
    """A line as gungraun prints it."""
    metrics = {"Ir": {"values": {"new": counted}}}
    profiles = [{"tool": "Callgrind", "data": {"parts": [], "total": {"metrics": metrics}}}]
    return json.dumps({"function_name": stage, "id": "full", "profiles": profiles})


class Comparison(unittest.TestCase):
    """Table and verdict."""

    def wrong(self, recorded, found):
        lines, wrong = compare.judge(recorded, found)
        self.assertEqual(len(lines), 1 + len({**recorded, **found}))
        return wrong

    def test_five_per_cent_pass_and_more_do_not(self):
        for now, wrong in [(1000, 0), (1050, 0), (950, 0), (1051, 1), (949, 1)]:
            self.assertEqual(self.wrong({"a": 1000, "b": 7}, {"a": now, "b": 7}), wrong, now)

    def test_a_stage_is_not_lost_and_not_new_in_silence(self):
        self.assertEqual(self.wrong({"a": 5, "b": 5}, {"a": 5}), 1)
        self.assertEqual(self.wrong({"a": 5}, {"a": 5, "b": 5}), 1)

    def test_lines_of_gungraun_are_read(self):
        text = "\n".join(["   Compiling", printed("parse", 12), printed("apply", 30)])
        self.assertEqual(compare.counts(text), {"parse::full": 12, "apply::full": 30})
        for nothing in ["", "no line of JSON", printed("parse", 0)]:
            with self.assertRaises(compare.Failure):
                compare.counts(nothing)

    def test_the_runner_has_the_version_of_the_library(self):
        self.assertRegex(compare.locked("gungraun"), r"^[0-9]+\.[0-9]+\.[0-9]+$")
        with self.assertRaises(compare.Failure):
            compare.locked("no-such-package")


if __name__ == "__main__":
    unittest.main()
