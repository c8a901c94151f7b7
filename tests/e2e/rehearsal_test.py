#!/usr/bin/env python3
"""Boots many different launches with `bulkhead rehearse` and wants every one to be measured as it was predicted.

usage: rehearsal_test.py [--quick]     --quick: one boot with what is installed, without fetching anything

The launches cover every pair of values of FACTORS. Real QEMU, OVMF, kernels and software TPM, under emulation; nothing is
mocked. Firmware, kernels, QEMU and stubs of other Debian releases are fetched from this machine's own mirror.
"""
import itertools
import json
import os
import pathlib
import sys
import tempfile
import unittest

import harness
import other_debian
import unified_image

FETCHED = pathlib.Path(os.environ.get("BULKHEAD_OTHER_DEBIAN", harness.SOURCE / "out" / "other-debian"))
COMMAND_LINES = {"plain": "console=ttyS0 quiet", "vga": "console=ttyS0 vga=0x317 rehearsed=yes"}
FACTORS = {
    "firmware": ["ovmf 2022.11", "ovmf 2025.02", "ovmf newest"],
    "kernel": ["6.1", "6.12"],
    "boot": ["direct", "uki 252", "uki 257"],
    "initrd": ["none", "3 MB"],
    "vcpus": [1, 2, 4],
    "memory": ["512MiB", "1GiB", "3GiB", "4GiB"],
    "devices": ["none", "0 disks", "3 disks"],
    "qemu": ["installed", "10.0"],
    "cpu": ["qemu64", "max", "Skylake-Server"],
    "command line": ["plain", "vga"],
}
TIMEOUT = 300  # a boot alone takes 6 to 15 s; this machine may be busy


def pairwise(factors):
    """Few launches in which every pair of values of any two factors occurs: greedily, always the same ones."""
    names = list(factors)
    wanted = {(a, x, b, y) for a, b in itertools.combinations(names, 2) for x in factors[a] for y in factors[b]}
    launches = []

    def gain(launch, name, value):
        return sum(((a, launch[a], name, value) in wanted) if names.index(a) < names.index(name)
                   else ((name, value, a, launch[a]) in wanted) for a in launch)

    while wanted:
        first = min(wanted, key=lambda pair: (names.index(pair[0]), names.index(pair[2]), str(pair[1]), str(pair[3])))
        launch = {first[0]: first[1], first[2]: first[3]}
        for name in names:
            if name not in launch:
                launch[name] = max(factors[name], key=lambda value, name=name: gain(launch, name, value))
        wanted -= {(a, launch[a], b, launch[b]) for a, b in itertools.combinations(names, 2)}
        launches.append({name: launch[name] for name in names})
    return launches


