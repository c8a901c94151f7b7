"""A confidential tenant on paper: real firmware for its TEE, documents, keys and the plan made from them.

For SEV-SNP the firmware is $BULKHEAD_AMDSEV_FIRMWARE (Debian's package ovmf-amdsev: /usr/share/ovmf/OVMF.amdsev.fd), else
the one of the test vectors ($BULKHEAD_VECTORS), as it is for TDX. Kernel and initrd are hashed and never run, so any bytes
will do, but RTMR1 wants a kernel that is a PE image.
"""
import hashlib
import os
import pathlib
import subprocess
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BULKHEAD_BUILD", SOURCE / "build" / "dev"))
VECTORS = pathlib.Path(os.environ.get("BULKHEAD_VECTORS", SOURCE.parent / "shared" / "vectors"))
COMMAND_LINE = "console=ttyS0 root=/dev/vda1 ro"

TENANT = """apiVersion: bulkhead/v1
kind: Tenant
metadata: {{name: initech}}
spec:
  tee: {tee}
  consent: {{trustOperatorHost: true}}
  launchPolicy: {{debug: false, smt: allow{policy}}}
  owners:
    - name: initech-security
      approvalKey: initech-approval.pub{keys}
      attestation: {{placement: operatorHost, url: "https://10.77.255.1:8443", ca: initech-ca.pem}}
  image:
    firmware: {firmware}
    kernel: {kernel}
    initrd: {initrd}
    commandLine: {{text: "{line}", sha256: {line_sha256}}}
  pools:
    control: {{count: 2, vcpus: 1, cpu: {cpu}, memory: 1GiB, network: control}}
    worker: {{count: 3, vcpus: 2, cpu: {cpu}, memory: 2GiB, network: work, volumes: [{{name: data, size: 1GiB}}]}}
  networks:
    control: {{cidr: 10.77.0.0/24, uplink: none}}
    work: {{cidr: 10.77.1.0/24, uplink: none}}
  flows:
    - {{from: worker, to: control, tcp: [6443]}}
"""
SITE = """apiVersion: bulkhead/v1
kind: Site
metadata: {{name: paper}}
spec:
  hosts:
    - name: local
      uri: qemu:///system
      machine: q35
      storage: {{path: {store}}}
      serviceUserIds: {{first: 64000, last: 64999}}
      supervision: child
"""


def firmware():
    """Path of firmware with SEV metadata; skips the test when this machine has none."""
    named = os.environ.get("BULKHEAD_AMDSEV_FIRMWARE")
    for path in [pathlib.Path(named)] if named else [VECTORS / "snp/debian/OVMF.amdsev.fd"]:
        if path.is_file():
            return path
    raise unittest.SkipTest("no firmware for AMD SEV-SNP here: set BULKHEAD_AMDSEV_FIRMWARE to OVMF.amdsev.fd "
                            "of Debian's package ovmf-amdsev")


def td_firmware():
    """Path of firmware that starts TDX guests."""
    path = VECTORS / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd"
    if path.is_file():
        return path
    raise unittest.SkipTest("no firmware for TDX here: set BULKHEAD_VECTORS")


def kernel():
    """A kernel of this machine's own."""
    for path in sorted(pathlib.Path("/boot").glob("vmlinuz-*")):
        return path
    raise unittest.SkipTest("no kernel in /boot: install linux-image-cloud-amd64")


def pinned(path):
    return f"{{path: {path}, sha256: {hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()}}}"


class PaperTenant:
    """The documents of one tenant in a directory of their own, and `bulkhead` called on them.

    With `id_keys` its owner has an ID and an author key, so guests are launched with an ID block.
    """

    def __init__(self, directory, firmware_path, id_keys=False, tee="snp", kernel=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.store = self.directory / "store"
        self.documents = ["initech.yaml", "site.yaml"]
        boot = {}
        for name in ("kernel", "initrd"):
            vector = VECTORS / "snp/synthetic" / f"{name}.bin"
            boot[name] = self.directory / name
            boot[name].write_bytes(vector.read_bytes() if vector.is_file() else name.encode() * 5000)
        if kernel is not None:
            boot["kernel"] = kernel
        self.run("keys", "approval", "--out", "initech-approval")
        for kind in ("id", "author") if id_keys else ():
            self.run("keys", kind, "--out", f"initech-{kind}")
        self.run("keys", "ca", "--tenant", "initech", "--out", "initech-ca")
        (self.directory / "initech.yaml").write_text(TENANT.format(
            tee=tee, cpu="EPYC-v4" if tee == "snp" else "host",
            keys="\n      idKey: initech-id.pub\n      authorKey: initech-author.pub" if id_keys else "",
            policy=", guestSvn: 7, familyId: initech, imageId: node" if id_keys else "",
            firmware=pinned(firmware_path), kernel=pinned(boot["kernel"]), initrd=pinned(boot["initrd"]),
            line=COMMAND_LINE, line_sha256=hashlib.sha256(COMMAND_LINE.encode()).hexdigest()))
        (self.directory / "site.yaml").write_text(SITE.format(store=self.store))

    def run(self, *argv, wanted=0):
        done = subprocess.run([BUILD / "bin" / "bulkhead", *map(str, argv)], cwd=self.directory, text=True,
                              capture_output=True, check=False, timeout=120)
        if wanted is not None and done.returncode != wanted:
            raise AssertionError(f"bulkhead {' '.join(map(str, argv))}: exit {done.returncode}, wanted {wanted}\n"
                                 f"{done.stdout}{done.stderr}")
        return done
