"""What the end-to-end tests share: running `bulkhead`, a site of test tenants, what the host holds, guests' consoles.

Everything here is real: libvirt, QEMU, OVMF, swtpm, the kernel. Nothing is mocked.
"""
import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import tempfile
import termios
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BULKHEAD_BUILD", SOURCE / "build" / "dev"))
IMAGE = pathlib.Path(os.environ.get("BULKHEAD_IMAGE", SOURCE / "out" / "two-tenants" / "image"))
BULKHEAD = str(BUILD / "bin" / "bulkhead")
SERVICE_USERS = {str(uid) for uid in range(61200, 61300)}
COMMAND_LINE = "console=ttyS0 quiet no_timer_check"  # a busy host makes the emulated timer look broken
SITE_DOCUMENT = """apiVersion: bulkhead/v1
kind: Site
metadata: {{name: e2e}}
spec:
  hosts:
    - name: local
      uri: {uri}
      machine: {machine}
      storage: {{path: {store}}}
      serviceUserIds: {{first: 61200, last: 61299}}
      uplinks: {uplinks}
      supervision: child
"""


def newest_machine():
    """The machine type that this host's QEMU would give to plain q35."""
    done = subprocess.run(["virsh", "-c", "qemu:///system", "domcapabilities", "--virttype", "qemu", "--machine", "q35"],
                          text=True, capture_output=True, check=False, timeout=60)
    found = re.search("<machine>(.*)</machine>", done.stdout)
    return found.group(1) if found else "q35"


class CommandFailed(AssertionError):
    """A command whose exit code was not the one wanted; the text has its output."""


def run(*argv, wanted=0, **options):
    """Runs a command and returns its completed process; raises unless it exits with `wanted` (None: any)."""
    argv = [str(word) for word in argv]
    options = {"timeout": 600, "stdin": subprocess.DEVNULL} | options
    done = subprocess.run(argv, text=True, capture_output=True, check=False, **options)
    if wanted is not None and done.returncode != wanted:
        raise CommandFailed(f"{' '.join(argv)}: exit {done.returncode}, wanted {wanted}\n{done.stdout}{done.stderr}")
    return done


def bulkhead(*argv, wanted=0, **options):
    return run(BULKHEAD, *argv, wanted=wanted, **options)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def wait_until(condition, seconds, what):
    """Polls `condition` until it is true; fails with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        select.select([], [], [], 0.2)
    return value


def image_files():
    """Paths of the boot files of the image under test."""
    lock = json.loads((IMAGE / "image.lock").read_text())
    return {key: lock[key]["path"] for key in ("firmware", "kernel", "initrd")}


class Tenant:
    """One emulated tenant of a test: its document, keys and addresses. `subnet` is the second octet of its networks."""

    def __init__(self, name, subnet, *, control=1, worker=1, flows=(), owners=("security",), volumes="",
                 recovery=False, uplink="none", kms="{placement: operatorHost, provider: embedded}", owners_service=""):
        self.name, self.subnet, self.owners, self.volumes = name, subnet, owners, volumes
        self.uplink, self.kms = uplink, kms  # YAML: the workers' uplink, the first owner's kms
        self.count = {"control": control, "worker": worker}
        self.recovery = recovery  # whether the first owner has a recovery key
        self.flows = [*flows, "{from: [control, worker], to: services}"]
        self.placement = "owner" if owners_service else "operatorHost"  # of its attestation service
        self.service = owners_service or f"10.{subnet}.255.1"

    def guests(self):
        return [f"{pool}/{index}" for pool, count in self.count.items() for index in range(count)]

    def domain(self, guest):
        return f"bh-{self.name}-{guest.replace('/', '-')}"

    def host_of(self, guest, number):
        return f"10.{self.subnet}.{0 if guest.startswith('control') else 1}.{number}"

    def gateway(self, guest):
        return self.host_of(guest, 1)

    def address(self, guest):
        return self.host_of(guest, 10 + int(guest.split("/")[1]))

    def document(self, image):
        """The YAML; `image` maps firmware, kernel, initrd and root to paths, commandLine to its text."""
        parts = "\n".join(f"    {key}: {{path: {image[key]}, sha256: {sha256_of(image[key])}}}"
                          for key in ("firmware", "kernel", "initrd", "root"))
        line = image["commandLine"]
        services = (f"attestation: {{placement: {self.placement}, url: \"https://{self.service}:8443\", ca: {self.name}-ca.pem}},"
                    f" kms: {self.kms}"  # the first owner's
                    + (f", recoveryKey: {self.name}-recovery.pub" if self.recovery else ""))
        owners = "\n".join(f"    - {{name: {self.name}-{owner}, approvalKey: {self.name}-{owner}.pub"
                           + (f", {services}}}" if owner == self.owners[0] else "}") for owner in self.owners)
        pools = "\n".join(f"    {pool}: {{count: {count}, vcpus: 1, cpu: qemu64, memory: 512MiB,"
                          f" network: {self.name}-{pool}{self.volumes}}}" for pool, count in self.count.items())
        return f"""apiVersion: bulkhead/v1
