"""What was approved is changed by one byte or character: (a) `apply` refuses; (b) past `apply`, the guest gets no secret.

Needs what two_tenants_test.py needs, and about four minutes. The tests run in the order of their names.
"""
import hashlib
import json
import pathlib
import shutil
import unittest

from harness import Site, Tenant, bulkhead, run, sha256_of

ACME = Tenant("acme", 40, worker=5)
UNTOUCHED, KERNEL, INITRD, COMMAND_LINE, INITDATA, CONFIG_DISK = ACME.guests()


def changed_byte(path, what):
    """(offset, value) of a byte whose change leaves the file as bootable as it was."""
    content = pathlib.Path(path).read_bytes()
    if what == "kernel":  # in the text of the version, which nothing reads
        offset = content.index(b"debian-kernel@")
        return offset, content[offset] ^ 0x20
    if what == "initrd":  # RFC 8878 3.1.1.1.1.3: the unused bit of a frame, which decoders shall ignore
        assert content[:4] == bytes.fromhex("28b52ffd"), "the initrd is not Zstandard"
        return 4, content[4] | 0x10
    return len(content) // 2, content[len(content) // 2] ^ 1


def change_byte(path, what):
    offset, value = changed_byte(path, what)
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(bytes([value]))


def change_initdata(disk):
    """One blank of the document becomes a tab: the same for whoever reads it, but other bytes. Returns the new document."""
    content = pathlib.Path(disk).read_bytes()
    assert content.count(b'\n  "kms"') == 1
    content = content.replace(b'\n  "kms"', b'\n\t "kms"')
    pathlib.Path(disk).write_bytes(content)
    return content[512:512 + int(content[124:135], 8)]


def body_digest(body):
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


