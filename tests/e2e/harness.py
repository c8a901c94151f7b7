"""What the end-to-end tests share: running `bulkhead`, writing two tenants' documents, talking to guests' consoles.

Everything here is real: libvirt, QEMU, OVMF, swtpm, the kernel. Nothing is mocked.
"""
import hashlib
import json
import os
import pathlib
import re
import select
import subprocess
import termios
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BULKHEAD_BUILD", SOURCE / "build" / "dev"))
BULKHEAD = str(BUILD / "bin" / "bulkhead")


class CommandFailed(AssertionError):
    """A command whose exit code was not the one wanted; the text has its output."""


def run(*argv, wanted=0, **options):
    """Runs a command and returns its completed process; raises unless it exits with `wanted` (None: any)."""
    argv = [str(word) for word in argv]
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


class Console:
    """A shell on a guest's serial console: the probe root image runs each line it reads and prints its exit code."""

    def __init__(self, domain):
        path = run("virsh", "-q", "ttyconsole", domain).stdout.strip()
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        mode = termios.tcgetattr(self.descriptor)
        mode[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(self.descriptor, termios.TCSANOW, mode)
        self.count = 0

    def run(self, command, seconds=60):
        """Runs `command` in the guest; returns (exit code, output)."""
        self.count += 1
        begin, end = f"<{self.count}<", f">{self.count}>"
        line = f"echo '<'{self.count}'<'; {command}; echo '>'{self.count}'>' $?\n"
        os.write(self.descriptor, line.encode())
        text, deadline = "", time.monotonic() + seconds
        while True:
            match = re.search(re.escape(begin) + r"\r?\n(.*?)" + re.escape(end) + r" (\d+)", text, re.DOTALL)
            if match:
                return int(match.group(2)), match.group(1).replace("\r", "")
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.descriptor], [], [], left)[0]:
                raise AssertionError(f"no answer to {command!r} within {seconds} s; console said {text[-400:]!r}")
            text += os.read(self.descriptor, 65536).decode(errors="replace")

    def close(self):
        os.close(self.descriptor)


def tenant_document(name, image, subnet, *, flows, count=1, extra=""):
    """The YAML of an emulated tenant: `image` maps firmware, kernel, initrd, root to paths; `subnet` is its second octet."""
    def part(key):
        return f"{key}: {{path: {image[key]}, sha256: {sha256_of(image[key])}}}"
    command_line = image["commandLine"]
    flow_lines = "\n".join(f"    - {flow}" for flow in flows)
    return f"""apiVersion: bulkhead/v1
kind: Tenant
metadata: {{name: {name}}}
spec:
  tee: emulated
  consent: {{emulated: true, trustOperatorHost: true}}
  owners:
    - name: {name}-security
      approvalKey: {name}-approval.pub
      attestation: {{placement: operatorHost, url: "https://10.{subnet}.255.1:8443", ca: {name}-ca.pem}}
      kms: {{placement: operatorHost, provider: embedded}}
  image:
    {part("firmware")}
    {part("kernel")}
    {part("initrd")}
    {part("root")}
    commandLine: {{text: "{command_line}", sha256: {hashlib.sha256(command_line.encode()).hexdigest()}}}
  pools:
    control: {{count: {count}, vcpus: 1, cpu: qemu64, memory: 512MiB, network: {name}-control}}
    worker: {{count: {count}, vcpus: 1, cpu: qemu64, memory: 512MiB, network: {name}-work}}
  networks:
    {name}-control: {{cidr: 10.{subnet}.0.0/24, uplink: none}}
    {name}-work: {{cidr: 10.{subnet}.1.0/24, uplink: none}}
  flows:
{flow_lines}
{extra}"""


SITE_DOCUMENT = """apiVersion: bulkhead/v1
kind: Site
spec:
  hosts:
    - name: local
      uri: qemu:///system
      storage: {path: /var/lib/bulkhead}
      serviceUserIds: {first: 61000, last: 61099}
      supervision: child
"""


def write_tenant(folder, name, **document):
    """Makes the tenant's keys, CA, service bundle and document in `folder`; returns the document's path."""
    folder = pathlib.Path(folder)
    url = f"https://10.{document['subnet']}.255.1:8443"
    bulkhead("keys", "approval", "--out", folder / f"{name}-approval")
    bulkhead("keys", "ca", "--tenant", name, "--out", folder / f"{name}-ca")
    bulkhead("keys", "service", "--tenant", name, "--url", url, "--ca", folder / f"{name}-ca.pem",
             "--out", folder / f"{name}.service.json")
    path = folder / f"{name}.yaml"
    path.write_text(tenant_document(name, **document))
    return path


def plan_json(folder, name):
    return json.loads((pathlib.Path(folder) / f"{name}.plan.json").read_text())
