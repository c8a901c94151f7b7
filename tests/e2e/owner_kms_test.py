"""One tenant whose keys are with an OpenBao or KMIP server of its owner's, beyond an uplink of the host, or in a PKCS#11 token,
beside one with the embedded store.

Needs what two_tenants_test.py needs, and the provider: OpenBao (tests/kms/fetch-openbao), python3-pykmip on a Python of 3.11 or
older, or softhsm2; skips without it. `ctest --preset e2e` runs a class for each. Its tests run in the order of their names.
"""
import json
import pathlib
import unittest

from harness import BULKHEAD, Console, Site, Tenant, bulkhead, run, wait_until
from openbao import OpenBao
from pykmip import PyKmip
from released_keys import forms, memory_at_exit, on_host, released_keys
from software_token import SoftwareToken

VOLUMES = ", volumes: [{name: data, size: 64MiB}]"
UPLINK, OUTSIDE, ROUTER = "bhe2eup", "198.18.77.1", "198.18.77.20"


class OwnerKms:
    """acme's keys are with PROVIDER, globex' in the embedded store."""

    @classmethod
    def setUpClass(cls):
        if reason := cls.PROVIDER.missing():
            raise unittest.SkipTest(reason)
        cls.acme = Tenant("acme", 40, control=1, worker=1, volumes=VOLUMES,
                          uplink=f"{{name: lan, address: {ROUTER}/24, gateway: {OUTSIDE}}}",
                          kms=cls.PROVIDER.KMS.format(address=OUTSIDE, folder="kms", tenant="acme"))
        cls.globex = Tenant("globex", 41, control=1, worker=1, volumes=VOLUMES)
        run("ip", "link", "add", UPLINK, "type", "bridge")
        cls.addClassCleanup(run, "ip", "link", "delete", UPLINK)
        run("ip", "address", "add", f"{OUTSIDE}/24", "dev", UPLINK)
        run("ip", "link", "set", UPLINK, "up")
        cls.site = Site(cls.acme, cls.globex, uplinks=f"[{{name: lan, bridge: {UPLINK}}}]")
        cls.addClassCleanup(cls.site.close)
        cls.server = cls.PROVIDER(cls.site.path("kms"), OUTSIDE, "acme", "globex")
        cls.addClassCleanup(cls.server.close)
        bulkhead("destroy", "acme", "globex", "--yes", wanted=None)
        cls.server.set_up(cls.site.path("acme.yaml"))
        bundle = cls.site.path("acme.service.json")
        bulkhead("keys", "connect", "--bundle", bundle, "--kms", cls.server.connection(), "--out", cls.site.path("connected"))
        cls.site.path("connected").rename(bundle)
        cls.keys_before_rotation = []

    def service_files(self):
        return self.site.store / "tenants" / "acme" / "service"

    def log(self):
        return [json.loads(line) for line in (self.service_files() / "audit.jsonl").read_text().splitlines()]

    def note(self, guest, command):
        console = Console(self.acme.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

    def start_in_vain(self, guest):
        """Starts a guest anew, which gets no key now; the audit log says why."""
        before = len(self.log())
        run("virsh", "destroy", self.acme.domain(guest))
        run("virsh", "start", self.acme.domain(guest))
        entries = wait_until(lambda: [entry for entry in self.log()[before:] if entry["event"] == "not now"], 200,
                             "the service to say that it has no key now")
        self.assertIn(f"kms {self.server.name} ", entries[0]["reason"])
        self.assertIn(", request ", entries[0]["reason"])

    def has_its_volume(self, guest):
        self.assertEqual(self.site.attest("acme")["acme", guest]["verdict"], "attested")
        self.assertEqual(self.note(guest, "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))

    def rotations(self):
        """What `status` says of acme's keys of volumes: state, version, versions not erased."""
        done = bulkhead("status", "acme", "--plans", self.site.folder, "--json", wanted=None)
        return {key["name"]: (key["state"], key["version"], key["unerased"]) for key in json.loads(done.stdout)["keys"]["acme"]["keys"]
                if not key["name"].startswith("bootstrap/")}

    def test_01_the_plan_says_where_the_keys_are_and_has_no_credential(self):
        self.site.plan(wanted=2)
        plan = self.site.path("acme.plan.json").read_text()
        self.assertIn(f'"provider": "{self.server.name}"', plan)
        self.assertNotIn(self.server.credential().decode(), plan)
        self.assertNotIn("198.18.77", self.site.path("globex.plan.json").read_text())
        self.server.admit(next(resource["body"]["userId"] for resource in self.site.plan_json("acme")["resources"]
                               if resource["kind"] == "service"))

    def test_02_guests_open_their_volumes_with_keys_of_the_owners_provider(self):
        for name in self.site.tenants:
            self.site.approve(name)
            self.site.apply(name)
        for guest in self.site.attest("acme", "globex").values():
            self.assertEqual((guest["verdict"], guest["reasons"]), ("attested", []), guest)
        if self.server.keys() is not None:
            self.assertGreaterEqual(len(self.server.keys()), 2)
        self.assertFalse((self.service_files() / "keys.sqlite").exists())
        for guest in self.acme.guests():
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))

    def test_03_the_credential_is_in_the_service_bundle_alone(self):
        secret = self.server.credential()
        files = [path for root in (self.site.store, "/run/bulkhead", "/var/log/libvirt") for path in pathlib.Path(root).rglob("*")
                 if path.is_file() and path.stat().st_size <= 16 << 20]
        found = sorted(str(path) for path in files if secret in path.read_bytes())
        self.assertEqual(found, [str(self.service_files() / "bundle.json")])
        self.assertEqual((self.service_files() / "bundle.json").stat().st_mode & 0o777, 0o600)

    def test_04_a_rotation_of_every_key_begins(self):
        """The guest that runs on is seen to have ended its own in test 07."""
        type(self).keys_before_rotation = released_keys(self.site, "acme")
        code, memory = memory_at_exit(BULKHEAD, "kms", "rotate", "acme", "--all")
        self.assertEqual((code, b"worker/0/data" in memory), (0, True))
        self.assertEqual({state for state, *_ in self.rotations().values()}, {"rotating"})
        keys = released_keys(self.site, "acme")
        self.assertEqual(len(set(keys) - set(self.keys_before_rotation)), 2)
        self.assertEqual([form for form in forms(keys) if form in memory], [])

    def test_05_the_provider_itself_refuses_another_tenants_credential(self):
        flags, code, words = self.server.refusal
        self.assertIn(words, bulkhead("kms", "check", self.server.connection("globex"), *flags, wanted=code).stdout)

    def test_06_a_guest_that_starts_while_the_provider_is_away_waits_for_it(self):
        self.server.kill()
        self.start_in_vain("worker/0")
        self.server.start_again()
        self.has_its_volume("worker/0")

    def test_07_the_rotation_reached_the_guest_that_ran_and_the_one_that_rebooted(self):
        done = {f"{guest}/data": ("in-use", 2, 0) for guest in self.acme.guests()}
        wait_until(lambda: self.rotations() == done, 400, "the end of every rotation")
        for guest in self.acme.guests():
            self.has_its_volume(guest)

    def test_08_no_key_is_on_the_host_or_in_the_memory_of_bulkhead(self):
        """The memory of an emulated guest, and that of the service, are the operator's."""
        keys = [*{*self.keys_before_rotation, *released_keys(self.site, "acme")}]
        self.assertEqual(on_host(self.site, keys, apart=self.server.folder), [])
        for verb in (("status", "acme", "--plans", self.site.folder), ("attest", "acme", "--plans", self.site.folder),
                     ("service", "show", "acme"), ("kms", "settle", "acme"),
                     ("apply", "--plan", self.site.path("acme.plan.json"), "--approval", self.site.path("acme.approval.json"),
                      "--service-bundle", self.site.path("acme.service.json"))):
            _, memory = memory_at_exit(BULKHEAD, *verb)
            self.assertIn(b"acme", memory)
            self.assertEqual([form for form in forms(keys) if form in memory], [], verb)

    def test_09_an_owner_ends_the_credential_at_her_provider_and_renews_it(self):
        """Whom she may have to keep the keys from is the operator too, so she does not ask him."""
        self.server.end_credential()
        self.start_in_vain("worker/0")
        self.assertEqual(self.site.attest("globex")["globex", "worker/0"]["verdict"], "attested")
        self.server.renew_credential()
        self.has_its_volume("worker/0")

    def test_10_destroyed_keys_are_gone_from_the_provider_and_nothing_is_left(self):
        shredded = bulkhead("destroy", "acme", "--yes", "--shred-keys", "--keep-log", self.site.folder).stdout
        for guest in self.acme.guests():
            self.assertIn(f"{guest}/data", shredded)
        self.assertIn('"event":"keys destroyed"', self.site.path("acme.audit.jsonl").read_text())
        self.assertFalse(self.server.keys())
        bulkhead("destroy", "globex", "--yes")
        self.assertFalse([thing for things in self.site.on_host().values() for thing in things])


class OwnerOpenBao(OwnerKms, unittest.TestCase):
    PROVIDER = OpenBao


class OwnerKmip(OwnerKms, unittest.TestCase):
    PROVIDER = PyKmip


class OwnerToken(OwnerKms, unittest.TestCase):
    PROVIDER = SoftwareToken


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
