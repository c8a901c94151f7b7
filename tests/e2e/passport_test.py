"""One tenant whose guests ask an OpenBao of their owner's for their keys themselves (docs/kms.md, "Passport").

Needs what owner_kms_test.py needs; skips without OpenBao. Run by `ctest --preset e2e`. The tests run in the order of their names.
"""
import base64
import json
import pathlib
import unittest
import urllib.error

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
    deleted = []  # keys that their owner deleted at her server

    @classmethod
    def setUpClass(cls):
        run("ip", "link", "add", UPLINK, "type", "bridge")
        cls.addClassCleanup(run, "ip", "link", "delete", UPLINK)
        run("ip", "address", "add", f"{OUTSIDE}/24", "dev", UPLINK)
        run("ip", "link", "set", UPLINK, "up")
        cls.site = Site(ACME, uplinks=f"[{{name: lan, bridge: {UPLINK}}}]")
        cls.addClassCleanup(cls.site.close)
        cls.bao = OpenBao(cls.site.path("bao"), OUTSIDE, "acme")
        cls.addClassCleanup(cls.bao.kill)
        bulkhead("destroy", "acme", "--yes", wanted=None)
        cls.bao.set_up(cls.site.path("acme.yaml"))

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

    def keys(self):
        """Every secret of every guest as its owner reads it in her own server, by its path there. Each was written once."""
        keys = {}
        for guest in ACME.guests():
            for name in ("bootstrap", *(f"volumes/data{version}" for version in ("", ".2", ".3", ".4"))):
                try:
                    found = self.bao.call("GET", f"cvm/kv/data/guests/{guest}/{name}", {}, "acme")["data"]
                except urllib.error.HTTPError as error:
                    if error.code == 404:
                        continue
                    raise
                self.assertEqual(found["metadata"]["version"], 1, (guest, name))
                keys[f"{guest}/{name}"] = base64.b64decode(found["data"]["key"])
        return keys

    def standing(self, guest):
        """State and version of the key of a guest's volume, and the next one, as `status` has them."""
        done = bulkhead("status", "acme", "--plans", self.site.folder, "--json", wanted=None)
        keys = {key["name"]: key for key in json.loads(done.stdout)["keys"]["acme"]["keys"]}
        key = keys[f"{guest}/data"]
        return key["state"], key["version"], key["next"]

    def opening(self, guest):
        """Which of the secrets open the guest's volume, as it is on the host's disk."""
        disk = self.site.store / "tenants" / "acme" / "volumes" / f"{guest.replace('/', '-')}-data-data.img"
        key_file = self.site.path("tried")
        self.addCleanup(key_file.unlink, missing_ok=True)
        return [name for name, key in self.keys().items() if key_file.write_bytes(key) and run(
            "cryptsetup", "open", "--test-passphrase", "--key-file", key_file, disk, wanted=None).returncode == 0]

    def in_use(self, guest, version):
        wait_until(lambda: self.standing(guest) == ("in-use", version, None), 400, f"the end of the rotation of {guest}")

    def test_01_the_plan_says_who_asks_the_kms(self):
        self.assertIn("asked by the guests themselves", self.site.plan(wanted=2).stdout)
        self.assertNotIn("PRIVATE KEY", self.site.path("acme.plan.json").read_text())

    def test_02_guests_open_their_volumes_with_keys_that_they_made_at_their_owners_server(self):
        self.site.approve("acme")
        self.site.apply("acme")
        for guest in self.site.attest("acme").values():
            self.assertEqual((guest["verdict"], guest["reasons"]), ("attested", []), guest)
        names = [f"{guest}/{name}" for guest in ACME.guests() for name in ("bootstrap", "volumes/data")]
        self.assertEqual(list(self.keys()), names)
        self.assertEqual(len(set(self.keys().values())), 4)
        for guest in ACME.guests():
            self.assertEqual(self.note(guest, "echo kept >/run/bulkhead/volumes/data/note && sync"), (0, ""))

    def test_03_a_rotation_of_every_key_begins_while_the_guests_run(self):
        """Of the guest that runs on it is seen to be done in test 06."""
        said = bulkhead("kms", "rotate", "acme", "--all").stdout
        for guest in ACME.guests():
            self.assertIn(f"acme: key {guest}/data: rotating, versions 1 and 2\n", said)
            self.assertIn(f"bao kv metadata delete -namespace='acme' -mount='cvm/kv' 'guests/{guest}/volumes/data'\n", said)

    def test_04_a_guest_opens_its_volume_after_a_reboot_while_its_key_rotates_and_the_server_comes_later(self):
        before = self.keys()
        self.assertEqual(self.standing("worker/0"), ("rotating", 1, 2))
        self.bao.kill()
        self.restart("worker/0")
        log = self.service_files() / "audit.jsonl"
        known = log.read_text().count('"certificate issued"')
        wait_until(lambda: log.read_text().count('"certificate issued"') >= known + 2, 300, "the guest to try again")
        self.bao.start_again()
        self.assertEqual(self.note("worker/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))
        self.in_use("worker/0", 2)
        after = self.keys()
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertNotEqual(after["worker/0/volumes/data.2"], after["worker/0/volumes/data"])

    def test_05_its_owner_deletes_the_old_key_and_an_abandoned_rotation_is_followed_by_another(self):
        self.deleted.append(self.keys()["worker/0/volumes/data"])
        self.bao.run_script("bao kv metadata delete -namespace='acme' -mount='cvm/kv' 'guests/worker/0/volumes/data'\n")
        bulkhead("kms", "rotate", "acme", "worker/0/data")
        self.assertIn("'guests/worker/0/volumes/data.3'\n", bulkhead("kms", "rotate", "acme", "worker/0/data", "--abandon").stdout)
        bulkhead("kms", "rotate", "acme", "worker/0/data")
        self.restart("worker/0")
        self.assertEqual(self.site.attest("acme")["acme", "worker/0"]["verdict"], "attested")
        self.assertEqual(self.note("worker/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))
        self.in_use("worker/0", 4)
        volumes = [name for name in self.keys() if name.startswith("worker/0/volumes/")]
        self.assertEqual(volumes, ["worker/0/volumes/data.2", "worker/0/volumes/data.4"])

    def test_06_the_rotation_reached_the_guest_that_ran(self):
        self.in_use("control/0", 2)
        self.assertEqual(self.note("control/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))
        for guest, name in (("control/0", "volumes/data.2"), ("worker/0", "volumes/data.4")):
            wait_until(lambda guest=guest, name=name: self.opening(guest) == [f"{guest}/{name}"], 30, f"{guest}'s old key slot to go")

    def test_07_the_service_never_saw_a_key(self):
        """Not in its memory, state or logs, nor anywhere else on the host; an emulated guest's memory is the operator's."""
        sought = forms([*{*self.keys().values(), *self.deleted}])
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

    def test_08_a_guest_whose_role_its_owner_took_away_gets_nothing(self):
        self.bao.call("DELETE", "auth/cvm/cert/certs/worker-0", {}, "acme")
        log = self.site.store / "tenants" / "acme" / "console" / "worker-0.log"
        before = log.stat().st_size
        self.restart("worker/0")
        wait_until(lambda: run("virsh", "-q", "domstate", ACME.domain("worker/0")).stdout.strip() == "shut off", 300, "its end")
        said = log.read_bytes()[before:].decode(errors="replace")
        self.assertRegex(said, r"bulkhead: refused: kms openbao https://198\.18\.77\.1:8200, request .*: POST /v1/auth/cvm/cert/login: HTTP 400")
        self.assertEqual(self.note("control/0", "cat /run/bulkhead/volumes/data/note"), (0, "kept\n"))

    def test_09_destroy_leaves_nothing_on_the_host(self):
        done = bulkhead("destroy", "acme", "--shred-keys", "--yes", wanted=None)
        self.assertIn("their owner destroys them there, all at once with bao secrets disable -namespace='acme' 'cvm/kv'",
                      done.stdout + done.stderr)
        bulkhead("destroy", "acme", "--yes")
        self.assertFalse([thing for things in self.site.on_host().values() for thing in things])


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
