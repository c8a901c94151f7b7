#!/usr/bin/env python3
"""The domain XML of a planned SNP tenant, read by a real libvirt that knows 'sev-snp' (10.5 or later).

libvirt runs embedded in virsh below a temporary root, its record of what QEMU can do is told that this host has SNP,
and each domain is validated, defined and turned into QEMU's command line. Nothing is started. $BULKHEAD_SNP_PLAN may
name a plan made on another machine.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from snp_tenant import VECTORS, SnpTenant, firmware  # noqa: E402

NEEDED_LIBVIRT = (10, 5)
FAKE_SEV = ("  <sev>\n    <cbitpos>51</cbitpos>\n    <reducedPhysBits>1</reducedPhysBits>\n    <pdh>AAAA</pdh>\n"
            "    <certChain>AAAA</certChain>\n  </sev>\n</qemuCaps>")
FAKE_FLAGS = "  <flag name='sev-guest'/>\n  <flag name='sev-snp-guest'/>\n"


def run(*argv):
    done = subprocess.run([str(word) for word in argv], text=True, capture_output=True, check=False, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def need_libvirt():
    for program in ("virsh", "virt-xml-validate", "qemu-system-x86_64"):
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"no {program} here")
    version = run("virsh", "--version").strip()
    if tuple(map(int, version.split(".")[:2])) < NEEDED_LIBVIRT:
        raise unittest.SkipTest(f"libvirt {version} does not know sev-snp, which is new in 10.5")


class EmbeddedLibvirt:
    """libvirt's QEMU driver inside virsh, with a state directory of its own and a host that claims SNP."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.capabilities()
        # libvirt throws away a record that mentions KVM where its QEMU user cannot use it, so then it must not.
        for kvm in ("keep", "drop"):
            self.claim_snp(drop_kvm=kvm == "drop")
            if "<value>sev-snp</value>" in self.capabilities():
                return
        raise AssertionError("libvirt does not take the record of a QEMU that knows sev-snp")

    def capabilities(self):
        return self.virsh("domcapabilities", "--virttype", "qemu", "--machine", "q35")

    def claim_snp(self, drop_kvm):
        for path in self.root.glob("cache/qemu/capabilities/*.xml"):
            text = path.read_text().replace("</qemuCaps>", FAKE_SEV)
            after = text.index("\n", text.rindex("<flag name=")) + 1
            text = text[:after] + FAKE_FLAGS + text[after:]
            path.write_text(text.replace("  <flag name='kvm'/>\n", "") if drop_kvm else text)

    def virsh(self, *argv):
        # Even with a root of its own libvirt makes /run/libvirt, mode 0700, where this machine's guests could not pass.
        own_run = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"] if os.geteuid() == 0 else []
        return run(*own_run, "virsh", "--quiet", "--connect", f"qemu:///embed?root={self.root}", *argv)


def options_of(command_line):
    """QEMU's options as a list of (option, value), without the environment before the program."""
    words = shlex.split(command_line)
    words = words[next(i for i, word in enumerate(words) if word.endswith("qemu-system-x86_64")) + 1:]
    return [(word, words[i + 1] if i + 1 < len(words) and not words[i + 1].startswith("-") else "")
            for i, word in enumerate(words) if word.startswith("-")]


def launch_object(options):
    objects = [json.loads(value) for option, value in options if option == "-object" and value.startswith("{")]
    return next(entry for entry in objects if entry["qom-type"] == "sev-snp-guest")


class SnpXml(unittest.TestCase):
    def setUp(self):
        need_libvirt()
        directory = tempfile.TemporaryDirectory(prefix="bulkhead-snp-xml-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.plan = self.planned()
        self.libvirt = EmbeddedLibvirt(self.directory / "libvirt")

    def planned(self):
        ready = os.environ.get("BULKHEAD_SNP_PLAN")
        if ready is None:
            tenant = SnpTenant(self.directory, firmware())
            tenant.run("plan", "--offline", "--out", ".", *tenant.documents, wanted=2)
            ready = self.directory / "initech.plan.json"
        return json.loads(pathlib.Path(ready).read_text())

    def domains(self):
        """Name and XML of each domain; without KVM here, the accelerator is TCG."""
        for entry in self.plan["resources"]:
            if entry["kind"] != "domain":
                continue
            path = self.directory / f"{entry['name']}.xml"
            path.write_text(entry["body"]["xml"].replace("<domain type='kvm'>", "<domain type='qemu'>"))
            yield entry["name"], path

    def test_every_domain_validates_and_can_be_defined(self):
        names = []
        for name, path in self.domains():
            run("virt-xml-validate", path, "domain")
            self.libvirt.virsh("define", path, "--validate")
            defined = self.libvirt.virsh("dumpxml", name)
            host_data = re.search("<hostData>.*</hostData>", path.read_text()).group(0)
            self.assertIn("<launchSecurity type='sev-snp' kernelHashes='yes'", defined)
            self.assertIn(host_data, defined)
            names.append(name)
        self.assertEqual(len(names), 5)

    def test_qemu_is_told_the_measured_launch_and_the_pool_shares_it(self):
        intent = {f"{guest['pool']}-{guest['index']}": guest for guest in self.plan["intent"]["guests"]}
        pools = {}
        for name, path in self.domains():
            options = options_of(self.libvirt.virsh("domxml-to-native", "qemu-argv", "--xml", path))
            one = dict(options)
            launch = launch_object(options)
            guest = intent[name.removeprefix("bh-initech-")]["launch"]
            self.assertEqual(one["-append"], guest["commandLine"])
            self.assertEqual(one["-smp"].split(",")[0], str(guest["vcpus"]))
            self.assertEqual(one["-cpu"], guest["cpuModel"])
            self.assertIn(f"confidential-guest-support={launch['id']}", one["-machine"])
            self.assertEqual(launch["policy"], 0x30000)
            self.assertIs(launch["kernel-hashes"], True)
            host_data = launch.pop("host-data")
            measured = (one["-append"], one["-smp"], one["-cpu"], one["-bios"], one["-kernel"], one["-initrd"],
                        json.dumps(launch, sort_keys=True))
            pools.setdefault(name.rsplit("-", 1)[0], []).append((measured, host_data))
        self.assertEqual(len(pools), 2)
        for members in pools.values():
            self.assertGreater(len(members), 1)
            self.assertEqual(len({measured for measured, _ in members}), 1)
            self.assertEqual(len({host_data for _, host_data in members}), len(members))

    def test_the_launch_object_has_the_members_of_the_recorded_one(self):
        recorded = VECTORS / "libvirt-argv/snp.libvirt-11.3_qemu-10.0.args"
        if not recorded.is_file():
            self.skipTest("no recorded QEMU command line here: set BULKHEAD_VECTORS")
        wanted = launch_object(options_of(recorded.read_text().replace("\\\n", "")))
        for member in ("id-block", "id-auth", "author-key-enabled", "host-data"):
            del wanted[member]
        for _, path in self.domains():
            got = launch_object(options_of(self.libvirt.virsh("domxml-to-native", "qemu-argv", "--xml", path)))
            self.assertEqual({member: got[member] for member in wanted}, wanted)
            self.assertEqual(set(got) - set(wanted), {"host-data"})


if __name__ == "__main__":
    unittest.main()
