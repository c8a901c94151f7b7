"""One tenant whose guests ask an OpenBao of their owner's for their keys themselves (docs/kms.md, "Passport").

Needs what owner_kms_test.py needs; skips without OpenBao. Run by `ctest --preset e2e`. The tests run in the order of their names.
"""
import base64
import pathlib
import unittest

from harness import Console, Site, Tenant, bulkhead, run, wait_until
from openbao import PROGRAM, OpenBao
from released_keys import forms, memory_of

UPLINK, OUTSIDE, ROUTER = "bhe2eup", "198.18.77.1", "198.18.77.20"
ACME = Tenant("acme", 40, control=1, worker=1, volumes=", volumes: [{name: data, size: 64MiB}]",
              uplink=f"{{name: lan, address: {ROUTER}/24, gateway: {OUTSIDE}}}",
              kms=f"{{placement: owner, provider: openbao, model: passport, url: \"https://{OUTSIDE}:8200\", ca: bao/ca.pem,"
                  " namespace: acme, mount: cvm}")


@unittest.skipUnless(PROGRAM.exists(), "no OpenBao; tests/kms/fetch-openbao brings it")
class Passport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("ip", "link", "add", UPLINK, "type", "bridge")
        cls.addClassCleanup(run, "ip", "link", "delete", UPLINK)
        run("ip", "address", "add", f"{OUTSIDE}/24", "dev", UPLINK)
        run("ip", "link", "set", UPLINK, "up")
        cls.site = Site(ACME, uplinks=f"[{{name: lan, bridge: {UPLINK}}}]")
        cls.addClassCleanup(cls.site.close)
        cls.bao = OpenBao(cls.site.path("bao"), OUTSIDE, "acme", passport=True)
        cls.addClassCleanup(cls.bao.kill)
        bulkhead("destroy", "acme", "--yes", wanted=None)
        cls.bao.run_script(bulkhead("kms", "policy", cls.site.path("acme.yaml")).stdout)

    def service_files(self):
        return self.site.store / "tenants" / "acme" / "service"

    def note(self, guest, command):
        console = Console(ACME.domain(guest))
        self.addCleanup(console.close)
        console.run("true", 120)
        return console.run(command)

    def restart(self, guest):
        run("virsh", "destroy", ACME.domain(guest))
        run("virsh", "start", ACME.domain(guest))

    def secret(self, guest, name):
        """The key as its owner reads it in her own server."""
        found = self.bao.call("GET", f"cvm/kv/data/guests/{guest}/{name}", {}, "acme")["data"]
        self.assertEqual(found["metadata"]["version"], 1, (guest, name))
        return base64.b64decode(found["data"]["key"])

    def keys(self):
        return [self.secret(guest, name) for guest in ACME.guests() for name in ("bootstrap", "volumes/data")]

    def test_01_the_plan_says_who_asks_the_kms(self):
        self.assertIn("asked by the guests themselves", self.site.plan(wanted=2).stdout)
        self.assertNotIn("PRIVATE KEY", self.site.path("acme.plan.json").read_text())

    def test_02_guests_open_their_volumes_with_keys_that_they_made_at_their_owners_server(self):
        self.site.approve("acme")
        self.site.apply("acme")
        for guest in self.site.attest("acme").values():
            self.assertEqual((guest["verdict"], guest["reasons"]), ("attested", []), guest)
        self.assertEqual(len(set(self.keys())), 4)
        for guest in ACME.guests():
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))

    def test_03_the_service_never_saw_a_key(self):
        """Not in its memory, state or logs, nor anywhere else on the host; an emulated guest's memory is the operator's."""
        sought = forms(self.keys())
        pids = [int(line.split()[0]) for line in run("ps", "-C", "bulkhead-attestd,bulkhead-attest", "-o", "pid=,args=").stdout.splitlines()
                if str(self.service_files()) in line]
        self.assertEqual(len(pids), 1)
        roots = (self.site.store, "/run/bulkhead", "/var/log/libvirt", "/var/lib/libvirt/swtpm")
        contents = {str(path): path.read_bytes() for root in roots for path in pathlib.Path(root).rglob("*")
                    if path.is_file() and path.stat().st_size <= 64 << 20}
        self.assertIn(str(self.service_files() / "kms-records.sqlite"), contents)
        contents |= {f"memory of {pid}": memory_of(pid) for pid in pids}
        self.assertGreater(min(len(contents[f"memory of {pid}"]) for pid in pids), 1 << 20)
        self.assertEqual([name for name, content in contents.items() for form in sought if form in content], [])

    def test_04_a_guest_opens_its_volume_after_a_reboot_also_when_the_server_comes_later(self):
        before = self.keys()
        self.bao.kill()
        self.restart("worker/0")
        log = self.service_files() / "audit.jsonl"
        known = log.read_text().count('"certificate issued"')
        wait_until(lambda: log.read_text().count('"certificate issued"') >= known + 2, 300, "the guest to try again")
        self.bao.start_again()
        self.assertEqual(self.note("worker/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))
        self.assertEqual(self.keys(), before)

    def test_05_such_keys_do_not_rotate(self):
        done = bulkhead("kms", "rotate", "acme", "worker/0/data", wanted=1)
        self.assertIn("there is no rotation of a key that the guest asks for itself", done.stdout + done.stderr)

    def test_06_a_guest_whose_role_its_owner_took_away_gets_nothing(self):
        self.bao.call("DELETE", "auth/cvm/cert/certs/worker-0", {}, "acme")
        log = self.site.store / "tenants" / "acme" / "console" / "worker-0.log"
        before = log.stat().st_size
        self.restart("worker/0")
        wait_until(lambda: run("virsh", "-q", "domstate", ACME.domain("worker/0")).stdout.strip() == "shut off", 300, "its end")
        said = log.read_bytes()[before:].decode(errors="replace")
        self.assertRegex(said, r"bulkhead: refused: kms openbao https://198\.18\.77\.1:8200, request .*: POST /v1/auth/cvm/cert/login: HTTP 400")
        self.assertEqual(self.note("control/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))

    def test_07_destroy_leaves_nothing_on_the_host(self):
        done = bulkhead("destroy", "acme", "--shred-keys", "--yes", wanted=None)
        self.assertIn("where their owner destroys them", done.stdout + done.stderr)
        bulkhead("destroy", "acme", "--yes")
        self.assertFalse([thing for things in self.site.on_host().values() for thing in things])


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
