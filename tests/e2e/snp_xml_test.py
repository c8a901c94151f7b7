#!/usr/bin/env python3
"""The domain XML of a planned SNP tenant, read by a real libvirt that knows 'sev-snp' (10.5 or later).

Each domain is validated, defined and turned into QEMU's command line (embedded_libvirt.py). Nothing is started.
$BULKHEAD_SNP_PLAN may name a plan made on another machine.
"""
import base64
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import embedded_libvirt  # noqa: E402
from paper_tenant import VECTORS, PaperTenant, firmware  # noqa: E402


def launch_object(options):
    return embedded_libvirt.launch_object(options, "sev-snp-guest")


class SnpXml(unittest.TestCase):
    def setUp(self):
        machine = embedded_libvirt.Machine()
        machine.need_libvirt((10, 5), "sev-snp")
        directory = tempfile.TemporaryDirectory(prefix="bulkhead-snp-xml-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.plan = self.planned()
        self.folder, self.inside = machine.folder(self, "bulkhead-snp-xml-")
        self.libvirt = embedded_libvirt.EmbeddedLibvirt(machine, self.folder, self.inside, "sev-snp")

    def planned(self):
        ready = os.environ.get("BULKHEAD_SNP_PLAN")
        if ready is None:
            tenant = PaperTenant(self.directory, firmware())
            tenant.run("plan", "--offline", "--out", ".", *tenant.documents, wanted=2)
            ready = self.directory / "initech.plan.json"
        return json.loads(pathlib.Path(ready).read_text())

    def domains(self, plan=None, adapted=lambda xml: xml):
        return embedded_libvirt.domain_files(plan or self.plan, self.folder, self.inside, adapted)

    def test_every_domain_validates_is_defined_and_reads_back_as_it_was_written(self):
        names = []
        for name, written, path in self.domains():
            attributes, children = embedded_libvirt.launch_security(written)
            self.assertEqual(set(children), {"policy", "hostData"})
            read, members = embedded_libvirt.launch_security(self.libvirt.defined(name, path))
            self.assertEqual(read, attributes)
            self.assertEqual({member: members.get(member) for member in children}, children)
            names.append(name)
        self.assertEqual(len(names), 5)

    def test_an_id_block_and_its_signature_reach_qemu_as_the_owners_made_them(self):
        tenant = PaperTenant(self.directory / "signed", firmware(), id_keys=True)
        tenant.run("plan", "--offline", "--out", ".", *tenant.documents, wanted=2)
        tenant.run("approve", *tenant.documents, "--plan", "initech.plan.json", "--key", "initech-approval.key", "--out",
                   "initech.approval.json", "--id-key", "initech-id.key", "--author-key", "initech-author.key")
        plan = json.loads((tenant.directory / "initech.plan.json").read_text())
        envelope = json.loads((tenant.directory / "initech.approval.json").read_text())
        blocks = json.loads(base64.b64decode(envelope["payload"]))["idBlocks"]
        signed = {made["idBlock"]: made["idAuth"] for made in blocks.values()}

        def with_signature(xml):  # as `apply` does it (provisioner/launch_security_xml.h)
            block = embedded_libvirt.launch_security(xml)[1]["idBlock"]
            return xml.replace("</idBlock>\n", f"</idBlock>\n    <idAuth>{signed[block]}</idAuth>\n")

        count = 0
        for name, written, path in self.domains(plan, with_signature):
            attributes, children = embedded_libvirt.launch_security(written)
            self.assertEqual(set(children), {"policy", "idBlock", "idAuth", "hostData"})
            self.assertEqual(attributes["authorKey"], "yes")
            read, members = embedded_libvirt.launch_security(self.libvirt.defined(name, path))
            self.assertEqual(read, attributes)
            self.assertEqual({member: members.get(member) for member in children}, children)
            launch = launch_object(self.libvirt.options(path))
            self.assertEqual((launch["id-block"], launch["id-auth"], launch["author-key-enabled"]),
                             (children["idBlock"], children["idAuth"], True))
            count += 1
        self.assertEqual(count, 5)

    def test_qemu_is_told_the_measured_launch_and_the_pool_shares_it(self):
        intent = {f"{guest['pool']}-{guest['index']}": guest for guest in self.plan["intent"]["guests"]}
        pools = {}
        for name, _, path in self.domains():
            options = self.libvirt.options(path)
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
        wanted = launch_object(embedded_libvirt.recorded_options(recorded))
        for member in ("id-block", "id-auth", "author-key-enabled", "host-data"):
            del wanted[member]
        for _, _, path in self.domains():
            got = launch_object(self.libvirt.options(path))
            self.assertEqual({member: got[member] for member in wanted}, wanted)
            self.assertEqual(set(got) - set(wanted), {"host-data"})


if __name__ == "__main__":
    unittest.main()
