"""Packets from inside guests of two_tenants_test.py: what was declared arrives, and nothing else does."""
import json
import subprocess
import sys

import frames
from harness import run, wait_until
from two_tenants import ACME, ATTACKER, GLOBEX, TENANTS, TwoTenantsSite

CLOSED = 7000  # a port that no flow opens and on which the tests listen

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


class GuestPackets(TwoTenantsSite):
    """Tests 10 to 16."""

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
