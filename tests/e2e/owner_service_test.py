"""One tenant whose attestation service its owner runs on a machine of hers, beyond an uplink of the host; the keys are in its
embedded store, or with an OpenBao of hers.

Needs what two_tenants_test.py needs; that machine is a network namespace. `ctest --preset e2e` runs a class for each. Its tests run in
the order of their names.
"""
import unittest

from harness import Console, Site, Tenant, bulkhead, run, wait_until
from openbao import PROGRAM, OpenBao
from owners_machine import KMS, OUTSIDE, TENANT_UPLINK, UPLINKS, URL, OwnersMachine, make_network
from released_keys import forms

USAGE, NOT_ATTESTED = 64, 5


class OwnersService:
    """acme's keys are where KEYS says."""
    KEYS = "{placement: owner, provider: embedded}"

    @classmethod
    def setUpClass(cls):
        make_network(cls)
        cls.acme = Tenant("acme", 40, control=1, worker=1, volumes=", volumes: [{name: data, size: 64MiB}]", owners_service=OUTSIDE,
                          uplink=TENANT_UPLINK, kms=cls.KEYS)
        cls.site = Site(cls.acme, uplinks=UPLINKS)
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "acme", "--yes", wanted=None)
        cls.prepare_keys()
        cls.before = cls.site.on_host()
        cls.machine = OwnersMachine(cls.site)
        cls.machine.start()
        cls.addClassCleanup(cls.machine.kill)

    @classmethod
    def prepare_keys(cls):
        """Before the service starts there is nothing to do for an embedded store."""

    def note(self, guest, command):
        console = Console(self.acme.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

    def secrets_elsewhere(self):
        """What her service has beside its bundle's own secrets and the keys."""
        return []

    def keys_elsewhere(self):
        """What of the keys is at a server of hers."""
        return []

    def test_01_the_plan_places_no_service_and_says_where_it_is(self):
        shown = self.site.plan().stdout
        self.assertIn(f"{URL} (placement owner)", shown)
        self.assertNotIn("on the operator's host", shown)
        kinds = {resource["kind"] for resource in self.site.plan_json("acme")["resources"]}
        self.assertFalse(kinds & {"service", "approval"})

    def test_02_the_owner_publishes_and_enrols_and_the_operator_applies_without_a_credential(self):
        self.site.approve("acme")
        self.machine.owner("service", "approve", "acme", "--approval", self.site.path("acme.approval.json"))
        self.assertIn("its bundle stays there",
                      self.site.apply("acme", "--service-bundle", self.site.path("acme.service.json"), wanted=USAGE).stderr)
        keys = self.site.path("acme.enrolments.json")
        self.assertIn("apply again without --enrolments: it starts 2 guests", self.site.apply("acme", "--enrolments", keys).stdout)
        self.assertFalse(self.site.on_host()["domains"])
        self.machine.owner("service", "enrol", "acme", "--enrolments", keys)
        self.site.apply("acme")

    def test_03_guests_attest_there_and_open_their_volumes(self):
        for guest in self.acme.guests():
            wait_until(lambda guest=guest: self.machine.result(guest) == "attested", 400, f"{guest} to attest to its owner's service")
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))

    def test_04_the_operator_sees_them_run_and_whom_to_ask(self):
        for guest in self.site.attest("acme", wanted=NOT_ATTESTED).values():
            self.assertEqual((guest["running"], guest["verdict"], guest["service"]), (True, "its owner's", URL))
        said = self.site.status("acme").stdout
        self.assertIn(f"bulkhead service show acme --url {URL}", said)
        self.assertIn("no drift", said)
        self.assertIn("acme: no fence", bulkhead("attest", "acme", "--fence", wanted=NOT_ATTESTED).stderr)
        self.assertEqual(self.site.apply("acme").stdout, "acme: nothing to change\n")

    def test_05_no_key_bundle_or_credential_of_the_tenants_is_on_the_host(self):
        """Neither in a file, a command line nor an environment; the memory of an emulated guest is the operator's."""
        keys = self.machine.released_keys()
        self.assertEqual(len(set(keys)), 4)
        self.machine.expect_nothing_on_the_host(self, self.site, [*self.machine.secrets(), *self.secrets_elsewhere(), *forms(keys)])

    def test_06_what_the_owner_revokes_over_tls_is_refused_from_then_on(self):
        self.machine.owner("revoke", "acme", "--guest", "worker/0", "--reason", "a test")
        domain = self.acme.domain("worker/0")
        run("virsh", "destroy", domain)
        run("virsh", "start", domain)
        wait_until(lambda: run("virsh", "-q", "domstate", domain).stdout.strip() == "shut off", 300, "the refused guest's end")
        verdict = self.machine.guests()["worker/0"]["verdict"]
        self.assertEqual(verdict["result"], "refused")
        self.assertIn("revoked", " ".join(verdict["reasons"]))
        self.assertEqual(self.machine.result("control/0"), "attested")

    def test_07_the_operator_destroys_without_the_service_and_the_owner_shreds_her_keys(self):
        self.machine.kill()
        said = bulkhead("destroy", "acme", "--yes", "--shred-keys").stdout
        self.assertIn(f"bulkhead service shred acme --url {URL}", said)
        self.assertEqual(self.site.on_host(), self.before)
        self.machine.start()
        self.assertIn("acme: 4 keys destroyed", self.machine.owner("service", "shred", "acme", "--yes").stdout)
        self.assertFalse(self.keys_elsewhere())


class OwnerService(OwnersService, unittest.TestCase):
    pass


@unittest.skipUnless(PROGRAM.exists(), "no OpenBao; tests/kms/fetch-openbao brings it")
class OwnerServiceOpenBao(OwnersService, unittest.TestCase):
    KEYS = OpenBao.KMS.format(address=KMS, folder="bao", tenant="acme")

    @classmethod
    def prepare_keys(cls):
        cls.bao = OpenBao(cls.site.path("bao"), KMS, "acme")
        cls.addClassCleanup(cls.bao.kill)
        cls.bao.set_up(cls.site.path("acme.yaml"))
        bundle = cls.site.path("acme.service.json")
        bulkhead("keys", "connect", "--bundle", bundle, "--kms", cls.bao.connection(), "--out", cls.site.path("connected"))
        cls.site.path("connected").rename(bundle)

    def keys_elsewhere(self):
        return self.bao.keys()

    def secrets_elsewhere(self):
        self.assertGreaterEqual(len(self.keys_elsewhere()), 4)
        self.assertFalse((self.machine.state / "keys.sqlite").exists())
        return [self.bao.credential()]


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
