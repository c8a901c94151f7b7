#!/usr/bin/env python3
"""Asks systemd whether the service template is a unit and how exposed it leaves the service (0 to 100, low is good).

usage: service_unit.py UNIT ATTESTD
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MOST_EXPOSED = 15


def main(unit, attestd):
    if shutil.which("systemd-analyze") is None:
        print("skipped: no systemd-analyze on this machine")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        instance = pathlib.Path(folder) / "bulkhead-attestd@acme.service"
        text = pathlib.Path(unit).read_text()
        instance.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={pathlib.Path(attestd).resolve()}", text))
        for words in (["verify", "--man=no"], ["security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}"]):
            done = subprocess.run(["systemd-analyze", *words, instance], text=True, capture_output=True, check=False)
            if done.returncode != 0 or (words[0] == "verify" and "bulkhead" in done.stderr):
                print(done.stdout + done.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
