#!/usr/bin/env python3
"""Reads DT_NEEDED of the programs: who links what is part of the architecture (docs/architecture.md).

usage: needed_libraries.py BULKHEAD BULKHEAD_HOST_MODULE BULKHEAD_KMS_MODULE BULKHEAD_TPM_MODULE ATTESTD GUEST

An owner's machine has neither libvirt nor libguestfs, so `bulkhead` must start without them; the guest's initrd holds
every library the guest program needs, so it links nothing of the host's.
"""
import re
import subprocess
import sys

HOST_LIBRARIES = ("libvirt", "libguestfs", "libnftables")
TPM_LIBRARIES = ("libtss2-esys",)
KMS_LIBRARIES = ("libcurl",)  # slow to load: of the module that reaches a KMS only
TOKEN_LIBRARIES = ("libp11-kit",)  # an owner's keys: of the command line only


def needed(path):
    """The sonames in a file's dynamic section, without version: {"libcrypto", "libc"}."""
    listing = subprocess.run(["readelf", "--dynamic", "--wide", path], check=True, text=True, capture_output=True).stdout
    return {name.split(".so")[0] for name in re.findall(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]", listing)}


def problems(name, path, wanted, unwanted):
    links = needed(path)
    if "libc" not in links:
        yield f"{name}: its dynamic section names no C library; is {path} the program?"
    for library in wanted:
        if library not in links:
            yield f"{name}: got {sorted(links)}, wanted {library} among them"
    for library in unwanted:
        if library in links:
            yield f"{name}: links {library}, wanted it to load the host module or do without"


def main(bulkhead, host_module, kms_module, tpm_module, attestd, guest):
    found = [
        *problems("bulkhead", bulkhead, ("libcrypto", *TOKEN_LIBRARIES), HOST_LIBRARIES + TPM_LIBRARIES + KMS_LIBRARIES),
        *problems("bulkhead-host.so", host_module, HOST_LIBRARIES + TPM_LIBRARIES, KMS_LIBRARIES),
        *problems("bulkhead-kms.so", kms_module, (*KMS_LIBRARIES, *TOKEN_LIBRARIES, "libsqlite3"),
                  HOST_LIBRARIES + TPM_LIBRARIES),
        *problems("bulkhead-tpm.so", tpm_module, TPM_LIBRARIES, HOST_LIBRARIES + TOKEN_LIBRARIES + KMS_LIBRARIES),
        *problems("bulkhead-attestd", attestd, ("libssl", "libsqlite3"),
                  HOST_LIBRARIES + TPM_LIBRARIES + TOKEN_LIBRARIES + KMS_LIBRARIES),
        *problems("bulkhead-guest", guest, TPM_LIBRARIES + ("libcryptsetup",), HOST_LIBRARIES + TOKEN_LIBRARIES + KMS_LIBRARIES + ("libsqlite3", "libyaml-cpp")),
    ]
    print("\n".join(found) or "every program links what it may")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
