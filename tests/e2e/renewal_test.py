"""An owner renews the keys she has (docs/owner-keys.md), of a tenant whose guests run meanwhile.

Needs what two_tenants_test.py needs. Its tests run in the order of their names.
"""
import json
import unittest

from harness import Console, Site, Tenant, bulkhead, run

ACME = Tenant("acme", 40, control=1, worker=1, volumes=", volumes: [{name: data, size: 64MiB}]")


class Renewal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site(ACME)
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "acme", "--yes", wanted=None)

    def log(self):
        lines = (self.site.store / "tenants" / "acme" / "service" / "audit.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def rotate(self, old, new, *more):
        bulkhead("keys", "rotate", self.site.path(old), "--out", self.site.path(new), *more)

    def replace(self, old, new):
        """The new file has the name by which tenant file and operator know the old one."""
        self.site.path(new).rename(self.site.path(old))

    def runs(self):
        """Which process each guest is: another one after a start."""
        return {guest: run("cat", f"/run/libvirt/qemu/{ACME.domain(guest)}.pid").stdout for guest in ACME.guests()}

    def expect_attested(self):
        for guest in self.site.attest("acme").values():
            self.assertEqual((guest["verdict"], guest["reasons"]), ("attested", []), guest)

    def note(self, guest, command):
        console = Console(ACME.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

    def has_its_volume(self, guest):
        self.assertEqual(self.note(guest, "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))

    def apply(self):
        self.site.approve("acme")
        self.site.apply("acme")

    def test_01_the_guests_run(self):
        self.site.plan()
        self.apply()
        self.expect_attested()
        for guest in ACME.guests():
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))

    def test_02_a_renewed_bundle_with_another_storage_key_starts_the_service_and_no_guest(self):
        before = self.runs()
        self.rotate("acme.service.json", "next", "--ca", self.site.path("acme-ca.pem"), "--storage-key")
        self.replace("acme.service.json", "next")
        self.site.apply("acme")
        self.assertIn("storage key changed", [entry["event"] for entry in self.log()])
        self.expect_attested()
        self.assertEqual(self.runs(), before)

    def test_03_a_guest_that_starts_after_it_opens_its_volume(self):
        domain = ACME.domain("worker/0")
        run("virsh", "destroy", domain)
        run("virsh", "start", domain)
        self.expect_attested()
        self.has_its_volume("worker/0")

    def test_04_the_next_bundle_has_dropped_the_old_storage_key_and_opens_the_store(self):
        self.rotate("acme.service.json", "next", "--ca", self.site.path("acme-ca.pem"))
        self.assertIn("previousStorageKey", self.site.path("acme.service.json").read_text())
        self.assertNotIn("previousStorageKey", self.site.path("next").read_text())
        self.replace("acme.service.json", "next")
        self.site.apply("acme")
        self.expect_attested()

    def test_05_another_approval_key_counts_and_the_old_one_does_not(self):
        before = self.runs()
        self.rotate("acme-security.pub", "acme-next")
        self.site.path("acme-security.key").rename(self.site.path("acme-old.key"))
        self.replace("acme-security.pub", "acme-next.pub")
        self.replace("acme-security.key", "acme-next.key")
        self.site.plan()
        self.site.approve("acme", owners=["old"], wanted=1)
        self.apply()
        self.expect_attested()
        self.assertEqual(self.runs(), before)

    def test_06_another_ca_starts_every_guest_anew_and_their_volumes_open(self):
        before = self.runs()
        self.rotate("acme-ca.pem", "acme-ca-2")
        self.rotate("acme.service.json", "next", "--ca", self.site.path("acme-ca-2.pem"), "--other-ca")
        self.replace("acme.service.json", "next")
        self.replace("acme-ca.pem", "acme-ca-2.pem")
        self.replace("acme-ca.key", "acme-ca-2.key")
        self.site.plan()
        self.apply()
        self.expect_attested()
        after = self.runs()
        for guest in ACME.guests():
            self.assertNotEqual(after[guest], before[guest])
            self.has_its_volume(guest)

    def test_07_nothing_is_left(self):
        bulkhead("destroy", "acme", "--yes")
        self.assertFalse([thing for things in self.site.on_host().values() for thing in things])


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
