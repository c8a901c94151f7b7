"""A forger with root in a guest of borealis imitates a guest of aurora with a software TPM of its own.

Everything about the imitation is right but the key: the events, the PCRs, the initdata, the challenge, and it is sent
from inside aurora's own network. Needs what two_tenants_test.py needs; run by `ctest --preset e2e`. The tests run in the
order of their names: the genuine evidence of the first is imitated and replayed by the later ones, and the last enrols the
forger's key to show that the imitation lacked nothing else.
"""
import base64
import gzip
import hashlib
import json
import pathlib
import re
import socket
import unittest

import harness
from harness import Console, Site, Tenant, bulkhead, run, wait_until

AURORA, BOREALIS = Tenant("aurora", 50), Tenant("borealis", 51)
GUEST = "worker/0"  # the one imitated, and the one the forger sits in
FORGE = harness.BUILD / "forge-evidence"
AUDIT_LOG = pathlib.Path("/var/lib/bulkhead/tenants/aurora/service/audit.jsonl")
OWN_LOG = "/sys/kernel/security/tpm0/binary_bios_measurements"
SOFTWARE_TPM = ("swtpm socket --tpm2 --tpmstate dir=/tmp/tpm --server type=unixio,path=/tmp/tpm.socket"
                " --ctrl type=unixio,path=/tmp/tpm.socket.ctrl --flags not-need-init,startup-clear --seccomp action=none"
                " --daemon")
NO_TOKEN = ("/kbs/v0/resource/bulkhead/bootstrap/worker-0", ["no valid attestation token"])


def must(console, command, seconds=120):
    """Runs a command in a guest; its output."""
    code, output = console.run(command, seconds)
    if code != 0:
        raise AssertionError(f"{command}: exit {code}\n{output}")
    return output


def put(console, path, text):
    """Writes a file in a guest, in lines short enough for its console."""
    packed = base64.b64encode(gzip.compress(text.encode())).decode()
    must(console, ": >/tmp/packed")
    for at in range(0, len(packed), 3000):
        must(console, f"printf %s {packed[at:at + 3000]} >>/tmp/packed")
    must(console, f"base64 -d /tmp/packed | gunzip >{path}")


def get(console, path):
    """Reads a text file in a guest."""
    return gzip.decompress(base64.b64decode(must(console, f"gzip -c {path} | base64"))).decode()


def audit():
    """Aurora's audit log, after its hash chain was checked."""
    run(FORGE, "audit", "--log", AUDIT_LOG)
    return [json.loads(line) for line in AUDIT_LOG.read_text().splitlines()]


def evidence_in(attestation):
    return json.loads(attestation)["tee-evidence"]["primary_evidence"]


def key_not_enrolled(attestation):
    key = base64.b64decode(evidence_in(attestation)["ak_public"])
    return [f"attestation key not enrolled: SHA-256 {hashlib.sha256(key).hexdigest()}"]


def appraised_pcrs(attestation):
    """PCR 0 to 9 of both banks: nothing else is appraised (10 is the kernel's own integrity log)."""
    evidence = evidence_in(attestation)
    return [quote["pcrs"][:10] for quote in (evidence["tpm_quote"], evidence["bulkhead"]["sha384_quote"])]


def enrol(key):
    """Enrols a key for aurora's guest over the service's administration socket, as only the operator can; the answer."""
    body = json.dumps({"akPublic": key})
    request = (f"PUT /v1/guests/{GUEST.replace('/', '-')}/key HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n"
               f"Content-Length: {len(body)}\r\n\r\n{body}")
    with socket.socket(socket.AF_UNIX) as admin:
        admin.connect("/run/bulkhead/aurora/admin.sock")
        admin.sendall(request.encode())
        return admin.makefile().readline().strip()


