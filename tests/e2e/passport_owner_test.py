"""One tenant whose attestation service and OpenBao are both its owner's, beyond an uplink of the host; its guests ask that OpenBao
themselves. The operator has neither service, key, CA for guests nor credential.

Needs what owner_service_test.py needs; skips without OpenBao. Run by `ctest --preset e2e`. The tests run in the order of their names.
"""
import base64
import json
import re
import unittest
import urllib.error

from harness import Console, Site, Tenant, bulkhead, run, wait_until
from openbao import PROGRAM, OpenBao
from owners_machine import KMS, OUTSIDE, TENANT_UPLINK, UPLINKS, OwnersMachine, make_network
from released_keys import forms

ACME = Tenant("acme", 40, control=1, worker=1, volumes=", volumes: [{name: data, size: 64MiB}]", owners_service=OUTSIDE, uplink=TENANT_UPLINK,
              kms=f"{{placement: owner, provider: openbao, model: passport, url: \"https://{KMS}:8200\", ca: bao/ca.pem, namespace: acme, mount: cvm}}")


@unittest.skipUnless(PROGRAM.exists(), "no OpenBao; tests/kms/fetch-openbao brings it")
class PassportOwner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        make_network(cls)
        cls.site = Site(ACME, uplinks=UPLINKS)
        cls.addClassCleanup(cls.site.close)
        cls.bao = OpenBao(cls.site.path("bao"), KMS, "acme")
        cls.addClassCleanup(cls.bao.kill)
        bulkhead("destroy", "acme", "--yes", wanted=None)
        cls.before = cls.site.on_host()
        cls.bao.set_up(cls.site.path("acme.yaml"))
        cls.machine = OwnersMachine(cls.site)
        cls.machine.start()
        cls.addClassCleanup(cls.machine.kill)

    def note(self, guest, command):
        console = Console(ACME.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

    def keys(self):
        """The secrets of every guest as its owner reads them in her own server."""
        keys = {}
        for path in (f"{guest}/{name}" for guest in ACME.guests() for name in ("bootstrap", "volumes/data", "volumes/data.2")):
            try:
                keys[path] = base64.b64decode(self.bao.call("GET", f"cvm/kv/data/guests/{path}", {}, "acme")["data"]["data"]["key"])
            except urllib.error.HTTPError as error:
                self.assertEqual(error.code, 404)
        return keys

    def standing(self, guest):
        """What her service has of the key of a guest's volume."""
        state = json.loads(self.machine.owner("service", "show", "acme", "--json").stdout)
        return next((key["state"], key["version"]) for key in state["keys"] if key["name"] == f"{guest}/data")

    def restart(self, guest):
        run("virsh", "destroy", ACME.domain(guest))
        run("virsh", "start", ACME.domain(guest))

    def test_01_the_operator_has_nothing_to_place_or_to_be_trusted_with(self):
        shown = self.site.plan().stdout
        self.assertIn("asked by the guests themselves", shown)
        self.assertNotIn("on the operator's host", shown)
        self.assertFalse({resource["kind"] for resource in self.site.plan_json("acme")["resources"]} & {"service", "approval"})

    def test_02_guests_attest_to_their_owners_service_and_make_their_keys_at_her_server(self):
        self.site.approve("acme")
        self.machine.owner("service", "approve", "acme", "--approval", self.site.path("acme.approval.json"))
        keys = self.site.path("acme.enrolments.json")
        self.site.apply("acme", "--enrolments", keys)
        self.machine.owner("service", "enrol", "acme", "--enrolments", keys)
        self.site.apply("acme")
        for guest in ACME.guests():
            wait_until(lambda guest=guest: self.machine.result(guest) == "attested", 400, f"{guest} to attest to its owner's service")
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))
            self.assertEqual(self.standing(guest), ("in-use", 1))
        self.assertEqual(len(set(self.keys().values())), 4)

    def test_03_the_tenants_router_has_the_two_ways_out_and_no_other(self):
        namespace = next(name.split()[0] for name in self.site.on_host()["namespaces"])
        chains = {chain: run("ip", "netns", "exec", namespace, "nft", "list", "chain", "inet", "bulkhead", chain).stdout.splitlines()
                  for chain in ("forward", "output", "input")}
        new = {chain: [line for line in lines if "accept" in line and "established" not in line and '"lo"' not in line]
               for chain, lines in chains.items()}
        self.assertEqual((new["output"], new["input"]), ([], []), "nothing of the operator's host is called, or calls")
        ways = [re.search(r"ip daddr (?:\{ )?([0-9.]+)(?: \})? tcp dport (?:\{ )?(\d+)", line) for line in new["forward"]]
        self.assertEqual({way and way.groups() for way in ways}, {(OUTSIDE, "8443"), (KMS, "8200")}, chains["forward"])

    def test_04_the_owner_rotates_a_key_and_the_guest_opens_its_volume_with_the_new_one(self):
        said = self.machine.owner("kms", "rotate", "acme", "worker/0/data").stdout
        command = "bao kv metadata delete -namespace='acme' -mount='cvm/kv' 'guests/worker/0/volumes/data'"
        self.assertIn(f"  {command}\n", said)
        boot = self.machine.guests()["worker/0"]["lease"]["boot"]
        self.restart("worker/0")
        wait_until(lambda: self.machine.guests()["worker/0"]["lease"]["boot"] > boot, 300, "the guest to attest again")
        self.assertEqual(self.note("worker/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))
        wait_until(lambda: self.standing("worker/0") == ("in-use", 2), 400, "the end of the rotation")
        old = self.keys()["worker/0/volumes/data"]
        self.bao.run_script(command + "\n")
        self.assertNotIn("worker/0/volumes/data", self.keys())
        type(self).deleted = old

    def test_05_no_key_ca_or_credential_of_the_tenants_is_on_the_operators_host(self):
        keys = [*self.keys().values(), self.deleted]
        self.assertEqual(len(set(keys)), 5)
        self.machine.expect_nothing_on_the_host(self, self.site, [*self.machine.secrets(), *forms(keys), self.bao.root.encode()])
        said = self.machine.owner("service", "shred", "acme", "--yes", wanted=1)
        self.assertIn("bao secrets disable -namespace='acme' 'cvm/kv'", said.stdout + said.stderr)

    def test_06_her_service_refuses_and_so_the_server_never_sees_the_guest(self):
        self.machine.owner("revoke", "acme", "--guest", "worker/0", "--reason", "a test")
        self.restart("worker/0")
        wait_until(lambda: run("virsh", "-q", "domstate", ACME.domain("worker/0")).stdout.strip() == "shut off", 300, "the refused guest's end")
        self.assertIn("revoked", " ".join(self.machine.guests()["worker/0"]["verdict"]["reasons"]))

    def test_07_the_operator_destroys_without_any_of_it(self):
        self.machine.kill()
        said = bulkhead("destroy", "acme", "--yes", "--shred-keys").stdout
        self.assertIn("bulkhead service shred acme", said)
        self.assertEqual(self.site.on_host(), self.before)


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