class Files:
    """Where the files of a launch are, fetched when first asked for."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.debian = other_debian.OtherDebian(FETCHED, ["bookworm", "bookworm-backports", "trixie", "sid"])
        initrd = self.folder / "initrd"
        initrd.write_bytes(bytes((i * 31 + i // 251) % 256 for i in range(3_000_001)))
        self.initrds = {"none": None, "3 MB": initrd}

    def firmware(self, name):
        if name == "ovmf 2022.11":
            root = self.debian.unpacked("ovmf-bookworm", "ovmf/bookworm")
        elif name == "ovmf 2025.02":
            root = self.debian.unpacked("ovmf-trixie", "ovmf/trixie")
        else:
            root = self.debian.unpacked("ovmf-sid", "ovmf-generic/sid")
        return root / "usr/share/OVMF/OVMF_CODE_4M.fd"

    def kernel(self, name):
        suite = {"6.1": "bookworm", "6.12": "trixie"}[name]
        package = self.debian.dependency("linux-image-cloud-amd64", suite, r"linux-image-[^ ,]+-cloud-amd64")
        root = self.debian.unpacked(f"kernel-{name}", f"{package}/{suite}")
        return next((root / "boot").glob("vmlinuz-*"))

    def qemu(self, name):
        if name == "installed":
            return "qemu-system-x86_64"
        suite = "bookworm-backports"
        root = self.debian.unpacked("qemu", *(f"{package}/{suite}" for package in (
            "qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios")))
        return root / "usr/bin/qemu-system-x86_64"

    def unified(self, launch):
        version = launch["boot"].split()[1]
        suite = {"252": "bookworm", "257": "trixie"}[version]
        root = self.debian.unpacked(f"stub-{version}", f"systemd-boot-efi/{suite}")
        return unified_image.build(root / "usr/lib/systemd/boot/efi/linuxx64.efi.stub",
                                   self.folder / "unified.efi", kernel=self.kernel(launch["kernel"]),
                                   command_line=COMMAND_LINES[launch["command line"]],
                                   release="ID=rehearsal\nVERSION_ID=1\n", initrd=self.initrds[launch["initrd"]])

    def words(self, launch):
        """The arguments of `bulkhead rehearse` for one launch."""
        words = ["--firmware", self.firmware(launch["firmware"]), "--vcpus", launch["vcpus"],
                 "--memory", launch["memory"], "--cpu", launch["cpu"], "--qemu", self.qemu(launch["qemu"])]
        if launch["devices"] == "none":
            words += ["--devices", "none"]
        else:
            words += ["--disks", launch["devices"].split()[0]]
        if launch["boot"] != "direct":
            return [*words, "--uki", self.unified(launch)]
        words += ["--kernel", self.kernel(launch["kernel"]), "--cmdline", COMMAND_LINES[launch["command line"]]]
        initrd = self.initrds[launch["initrd"]]
        return words + (["--initrd", initrd] if initrd else [])


def rehearse(*words):
    """(whether all was as predicted, what to say about it)"""
    done = harness.run(harness.BULKHEAD, "rehearse", "--json", "--timeout", TIMEOUT, *words, wanted=None,
                       timeout=TIMEOUT + 120)
    if done.returncode not in (0, 5):
        return False, f"exit {done.returncode}: {done.stderr.strip()}"
    report = json.loads(done.stdout)
    known = sum(register["predicted"] is not None for register in report["registers"])
    said = f"{len(report['events'])} events, {known} registers" + "".join(
        f"; {report[key]}" for key in ("outcome", "firstDifference") if key in report)
    unknown = sorted({event["what"] for event in report["events"] if event.get("provenance") == "unpredictable"})
    return report["equal"] and done.returncode == 0 and not unknown, said + ("; not known: " + ", ".join(unknown) if unknown else "")


class RehearsalTest(unittest.TestCase):
    def test_every_pair_of_values_is_measured_as_predicted(self):
        launches = pairwise(FACTORS)
        different = []
        with tempfile.TemporaryDirectory(prefix="bulkhead-rehearsal-", dir="/var/tmp") as folder:
            try:
                files = Files(folder)
            except other_debian.Unavailable as why:
                self.skipTest(str(why))
            for number, launch in enumerate(launches, 1):
                equal, said = rehearse(*files.words(launch))
                name = ", ".join(str(value) for value in launch.values())
                print(f"{number:3}/{len(launches)}  {'equal  ' if equal else 'DIFFERS'}  {name}: {said}", flush=True)
                if not equal:
                    different.append(f"{name}: {said}")
        self.assertEqual(different, [])


class QuickRehearsalTest(unittest.TestCase):
    """One boot with the firmware and QEMU that are installed, and the image's or this machine's kernel."""

    def test_the_installed_firmware_and_hypervisor_measure_what_is_predicted(self):
        firmware = pathlib.Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
        kernels = [harness.IMAGE / "kernel", *sorted(pathlib.Path("/boot").glob("vmlinuz-*"))]
        kernel = next((file for file in kernels if file.exists()), None)
        if not firmware.exists() or kernel is None:
            self.skipTest("no OVMF or no kernel on this machine")
        equal, said = rehearse("--firmware", firmware, "--kernel", kernel, "--cmdline", "console=ttyS0 quiet",
                               "--memory", "512MiB", "--vcpus", "2")
        print(said)
        self.assertTrue(equal, said)


if __name__ == "__main__":
    quick = "--quick" in sys.argv[1:]
    unittest.main(argv=[sys.argv[0], "QuickRehearsalTest" if quick else "RehearsalTest"], verbosity=2)
