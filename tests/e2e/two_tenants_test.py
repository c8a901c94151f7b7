"""Two tenants on this machine: from documents to attested guests, packets between them, reboots, and back to nothing.

Needs root, libvirt, an image (BULKHEAD_IMAGE, the folder of an image.lock made by `bulkhead build`) and about eight minutes.
Run by `ctest -L e2e`. The tests run in the order of their names: each goes on from where the one before left the site.
"""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import frames
from harness import BUILD, BULKHEAD, Console, Site, Tenant, bulkhead, run, wait_until

VOLUMES = ", volumes: [{name: data, size: 64MiB}]"
ACME = Tenant("acme", 40, worker=2, flows=["{from: worker, to: control, tcp: [6443]}"], volumes=VOLUMES, recovery=True)
GLOBEX = Tenant("globex", 41, worker=2, flows=["{from: worker, to: worker, tcp: [7100]}"], volumes=VOLUMES)
TENANTS = (ACME, GLOBEX)
CLOSED = 7000  # a port that no flow opens and on which the tests listen
ATTACKER = (ACME, "worker/0")

LISTENER = """
import select, socket, sys
tcp, udp = (socket.socket(socket.AF_INET6, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))
for each in (tcp, udp):
    each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    each.bind(("::", int(sys.argv[1])))
tcp.listen()
print("listening", flush=True)
while True:
    for ready in select.select([tcp, udp], [], [])[0]:
        print("tcp" if ready is tcp else "udp", (ready.accept() if ready is tcp else ready.recvfrom(64))[1][0], flush=True)
"""


