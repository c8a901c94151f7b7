#!/usr/bin/env python3
"""The domain XML of a planned TDX tenant, read by a real libvirt that knows 'tdx' (11.6 or later).

Each domain is validated, defined and turned into QEMU's command line (embedded_libvirt.py). Nothing is started: emulation
has no host's processor, so the one thing changed in the XML is the CPU.
"""
import base64
import hashlib
import json
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import embedded_libvirt  # noqa: E402
from paper_tenant import VECTORS, PaperTenant, kernel, td_firmware  # noqa: E402

QUOTE_SOCKET = "/var/run/tdx-qgs/qgs.socket"


def named_processor(xml):
    return re.sub(r"<cpu mode='host-passthrough' check='none' migratable='off'>",
                  "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model>", xml)


def launch_object(options):
    return embedded_libvirt.launch_object(options, "tdx-guest")


class TdxXml(unittest.TestCase):
    def setUp(self):
        machine = embedded_libvirt.Machine()
        machine.need_libvirt((11, 6), "tdx")
        directory = tempfile.TemporaryDirectory(prefix="bulkhead-tdx-xml-")
        self.addCleanup(directory.cleanup)
        tenant = PaperTenant(directory.name, td_firmware(), tee="tdx", kernel=kernel())
        tenant.run("plan", "--offline", "--out", ".", *tenant.documents, wanted=2)
        self.plan = json.loads((tenant.directory / "initech.plan.json").read_text())
        self.folder, self.inside = machine.folder(self, "bulkhead-tdx-xml-")
        self.libvirt = embedded_libvirt.EmbeddedLibvirt(machine, self.folder, self.inside, "tdx")

    def domains(self, adapted=named_processor):
        return embedded_libvirt.domain_files(self.plan, self.folder, self.inside, adapted)

    def guests(self):
        return {f"bh-initech-{guest['pool']}-{guest['index']}": guest for guest in self.plan["intent"]["guests"]}

    def test_every_domain_validates_is_defined_and_reads_back_as_it_was_written(self):
        guests = self.guests()
        names = set()
        for name, written, path in self.domains():
            attributes, children = embedded_libvirt.launch_security(written)
            digest = hashlib.sha384(guests[name]["initdata"].encode()).digest()
            self.assertEqual(children, {"policy": 0x10000000, "mrConfigId": base64.b64encode(digest).decode(),
                                        "quoteGenerationService": QUOTE_SOCKET})
            defined = self.libvirt.defined(name, path)
            self.assertEqual(embedded_libvirt.launch_security(defined), (attributes, children))
            for kept in ("type='rom'", "stateless='yes'", "<ioapic driver='qemu'/>", "<pmu state='off'/>",
                         "<smm state='off'/>", "<timer name='hpet' present='no'/>"):
                self.assertIn(kept, defined)
            names.add(name)
        self.assertEqual(names, set(guests))
        self.assertEqual(len(names), 5)

    def test_the_owners_words_and_debugging_are_taken_too(self):
        word = base64.b64encode(bytes(range(48))).decode()

        def adapted(xml):
            xml = named_processor(xml).replace("<policy>0x10000000<", "<policy>0x10000001<")
            return xml.replace("</mrConfigId>\n", f"</mrConfigId>\n    <mrOwner>{word}</mrOwner>\n"
                               f"    <mrOwnerConfig>{word}</mrOwnerConfig>\n")

        name, written, path = next(iter(self.domains(adapted)))
        self.assertEqual(embedded_libvirt.launch_security(self.libvirt.defined(name, path)),
                         embedded_libvirt.launch_security(written))
        launch = launch_object(self.libvirt.options(path))
        self.assertEqual((launch["mrowner"], launch["mrownerconfig"], launch["attributes"]), (word, word, 0x10000001))

    def test_the_launch_object_has_the_members_of_the_recorded_one(self):
        recorded = VECTORS / "libvirt-argv/tdx.libvirt-12.8_qemu-11.1.args"
        if not recorded.is_file():
            self.skipTest("no recorded QEMU command line here: set BULKHEAD_VECTORS")
        wanted = launch_object(embedded_libvirt.recorded_options(recorded))
        for member in ("mrconfigid", "mrowner", "mrownerconfig"):
            del wanted[member]
        wanted["quote-generation-socket"]["path"] = QUOTE_SOCKET
        for _, _, path in self.domains():
            got = launch_object(self.libvirt.options(path))
            self.assertEqual(set(got) - set(wanted), {"mrconfigid"})
            self.assertEqual({member: got[member] for member in wanted}, wanted)

    def test_qemu_gets_the_machine_whose_tables_were_measured(self):
        """RTMR0 covers the ACPI tables, and these show each PCI device and timer."""
        guests = self.guests()
        for name, _, path in self.domains():
            options = self.libvirt.options(path)
            one = dict(options)
            self.assertLessEqual({"usb=off", "vmport=off", "smm=off", "hpet=off", "kernel_irqchip=split"},
                                 set(one["-machine"].split(",")))
            devices = [json.loads(value) for option, value in options if option == "-device"]
            disks = 1 + len(guests[name]["volumes"])
            wanted = {("virtio-net-pci", "pci.1"), ("virtio-rng-pci", f"pci.{disks + 2}"), ("isa-serial", None)}
            wanted |= {("virtio-blk-pci", f"pci.{2 + disk}") for disk in range(disks)}
            ports = [device for device in devices if device["driver"] == "pcie-root-port"]
            self.assertEqual([port["addr"].removeprefix("0x1").removeprefix(".") for port in ports],
                             ["" if port == 0 else hex(port) for port in range(disks + 3)])
            self.assertEqual({(device["driver"], device.get("bus")) for device in devices if device not in ports}, wanted)
            self.assertEqual(len(devices), len(ports) + len(wanted))


if __name__ == "__main__":
    unittest.main()
