"""Two tenants on this machine: from documents to attested guests, packets between them, tampering, and back to nothing.

Needs root, libvirt, an image (BULKHEAD_IMAGE, the folder of an image.lock made by `bulkhead build`) and about five minutes.
Run by `ctest -L e2e`. The tests run in the order of their names: each goes on from where the one before left the site.
"""
import json
import os
import pathlib
import shutil
import socket
import tempfile
import unittest

import harness
from harness import Console, bulkhead, run, wait_until

IMAGE = pathlib.Path(os.environ.get("BULKHEAD_IMAGE", harness.SOURCE / "out" / "two-tenants" / "image"))
TENANTS = {"acme": 40, "globex": 41}
FLOWS = {
    "acme": ["{from: worker, to: control, tcp: [6443]}", "{from: [control, worker], to: services}"],
    "globex": ["{from: [control, worker], to: services}"],
}
COUNT = 2


def image_of(folder):
    """The image's parts with the probe root in place of the Debian userland."""
    lock = json.loads((IMAGE / "image.lock").read_text())
    parts = {key: str(IMAGE / lock[key]["path"]) for key in ("firmware", "kernel", "initrd")}
    root = folder / "probe.img"
    run(harness.SOURCE / "tests" / "e2e" / "probe-root", root)
    return parts | {"root": str(root), "commandLine": "console=ttyS0 quiet"}


def owned_things():
    """Everything on the host that could be Bulkhead's, for comparing before and after."""
    return {
        "domains": run("virsh", "-q", "list", "--all", "--name").stdout.split(),
        "networks": run("virsh", "-q", "net-list", "--all", "--name").stdout.split(),
        "links": sorted(link["ifname"] for link in json.loads(run("ip", "-j", "link").stdout)),
        "namespaces": run("ip", "netns", "list").stdout.split(),
        "tables": sorted(run("nft", "list", "tables").stdout.splitlines()),
        "services": run("pgrep", "-a", "bulkhead-attest", wanted=None).stdout.splitlines(),
        "files": sorted(str(path) for root in ("/var/lib/bulkhead", "/run/bulkhead", "/var/lib/libvirt/swtpm")
                        for path in pathlib.Path(root).rglob("*")),
    }