class Listener:
    """Whatever reaches the closed port of the host, or of a network namespace, over TCP or UDP and either family."""

    def __init__(self, namespace=None):
        self.prefix = ["ip", "netns", "exec", namespace] if namespace else []
        self.process = subprocess.Popen([*self.prefix, sys.executable, "-c", LISTENER, str(CLOSED)],
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def heard(self):
        """Ends the listener; everything it heard, after a knock of our own that shows it was listening to the end."""
        run(*self.prefix, sys.executable, "-c",
            f"import socket; socket.create_connection(('127.0.0.1', {CLOSED}), 5)")
        lines = []
        while (line := self.process.stdout.readline().strip()) != "tcp ::ffff:127.0.0.1":
            lines.append(line)
        self.close()
        return lines

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def host_addresses(family):
    """(interface, address) of every address of the host but the loopback's."""
    links = json.loads(run("ip", "-j", family, "addr").stdout)
    return [(link["ifname"], entry["local"]) for link in links for entry in link.get("addr_info", [])
            if link["ifname"] != "lo"]


class TwoTenants(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(*TENANTS)
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "acme", "globex", "--yes", wanted=None)
        cls.before = cls.site.on_host()
        cls.consoles = {}

    @classmethod
    def tearDownClass(cls):
        for console in cls.consoles.values():
            console.close()

    def console(self, tenant, guest):
        """The probe shell of a guest, opened once."""
        domain = tenant.domain(guest)
        if domain not in self.consoles:
            self.consoles[domain] = Console(domain)
            self.consoles[domain].run("true", 120)
        return self.consoles[domain]

    def consoles_of_all(self):
        return {(tenant, guest): self.console(tenant, guest) for tenant in TENANTS for guest in tenant.guests()}

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

    # --- packets ----------------------------------------------------------------------------------------------------

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

    def send(self, tenant, source, target, port, seconds):
        """Sends one line over TCP from guest to guest of a tenant, to a listener that is known to listen."""
        source, target, address = self.console(tenant, source), self.console(tenant, target), tenant.address(target)
        target.run(f"(nc -l -p {port} >/tmp/heard </dev/null 2>&1 &)"
                   f" ; until cat /proc/net/tcp* | grep -q ':{port:04X} .* 0A '; do :; done")
        source.run(f"echo hello | nc -w {seconds} {address} {port}", 60 + seconds)
        return target

    def arrives(self, tenant, source, target, port):
        target = self.send(tenant, source, target, port, 60)
        wait_until(lambda: target.run("cat /tmp/heard")[1].strip() == "hello", 30, f"{source}'s line at port {port}")
        target.run("killall nc 2>/dev/null")

    def does_not_arrive(self, tenant, source, target, port):
        target = self.send(tenant, source, target, port, 5)
        self.assertEqual(target.run("cat /tmp/heard; killall nc 2>/dev/null")[1].strip(), "")

    def test_10_declared_flows_work(self):
        self.arrives(ACME, "worker/0", "control/0", 6443)
        self.arrives(GLOBEX, "worker/0", "worker/1", 7100)

    def test_11_the_same_flows_undeclared_do_not(self):
        self.does_not_arrive(ACME, "worker/0", "control/0", 6444)
        self.does_not_arrive(ACME, "control/0", "worker/0", 6443)
        self.does_not_arrive(ACME, "worker/0", "worker/1", 7100)
        self.does_not_arrive(GLOBEX, "worker/0", "worker/1", 7101)

    def watched(self, attack):
        """What every guest but the attacker receives while `attack` runs: {guest: {(source MAC, what)}}."""
        consoles = {guest: console for guest, console in self.consoles_of_all().items() if guest != ATTACKER}
        for console in consoles.values():
            console.run("(packet_probe watch /tmp/frames &); until [ -e /tmp/frames ]; do usleep 50000; done")
        attack()
        received = {}
        for guest, console in consoles.items():
            text = console.run("killall packet_probe; cat /tmp/frames; rm /tmp/frames")[1]
            received[guest] = {frames.described(line) for line in text.split()}
        return received

    def router_macs(self, tenant):
        links = json.loads(run("ip", "-n", f"bh-{tenant.name}", "-j", "link").stdout)
        return {link["address"] for link in links if link["ifname"] != "lo"}

    def assert_nothing_from_others(self, received):
        """A guest may hear of its own router and its own service, and of nobody else."""
        for (tenant, guest), arrivals in received.items():
            for mac, what in arrivals:
                self.assertIn(mac, self.router_macs(tenant), (tenant.name, guest, what))
                self.assertRegex(what, f" from ({tenant.gateway(guest)}|{tenant.service})$", (tenant.name, guest))

    def test_12_a_watching_guest_sees_a_declared_flow_arrive(self):
        received = self.watched(lambda: self.console(*ATTACKER).run(f"nc -w 2 {ACME.address('control/0')} 6443 </dev/null"))
        self.assertIn(f"tcp from {ACME.address('worker/0')}", [what for _, what in received[ACME, "control/0"]])
        del received[ACME, "control/0"]
        self.assert_nothing_from_others(received)

    def test_13_ping_tcp_udp_and_arp_reach_nobody(self):
        guests = [tenant.address(guest) for tenant in TENANTS for guest in tenant.guests() if (tenant, guest) != ATTACKER]
        hosts = [address for _, address in host_addresses("-4")]
        routers = [ACME.gateway("control/0"), ACME.gateway("worker/0"), ACME.service, GLOBEX.gateway("worker/0"), GLOBEX.service]
        attacker = self.console(*ATTACKER)
        knock = (f"(ping -c 1 -W 3 $a >/dev/null 2>&1 && echo ping $a; echo knock | nc -w 3 $a {CLOSED} 2>/dev/null && echo tcp $a;"
                 f" packet_probe udp $a {CLOSED} knock)")
        arp = "(arping -q -c 2 -w 3 -I eth0 $a >/dev/null 2>&1 && echo arp $a)"

        def attack():
            self.assertEqual(attacker.run(f"for a in {' '.join(guests + hosts + routers)}; do {knock} & done; wait")[1], "")
            self.assertEqual(attacker.run(f"for a in {' '.join(guests + hosts)}; do {arp} & done; wait")[1], "")
        host, router = Listener(), Listener("bh-acme")
        self.addCleanup(host.close)
        self.addCleanup(router.close)
        self.assert_nothing_from_others(self.watched(attack))
        self.assertEqual((host.heard(), router.heard()), ([], []))
        self.assertEqual(attacker.run(f"arping -c 1 -w 5 -I eth0 {ACME.gateway('worker/0')} >/dev/null")[0], 0)

    def test_14_ipv6_reaches_nobody(self):
        attacker = self.console(*ATTACKER)
        addresses = sorted({address for _, address in host_addresses("-6")})
        attacker.run("echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6; until ip -6 addr show dev eth0 | grep -q fe80 &&"
                     " ! ip -6 addr show dev eth0 | grep -q tentative; do usleep 200000; done")
        knock = (f"(ping -6 -c 1 -W 3 -I eth0 $a >/dev/null 2>&1 && echo ping $a; packet_probe udp $a {CLOSED} knock)")

        def attack():
            self.assertEqual(attacker.run(f"for a in ff02::1 ff02::2 {' '.join(addresses)}; do {knock} & done; wait")[1], "")
        host = Listener()
        self.addCleanup(host.close)
        self.assert_nothing_from_others(self.watched(attack))
        self.assertEqual(host.heard(), [])

    def forged_frames(self):
        """What no guest's kernel sends by itself: past the router, as someone else, or of an unusual kind."""
        own, own_address, gateway = self.mac(ACME, "worker/0"), ACME.address("worker/0"), ACME.gateway("worker/0")
        neighbour, control = self.mac(ACME, "worker/1"), ACME.address("control/0")
        bridge = next(link for link in json.loads(run("ip", "-j", "link").stdout)
                      if link["ifname"] == self.bridge_of_attacker())["address"]
        router = self.console(*ATTACKER).run(f"ip neigh show {gateway}")[1].split("lladdr ")[1].split()[0]
        for tenant in TENANTS:
            for guest in tenant.guests():
                if (tenant, guest) != ATTACKER:
                    to = tenant.address(guest)
                    yield frames.ethernet(self.mac(tenant, guest), own, frames.IPV4, frames.udp(own_address, to, CLOSED))
                    yield frames.ethernet(frames.BROADCAST, own, frames.IPV4, frames.udp(own_address, to, CLOSED))
        for _, to in host_addresses("-4"):
            for target in (bridge, router, frames.BROADCAST):
                yield frames.ethernet(target, own, frames.IPV4, frames.udp(own_address, to, CLOSED))
                yield frames.ethernet(target, own, frames.IPV4, frames.tcp_syn(own_address, to, CLOSED))
        for source in (GLOBEX.address("worker/0"), control, ACME.service, "127.0.0.1", "192.0.2.1", "224.0.0.1"):
            yield frames.ethernet(router, own, frames.IPV4, frames.tcp_syn(source, control, 6443))
        for mac in (neighbour, router):
            yield frames.ethernet(frames.BROADCAST, mac, frames.ARP, frames.arp_reply(gateway, mac, ACME.address("worker/1")))
            yield frames.ethernet(neighbour, mac, frames.IPV4, frames.udp(gateway, ACME.address("worker/1"), CLOSED))
        for kind, to in ((frames.LLDP, "01:80:c2:00:00:0e"), (frames.IPV6, "33:33:00:00:00:01"), (frames.VLAN, frames.BROADCAST)):
            yield frames.ethernet(to, own, kind, bytes(46))

    def mac(self, tenant, guest):
        domain = run("virsh", "-q", "domiflist", tenant.domain(guest)).stdout
        return domain.split()[-1]

    def port(self, tenant, guest):
        return run("virsh", "-q", "domiflist", tenant.domain(guest)).stdout.split()[0]

    def bridge_of_attacker(self):
        plan = self.site.plan_json("acme")["resources"]
        return next(thing["name"] for thing in plan if thing["kind"] == "bridge" and thing["body"]["pool"] == "worker")

    def test_15_forged_frames_reach_nobody(self):
        attacker = self.console(*ATTACKER)
        forged = list(self.forged_frames())

        def attack():
            for frame in forged:
                self.assertEqual(attacker.run(f"packet_probe send {frame}")[0], 0)
        host, router = Listener(), Listener("bh-acme")
        self.addCleanup(host.close)
        self.addCleanup(router.close)
        self.assert_nothing_from_others(self.watched(attack))
        self.assertEqual((host.heard(), router.heard()), ([], []))
        self.arrives(ACME, "worker/1", "control/0", 6443)  # the forged guest is still served

    def test_16_no_guest_takes_a_neighbours_place_on_the_bridge(self):
        bridge = self.bridge_of_attacker()
        for guest in (guest for guest in ACME.guests() if guest.startswith("worker")):
            learnt = [entry["ifname"] for entry in json.loads(run("bridge", "-j", "fdb", "show", "br", bridge).stdout)
                      if entry["mac"] == self.mac(ACME, guest) and "permanent" not in entry.get("state", "")]
            self.assertEqual(learnt, [self.port(ACME, guest)], guest)

    # --- life -------------------------------------------------------------------------------------------------------

    def test_20_a_guest_rebooted_twice_shows_equal_pcrs(self):
        first = self.site.attest("globex")["globex", "worker/0"]["pcrs"]
        self.assertEqual(set(first), {"sha256", "sha384"})
        for reboot in (1, 2):
            self.stop(GLOBEX, "worker/0")
            run("virsh", "start", GLOBEX.domain("worker/0"))
            self.assertEqual(self.site.attest("globex")["globex", "worker/0"]["pcrs"], first, f"reboot {reboot}")

    def test_21_a_dead_service_is_reported_and_restarted(self):
        pid = int(run("pgrep", "-f", "bulkhead-attestd.* acme").stdout)
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

    # --- volumes ------------------------------------------------------------------------------------------------------

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

    def released_keys(self, tenant):
        """Every key of the tenant's service, from a copy of its state."""
        with tempfile.TemporaryDirectory(dir=self.site.folder) as copy:
            for name in ("bundle.json", "keys.sqlite", "keys.sqlite-wal"):
                file = self.site.store / "tenants" / tenant.name / "service" / name
                if file.exists():
                    shutil.copy(file, copy)
            return [bytes.fromhex(line) for line in run(BUILD / "released-keys", copy, tenant.name).stdout.split()]

    def test_34_no_released_key_is_on_the_host_outside_its_store(self):
        """Not in a log, a command line, an environment or a file; the memory of an emulated guest is the operator's."""
        keys = [key for tenant in TENANTS for key in self.released_keys(tenant)]
        self.assertEqual(len(set(keys)), 2 * sum(len(tenant.guests()) for tenant in TENANTS))
        forms = [form for key in keys for form in (key, key.hex().encode(), key.hex().upper().encode(),
                                                   base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"="))]
        roots = (self.site.store, "/run/bulkhead", "/var/log/libvirt", "/var/lib/libvirt/swtpm", self.site.folder)
        files = [path for root in roots for path in pathlib.Path(root).rglob("*")
                 if path.is_file() and path.stat().st_size <= 64 << 20 and not path.name.startswith("keys.sqlite")]
        files += [path / name for path in pathlib.Path("/proc").glob("[0-9]*") for name in ("cmdline", "environ")]
        self.assertTrue(any(path.name == "audit.jsonl" for path in files))
        found = []
        for path in files:
            try:
                content = path.read_bytes()
            except OSError:  # a process that has ended
                continue
            found += [str(path) for form in forms if form in content]
        self.assertEqual(found, [])

    def test_35_an_owner_opens_a_volume_without_the_service(self):
        disk, note, opens = self.volume(ACME, "worker/1"), self.site.path("note"), self.site.path("opens")
        note.write_text(run("cryptsetup", "token", "export", "--token-id", "0", disk).stdout)
        bulkhead("kms", "recover", note, "--key", self.site.path("acme-recovery.key"), "--out", opens)
        run("cryptsetup", "open", "--test-passphrase", "--key-file", opens, disk)
        run("cryptsetup", "open", "--test-passphrase", "--key-file", opens, self.volume(ACME, "worker/0"), wanted=2)

    # --- down -------------------------------------------------------------------------------------------------------

    def test_90_destroy_takes_one_tenant_and_leaves_the_other(self):
        done = bulkhead("destroy", "globex", "--yes", "--shred-keys").stdout
        self.assertIn(f"globex: {2 * len(GLOBEX.guests())} keys destroyed\n", done)
        for guest in GLOBEX.guests():
            self.assertIn(f"\n  bootstrap/{guest}\n", done)
            self.assertIn(f"\n  {guest}/data\n", done)
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
