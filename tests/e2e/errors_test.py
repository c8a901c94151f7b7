"""What goes wrong on a host: clear errors, the right exit codes, and nothing half-done.

Needs root, libvirt and an image (BULKHEAD_IMAGE); starts no guest that boots, so it takes about a minute.
"""
import fcntl
import os
import pathlib
import shutil
import unittest

from harness import Site, Tenant, bulkhead, run

GLOBEX = Tenant("globex", 41, owners=("security", "compliance"))
FAILURE, PENDING, MALFORMED, HOST = 1, 2, 3, 4


class Errors(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        bulkhead("destroy", "globex", "--yes", wanted=None)

    def site(self, **options):
        site = Site(GLOBEX, **options)
        self.addCleanup(site.close)
        return site

    def approved_site(self, **options):
        site = self.site(**options)
        site.plan(wanted=PENDING)
        site.approve("globex")
        return site

    def refused(self, site, wanted):
        """What `apply` says while it fails with `wanted` and leaves nothing behind."""
        before = site.on_host()
        said = site.apply("globex", wanted=wanted).stderr
        self.assertEqual(site.on_host(), before)
        return said

    # --- the hypervisor ---------------------------------------------------------------------------------------------

    def test_libvirtd_that_does_not_answer(self):
        uri = "qemu:///system?socket=/run/bulkhead-e2e-nobody"
        site = self.site(uri=f'"{uri}"')
        bulkhead("plan", *site.documents(), "--offline", "--out", site.folder, wanted=PENDING)
        site.approve("globex")
        for said in (site.plan(wanted=HOST).stderr, self.refused(site, HOST),
                     bulkhead("status", "--uri", uri, wanted=HOST).stderr,
                     bulkhead("destroy", "globex", "--uri", uri, "--yes", wanted=HOST).stderr):
            self.assertIn(uri, said)
            self.assertIn("/run/bulkhead-e2e-nobody", said)
            self.assertIn("No such file or directory", said)

    def test_uri_of_no_hypervisor(self):
        said = bulkhead("status", "--uri", "nonsense:///system", wanted=HOST).stderr
        self.assertIn("nonsense:///system", said)

    # --- files ------------------------------------------------------------------------------------------------------

    def test_disk_that_fills_up(self):
        disk, store = pathlib.Path("/var/tmp/bulkhead-e2e-disk"), pathlib.Path("/var/tmp/bulkhead-e2e-store")
        store.mkdir(exist_ok=True)
        self.addCleanup(store.rmdir)
        run("mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", disk, "20M")
        self.addCleanup(disk.unlink)
        run("mount", "-o", "loop", disk, store)
        self.addCleanup(run, "umount", store)
        site = self.approved_site(store=store)
        said = self.refused(site, HOST)
        self.assertRegex(said, r"step \d+ of \d+ \(create (bootFile|volume) .*\) failed: .*No space left on device")
        self.assertIn("everything this run did is taken back", said)
        self.assertEqual(os.listdir(store), ["lost+found"])

    def test_firmware_that_is_gone(self):
        site = self.site()
        firmware = site.path("firmware.fd")
        shutil.copyfile(site.image["firmware"], firmware)
        site.write_document(GLOBEX, firmware=firmware)
        site.plan()
        site.approve("globex")
        firmware.unlink()
        self.assertIn(f"cannot read {firmware}: No such file or directory", self.refused(site, FAILURE))
        self.assertIn("not resolved", site.plan(wanted=PENDING).stdout)
        self.assertIn("is not resolved: build and measure the image", self.refused(site, FAILURE))

    def test_documents_that_cannot_be_read(self):
        site = self.site()
        for name, content, said in (
                ("binary.yaml", b"\x7fELF\x02\x01\x01\x00", "binary.yaml:1:"),
                ("torn.yaml", b"apiVersion: bulkhead/v1\nkind: [Tenant\n", "torn.yaml:"),
                ("tabs.yaml", b"kind: Tenant\n\tspec: {}\n", "tabs.yaml:2:"),
                ("empty.yaml", b"", "empty.yaml:1:1: error: ")):
            with self.subTest(name):
                site.path(name).write_bytes(content)
                self.assertIn(said, bulkhead("check", site.path(name), wanted=MALFORMED).stderr)
                self.assertIn(said, bulkhead("plan", site.path(name), site.path("site.yaml"), wanted=MALFORMED).stderr)

    def test_documents_that_are_not_there(self):
        site = self.site()
        for path, why in ((site.path("none.yaml"), "No such file or directory"), (site.folder, "Is a directory")):
            said = bulkhead("check", path, wanted=None)
            self.assertNotEqual(said.returncode, 0)
            self.assertRegex(said.stderr, f"{path}.*{why}")

    def test_two_at_once(self):
        site = self.approved_site()
        with open("/run/bulkhead.lock", "w") as lock:
            self.addCleanup(pathlib.Path(lock.name).unlink, missing_ok=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("4711")
            lock.flush()
            self.assertIn("another apply or destroy on this host (process 4711) holds the lock", self.refused(site, FAILURE))
        self.assertEqual(pathlib.Path(lock.name).read_text(), "4711", "the holder's file is left alone")

    # --- plans and approvals ----------------------------------------------------------------------------------------

    def test_approval_that_lacks_an_owner(self):
        site = self.site()
        site.plan()
        said = site.approve("globex", owners=["security"]).stdout
        self.assertIn("still missing: the signature of owner globex-compliance", said)
        self.assertIn("lacks the signature of owner 'globex-compliance'; every owner must sign", self.refused(site, FAILURE))

    def test_plan_that_the_host_has_left_behind(self):
        site = self.approved_site()
        bridge = next(thing["name"] for thing in site.plan_json("globex")["resources"] if thing["kind"] == "bridge")
        run("ip", "link", "add", bridge, "type", "bridge")
        self.addCleanup(run, "ip", "link", "del", bridge)
        run("ip", "link", "set", bridge, "alias", f"bulkhead/v1 tenant=globex digest={'0' * 64}")
        said = self.refused(site, FAILURE)
        self.assertIn("the plan is stale", said)
        self.assertIn(f"bridge '{bridge}'", said)

    def test_foreign_namesakes_are_named_and_left_alone(self):
        site = self.approved_site()
        name = {thing["kind"]: thing["name"] for thing in site.plan_json("globex")["resources"]}
        network, domain = site.path("network.xml"), site.path("domain.xml")
        network.write_text(f"<network><name>{name['network']}</name></network>")
        domain.write_text(f"<domain type='qemu'><name>{name['domain']}</name><memory unit='MiB'>64</memory>"
                          "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>")
        volume = pathlib.Path(name["volume"])
        volume.parent.mkdir(parents=True)
        self.addCleanup(run, "rm", "-r", "/var/lib/bulkhead/tenants/globex")
        namesakes = {
            "hostFilter": (["nft", "add", "table", "inet", name["hostFilter"]],
                           ["nft", "delete", "table", "inet", name["hostFilter"]]),
            "bridge": (["ip", "link", "add", name["bridge"], "type", "bridge"], ["ip", "link", "del", name["bridge"]]),
            "router": (["ip", "netns", "add", name["router"]], ["ip", "netns", "del", name["router"]]),
            "network": (["virsh", "net-define", network], ["virsh", "net-undefine", name["network"]]),
            "volume": (["touch", volume], ["rm", volume]),
            "domain": (["virsh", "define", domain], ["virsh", "undefine", name["domain"]]),
        }
        for kind, (make, unmake) in namesakes.items():
            with self.subTest(kind):
                run(*make)
                try:
                    for said in (site.plan(wanted=FAILURE).stderr, self.refused(site, FAILURE)):
                        self.assertIn(f"{kind} '{name[kind]}'", said)
                        self.assertIn("never reused or deleted", said)
                    bulkhead("destroy", "globex", "--yes")
                finally:
                    run(*unmake)


if __name__ == "__main__":
    unittest.main(failfast=False, verbosity=2)
