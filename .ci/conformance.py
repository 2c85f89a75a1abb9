#!/usr/bin/env python3
"""Runs the measurements of the shared folder that this version has to pass whole.

    conformance.py SHARED BIN

Lockfile formats that are read have to be exact in every case of the corpus; every step of the diff
story has to be right, but for those whose lockfile is of a format that is not read yet, which have
to say so and exit with 2. Exit status 0 when all of that holds.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

READ = ("cargo-*", "npm-*", "req-*", "yarn1-*", "pnpm-*", "uv-*", "berry-*", "bun-*", "poetry-*", "pdm-*", "pipfile-*", "pylock-*")
NOT_READ = "is not read yet"


def measure(shared, script, binary, *options):
    """(exit status, results) of one measuring script."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [sys.executable, str(shared / script), "--bin", binary, "--json", str(results), *options]
        done = subprocess.run(command, capture_output=True, text=True)
        if not results.is_file():
            sys.exit(f"{script} measured nothing:\n{done.stdout}{done.stderr}")
        return done, json.loads(results.read_text(encoding="utf-8"))


def main():
    shared, binary = Path(sys.argv[1]).resolve(), str(Path(sys.argv[2]).resolve())
    sound = True
    for cases in READ:
        done, results = measure(shared, "corpus/run.py", binary, "--only", cases)
        print(f"{cases}: {results['closing']}")
        if not results["passed"]:
            sound = False
            print(done.stdout)
    _, results = measure(shared, "diff/run_cases.py", binary)
    unread = [row for row in results["steps"] if not row["right"] and all(NOT_READ in reason for reason in row["wrong"]) and row["exit"] == 2]
    wrong = [row for row in results["steps"] if not row["right"] and row not in unread]
    print(f"{results['closing']}, {len(unread)} of formats that are not read yet")
    for row in wrong:
        print(f"  {row['step']} ({row['range']}): {row['wrong']}")
    sys.exit(0 if sound and not wrong else 1)


if __name__ == "__main__":
    main()