class Tamper(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(ACME)
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "acme", "--yes", wanted=None)
        for part in ("firmware", "kernel", "initrd"):
            copy = cls.site.path(part)
            shutil.copyfile(cls.site.image[part], copy)
            cls.site.image[part] = str(copy)
        cls.site.write_document(ACME)
        cls.site.plan()
        cls.site.approve("acme")

    def refuse(self, *texts):
        """`apply` refuses, says all of `texts`, and changes nothing."""
        before = self.site.on_host()
        said = self.site.apply("acme", wanted=1).stderr
        for text in texts:
            self.assertIn(text, said)
        self.assertEqual(self.site.on_host(), before)

    def refuse_changed_file(self, path, what):
        original, wanted = pathlib.Path(path).read_bytes(), sha256_of(path)
        change_byte(path, what)
        self.refuse(f"{path}: sha256 got {sha256_of(path)}, wanted {wanted}")
        pathlib.Path(path).write_bytes(original)

    # --- (a) apply refuses ------------------------------------------------------------------------------------------

    def test_01_apply_refuses_a_changed_file_of_the_image(self):
        for part in ("firmware", "kernel", "initrd"):
            with self.subTest(part):
                self.refuse_changed_file(self.site.image[part], part)

    def refuse_edited_plan(self, kind, name, member, old, new, *texts):
        """Edits a resource of the plan as a careful forger would, with the digest that belongs to the new body."""
        path = self.site.path("acme.plan.json")
        original = path.read_text()
        plan = json.loads(original)
        resource = next(thing for thing in plan["resources"] if thing["kind"] == kind and name in thing["name"])
        self.assertEqual(resource["digest"], body_digest(resource["body"]))
        self.assertEqual(resource["body"][member].count(old), 1)
        resource["body"][member] = resource["body"][member].replace(old, new)
        resource["digest"] = body_digest(resource["body"])
        path.write_text(json.dumps(plan))
        self.refuse(f"{kind} '{resource['name']}'", *texts)
        path.write_text(original)

    def test_02_apply_refuses_a_plan_with_another_command_line_or_initdata_than_its_intent(self):
        self.refuse_edited_plan("domain", "worker-0", "xml", "ttyS0 quiet", "ttyS0 quieT", "got", "quieT", "wanted", "quiet")
        self.refuse_edited_plan("volume", "worker-0-config", "initdata", '\n  "kms"', '\n\t "kms"', "got", "wanted")

    def test_03_apply_refuses_a_new_plan_under_the_old_approval(self):
        approved = self.site.plan_json("acme")["intentDigest"]
        self.site.write_document(ACME, commandLine="console=ttyS0 quieT")
        self.site.plan()
        planned = self.site.plan_json("acme")["intentDigest"]
        self.refuse(f"it is for intent {approved}, the plan's intent is {planned}")
        self.site.write_document(ACME)
        self.site.plan()

    # --- (b) past apply ---------------------------------------------------------------------------------------------

    def audited(self):
        log = self.site.store / "tenants" / "acme" / "service" / "audit.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def released(self):
        """The guests that received their secret, as often as they did."""
        return [event["guest"] for event in self.audited() if event["event"] == "released"]

    def start_edited(self, guest, *edits):
        """What an operator with virsh can do: another definition under the same name."""
        domain = ACME.domain(guest)
        xml = run("virsh", "dumpxml", "--inactive", "--security-info", domain).stdout
        mark, end, definition = xml.partition("</metadata>")
        for old, new in edits:
            self.assertEqual(definition.count(old), 1, (old, definition))
            definition = definition.replace(old, new)
        path = self.site.path(f"{domain}.xml")
        path.write_text(mark + end + definition)
        run("virsh", "define", path)
        run("virsh", "start", domain)

    def changed_config_disk(self, guest):
        """(path of the approved disk, path of the changed one, approved digest, changed digest)."""
        resource = next(thing for thing in self.site.plan_json("acme")["resources"]
                        if thing["kind"] == "volume" and f"{guest.replace('/', '-')}-config" in thing["name"])
        approved = hashlib.sha256(resource["body"]["initdata"].encode()).hexdigest()
        copy = self.site.path(pathlib.Path(resource["name"]).name)
        shutil.copyfile(resource["name"], copy)
        return resource["name"], str(copy), approved, hashlib.sha256(change_initdata(copy)).hexdigest()

    def test_10_a_changed_installed_file_is_refused_too(self):
        self.site.apply("acme")
        for guest in ACME.guests()[1:]:
            run("virsh", "destroy", ACME.domain(guest))
        for resource in self.site.plan_json("acme")["resources"]:
            if resource["kind"] == "bootFile":
                with self.subTest(resource["name"]):
                    self.refuse_changed_file(resource["name"], pathlib.Path(resource["name"]).name.split("-")[0])

    def test_11_a_changed_guest_gets_no_secret_and_attest_names_the_event(self):
        before = self.released()
        boot = {thing["name"].split("/")[-1].split("-")[0]: thing["name"]
                for thing in self.site.plan_json("acme")["resources"] if thing["kind"] == "bootFile"}
        for guest, part in ((KERNEL, "kernel"), (INITRD, "initrd")):
            changed = self.site.path(f"changed-{part}")
            shutil.copyfile(boot[part], changed)
            change_byte(changed, part)
            self.start_edited(guest, (boot[part], str(changed)))
        self.start_edited(COMMAND_LINE, ("ttyS0 quiet", "ttyS0 quieT"))
        approved_disk, disk, approved, changed = self.changed_config_disk(INITDATA)
        self.start_edited(INITDATA, (approved_disk, disk), (approved, changed))
        told = f"initdata: wanted SHA-256 {approved}, got {changed}"
        approved_disk, disk, approved, changed = self.changed_config_disk(CONFIG_DISK)
        self.start_edited(CONFIG_DISK, (approved_disk, disk))

        guests = {guest: standing for (_, guest), standing in self.site.attest("acme", wanted=5).items()}
        self.assertEqual((guests[UNTOUCHED]["verdict"], guests[UNTOUCHED]["asPredicted"]), ("attested", True))
        events = {KERNEL: "PCR 4", INITRD: "PCR 9", COMMAND_LINE: "PCR 9", INITDATA: "PCR 9"}
        for guest, event in events.items():
            with self.subTest(guest):
                self.assertEqual((guests[guest]["verdict"], guests[guest]["asPredicted"]), ("refused", False),
                                 [event for event in self.audited() if event.get("guest") == guest])
                self.assertRegex("\n".join(guests[guest]["reasons"]), f"event log: .*{event}")
                self.assertRegex(self.console(guest), "bulkhead: refused: ")
        self.assertIn(told, guests[INITDATA]["reasons"])
        self.assertEqual(guests[CONFIG_DISK]["verdict"], "off")
        self.assertIn(f"initdata differs from the measured one: got sha256 {changed}, wanted {approved}", self.console(CONFIG_DISK))
        self.assertEqual([guest for guest in self.released()[len(before):] if guest != UNTOUCHED], [])

    def console(self, guest):
        log = self.site.store / "tenants" / "acme" / "console" / f"{guest.replace('/', '-')}.log"
        return log.read_text(errors="replace")

    def test_12_status_shows_the_edits_and_apply_takes_them_back(self):
        said = self.site.status("acme", wanted=2).stdout
        for guest in ACME.guests()[1:]:
            self.assertIn(f"acme: domain {ACME.domain(guest)}: ", said)
        self.site.plan()
        self.site.apply("acme")
        for standing in self.site.attest("acme").values():
            self.assertEqual((standing["verdict"], standing["asPredicted"]), ("attested", True))


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
