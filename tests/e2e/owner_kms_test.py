"""One tenant whose keys are in an OpenBao of its owner's, beyond an uplink of the host, beside one with the embedded store.

Needs what two_tenants_test.py needs, and OpenBao (tests/kms/fetch-openbao); skips without it. Run by `ctest --preset e2e`. The tests run in
the order of their names.
"""
import json
import pathlib
import unittest

from harness import Console, Site, Tenant, bulkhead, run, wait_until
from openbao import PROGRAM, OpenBao

VOLUMES = ", volumes: [{name: data, size: 64MiB}]"
UPLINK, OUTSIDE, ROUTER = "bhe2eup", "198.18.77.1", "198.18.77.20"
ACME = Tenant("acme", 40, control=1, worker=1, volumes=VOLUMES, uplink=f"{{name: lan, address: {ROUTER}/24, gateway: {OUTSIDE}}}",
              kms=f"{{placement: owner, provider: openbao, url: \"https://{OUTSIDE}:8200\", ca: bao/ca.pem, certificate: bao/acme.pem,"
                  " namespace: acme, mount: cvm}")
GLOBEX = Tenant("globex", 41, control=1, worker=1, volumes=VOLUMES)


@unittest.skipUnless(PROGRAM.exists(), "no OpenBao; tests/kms/fetch-openbao brings it")
class OwnerKms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("ip", "link", "add", UPLINK, "type", "bridge")
        cls.addClassCleanup(run, "ip", "link", "delete", UPLINK)
        run("ip", "address", "add", f"{OUTSIDE}/24", "dev", UPLINK)
        run("ip", "link", "set", UPLINK, "up")
        cls.site = Site(ACME, GLOBEX, uplinks=f"[{{name: lan, bridge: {UPLINK}}}]")
        cls.addClassCleanup(cls.site.close)
        cls.bao = OpenBao(cls.site.path("bao"), OUTSIDE, "acme")
        cls.addClassCleanup(cls.bao.kill)
        bulkhead("destroy", "acme", "globex", "--yes", wanted=None)
        bundle = cls.site.path("acme.service.json")
        bulkhead("keys", "connect", "--bundle", bundle, "--kms", cls.bao.connection(), "--out", cls.site.path("connected"))
        cls.site.path("connected").rename(bundle)

    def service_files(self):
        return self.site.store / "tenants" / "acme" / "service"

    def log(self):
        return [json.loads(line) for line in (self.service_files() / "audit.jsonl").read_text().splitlines()]

    def note(self, guest, command):
        console = Console(ACME.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

    def test_01_the_plan_says_where_the_keys_are_and_has_no_credential(self):
        self.site.plan(wanted=2)
        plan = self.site.path("acme.plan.json").read_text()
        self.assertIn(OUTSIDE, plan)
        self.assertNotIn("PRIVATE KEY", plan)
        self.assertNotIn("198.18.77", self.site.path("globex.plan.json").read_text())

    def test_02_guests_open_their_volumes_with_keys_that_only_the_owners_server_has(self):
        for name in self.site.tenants:
            self.site.approve(name)
            self.site.apply(name)
        for guest in self.site.attest("acme", "globex").values():
            self.assertEqual((guest["verdict"], guest["reasons"]), ("attested", []), guest)
        self.assertGreaterEqual(len(self.bao.keys()), 2)
        self.assertFalse((self.service_files() / "keys.sqlite").exists())
        for guest in ACME.guests():
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))

    def test_03_the_credential_is_in_the_service_bundle_alone(self):
        secret = (self.site.path("bao") / "acme.key").read_text().splitlines()[1].encode()
        files = [path for root in (self.site.store, "/run/bulkhead", "/var/log/libvirt") for path in pathlib.Path(root).rglob("*")
                 if path.is_file() and path.stat().st_size <= 16 << 20]
        found = sorted(str(path) for path in files if secret in path.read_bytes())
        self.assertEqual(found, [str(self.service_files() / "bundle.json")])
        self.assertEqual((self.service_files() / "bundle.json").stat().st_mode & 0o777, 0o600)

    def test_04_a_guest_that_starts_while_the_server_is_down_waits_for_it(self):
        self.bao.kill()
        domain, before = ACME.domain("worker/0"), len(self.log())
        run("virsh", "destroy", domain)
        run("virsh", "start", domain)
        waiting = wait_until(lambda: [entry for entry in self.log()[before:] if entry["event"] == "not now"], 200,
                             "the service to say that it has no key now")
        self.assertIn("openbao", json.dumps(waiting).lower())
        self.bao.start_again()
        self.assertEqual(self.site.attest("acme")["acme", "worker/0"]["verdict"], "attested")
        self.assertEqual(self.note("worker/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))

    def test_05_an_owner_ends_a_key_at_her_own_server(self):
        """Whom she may have to keep it from is the operator too, so she does not ask him."""
        self.bao.call("DELETE", "auth/cert/certs/keys", {}, "acme")
        self.bao.call("POST", "sys/leases/revoke-prefix/auth/cert", {}, "acme")
        domain, before = ACME.domain("worker/0"), len(self.log())
        run("virsh", "destroy", domain)
        run("virsh", "start", domain)
        refused = wait_until(lambda: [entry for entry in self.log()[before:] if entry["event"] == "not now"], 200,
                             "the service to say that it gets no key")
        self.assertIn("openbao", json.dumps(refused).lower())
        self.assertEqual(self.site.attest("globex")["globex", "worker/0"]["verdict"], "attested")

    def test_06_destroy_leaves_nothing(self):
        bulkhead("destroy", "acme", "globex", "--yes")
        self.assertFalse([thing for things in self.site.on_host().values() for thing in things])


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