kind: Tenant
metadata: {{name: {self.name}}}
spec:
  tee: emulated
  consent: {{emulated: true, trustOperatorHost: true}}
  owners:
{owners}
  image:
{parts}
    commandLine: {{text: "{line}", sha256: {hashlib.sha256(line.encode()).hexdigest()}}}
  pools:
{pools}
  networks:
    {self.name}-control: {{cidr: 10.{self.subnet}.0.0/24, uplink: none}}
    {self.name}-worker: {{cidr: 10.{self.subnet}.1.0/24, uplink: {self.uplink}}}
  flows:
""" + "".join(f"    - {flow}\n" for flow in self.flows)


class Site:
    """A folder with a site, its tenants' documents, keys, plans and approvals, and the verbs run over them."""

    def __init__(self, *tenants, uri="qemu:///system", store="/var/lib/bulkhead", uplinks="[]"):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bulkhead-e2e-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.tenants = {tenant.name: tenant for tenant in tenants}
        self.store = pathlib.Path(store)
        self.image = image_files() | {"root": str(self.folder / "probe.img"), "commandLine": COMMAND_LINE}
        run(SOURCE / "tests" / "e2e" / "probe-root", self.image["root"])
        (self.folder / "site.yaml").write_text(SITE_DOCUMENT.format(uri=uri, store=store, machine=newest_machine(),
                                                                      uplinks=uplinks))
        for tenant in tenants:
            self.make_keys(tenant)
            self.write_document(tenant)

    def close(self):
        bulkhead("destroy", *self.tenants, "--store", self.store, "--yes", wanted=None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return self.folder / name

    def make_keys(self, tenant):
        name = tenant.name
        for owner in tenant.owners:
            bulkhead("keys", "approval", "--out", self.path(f"{name}-{owner}"))
        if tenant.recovery:
            bulkhead("keys", "recovery", "--out", self.path(f"{name}-recovery"))
        bulkhead("keys", "ca", "--tenant", name, "--out", self.path(f"{name}-ca"))
        bulkhead("keys", "service", "--tenant", name, "--url", f"https://{tenant.service}:8443",
                 "--ca", self.path(f"{name}-ca.pem"), "--out", self.path(f"{name}.service.json"))

    def write_document(self, tenant, **image):
        """Writes the tenant's document over the site's image, of which `image` replaces parts."""
        self.path(f"{tenant.name}.yaml").write_text(tenant.document(self.image | image))

    def documents(self):
        return [self.path(f"{name}.yaml") for name in self.tenants] + [self.path("site.yaml")]

    def plan(self, wanted=2):
        return bulkhead("plan", *self.documents(), "--out", self.folder, wanted=wanted)

    def plan_json(self, name):
        return json.loads(self.path(f"{name}.plan.json").read_text())

    def approve(self, name, owners=None, wanted=0):
        approval = self.path(f"{name}.approval.json")
        approval.unlink(missing_ok=True)
        keys = [word for owner in owners or self.tenants[name].owners
                for word in ("--key", self.path(f"{name}-{owner}.key"))]
        return bulkhead("approve", self.path(f"{name}.yaml"), self.path("site.yaml"),
                        "--plan", self.path(f"{name}.plan.json"), *keys, "--out", approval, wanted=wanted)

    def apply(self, name, *flags, wanted=0):
        if self.tenants[name].placement == "operatorHost":
            flags += ("--service-bundle", self.path(f"{name}.service.json"))
        return bulkhead("apply", "--plan", self.path(f"{name}.plan.json"), "--approval", self.path(f"{name}.approval.json"),
                        *flags, wanted=wanted)

    def attest(self, *names, wanted=0, timeout=400):
        """What `attest` says of each guest, by (tenant, guest)."""
        done = bulkhead("attest", *names, "--plans", self.folder, "--timeout", timeout, "--json", wanted=wanted)
        return {(guest["tenant"], guest["guest"]): guest for guest in json.loads(done.stdout)["guests"]}

    def status(self, name, wanted=0):
        return bulkhead("status", name, "--plans", self.folder, "--store", self.store, wanted=wanted)

    def uuids(self):
        """The domains' UUIDs, which name their TPM states."""
        return [resource["body"]["uuid"] for name in self.tenants for resource in self.plan_json(name)["resources"]
                if resource["kind"] == "guestKey"]

    def on_host(self):
        """Everything on the host of this site's tenants, by kind; empty lists when there is nothing."""
        name = re.compile(r"(?<![a-z0-9])(" + "|".join(map(re.escape, self.tenants)) + r")(?![a-z0-9])")
        uuids = self.uuids() if all(self.path(f"{tenant}.plan.json").exists() for tenant in self.tenants) else []
        files = [str(path) for root in (self.store, "/run/bulkhead", "/var/lib/libvirt/swtpm", "/run/libvirt/qemu/swtpm")
                 for path in pathlib.Path(root).rglob("*")]
        found = {
            "domains": run("virsh", "-q", "list", "--all", "--name").stdout.split(),
            "networks": run("virsh", "-q", "net-list", "--all", "--name").stdout.split(),
            "links": run("ip", "-o", "link").stdout.splitlines(),
            "namespaces": run("ip", "netns", "list").stdout.splitlines(),
            "tables": run("nft", "list", "tables").stdout.splitlines(),
            "processes": run("ps", "-C", "qemu-system-x86_64,qemu-system-x86,bulkhead-attestd,bulkhead-attest,swtpm", "-o", "args=",
                             wanted=None).stdout.splitlines(),
        }
        found["processes"] = [line for line in found["processes"] if " --state /tmp/" not in line]  # of tests without a host
        found = {kind: sorted(filter(name.search, things)) for kind, things in found.items()}
        found["service users"] = sorted(uid for uid, state in map(str.split, run("ps", "-eo", "uid=,stat=").stdout.splitlines())
                                        if uid in SERVICE_USERS and not state.startswith("Z"))
        found["files"] = sorted(file for file in files if name.search(file) or any(uuid in file for uuid in uuids))
        return found


class Console:
    """A shell on a guest's serial console: the probe root image runs each line it reads."""

    def __init__(self, domain):
        path = run("virsh", "-q", "ttyconsole", domain).stdout.strip()
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        mode = termios.tcgetattr(self.descriptor)
        mode[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(self.descriptor, termios.TCSANOW, mode)
        self.domain, self.count = domain, 0

    def run(self, command, seconds=60):
        """Runs `command` in the guest; returns (exit code, output)."""
        self.count += 1
        begin, end = f"<{self.count}<", f">{self.count}>"
        line = f"echo '<'{self.count}'<'; {command}; echo '>'{self.count}'>' $?\n"
        if len(line) > 4000:
            raise ValueError(f"a terminal takes lines of 4095 characters, got {len(line)}")
        os.write(self.descriptor, line.encode())
        text, deadline = "", time.monotonic() + seconds
        while True:
            match = re.search(re.escape(begin) + r"\r?\n(.*?)" + re.escape(end) + r" (\d+)", text, re.DOTALL)
            if match:
                return int(match.group(2)), match.group(1).replace("\r", "")
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.descriptor], [], [], left)[0]:
                raise AssertionError(f"{self.domain}: no answer to {command!r} within {seconds} s; "
                                     f"its console said {text[-400:]!r}")
            text += os.read(self.descriptor, 65536).decode(errors="replace")

    def close(self):
        os.close(self.descriptor)
