#!/usr/bin/env python3
"""SEV-SNP as far as a machine without SNP goes: plan, measure, approve, and an `apply` that refuses untouched.

Needs no root and no libvirt. Launch digests are compared with those other people's tools computed for the same files
(virtee's sev-snp-measure and sev crate, in the test vectors).
"""
import base64
import json
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from paper_tenant import COMMAND_LINE, VECTORS, PaperTenant, firmware  # noqa: E402

# Debian 12's OVMF, built without SEV metadata.
PLAIN_FIRMWARE = pathlib.Path("/usr/share/OVMF/OVMF_CODE_4M.fd")


class Snp(unittest.TestCase):
    def setUp(self):
        path = firmware()
        directory = tempfile.TemporaryDirectory(prefix="bulkhead-snp-")
        self.addCleanup(directory.cleanup)
        self.tenant = PaperTenant(directory.name, path)

    def measured(self):
        document = json.loads(self.tenant.run("measure", "--json", *self.tenant.documents).stdout)
        self.assertEqual(document["schema"], "bulkhead.measurement/v1")
        return {guest["guest"]: guest for guest in document["guests"]}

    def plan(self):
        self.tenant.run("plan", "--offline", "--out", ".", *self.tenant.documents, wanted=2)
        return json.loads((self.tenant.directory / "initech.plan.json").read_text())

    def approve(self, *more):
        self.tenant.run("approve", *self.tenant.documents, "--plan", "initech.plan.json", "--key",
                        "initech-approval.key", "--out", "initech.approval.json", *more)
        return json.loads((self.tenant.directory / "initech.approval.json").read_text())

    def test_measure_computes_the_launch_digests_other_tools_compute(self):
        manifest = VECTORS / "snp/manifest.json"
        if not manifest.is_file():
            self.skipTest("no test vectors here: set BULKHEAD_VECTORS")
        known = json.loads(manifest.read_text())
        vectors = {vector["id"]: vector for vector in known["vectors"]}
        sha256 = known["files"]["debian/OVMF.amdsev.fd"]["sha256"]
        if sha256 not in (self.tenant.directory / "initech.yaml").read_text():
            self.skipTest("the vectors are for another release of the firmware")
        guests = self.measured()
        for pool, vcpus in (("control", 1), ("worker", 2)):
            vector = vectors[f"deb-amdsev-kernel-{vcpus}vcpu"]
            self.assertEqual((vector["params"]["append"], vector["params"]["vcpu_type"]), (COMMAND_LINE, "EPYC-v4"))
            values = guests[f"{pool}/0"]["referenceValues"]["snp"]
            self.assertEqual(values["launchDigest"], vector["expected"])
            self.assertEqual(values["policy"], 0x30000)

    def test_guests_of_a_pool_share_command_line_and_digest_and_differ_in_host_data(self):
        guests = self.measured()
        self.assertEqual(sorted(guests), ["control/0", "control/1", "worker/0", "worker/1", "worker/2"])
        for pool in ("control", "worker"):
            members = [guest for name, guest in guests.items() if name.startswith(pool)]
            self.assertEqual({guest["commandLine"] for guest in members}, {COMMAND_LINE})
            self.assertEqual(len({guest["referenceValues"]["snp"]["launchDigest"] for guest in members}), 1)
            self.assertEqual(len({guest["referenceValues"]["snp"]["hostData"] for guest in members}), len(members))
        for guest in guests.values():
            self.assertEqual(guest["referenceValues"]["snp"]["hostData"], guest["initdataSha256"])
        self.assertNotEqual(*(guests[f"{pool}/0"]["referenceValues"]["snp"]["launchDigest"]
                              for pool in ("control", "worker")))

    def test_measure_writes_reference_values_for_verifiers_and_the_domains_element(self):
        guests = self.measured()
        digests = {guest["referenceValues"]["snp"]["launchDigest"] for guest in guests.values()}
        measure = lambda form: self.tenant.run("measure", *self.tenant.documents, "--format", form).stdout
        message = json.loads(measure("rvps"))
        values = json.loads(base64.b64decode(message["payload"]))
        self.assertEqual(message["type"], "sample")
        self.assertEqual(set(values["snp_launch_measurement"]), digests)
        self.assertEqual((values["snp_smt_allowed"], values["snp_guest_abi_major"]), (True, 0))
        self.assertEqual(set(measure("hex").split()), digests)
        elements = re.findall(r"<!-- initech/(\S+) -->.*?<hostData>(.*?)</hostData>", measure("libvirt"), re.DOTALL)
        self.assertEqual({name: base64.b64decode(data).hex() for name, data in elements},
                         {name: guest["initdataSha256"] for name, guest in guests.items()})
        self.tenant.run("measure", *self.tenant.documents, "--format", "corim", "--sign-key", "initech-approval.key",
                        "--out", "initech.corim")
        signed = (self.tenant.directory / "initech.corim").read_bytes()
        self.assertEqual(signed[0], 0xd2)  # CBOR tag 18, COSE_Sign1
        for digest in digests:
            self.assertIn(bytes.fromhex(digest), signed)

    def test_plan_shows_the_launch_digest_and_binds_initdata_as_host_data(self):
        guests = self.measured()
        shown = self.tenant.run("plan", "--offline", *self.tenant.documents, wanted=2).stdout
        for guest in guests.values():
            self.assertIn("launch digest " + guest["referenceValues"]["snp"]["launchDigest"][:12], shown)
        domains = [entry for entry in self.plan()["resources"] if entry["kind"] == "domain"]
        self.assertEqual(len(domains), len(guests))
        for domain in domains:
            pool, index = re.fullmatch(r"bh-initech-(control|worker)-(\d)", domain["name"]).groups()
            host_data = re.search("<hostData>(.*)</hostData>", domain["body"]["xml"]).group(1)
            self.assertEqual(base64.b64decode(host_data).hex(), guests[f"{pool}/{index}"]["initdataSha256"])
            self.assertIn(f"<cmdline>{COMMAND_LINE}</cmdline>", domain["body"]["xml"])

    def test_the_approval_holds_what_measure_printed(self):
        guests = self.measured()
        self.plan()
        payload = json.loads(base64.b64decode(self.approve()["payload"]))
        self.assertEqual(payload["tee"], "snp")
        self.assertEqual({guest["guest"]: guest["referenceValues"] for guest in payload["guests"]},
                         {name: guest["referenceValues"] for name, guest in guests.items()})

    def test_the_approval_holds_id_blocks_that_the_owners_keys_signed(self):
        with tempfile.TemporaryDirectory(prefix="bulkhead-snp-") as directory:
            self.tenant = PaperTenant(directory, firmware(), id_keys=True)
            guests = self.measured()
            domains = {entry["name"]: entry["body"]["xml"] for entry in self.plan()["resources"]
                       if entry["kind"] == "domain"}
            keys = ("--id-key", "initech-id.key", "--author-key", "initech-author.key")
            payload = json.loads(base64.b64decode(self.approve(*keys)["payload"]))
            self.assertEqual(sorted(payload["idBlocks"]), ["control", "worker"])
            for pool, made in payload["idBlocks"].items():
                for member in made:
                    (self.tenant.directory / member).write_text(made[member])
                digest = guests[f"{pool}/0"]["referenceValues"]["snp"]["launchDigest"]
                verified = json.loads(self.tenant.run(
                    "id-block", "verify", "idBlock", "idAuth", "--measurement", digest, "--id-key", "initech-id.pub",
                    "--author-key", "initech-author.pub", "--json").stdout)
                self.assertTrue(verified["genuine"])
                self.assertEqual((verified["guestSvn"], verified["policy"]), (7, "0x30000"))
                for member, text in (("familyId", b"initech"), ("imageId", b"node")):
                    self.assertEqual(bytes.fromhex(verified[member]).rstrip(b"\0"), text)
                self.assertIn(f"<idBlock>{made['idBlock']}</idBlock>", domains[f"bh-initech-{pool}-0"])
                self.assertIn(" authorKey='yes'", domains[f"bh-initech-{pool}-0"])

    def test_apply_refuses_untouched_and_names_each_missing_thing_as_host_probe_does(self):
        probe = self.tenant.run("host", "probe", "--tee", "snp", "--json", wanted=None)
        if probe.returncode == 0:
            self.skipTest("this host can run SNP guests")
        self.assertEqual(probe.returncode, 4, probe.stderr)
        missing = [entry for entry in json.loads(probe.stdout)["findings"] if not entry["present"]]
        self.assertGreater(len(missing), 0)
        self.plan()
        self.approve()
        run = self.tenant.directory / "run"
        refused = self.tenant.run("apply", "--plan", "initech.plan.json", "--approval", "initech.approval.json",
                                  "--run", run, wanted=4)
        self.assertIn("the host cannot run snp guests:", refused.stderr)
        for entry in missing:
            self.assertIn(f"\n  {entry['check']}: {entry['got']}; {entry['remedy']}", refused.stderr)
        self.assertNotIn("[ 1/", refused.stderr)
        self.assertFalse(self.tenant.store.exists())
        self.assertFalse(run.exists())

    def test_firmware_that_cannot_start_a_measured_snp_guest_is_refused_by_name(self):
        if not PLAIN_FIRMWARE.is_file():
            self.skipTest(f"no {PLAIN_FIRMWARE} here: install ovmf")
        with tempfile.TemporaryDirectory(prefix="bulkhead-snp-") as directory:
            plain = PaperTenant(directory, PLAIN_FIRMWARE)
            for verb in (("measure",), ("plan", "--offline")):
                refused = plain.run(*verb, *plain.documents, wanted=1)
                # Debian 12's has no metadata for SEV at all, Debian 13's none for the kernel's hashes.
                self.assertRegex(refused.stderr, "no SEV metadata|no SNP kernel-hashes section")
                self.assertIn("ovmf-amdsev", refused.stderr)


if __name__ == "__main__":
    unittest.main()
