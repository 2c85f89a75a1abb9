#!/usr/bin/env python3
"""Runs the measurements of the shared folder, all of which this version has to pass whole.

    conformance.py SHARED BIN

Exit status 0 when every lockfile of the corpus is read exactly, every step of the diff story is told
rightly, every advisory is matched and every commit attributed as expected.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = ("corpus/run.py", "diff/run_cases.py", "advisories/run_cases.py", "provenance/run_cases.py")


def measure(shared, script, binary):
    """(whether all of it is right, what the script printed, its closing line)."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [sys.executable, str(shared / script), "--bin", binary, "--json", str(results)]
        done = subprocess.run(command, capture_output=True, text=True)
        if not results.is_file():
            sys.exit(f"{script} measured nothing:\n{done.stdout}{done.stderr}")
        return done.returncode == 0, done.stdout, json.loads(results.read_text(encoding="utf-8"))["closing"]


def main():
    shared, binary = Path(sys.argv[1]).resolve(), str(Path(sys.argv[2]).resolve())
    sound = True
    for script in SCRIPTS:
        right, printed, closing = measure(shared, script, binary)
        print(closing if right else printed)
        sound &= right
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
