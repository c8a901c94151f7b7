#!/usr/bin/env python3
"""Checks that every #include obeys the arrows of the root CMakeLists.txt.

usage: layering.py SOURCE_DIR

Rules: a room includes itself and the rooms it DEPENDS on (transitively); the room graph has no cycle; a source
file that includes a third-party header is named for that library, and no header of ours includes one.
Prints one `file:line: ...` per violation; exit 1 when there is any.
"""
import itertools
import pathlib
import re
import sys

ROOM = re.compile(r"^room\((\w+)(.*?)\)", re.MULTILINE | re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
# Third-party header prefix -> what the including file's name must contain.
ADAPTERS = {
    "openssl/": "openssl", "nlohmann/": "nlohmann", "yaml-cpp/": "yaml", "libvirt/": "libvirt",
    "guestfs.h": "guestfs", "nftables/": "nftables", "tss2/": "tss2", "boost/": "boost", "sqlite3.h": "sqlite",
    "CLI/": "cli11", "p11-kit/": "p11", "curl/": "curl", "lzma.h": "lzma",
    "libcryptsetup.h": "cryptsetup",
}


def rooms_of(cmake_text):
    """room name -> set of direct dependencies, as the room() calls declare them."""
    rooms = {}
    for name, body in ROOM.findall(cmake_text):
        words = body.split()
        names = itertools.takewhile(str.islower, words[words.index("DEPENDS") + 1:]) if "DEPENDS" in words else ()
        rooms[name] = set(names)
    return rooms


def closure(rooms, name, path=()):
    """Every room `name` may include; raises on a cycle."""
    if name in path:
        raise ValueError("cycle: " + " -> ".join((*path, name)))
    reachable = {name}
    for dependency in rooms[name]:
        reachable |= closure(rooms, dependency, (*path, name))
    return reachable


def violations(source_dir):
    root = pathlib.Path(source_dir)
    rooms = rooms_of((root / "CMakeLists.txt").read_text())
    if not rooms:
        yield "CMakeLists.txt:1: no room() call found"
    for room in rooms:
        allowed = closure(rooms, room)
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".cpp", ".h"):
                yield from file_violations(root, path, room, allowed, rooms)


def file_violations(root, path, room, allowed, rooms):
    where = path.relative_to(root)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(2)
        first = header.split("/")[0]
        if match.group(1) == '"' and first in rooms and first not in allowed:
            yield f"{where}:{number}: room '{room}' may not include room '{first}'"
        for prefix, word in ADAPTERS.items():
            if header.startswith(prefix):
                if path.suffix == ".h":
                    yield f"{where}:{number}: a header of ours may not include <{header}>"
                elif word not in path.name:
                    yield f"{where}:{number}: only a file named for {word} may include <{header}>"


if __name__ == "__main__":
    found = list(violations(sys.argv[1]))
    print("\n".join(found) if found else "layering: every include obeys the rooms")
    sys.exit(1 if found else 0)