class TwoTenants(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-e2e-", dir="/var/tmp"))
        cls.before = owned_things()
        image = image_of(cls.folder)
        (cls.folder / "site.yaml").write_text(harness.SITE_DOCUMENT)
        for name, subnet in TENANTS.items():
            harness.write_tenant(cls.folder, name, image=image, subnet=subnet, flows=FLOWS[name], count=COUNT)

    @classmethod
    def tearDownClass(cls):
        bulkhead("destroy", *TENANTS, "--yes", wanted=None)
        shutil.rmtree(cls.folder, ignore_errors=True)

    def files(self, *names):
        return [self.folder / name for name in names]

    def documents(self):
        return self.files("acme.yaml", "globex.yaml", "site.yaml")

    def plan(self, wanted):
        return bulkhead("plan", *self.documents(), "--out", self.folder, wanted=wanted)

    def approve(self, name, wanted=0):
        approval = self.folder / f"{name}.approval.json"
        approval.unlink(missing_ok=True)
        return bulkhead("approve", *self.files(f"{name}.yaml", "site.yaml"), "--plan", self.folder / f"{name}.plan.json",
                        "--key", self.folder / f"{name}-approval.key", "--out", approval, wanted=wanted)

    def apply(self, name, wanted=0):
        return bulkhead("apply", "--plan", self.folder / f"{name}.plan.json", "--approval",
                        self.folder / f"{name}.approval.json", "--service-bundle", self.folder / f"{name}.service.json",
                        wanted=wanted)

    @staticmethod
    def domain(tenant, pool, index):
        return f"bh-{tenant}-{pool}-{index}"

    @staticmethod
    def address(tenant, pool, index):
        return f"10.{TENANTS[tenant]}.{0 if pool == 'control' else 1}.{10 + index}"

    # --- up ---------------------------------------------------------------------------------------------------------

    def test_01_check_accepts_the_documents(self):
        self.assertEqual(bulkhead("check", *self.documents()).stderr, "")

    def test_02_plan_has_changes_and_names_no_other_tenant(self):
        self.plan(wanted=2)
        self.assertNotIn("globex", (self.folder / "acme.plan.json").read_text())
        self.assertNotIn("acme", (self.folder / "globex.plan.json").read_text())

    def test_03_apply_without_approval_refuses(self):
        (self.folder / "acme.approval.json").write_text(json.dumps(
            {"payloadType": "application/vnd.bulkhead.approval+json", "payload": "e30=", "signatures": []}))
        self.apply("acme", wanted=1)
        self.assertEqual(owned_things()["domains"], self.before["domains"])

    def test_04_apply_starts_what_was_approved(self):
        for name in TENANTS:
            self.approve(name)
            self.apply(name)

    def test_05_every_guest_attests_as_predicted(self):
        done = bulkhead("attest", *TENANTS, "--timeout", "300", "--json")
        guests = json.loads(done.stdout)["guests"]
        self.assertEqual(len(guests), 4 * COUNT)
        for guest in guests:
            self.assertEqual((guest["result"], guest["measuredEqualsPredicted"]), ("attested", True), guest)

    def test_06_status_is_calm_and_a_second_apply_changes_nothing(self):
        processes = run("pgrep", "-f", "qemu-system|bulkhead-attestd").stdout
        bulkhead("status", *TENANTS)
        for name in TENANTS:
            self.assertIn("nothing to change", self.apply(name).stdout)
        self.assertEqual(run("pgrep", "-f", "qemu-system|bulkhead-attestd").stdout, processes)
        self.plan(wanted=0)

    # --- packets ----------------------------------------------------------------------------------------------------

    def console(self, *guest):
        console = Console(self.domain(*guest))
        self.addCleanup(console.close)
        wait_until(lambda: console.run("echo up", 30)[0] == 0, 60, f"the probe shell of {guest}")
        return console

    def listen(self, console, port):
        console.run(f"(nc -l -p {port} >/tmp/tcp{port} </dev/null &) ; (nc -u -l -p {port} >/tmp/udp{port} </dev/null &)")

    def heard(self, console, port):
        return console.run(f"cat /tmp/tcp{port} /tmp/udp{port}")[1].strip()

    @staticmethod
    def knock(console, address, port):
        """One ping, one TCP connection and one UDP datagram; returns the exit codes of ping and TCP."""
        ping = console.run(f"ping -c 1 -W 2 {address} >/dev/null 2>&1")[0]
        tcp = console.run(f"echo knock | nc -w 2 {address} {port} 2>/dev/null")[0]
        console.run(f"echo knock | nc -u -w 1 {address} {port} 2>/dev/null")
        return ping, tcp

    def test_10_the_declared_flow_works(self):
        control, worker = self.console("acme", "control", 0), self.console("acme", "worker", 0)
        control.run("(nc -l -p 6443 >/tmp/heard </dev/null &)")
        worker.run(f"echo hello | nc -w 5 {self.address('acme', 'control', 0)} 6443")
        wait_until(lambda: "hello" in control.run("cat /tmp/heard")[1], 20, "the declared flow")

    def test_11_nothing_else_arrives(self):
        worker = self.console("acme", "worker", 0)
        targets = [("acme", "worker", 1), ("acme", "control", 1), ("globex", "control", 0), ("globex", "worker", 0)]
        for target in targets:
            listener = self.console(*target)
            self.listen(listener, 7000)
            ping, tcp = self.knock(worker, self.address(*target), 7000)
            self.assertNotEqual((ping, tcp), (0, 0), target)
            self.assertNotEqual(ping, 0, target)
            self.assertEqual(self.heard(listener, 7000), "", target)

    def test_12_the_host_and_the_router_are_out_of_reach(self):
        worker = self.console("acme", "worker", 0)
        host = [address["local"] for link in json.loads(run("ip", "-j", "-4", "addr").stdout)
                for address in link["addr_info"] if address["local"] != "127.0.0.1"]
        heard = []
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            for listener in (tcp, udp):
                listener.bind(("0.0.0.0", 7001))
                listener.settimeout(0.1)
            tcp.listen()
            for address in host + [f"10.{TENANTS['acme']}.1.1", f"10.{TENANTS['acme']}.255.1"]:
                ping, _ = self.knock(worker, address, 7001)
                self.assertNotEqual(ping, 0, address)
            for read in (tcp.accept, lambda: udp.recv(64)):
                try:
                    heard.append(read())
                except TimeoutError:
                    pass
        self.assertEqual(heard, [])

    def test_13_arp_finds_the_gateway_and_nobody_else(self):
        worker = self.console("acme", "worker", 0)
        subnet = TENANTS["acme"]
        self.assertEqual(worker.run(f"arping -c 2 -w 3 -I eth0 10.{subnet}.1.1 >/dev/null")[0], 0)
        for address in (f"10.{subnet}.1.11", f"10.{subnet}.0.10", f"10.{TENANTS['globex']}.1.10"):
            self.assertNotEqual(worker.run(f"arping -c 2 -w 3 -I eth0 {address} >/dev/null")[0], 0, address)

    # --- life -------------------------------------------------------------------------------------------------------

    def pcrs(self, tenant, guest):
        done = bulkhead("attest", tenant, "--timeout", "200", "--json")
        return next(entry["pcrs"] for entry in json.loads(done.stdout)["guests"] if entry["guest"] == guest)

    def test_20_a_guest_rebooted_twice_shows_equal_pcrs(self):
        first = self.pcrs("globex", "worker/0")
        for _ in range(2):
            run("virsh", "destroy", self.domain("globex", "worker", 0))
            run("virsh", "start", self.domain("globex", "worker", 0))
            self.assertEqual(self.pcrs("globex", "worker/0"), first)

    def test_21_a_dead_service_is_reported_and_restarted(self):
        run("pkill", "-KILL", "-f", "bulkhead-attestd --tenant acme")
        wait_until(lambda: run("pgrep", "-f", "bulkhead-attestd --tenant acme", wanted=None).returncode == 1, 10, "its end")
        self.assertIn("not running", bulkhead("status", "acme", wanted=2).stdout)
        self.plan(wanted=2)
        self.apply("acme")
        bulkhead("status", "acme", wanted=0)

    # --- down -------------------------------------------------------------------------------------------------------

    def test_90_destroy_leaves_nothing_and_no_foreign_namesake_is_touched(self):
        run("ip", "link", "add", "bhforeign", "type", "bridge")
        self.addCleanup(run, "ip", "link", "del", "bhforeign")
        bulkhead("destroy", "globex", "--yes")
        self.assertEqual(bulkhead("attest", "acme", "--timeout", "60", "--json").returncode, 0)
        bulkhead("destroy", "acme", "--yes")
        after = owned_things()
        self.assertIn("bhforeign", after["links"])
        after["links"].remove("bhforeign")
        self.assertEqual(after, self.before)


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
