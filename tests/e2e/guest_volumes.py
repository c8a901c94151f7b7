"""Encrypted volumes of guests of two_tenants_test.py and their keys: rotation, loss, recovery."""
import json

from harness import bulkhead, run, wait_until
from released_keys import on_host, released_keys
from two_tenants import ACME, ATTACKER, GLOBEX, TENANTS, TwoTenantsSite


class GuestVolumes(TwoTenantsSite):
    """Tests 08 and 30 to 35."""

    def keys(self, tenant):
        """What `status` says of the tenant's keys of volumes, by name."""
        done = bulkhead("status", tenant.name, "--plans", self.site.folder, "--json", wanted=None)
        return {key["name"]: key for key in json.loads(done.stdout)["keys"][tenant.name]["keys"]
                if not key["name"].startswith("bootstrap/")}

    def test_08_a_rotation_of_every_volumes_key_begins(self):
        """What becomes of it while guests run and reboot is seen in test 33."""
        rotating = bulkhead("kms", "rotate", "acme", "--all").stdout
        for guest in ACME.guests():
            self.assertIn(f"acme: key {guest}/data: rotating, versions 1 and 2\n", rotating)
        self.assertEqual({key["state"] for key in self.keys(GLOBEX).values()}, {"in-use"})

    def volume(self, tenant, guest):
        """The file on the host that is the guest's disk."""
        return self.site.store / "tenants" / tenant.name / "volumes" / f"{guest.replace('/', '-')}-data-data.img"

    def stop(self, tenant, guest):
        domain = tenant.domain(guest)
        if domain in self.consoles:
            self.consoles.pop(domain).close()
        run("virsh", "destroy", domain)

    def restart(self, tenant, guest):
        run("virsh", "start", tenant.domain(guest))
        self.assertEqual(self.site.attest(tenant.name)[tenant.name, guest]["verdict"], "attested")

    def test_30_what_a_guest_writes_is_on_the_host_as_ciphertext_only(self):
        for (tenant, guest), console in self.consoles_of_all().items():
            self.assertEqual(console.run("echo plaintext-of-$(cat /run/bulkhead/hostname) >/run/bulkhead/volumes/data/note"
                                         " && sync")[0], 0, (tenant.name, guest))
            disk = self.volume(tenant, guest).read_bytes()
            self.assertEqual(disk[:8], b"LUKS\xba\xbe\x00\x02", (tenant.name, guest))
            self.assertNotIn(b"plaintext-of-", disk)
            self.assertNotIn(b"lost+found", disk)
        for tenant in TENANTS:
            log = (self.site.store / "tenants" / tenant.name / "service" / "audit.jsonl").read_text().splitlines()
            formatted = [entry["key"] for entry in map(json.loads, log) if entry["event"] == "volume formatted"]
            self.assertEqual(sorted(formatted), sorted(f"{guest}/data" for guest in tenant.guests()))

    def test_31_it_is_there_after_a_reboot(self):
        self.stop(*ATTACKER)
        self.restart(*ATTACKER)
        note = self.console(*ATTACKER).run("cat /run/bulkhead/volumes/data/note")
        self.assertEqual(note, (0, "plaintext-of-worker-0\n"))

    def test_32_neither_an_emptied_disk_nor_another_guests_is_taken(self):
        domain, disk = ACME.domain("worker/0"), self.volume(ACME, "worker/0")
        log = self.site.store / "tenants" / "acme" / "console" / "worker-0.log"
        self.stop(*ATTACKER)
        own, foreign = disk.read_bytes(), self.volume(GLOBEX, "worker/0").read_bytes()
        neighbour = self.volume(ACME, "worker/1").read_bytes()
        for content, reason in ((bytes(len(own)), "volume data: is empty, and was formatted before"),
                                (foreign, "volume data: does not open with its key"),
                                (neighbour, "volume data: does not open with its key")):
            with open(disk, "r+b") as file:
                file.write(content)
            before = log.stat().st_size
            run("virsh", "start", domain)
            wait_until(lambda: run("virsh", "-q", "domstate", domain).stdout.strip() == "shut off", 300, "its end")
            self.assertIn(f"bulkhead: stopped: {reason}", log.read_bytes()[before:].decode(errors="replace"))
        with open(disk, "r+b") as file:
            file.write(own)
        self.restart(*ATTACKER)
        self.assertEqual(self.console(*ATTACKER).run("cat /run/bulkhead/volumes/data/note")[1], "plaintext-of-worker-0\n")

    def test_33_the_rotation_reached_guests_that_ran_and_guests_that_rebooted(self):
        done = {f"{guest}/data": ("in-use", 2, 0) for guest in ACME.guests()}
        wait_until(lambda: {name: (key["state"], key["version"], key["unerased"])
                            for name, key in self.keys(ACME).items()} == done, 400, "the end of every rotation")
        boots = {guest: standing["lease"]["boot"] for (_, guest), standing in self.site.attest("acme").items()}
        self.assertEqual(boots["worker/1"], 1, "this one never stopped")
        self.assertGreater(boots["worker/0"], 1)
        for guest in ACME.guests():
            console = self.console(ACME, guest)
            self.assertEqual(console.run("cat /run/bulkhead/volumes/data/note && echo more >>/run/bulkhead/volumes/data/note"
                                         " && sync"), (0, f"plaintext-of-{guest.replace('/', '-')}\n"))

            def slots(disk=self.volume(ACME, guest)):
                return len(json.loads(run("cryptsetup", "luksDump", "--dump-json-metadata", disk).stdout)["keyslots"])
            # It goes after the answer; what stays is the new key's and the owner's recovery key's.
            wait_until(lambda: slots() == 2, 10, f"the end of {guest}'s old key slot")
        self.stop(ACME, "worker/1")
        self.restart(ACME, "worker/1")
        self.assertEqual(self.console(ACME, "worker/1").run("cat /run/bulkhead/volumes/data/note"),
                         (0, "plaintext-of-worker-1\nmore\n"), "it opens with the new key")

    def test_34_no_released_key_is_on_the_host_outside_its_store(self):
        """Not in a log, a command line, an environment or a file; the memory of an emulated guest is the operator's."""
        keys = [key for tenant in TENANTS for key in released_keys(self.site, tenant.name)]
        self.assertEqual(len(set(keys)), 2 * sum(len(tenant.guests()) for tenant in TENANTS))
        self.assertEqual(on_host(self.site, keys), [])

    def test_35_an_owner_opens_a_volume_without_the_service(self):
        disk, note, opens = self.volume(ACME, "worker/1"), self.site.path("note"), self.site.path("opens")
        note.write_text(run("cryptsetup", "token", "export", "--token-id", "0", disk).stdout)
        bulkhead("kms", "recover", note, "--key", self.site.path("acme-recovery.key"), "--out", opens)
        run("cryptsetup", "open", "--test-passphrase", "--key-file", opens, disk)
        run("cryptsetup", "open", "--test-passphrase", "--key-file", opens, self.volume(ACME, "worker/0"), wanted=2)