class ForgedEvidence(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(AURORA, BOREALIS)
        cls.addClassCleanup(cls.site.close)
        bulkhead("destroy", "aurora", "borealis", "--yes", wanted=None)
        root = cls.site.path("forger.img")
        run(harness.SOURCE / "tests" / "e2e" / "probe-root", root, "/usr/bin/swtpm", FORGE)
        # An emulated CPU on a busy host is too slow for the kernel's check that timer interrupts arrive.
        cls.site.image |= {"root": str(root), "commandLine": harness.COMMAND_LINE + " no_timer_check"}
        for tenant in (AURORA, BOREALIS):
            cls.site.write_document(tenant)
        cls.site.plan()
        for name in cls.site.tenants:
            cls.site.approve(name)
            cls.site.apply(name)
        cls.site.attest("aurora", "borealis")
        cls.aurora, cls.borealis = (cls.shell_in(tenant) for tenant in (AURORA, BOREALIS))
        cls.hand_over_what_is_no_secret()

    @classmethod
    def shell_in(cls, tenant):
        console = Console(tenant.domain(GUEST))
        cls.addClassCleanup(console.close)
        must(console, "true")
        return console

    @classmethod
    def hand_over_what_is_no_secret(cls):
        """Aurora's plan tells the forger every event and the initdata."""
        pool, index = GUEST.split("/")
        planned = next(guest for guest in cls.site.plan_json("aurora")["intent"]["guests"]
                       if (guest["pool"], guest["index"]) == (pool, int(index)))
        put(cls.borealis, "/tmp/events", json.dumps(planned["referenceValues"]["tpm"]["events"]))
        for console in (cls.aurora, cls.borealis):
            put(console, "/tmp/initdata.toml", planned["initdata"])

    def exchange(self, make_attestation, then=""):
        """One session with aurora's service from inside aurora's guest. `make_attestation(nonce)` leaves the attestation in
        that guest's /tmp/attestation; `then` is sent after it. Returns the statuses and what the audit log gained."""
        before = len(audit())
        must(self.aurora, "rm -f /tmp/fifo /tmp/answers; mkfifo /tmp/fifo; "
             f"(forge-evidence send --initdata /tmp/initdata.toml --evidence /tmp/fifo{then} >/tmp/answers 2>&1 &)")
        make_attestation(self.answers(r"nonce (\S+)")[0])
        must(self.aurora, "cat /tmp/attestation >/tmp/fifo")
        self.answers(r"secret (\d+)")
        statuses = [int(status) for status in self.answers(r"(?:attest|secret) (\d+)")]
        return statuses, audit()[before:]

    def answers(self, pattern):
        """Every match of `pattern` in what the sender has printed, once there is one."""
        def found():
            text = self.aurora.run("cat /tmp/answers 2>/dev/null")[1]
            self.assertNotIn("failed:", text)
            return re.findall(pattern, text)
        return wait_until(found, 120, f"{pattern} from the sender")

    def refusals(self, entries):
        """(path, reasons) of each entry; every one must be a refusal, and of aurora's guest."""
        for entry in entries:
            self.assertEqual((entry["event"], entry["source"]), ("refused", AURORA.address(GUEST)), entry)
        return [(entry["path"], entry["reasons"]) for entry in entries]

    def make_genuine(self, nonce):
        must(self.aurora, f"forge-evidence quote --tpm /dev/tpmrm0 --log {OWN_LOG} --guest {GUEST}"
             f" --initdata /tmp/initdata.toml --nonce {nonce} >/tmp/attestation")

    def make_forged(self, nonce, words):
        """Makes the attestation in the forger's guest and carries it into aurora's network; returns it."""
        must(self.borealis, f"forge-evidence quote --guest {GUEST} --initdata /tmp/initdata.toml --nonce {nonce} {words}"
             " >/tmp/attestation")
        attestation = get(self.borealis, "/tmp/attestation")
        put(self.aurora, "/tmp/attestation", attestation)
        return attestation

    def forge(self, words):
        """A whole session with forged evidence, which is refused and gets no secret; the attestation and the refusals."""
        made = []
        statuses, entries = self.exchange(lambda nonce: made.append(self.make_forged(nonce, words)))
        self.assertEqual(statuses, [401, 401])
        return made[0], self.refusals(entries)

    def test_01_genuine_evidence_sent_the_same_way_is_accepted(self):
        statuses, entries = self.exchange(self.make_genuine)
        self.assertEqual(statuses, [200, 200], entries)
        self.assertEqual([entry["event"] for entry in entries], ["attested", "released"])
        type(self).genuine = get(self.aurora, "/tmp/attestation")

    def test_02_the_software_tpms_own_key_is_not_enrolled(self):
        must(self.borealis, f"mkdir /tmp/tpm && {SOFTWARE_TPM}")
        must(self.borealis, f"forge-evidence imitate --tpm /tmp/tpm.socket --log {OWN_LOG} --events /tmp/events"
             " --initdata /tmp/initdata.toml --out /tmp/log", 300)
        attestation, refusals = self.forge("--tpm /tmp/tpm.socket --log /tmp/log")
        type(self).forged_key = evidence_in(attestation)["ak_public"]
        self.assertEqual(appraised_pcrs(attestation), appraised_pcrs(self.genuine), "the imitation is not perfect")
        self.assertEqual(refusals, [("/kbs/v0/attest", key_not_enrolled(attestation)), NO_TOKEN])

    def test_03_auroras_key_did_not_sign_the_software_tpms_quote(self):
        key = evidence_in(self.genuine)["ak_public"]
        attestation, refusals = self.forge(f"--tpm /tmp/tpm.socket --log /tmp/log --claim-key {key}")
        self.assertEqual(appraised_pcrs(attestation), appraised_pcrs(self.genuine), "the imitation is not perfect")
        unsigned = ["sha256 quote: signature does not verify", "sha384 quote: signature does not verify"]
        self.assertEqual(refusals, [("/kbs/v0/attest", unsigned), NO_TOKEN])

    def test_04_the_key_that_borealis_enrolled_means_nothing_to_aurora(self):
        attestation, refusals = self.forge(f"--tpm /dev/tpmrm0 --log {OWN_LOG}")
        state = AUDIT_LOG.parents[2] / "borealis" / "service" / "audit.jsonl"
        enrolled = [entry["akSha256"] for entry in map(json.loads, state.read_text().splitlines())
                    if entry["event"] == "key enrolled" and entry["guest"] == GUEST]
        self.assertEqual(key_not_enrolled(attestation), [f"attestation key not enrolled: SHA-256 {enrolled[-1]}"])
        self.assertEqual(refusals, [("/kbs/v0/attest", key_not_enrolled(attestation)), NO_TOKEN])

    def test_05_a_nonce_serves_one_attestation(self):
        statuses, entries = self.exchange(self.make_genuine, then=",/tmp/attestation")
        self.assertEqual(statuses, [200, 401, 200])
        self.assertEqual(entries[1]["reasons"], ["nonce unknown or used"])

    def test_06_genuine_evidence_with_an_old_nonce_is_refused(self):
        put(self.aurora, "/tmp/attestation", self.genuine)
        statuses, entries = self.exchange(lambda nonce: None)
        self.assertEqual(statuses, [401, 401])
        self.assertEqual(self.refusals(entries), [("/kbs/v0/attest", ["nonce unknown or used"]), NO_TOKEN])

    def test_07_an_old_quote_under_a_new_nonce_is_refused(self):
        old = json.loads(self.genuine)["runtime-data"]["nonce"]
        put(self.aurora, "/tmp/genuine", self.genuine)
        statuses, entries = self.exchange(lambda nonce: must(
            self.aurora, f"sed 's|{old}|{nonce}|' /tmp/genuine >/tmp/attestation"))
        self.assertEqual(statuses, [401, 401])
        (path, reasons), last = self.refusals(entries)
        self.assertEqual((path, last), ("/kbs/v0/attest", NO_TOKEN))
        self.assertEqual([reason.split(": wanted")[0] for reason in reasons],
                         ["sha256 quote: qualifying data", "sha384 quote: qualifying data"])

    def test_08_borealis_cannot_reach_auroras_service(self):
        before = audit()
        code, output = self.borealis.run("forge-evidence send --initdata /tmp/initdata.toml", 120)
        self.assertEqual(code, 1, output)
        self.assertIn("failed: attestation service https://10.50.255.1:8443: cannot connect", output)
        self.assertNotEqual(self.borealis.run("ping -c 1 -W 2 10.50.255.1 >/dev/null 2>&1")[0], 0)
        self.assertEqual(audit(), before)

    def test_09_no_forgery_spoiled_the_verdict(self):
        verdict = self.site.attest("aurora")["aurora", GUEST]
        self.assertEqual((verdict["verdict"], verdict["asPredicted"]), ("attested", True), verdict)

    def test_10_the_imitation_lacked_nothing_but_an_enrolled_key(self):
        self.assertEqual(enrol(self.forged_key), "HTTP/1.1 200 OK")
        statuses, entries = self.exchange(lambda nonce: self.make_forged(nonce, "--tpm /tmp/tpm.socket --log /tmp/log"))
        self.assertEqual(statuses, [200, 200], entries)
        self.assertEqual([entry["event"] for entry in entries], ["attested", "released"])


if __name__ == "__main__":
    unittest.main(failfast=True, verbosity=2)
