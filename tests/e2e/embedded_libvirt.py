"""libvirt's QEMU driver inside virsh, with a state directory of its own, on a host that claims SEV-SNP and TDX.

libvirt's record of what QEMU can do is told so; nothing is started. libvirt and QEMU are those of this machine, or of the
Debian root in the folder $BULKHEAD_LIBVIRT_ROOT (tests/e2e/new-libvirt-root makes one of libvirt 12 and QEMU 11).
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import unittest

FAKE_SEV = ("  <sev>\n    <cbitpos>51</cbitpos>\n    <reducedPhysBits>1</reducedPhysBits>\n    <pdh>AAAA</pdh>\n"
            "    <certChain>AAAA</certChain>\n  </sev>\n</qemuCaps>")
FLAGS = {"sev-snp": ("sev-guest", "sev-snp-guest"), "tdx": ("tdx-guest",)}
PROGRAMS = ("virsh", "virt-xml-validate", "qemu-system-x86_64")


def run(*argv):
    done = subprocess.run([str(word) for word in argv], text=True, capture_output=True, check=False, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Machine:
    """Where libvirt's programs are, and a folder that they see under the same name."""

    def __init__(self):
        self.root = os.environ.get("BULKHEAD_LIBVIRT_ROOT")

    def run(self, *argv):
        # Even with a root of its own libvirt makes /run/libvirt, mode 0700, where this machine's guests could not pass.
        if self.root is not None:
            script = ('mount -t tmpfs tmpfs "$0/run"; mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; '
                      'exec chroot "$0" "$@"')
            argv = ("unshare", "--mount", "--net", "sh", "-ec", script, self.root, *argv)
        elif os.geteuid() == 0:
            argv = ("unshare", "--mount", "sh", "-ec", 'mount -t tmpfs tmpfs /run; exec "$@"', "sh", *argv)
        return run(*argv)

    def folder(self, test, prefix):
        """A new folder, as this process and as libvirt call it; it goes with the test."""
        base = pathlib.Path(self.root or "/") / "tmp"
        made = pathlib.Path(run("mktemp", "--directory", base / f"{prefix}XXXXXX").strip())
        test.addCleanup(shutil.rmtree, made, ignore_errors=True)
        return made, pathlib.Path("/tmp") / made.name

    def need_libvirt(self, wanted, what):
        if self.root is not None and os.geteuid() != 0:
            raise unittest.SkipTest("a libvirt in a root of its own takes a superuser to enter")
        path = os.pathsep.join(f"{self.root or ''}{part}" for part in ("/usr/bin", "/bin", "/usr/local/bin"))
        for program in PROGRAMS:
            if shutil.which(program, path=path) is None:
                raise unittest.SkipTest(f"no {program} here")
        version = self.run("virsh", "--version").strip()
        if tuple(map(int, version.split(".")[:2])) < wanted:
            raise unittest.SkipTest(f"libvirt {version} does not know {what}, which is new in {'.'.join(map(str, wanted))}")


class EmbeddedLibvirt:
    """One state directory below `folder`, whose QEMU claims the launch security `kind`."""

    def __init__(self, machine, folder, inside, kind):
        self.machine, self.folder, self.inside = machine, folder / "libvirt", inside / "libvirt"
        self.capabilities()
        # libvirt throws away a record that mentions KVM where its QEMU user cannot use it, so then it must not.
        for drop_kvm in (False, True):
            self.claim(kind, drop_kvm)
            if f"<value>{kind}</value>" in self.capabilities():
                return
        raise AssertionError(f"libvirt does not take the record of a QEMU that knows {kind}")

    def capabilities(self):
        return self.virsh("domcapabilities", "--virttype", "qemu", "--machine", "q35")

    def claim(self, kind, drop_kvm):
        for path in self.folder.glob("cache/qemu/capabilities/*.xml"):
            text = path.read_text()
            if "<sev>" not in text:
                text = text.replace("</qemuCaps>", FAKE_SEV)
            flags = "".join(f"  <flag name='{flag}'/>\n" for flag in FLAGS[kind] if f"'{flag}'" not in text)
            after = text.index("\n", text.rindex("<flag name=")) + 1
            text = text[:after] + flags + text[after:]
            path.write_text(text.replace("  <flag name='kvm'/>\n", "") if drop_kvm else text)

    def virsh(self, *argv):
        return self.machine.run("virsh", "--quiet", "--connect", f"qemu:///embed?root={self.inside}", *argv)

    def defined(self, name, path):
        """What libvirt makes of a domain's XML: validated against its schema, defined with validation, read back."""
        self.machine.run("virt-xml-validate", path, "domain")
        self.virsh("define", path, "--validate")
        return self.virsh("dumpxml", "--inactive", "--security-info", name)

    def options(self, path):
        """QEMU's options for a domain's XML as a list of (option, value), without the environment before the program."""
        words = shlex.split(self.virsh("domxml-to-native", "qemu-argv", "--xml", path).replace("\\\n", ""))
        return options_of(words)


def options_of(words):
    words = words[next(i for i, word in enumerate(words) if word.endswith("qemu-system-x86_64")) + 1:]
    return [(word, words[i + 1] if i + 1 < len(words) and not words[i + 1].startswith("-") else "")
            for i, word in enumerate(words) if word.startswith("-")]


def recorded_options(path):
    """The options of a command line that was recorded elsewhere."""
    return options_of(shlex.split(path.read_text().replace("\\\n", "")))


def launch_object(options, kind):
    objects = [json.loads(value) for option, value in options if option == "-object" and value.startswith("{")]
    return next(entry for entry in objects if entry["qom-type"] == kind)


def launch_security(xml):
    """The <launchSecurity> of a domain as its opening tag and a map of its children; numbers are compared as numbers."""
    opening, inside = re.search(r"<launchSecurity ([^>]*)>(.*?)</launchSecurity>", xml, re.DOTALL).groups()
    children = dict(re.findall(r"<(\w+)>([^<]*)</\1>", inside))
    children |= dict(re.findall(r"<(\w+) path='([^']*)'/>", inside))
    children["policy"] = int(children["policy"], 16)
    return dict(re.findall(r"(\w+)='([^']*)'", opening)), children


def domain_files(plan, folder, inside, adapted=lambda xml: xml):
    """Name and path, as libvirt calls it, of each domain of a plan. Without KVM here, the accelerator is TCG."""
    for entry in plan["resources"]:
        if entry["kind"] == "domain":
            xml = adapted(entry["body"]["xml"].replace("<domain type='kvm'>", "<domain type='qemu'>"))
            (folder / f"{entry['name']}.xml").write_text(xml)
            yield entry["name"], xml, inside / f"{entry['name']}.xml"
