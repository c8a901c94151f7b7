"""One tenant whose attestation service its owner runs on a machine of hers, beyond an uplink of the host.

Needs what two_tenants_test.py needs; that machine is a network namespace. Run by `ctest --preset e2e`. The tests run in the order of their
names.
"""
import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import BUILD, BULKHEAD, Console, Site, Tenant, bulkhead, run, wait_until

UPLINK, MACHINE, OUTSIDE, ROUTER = "bhe2eup", "bhe2e-owner", "198.18.77.1", "198.18.77.20"
URL = f"https://{OUTSIDE}:8443"
ACME = Tenant("acme", 40, control=1, worker=1, volumes=", volumes: [{name: data, size: 64MiB}]", owners_service=OUTSIDE,
              uplink=f"{{name: lan, address: {ROUTER}/24, gateway: {OUTSIDE}}}", kms="{placement: owner, provider: embedded}")
USAGE, NOT_ATTESTED = 64, 5


class OwnersMachine:
    """A namespace at the far end of the uplink with `bulkhead-attestd` in it, started by hand from the owner's files."""

    def __init__(self, site):
        self.site, self.folder, self.process = site, site.path("owner"), None
        self.state = self.folder / "state"
        self.state.mkdir(parents=True, mode=0o700)
        shutil.copyfile(site.path("acme.service.json"), self.state / "bundle.json")
        (self.state / "bundle.json").chmod(0o600)
        bulkhead("service", "configure", site.path("acme.yaml"), "--out", self.state / "config.json")
        bulkhead("keys", "owner", "--tenant", "acme", "--ca", site.path("acme-ca.pem"), "--name", "alice", "--out", self.folder / "alice")

    def start(self):
        with open(self.folder / "attestd.log", "ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", MACHINE, BUILD / "libexec" / "bulkhead" / "bulkhead-attestd", "--tenant", "acme", "--state", self.state, "--listen",
                 f"{OUTSIDE}:8443", "--admin", self.folder / "admin.sock", "--lock", self.folder / "attestd.lock"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: self.owner("service", "show", "acme", wanted=None).returncode == 0, 30, "the owner's service")

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)

    def owner(self, *argv, wanted=0):
        """A verb that the owner runs there, as herself."""
        return run("ip", "netns", "exec", MACHINE, BULKHEAD, *argv, "--url", URL, "--ca", self.site.path("acme-ca.pem"),
                   "--identity", self.folder / "alice", wanted=wanted)

    def guests(self):
        """What her service knows of each guest."""
        state = json.loads(self.owner("service", "show", "acme", "--json").stdout)
        return {guest["guest"]: guest for guest in state["guests"]}

    def result(self, guest):
        verdict = self.guests()[guest]["verdict"]
        return verdict and verdict["result"]

    def released_keys(self):
        """Every key that her service has, from a copy of its state."""
        with tempfile.TemporaryDirectory(dir=self.folder) as copy:
            for name in ("bundle.json", "keys.sqlite", "keys.sqlite-wal"):
                if (self.state / name).exists():
                    shutil.copy(self.state / name, copy)
            return [bytes.fromhex(line) for line in run(BUILD / "released-keys", copy, "acme").stdout.split()]


def in_every_form(key):
    return [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"=")]


class OwnerService(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("ip", "link", "add", UPLINK, "type", "bridge")
        cls.addClassCleanup(run, "ip", "link", "delete", UPLINK)
        run("ip", "netns", "add", MACHINE)
        cls.addClassCleanup(run, "ip", "netns", "delete", MACHINE)
        run("ip", "link", "add", "bhe2eown", "type", "veth", "peer", "name", "lan", "netns", MACHINE)
        for command in (f"link set bhe2eown master {UPLINK} up", f"link set {UPLINK} up", f"-n {MACHINE} link set lan up",
                        f"-n {MACHINE} address add {OUTSIDE}/24 dev lan", f"-n {MACHINE} link set lo up"):
            run("ip", *command.split())
        cls.site = Site(ACME, uplinks=f"[{{name: lan, bridge: {UPLINK}}}]")
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "acme", "--yes", wanted=None)
        cls.before = cls.site.on_host()
        cls.machine = OwnersMachine(cls.site)
        cls.machine.start()
        cls.addClassCleanup(cls.machine.kill)

    def note(self, guest, command):
        console = Console(ACME.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

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
        for guest in ACME.guests():
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
        bundle = json.loads((self.machine.state / "bundle.json").read_text())
        secrets = [form for key in [*keys, base64.b64decode(bundle["storageKey"])] for form in in_every_form(key)]
        secrets += [pem.splitlines()[2].encode() for pem in (bundle["tlsKey"], bundle["tokenKey"], bundle["guestCaKey"])]
        roots = (self.site.store, "/run/bulkhead", "/var/log/libvirt", "/var/lib/libvirt/swtpm")
        files = [path for root in roots for path in pathlib.Path(root).rglob("*") if path.is_file() and path.stat().st_size <= 64 << 20]
        files += [self.site.path(f"acme.{name}.json") for name in ("plan", "approval", "enrolments")]
        files += [path / name for path in pathlib.Path("/proc").glob("[0-9]*") for name in ("cmdline", "environ")]
        for path in files:
            try:
                content = path.read_bytes()
            except OSError:
                continue  # a process that is gone
            self.assertFalse([secret for secret in secrets if secret in content], path)
        self.assertFalse((self.site.store / "tenants" / "acme" / "service").exists())
        self.assertFalse(self.site.on_host()["service users"])

    def test_06_what_the_owner_revokes_over_tls_is_refused_from_then_on(self):
        self.machine.owner("revoke", "acme", "--guest", "worker/0", "--reason", "a test")
        domain = ACME.domain("worker/0")
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


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
