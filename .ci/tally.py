"""Sums the runs of `make test`: `tally.py FAILED_CHECKS FOLDER`.

The folder holds NAME.status (pytest's exit status) and NAME.xml (JUnit) of each run. The exit status is 1
where anything failed, was skipped, or nothing was run.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def main(failed_checks: int, folder: Path) -> int:
    passed, failed, skipped = 0, failed_checks, 0
    for status_file in sorted(folder.glob("*.status")):
        status, report = int(status_file.read_text()), status_file.with_suffix(".xml")
        bad = run_skipped = total = 0
        if report.exists():
            for suite in ElementTree.parse(report).iter("testsuite"):
                total += int(suite.get("tests", 0))
                bad += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                run_skipped += int(suite.get("skipped", 0))
        if total == 0 or (status and not bad):
            bad += 1
            print(f"{status_file.stem}: pytest ended with {status} after {total} tests")
        passed += max(0, total - bad - run_skipped)
        failed += bad
        skipped += run_skipped
    if failed_checks:
        print(f"{failed_checks} failed checks are counted as failed below")
    if skipped:
        print("A skipped test is a failure here: nothing is skipped because a service is missing.")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or skipped or not passed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
