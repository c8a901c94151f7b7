"""The keys that a service releases, and where they are found: on the host, and in the memory of `bulkhead`."""
import base64
import ctypes
import os
import pathlib
import re
import shutil
import tempfile

from harness import BUILD, run

STATE = ("bundle.json", "config.json", "keys.sqlite", "keys.sqlite-wal", "kms-records.sqlite", "kms-records.sqlite-wal")
TRACE_ME, CONTINUE, SET_OPTIONS = 0, 7, 0x4200  # ptrace(2)
STOP_AT_EXIT, END_WITH_TRACER, EXIT_EVENT = 0x40, 0x100000, 6


def released_keys(site, name):
    """Every key of the tenant's service, wherever it keeps them, from a copy of its state."""
    with tempfile.TemporaryDirectory(dir=site.folder) as copy:
        for file in (site.store / "tenants" / name / "service" / file for file in STATE):
            if file.exists():
                shutil.copy(file, copy)
        return [bytes.fromhex(line) for line in run(BUILD / "bin" / "released-keys", copy, name).stdout.split()]


def forms(keys):
    return [form for key in keys for form in (key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key),
                                              base64.urlsafe_b64encode(key).rstrip(b"="))]


def on_host(site, keys, apart=None):
    """Files, command lines and environments with one of the keys: not the embedded store, nor what is in the folder `apart`."""
    roots = (site.store, "/run/bulkhead", "/var/log/libvirt", "/var/lib/libvirt/swtpm", site.folder)
    files = [path for root in roots for path in pathlib.Path(root).rglob("*")
             if path.is_file() and path.stat().st_size <= 64 << 20 and not path.name.startswith("keys.sqlite")
             and (apart is None or apart not in path.parents)]
    if not any(path.name == "audit.jsonl" for path in files):
        raise AssertionError("nothing of a service is among the files to search")
    files += [path / name for path in pathlib.Path("/proc").glob("[0-9]*") for name in ("cmdline", "environ")]
    sought, found = forms(keys), []
    for path in files:
        try:
            content = path.read_bytes()
        except OSError:  # a process that has ended
            continue
        found += [str(path) for form in sought if form in content]
    return found


def memory_of(process):
    """What a process has in its memory, as root reads it."""
    parts = []
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{process}/maps").read_text().splitlines():
            begin, end, readable = re.match("([0-9a-f]+)-([0-9a-f]+) (.)", line).groups()
            if readable != "r" or "[v" in line:
                continue
            memory.seek(int(begin, 16))
            parts.append(memory.read(int(end, 16) - int(begin, 16)))
    return b"".join(parts)


def memory_at_exit(*argv):
    """Runs a command and stops it as it exits. @return its exit code and its memory then, freed parts included"""
    argv = [str(word) for word in argv]
    libc = ctypes.CDLL(None)
    libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    child = os.fork()
    if child == 0:
        libc.ptrace(TRACE_ME, 0, None, None)
        for stream in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), stream)
        os.execv(argv[0], argv)
    os.waitpid(child, 0)
    libc.ptrace(SET_OPTIONS, child, None, STOP_AT_EXIT | END_WITH_TRACER)
    memory, signal = b"", 0
    while True:
        libc.ptrace(CONTINUE, child, None, signal)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status), memory
        event = status >> 16
        signal = 0 if event else os.WSTOPSIG(status)
        if event == EXIT_EVENT:
            memory = memory_of(child)
