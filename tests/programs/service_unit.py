#!/usr/bin/env python3
"""Asks systemd whether the service template is a unit and how exposed it leaves the service (0 to 100, low is good),
alone and with a drop-in.

usage: service_unit.py UNIT ATTESTD DROP_IN
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MOST_EXPOSED = 15


def is_fine(unit, attestd, drop_in):
    with tempfile.TemporaryDirectory() as folder:
        instance = pathlib.Path(folder) / "bulkhead-attestd@acme.service"
        text = pathlib.Path(unit).read_text()
        instance.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={pathlib.Path(attestd).resolve()}", text))
        if drop_in:
            beside = instance.with_name(instance.name + ".d")
            beside.mkdir()
            shutil.copy(drop_in, beside)
        for words in (["verify", "--man=no"], ["security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}"]):
            done = subprocess.run(["systemd-analyze", *words, instance], text=True, capture_output=True, check=False)
            if done.returncode != 0 or (words[0] == "verify" and "bulkhead" in done.stderr):
                print(done.stdout + done.stderr)
                return False
            if words[0] == "security" and ("/dev/tpmrm0:rw" in done.stdout) != bool(drop_in):
                print(f"wanted /dev/tpmrm0 {'open' if drop_in else 'closed'} to the service:\n{done.stdout}")
                return False
    return True


def main(unit, attestd, drop_in):
    if shutil.which("systemd-analyze") is None:
        print("skipped: no systemd-analyze on this machine")
        return 0
    return 0 if is_fine(unit, attestd, None) and is_fine(unit, attestd, drop_in) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
