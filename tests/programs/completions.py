#!/usr/bin/env python3
"""Compares what bash completes with what `--help` of every verb says: each verb and flag is there, and no other.

usage: completions.py BULKHEAD COMPLETION_FILE
"""
import re
import subprocess
import sys

SCRIPT = """source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bulkhead; printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(file, *words):
    """What bash offers when `words` are typed and the last one is completed."""
    done = subprocess.run(["bash", "-euc", SCRIPT, "bash", file, "bulkhead", *words], text=True, capture_output=True,
                          check=True)
    return set(done.stdout.split())


def section(text, title):
    found = re.search(rf"^{title}:\n((?:[ \t]+.*\n?)+)", text, re.MULTILINE)
    return found.group(1) if found else ""


def helped(program, verb):
    """Verbs, flags and flags that take a value, from the help of `verb`, a list of words."""
    text = subprocess.run([program, *verb, "--help"], text=True, capture_output=True, check=True).stdout
    verbs = set(re.findall(r"^  (\w[\w-]*)", section(text, "Subcommands"), re.MULTILINE))
    flags, valued = set(), set()
    for names, kind in re.findall(r"^  (-[^ ]+)( [A-Z]+)?", section(text, "Options"), re.MULTILINE):
        long_names = {name for name in names.split(",") if name.startswith("--")}
        flags |= long_names
        valued |= long_names if kind else set()
    return verbs, flags, valued


def problems(program, file, verb=()):
    name = " ".join(("bulkhead", *verb))
    verbs, flags, valued = helped(program, verb)
    if not flags:
        yield f"{name}: its help lists no flags"
    pairs = [("verbs", completed(file, *verb, "") if verbs else set(), verbs),
             ("flags", completed(file, *verb, "--"), flags)]
    for what, got, wanted in pairs:
        if got != wanted:
            yield f"{name}: {what}: got {sorted(got)}, wanted {sorted(wanted)}"
    for flag in sorted(valued):
        if any(word.startswith("--") for word in completed(file, *verb, flag, "--")):
            yield f"{name} {flag}: offers flags where a value is wanted"
    for word in sorted(verbs):
        yield from problems(program, file, (*verb, word))


def main(program, file):
    found = list(problems(program, file))
    if completed(file, "host", "probe", "--tee", "s") != {"snp"}:
        found.append("bulkhead host probe --tee: the TEEs are not offered")
    if completed(file, "schema", "") != {"tenant", "site", "recipe"}:
        found.append("bulkhead schema: the kinds of document are not offered")
    print("\n".join(found) or "every verb and flag is completed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
