"""Two tenants on this machine: from documents to attested guests, packets between them, reboots, and back to nothing.

Needs root, libvirt, an image (BULKHEAD_IMAGE, the folder of an image.lock made by `bulkhead build`) and about eight minutes.
Run by `ctest -L e2e`. The tests run in the order of their names: each goes on from where the one before left the site.
"""
import json
import pathlib
import re
import unittest

import guest_packets
import guest_volumes
from harness import BULKHEAD, bulkhead, run, wait_until
from two_tenants import ACME, GLOBEX


class TwoTenants(guest_packets.GuestPackets, guest_volumes.GuestVolumes):
    """Those modules' tests and these, by number."""

    # --- up ---------------------------------------------------------------------------------------------------------

    def test_01_check_accepts_the_documents(self):
        self.assertEqual(bulkhead("check", *self.site.documents()).stderr, "")

    def test_02_plan_has_changes_and_names_no_other_tenant(self):
        self.site.plan(wanted=2)
        self.assertNotIn("globex", self.site.path("acme.plan.json").read_text())
        self.assertNotIn("acme", self.site.path("globex.plan.json").read_text())

    def test_03_apply_without_approval_refuses(self):
        self.site.approve("acme")
        approval = self.site.path("acme.approval.json")
        approval.write_text(json.dumps(json.loads(approval.read_text()) | {"signatures": []}))
        self.assertIn("lacks the signature of owner 'acme-security'", self.site.apply("acme", wanted=1).stderr)
        self.assertEqual(self.site.on_host(), self.before)

    def test_04_apply_starts_what_was_approved(self):
        for name in self.site.tenants:
            self.site.approve(name)
            self.site.apply(name)

    def test_05_every_guest_attests_as_predicted(self):
        guests = self.site.attest("acme", "globex")
        self.assertEqual(len(guests), 6)
        for guest in guests.values():
            self.assertEqual((guest["verdict"], guest["asPredicted"], guest["reasons"]), ("attested", True, []), guest)

    def test_06_status_is_calm_and_a_second_apply_changes_and_restarts_nothing(self):
        processes = run("pgrep", "-f", "guest=bh-(acme|globex)-|bulkhead-attestd").stdout
        self.assertIn("no drift", self.site.status("acme").stdout)
        for name in self.site.tenants:
            self.assertIn("nothing to change", self.site.apply(name).stdout)
        self.assertEqual(run("pgrep", "-f", "guest=bh-(acme|globex)-|bulkhead-attestd").stdout, processes)
        self.site.plan(wanted=0)

    def test_07_a_guest_of_one_tenant_is_refused_by_anothers_service(self):
        evidence = self.site.path("evidence.json")
        bulkhead("evidence", "save", "acme", "worker/0", "--out", evidence)
        for tenant, reason in ((GLOBEX, "attestation key not enrolled: SHA-256"), (ACME, "sha256 quote: qualifying data")):
            told = run("ip", "netns", "exec", f"bh-{tenant.name}", BULKHEAD, "evidence", "present", evidence,
                       "--url", f"https://{tenant.service}:8443", "--ca", self.site.path(f"{tenant.name}-ca.pem"), wanted=5).stdout
            self.assertNotIn(reason, told)
            log = f"/var/lib/bulkhead/tenants/{tenant.name}/service/audit.jsonl"
            entry = re.search("entry ([0-9a-f]{8})", told).group(1)
            self.assertIn(reason, bulkhead("audit", "show", log, "--entry", entry).stdout)
        self.site.attest("acme", "globex")  # nobody's verdict changed

    def test_20_a_guest_rebooted_twice_shows_equal_pcrs(self):
        first = self.site.attest("globex")["globex", "worker/0"]["pcrs"]
        self.assertEqual(set(first), {"sha256", "sha384"})
        for reboot in (1, 2):
            self.stop(GLOBEX, "worker/0")
            run("virsh", "start", GLOBEX.domain("worker/0"))
            self.assertEqual(self.site.attest("globex")["globex", "worker/0"]["pcrs"], first, f"reboot {reboot}")

    def test_21_a_dead_service_is_reported_and_restarted(self):
        pid = int(run("pgrep", "-f", f"bulkhead-attestd --tenant acme --state {self.site.store}/").stdout)
        run("kill", "-KILL", pid)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 10, "its end")
        self.assertIn("acme: service acme: not running", self.site.status("acme", wanted=2).stdout)
        self.site.apply("acme")
        self.site.status("acme", wanted=0)

    def test_22_a_revoked_guest_is_cut_off_until_it_attests_again(self):
        """Its neighbours, not its service: that is what lets it through again."""
        fence = ("attest", "acme", "--plans", self.site.folder, "--fence", "--timeout", 400)
        bulkhead("revoke", "acme", "--guest", "worker/0", "--reason", "taken over")
        self.assertRegex(bulkhead(*fence, wanted=5).stdout, "worker/0 .*refused, fenced")
        self.does_not_arrive(ACME, "worker/0", "control/0", 6443)
        self.assertEqual(self.console(ACME, "worker/0").run(f"nc -w 30 {ACME.service} 8443 </dev/null")[0], 0)

        bulkhead("revoke", "acme", "--guest", "worker/0", "--lift")
        domain = ACME.domain("worker/0")
        self.consoles.pop(domain).close()
        run("virsh", "destroy", domain)
        run("virsh", "start", domain)
        self.assertNotIn("fenced", bulkhead(*fence).stdout)
        self.arrives(ACME, "worker/0", "control/0", 6443)

    # --- down -------------------------------------------------------------------------------------------------------

    def test_90_destroy_takes_one_tenant_and_leaves_the_other(self):
        done = bulkhead("destroy", "globex", "--yes", "--shred-keys", "--keep-log", self.site.folder).stdout
        self.assertIn(f"globex: {2 * len(GLOBEX.guests())} keys destroyed\n", done)
        for guest in GLOBEX.guests():
            self.assertIn(f"\n  bootstrap/{guest}\n", done)
            self.assertIn(f"\n  {guest}/data\n", done)
        kept = self.site.path("globex.audit.jsonl")
        self.assertIn('"event":"keys destroyed"', kept.read_text())
        self.assertIn(f"head {done.split(', head ')[1].splitlines()[0]}", bulkhead("audit", "verify", kept).stdout)
        said = bulkhead("verify", "destruction", self.site.path("globex.destruction.jws"), "--ca",
                        self.site.path("globex-ca.pem")).stdout
        self.assertIn(f"that it destroyed {2 * len(GLOBEX.guests())} keys:\n", said)
        self.assertIn(done.split(", head ")[1].splitlines()[0], said)
        self.site.status("acme", wanted=0)
        self.assertFalse([thing for things in self.site.on_host().values() for thing in things if "globex" in thing])

    def test_91_destroy_leaves_nothing_and_touches_no_foreign_namesake(self):
        network, domain = self.site.path("network.xml"), self.site.path("domain.xml")
        network.write_text("<network><name>bh-acme-foreign</name></network>")
        domain.write_text("<domain type='qemu'><name>bh-acme-worker-9</name><memory unit='MiB'>64</memory>"
                          "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>")
        for make, unmake in (("virsh define", "virsh undefine bh-acme-worker-9"),
                             ("virsh net-define", "virsh net-undefine bh-acme-foreign"),
                             ("ip netns add bh-acme-foreign", "ip netns del bh-acme-foreign"),
                             ("nft add table inet bh_acme_foreign", "nft delete table inet bh_acme_foreign"),
                             ("ip link add bhforeign type bridge", "ip link del bhforeign")):
            file = {"virsh define": [domain], "virsh net-define": [network]}.get(make, [])
            run(*make.split(), *file)
            self.addCleanup(run, *unmake.split())
        run("ip", "link", "set", "bhforeign", "alias", "of acme, made by hand")
        bulkhead("destroy", "acme", "--yes")
        left = self.site.on_host()
        self.assertEqual([len(left.pop("links")), left], [1, {kind: [] for kind in self.before if kind != "links"} | {
            "domains": ["bh-acme-worker-9"], "networks": ["bh-acme-foreign"], "namespaces": ["bh-acme-foreign"],
            "tables": ["table inet bh_acme_foreign"]}])


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
