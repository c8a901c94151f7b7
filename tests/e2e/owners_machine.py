"""An owner's machine beyond an uplink of the host, a network namespace, on which she runs her attestation service herself."""
import base64
import json
import pathlib
import shutil
import subprocess
import tempfile

from harness import BUILD, BULKHEAD, bulkhead, run, wait_until
from released_keys import STATE, forms

UPLINK, MACHINE, OUTSIDE, ROUTER = "bhe2eup", "bhe2e-owner", "198.18.77.1", "198.18.77.20"
KMS = "198.18.77.2"  # another machine of hers: the tests run its server in the host's namespace
URL = f"https://{OUTSIDE}:8443"
UPLINKS = f"[{{name: lan, bridge: {UPLINK}}}]"
TENANT_UPLINK = f"{{name: lan, address: {ROUTER}/24, gateway: {OUTSIDE}}}"


def make_network(test):
    """The uplink with the owner's machines at its far end, until the class `test` is done."""
    run("ip", "link", "add", UPLINK, "type", "bridge")
    test.addClassCleanup(run, "ip", "link", "delete", UPLINK)
    run("ip", "netns", "add", MACHINE)
    test.addClassCleanup(run, "ip", "netns", "delete", MACHINE)
    run("ip", "link", "add", "bhe2eown", "type", "veth", "peer", "name", "lan", "netns", MACHINE)
    test.addClassCleanup(run, "ip", "link", "delete", "bhe2eown")  # a namespace takes it away a moment after it is gone itself
    for command in (f"link set bhe2eown master {UPLINK} up", f"address add {KMS}/24 dev {UPLINK}", f"link set {UPLINK} up",
                    f"-n {MACHINE} link set lan up", f"-n {MACHINE} address add {OUTSIDE}/24 dev lan", f"-n {MACHINE} link set lo up"):
        run("ip", *command.split())


class OwnersMachine:
    """`bulkhead-attestd` in her namespace, started by hand from her files."""

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
            for name in STATE:
                if (self.state / name).exists():
                    shutil.copy(self.state / name, copy)
            return [bytes.fromhex(line) for line in run(BUILD / "bin" / "released-keys", copy, "acme").stdout.split()]

    def secrets(self):
        """What only her service may have, of its bundle: each in one form of the file's."""
        bundle = json.loads((self.state / "bundle.json").read_text())
        keys = [pem.splitlines()[2].encode() for pem in (bundle["tlsKey"], bundle["tokenKey"], bundle["guestCaKey"])]
        return [*forms([base64.b64decode(bundle["storageKey"])]), *keys]

    def expect_nothing_on_the_host(self, test, site, secrets):
        """Neither in a file, a command line nor an environment; the memory of an emulated guest is the operator's."""
        roots = (site.store, "/run/bulkhead", "/var/log/libvirt", "/var/lib/libvirt/swtpm")
        files = [path for root in roots for path in pathlib.Path(root).rglob("*") if path.is_file() and path.stat().st_size <= 64 << 20]
        files += [site.path(f"acme.{name}.json") for name in ("plan", "approval", "enrolments")]
        files += [path / name for path in pathlib.Path("/proc").glob("[0-9]*") for name in ("cmdline", "environ")]
        for path in files:
            try:
                content = path.read_bytes()
            except OSError:
                continue  # a process that is gone
            test.assertFalse([secret for secret in secrets if secret in content], path)
        test.assertFalse((site.store / "tenants" / "acme" / "service").exists())
        test.assertFalse(site.on_host()["service users"])
