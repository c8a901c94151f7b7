#!/usr/bin/env python3
"""A client of the Key Broker Service protocol 0.4.0, written from its specification, against a running bulkhead-attestd:
every status, header, cookie and JSON spelling that a client of Trustee may look at.

usage: kbs_protocol.py ATTESTD
The guest is one of Trustee's `tpm` attester: its TPM is an RSA key of this program. Needs openssl and the Python module
cryptography; without it: prints why and exits 77, which ctest shows as skipped.
Source: Confidential Containers, kbs_attestation_protocol.md; kbs-types 0.18; RFC 7516, 7517, 7518, 8785.
"""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
except ImportError:
    print("skipped: the Python module cryptography is not here")
    sys.exit(77)
from kbs_guest import (INITDATA, EcKey, RsaKey, Tpm, attestation_of, b64, b64url, compact, from_b64url, opened, pem, spki)

ADDRESS = f"127.78.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
URL = f"https://{ADDRESS}:8443"
ERRORS = "https://github.com/confidential-containers/kbs/errors/"
SECRET = "/kbs/v0/resource/bulkhead/bootstrap/worker-0"


class Service:
    """A tenant's service in a folder: its keys, its owner's approval of one guest, and the program."""

    def __init__(self, program, folder, tpm):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "log"
        tls, token = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        owner = ed25519.Ed25519PrivateKey.generate()
        self.ca, certificate = self.certified(tls)
        self.write("bundle.json", {"schema": "bulkhead.service-bundle/v1", "tenant": "acme", "tlsKey": pem(tls), "url": URL,
                                   "tlsCertificate": certificate, "tokenKey": pem(token),
                                   "storageKey": b64(os.urandom(32))})
        self.write("config.json", {"approvalKeys": [spki(owner, serialization.Encoding.PEM).decode()],
                                   "ca": self.ca.read_text()})
        self.process = subprocess.Popen(
            [program, "--tenant", "acme", "--state", folder, "--listen", f"{ADDRESS}:8443", "--admin", self.file("admin.sock"),
             "--lock", self.file("lock")], stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        self.wait()
        self.admin("PUT", "/v1/approval", self.approval(owner, tpm))
        self.admin("PUT", "/v1/guests/worker-0/key", {"akPublic": b64(spki(tpm.key, serialization.Encoding.DER))})

    def file(self, name):
        return str(self.folder / name)

    def write(self, name, value):
        with os.fdopen(os.open(self.file(name), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(json.dumps(value))

    def certified(self, key):
        """A CA, and a certificate of it for the service's address."""
        for name, content in (("tls.pem", pem(key)), ("ext", f"subjectAltName=IP:{ADDRESS}\nauthorityKeyIdentifier=keyid\n")):
            (self.folder / name).write_text(content)
        run = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.folder)
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out",
            "ca.pem", "-subj", "/CN=acme CA", "-addext", "keyUsage=critical,keyCertSign", "-days", "2")
        run("req", "-new", "-key", "tls.pem", "-subj", "/CN=acme", "-out", "tls.csr")
        run("x509", "-req", "-in", "tls.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "ext", "-out",
            "tls.crt", "-days", "2")
        return self.folder / "ca.pem", (self.folder / "tls.crt").read_text()

    @staticmethod
    def approval(owner, tpm):
        covered, banks = (2, 3, 4, 5, 7, 9), ("sha256", "sha384")
        events = [{"pcr": i, "type": "EV_EFI_ACTION", "what": "event", "provenance": "input_file",
                   **{bank: tpm.event(bank, i).hex() for bank in banks}} for i in covered]
        pcrs = {bank: {str(i): tpm.register(bank, i).hex() for i in covered} for bank in banks}
        values = {"tpm": {"pcrs": pcrs, "events": events}}
        payload = compact({"schema": "bulkhead.approval/v1", "tenant": "acme", "tee": "emulated", "intentDigest": "ab" * 32,
                           "notAfter": None,
                           "guests": [{"guest": "worker/0", "initdataSha256": hashlib.sha256(INITDATA).hexdigest(),
                                       "referenceValues": values}]}).encode()
        kind = "application/vnd.bulkhead.approval+json"
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
        keyid = hashlib.sha256(spki(owner, serialization.Encoding.DER)).hexdigest()
        return {"payloadType": kind, "payload": b64(payload), "signatures": [{"keyid": keyid, "sig": b64(owner.sign(signed))}]}

    def wait(self):
        for _ in range(3000):
            assert self.process.poll() is None, self.log.read_text()
            try:
                with socket.create_connection((ADDRESS, 8443), timeout=1), socket.socket(socket.AF_UNIX) as admin:
                    admin.connect(self.file("admin.sock"))
                    return
            except OSError:
                time.sleep(0.01)
        raise AssertionError("nobody listens: " + self.log.read_text())

    def admin(self, method, path, body):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.file("admin.sock"))
        connection.request(method, path, json.dumps(body))
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.text = answer.status, answer.headers, answer.read().decode()
        self.json = json.loads(self.text) if self.text else None


class Client:
    """Keeps a cookie, as clients of Trustee do. Each has an address of its own: an address may not ask for much."""
    sources = iter(range(1, 255))

    def __init__(self, ca):
        self.connection = http.client.HTTPSConnection(ADDRESS, 8443, context=ssl.create_default_context(cafile=ca), timeout=60,
                                                      source_address=(f"127.79.0.{next(self.sources)}", 0))
        self.cookie = ""

    def ask(self, method, path, body=None, **headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = body if isinstance(body, str) else json.dumps(body)
        self.connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = Answer(self.connection.getresponse())
        if answer.headers["Set-Cookie"]:
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        return answer

    def challenged(self, **others):
        return self.ask("POST", "/kbs/v0/auth", {"version": "0.4.0", "tee": "tpm", "extra-params": "", **others})

    def close(self):
        self.connection.close()


class Protocol(unittest.TestCase):
    tpm = service = None  # of all tests

    def setUp(self):
        self.client = Client(self.service.ca)
        self.addCleanup(self.client.close)

    def expect_refusal(self, answer, name, status=401):
        self.assertEqual(answer.status, status, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(sorted(answer.json), ["detail", "type"])
        self.assertEqual(answer.json["type"], ERRORS + name)
        self.assertNotIn("sha", answer.json["detail"].lower(), "terse")

    def attested(self, key, **others):
        nonce = self.client.challenged().json["nonce"]
        answer = self.client.ask("POST", "/kbs/v0/attest", attestation_of(self.tpm, nonce, key.jwk(), **others))
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(list(answer.json), ["token"])
        return answer

    def test_auth_gives_a_nonce_and_a_cookie(self):
        answer = self.client.challenged()
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
        self.assertEqual(sorted(answer.json), ["extra-params", "nonce"])
        self.assertEqual(answer.json["extra-params"], "")
        self.assertEqual((len(answer.json["nonce"]), len(base64.b64decode(answer.json["nonce"], validate=True))), (44, 32))
        name, *attributes = answer.headers["Set-Cookie"].split("; ")
        self.assertRegex(name, r"^kbs-session-id=[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$", "a UUID of version 4")
        self.assertLessEqual({"Path=/kbs", "HttpOnly", "Secure", "SameSite=Strict", "Max-Age=300"}, set(attributes))
        self.assertNotEqual(self.client.challenged().json["nonce"], answer.json["nonce"])

    def test_auth_takes_what_clients_send(self):
        for params in ({}, "", None, {"id": "alice"}, {"supported-hash-algorithms": ["sha256", "sha384", "sha512", "sm3"]}):
            self.assertEqual(self.client.challenged(**{"extra-params": params}).status, 200, params)
        self.assertEqual(self.client.challenged(later="member").status, 200)
        for tee in ("snp", "tdx"):
            self.assertEqual(self.client.challenged(tee=tee).status, 200, tee)
        self.assertEqual(self.client.ask("POST", "/kbs/v0/auth", '{"version":"0.4.0","tee":"tpm"}').status, 200)

    def test_auth_refuses_other_versions_and_tees(self):
        for version in ("0.1.1", "0.2.0", "0.3.0", "0.4.1", "0.5.0", "1.0.0", "", "v0.4.0", 4):
            self.expect_refusal(self.client.challenged(version=version), "AttestationError")
        for tee in ("sample", "sgx", "az-snp-vtpm", "TPM", ""):
            self.expect_refusal(self.client.challenged(tee=tee), "AttestationError")
        for body in ("", "{", "[]", "null", '{"version":"0.4.0"}', '{"version":"0.4.0","version":"0.4.0","tee":"tpm"}'):
            self.expect_refusal(self.client.ask("POST", "/kbs/v0/auth", body), "AttestationError")

    def test_attest_gives_a_token_that_says_whose_it_is(self):
        key = EcKey()
        answer = self.attested(key, **{"later-member": 1})
        self.assertIn(self.client.cookie, answer.headers["Set-Cookie"], "the cookie again")
        head, body, signature = answer.json["token"].split(".")
        header, claims = json.loads(from_b64url(head)), json.loads(from_b64url(body))
        self.assertEqual((header["alg"], header["typ"], header["jwk"]["kty"], header["jwk"]["alg"]),
                         ("ES256", "JWT", "EC", "ES256"))
        published = self.client.ask("GET", "/.well-known/jwks.json")
        self.assertEqual((published.status, published.headers["Content-Type"]), (200, "application/json"))
        jwk = next(one for one in published.json["keys"] if one["kid"] == header["kid"])
        self.assertEqual({one: jwk[one] for one in ("x", "y", "crv")}, {one: header["jwk"][one] for one in ("x", "y", "crv")})
        numbers = ec.EllipticCurvePublicNumbers(*(int.from_bytes(from_b64url(jwk[one]), "big") for one in "xy"), ec.SECP256R1())
        r, s = (int.from_bytes(from_b64url(signature)[i:i + 32], "big") for i in (0, 32))
        numbers.public_key().verify(utils.encode_dss_signature(r, s), f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
        cpu = claims["submods"]["cpu0"]
        self.assertEqual((claims["eat_profile"], cpu["ear.status"]),
                         ("tag:github.com,2024:confidential-containers/Trustee", "affirming"))
        self.assertEqual(cpu["ear.veraison.annotated-evidence"]["runtime_data_claims"]["tee-pubkey"], key.jwk())
        self.assertEqual(claims["cnf"]["jwk"], key.jwk())
        self.assertEqual((claims["iss"], claims["aud"], claims["sub"]), (URL, "bulkhead/acme", "acme/worker/0"))
        self.assertLessEqual(claims["exp"] - claims["iat"], 300)
        self.assertLess(abs(claims["iat"] - time.time()), 60)

    def test_a_resource_is_sealed_to_the_key_of_its_guest(self):
        secrets = set()
        for key in (EcKey(), RsaKey()):
            token = self.attested(key).json["token"]
            by_cookie = self.client.ask("GET", SECRET + "?ignored=1")
            self.client.cookie = ""
            by_token = self.client.ask("GET", SECRET, Authorization="Bearer " + token)
            for answer in (by_cookie, by_token):
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"), answer.text)
                secrets.add(opened(key, answer.json))
        self.assertEqual([len(one) for one in secrets], [32], "one secret, whichever way it is asked for")

    def test_initdata_may_be_null_and_padding_is_not_wanted(self):
        self.attested(EcKey(), **{"init-data": None})
        jwk = EcKey().jwk()
        jwk["x"] += "="
        nonce = self.client.challenged().json["nonce"]
        refused = self.client.ask("POST", "/kbs/v0/attest", attestation_of(self.tpm, nonce, jwk))
        self.expect_refusal(refused, "AttestationError")

    def test_attest_refuses_other_keys_sessions_and_nonces(self):
        p521 = {"kty": "EC", "crv": "P-521", "alg": "ECDH-ES+A256KW", "x": b64url(bytes(66)), "y": b64url(bytes(66))}
        off_curve = EcKey().jwk()
        off_curve["y"] = off_curve["x"]
        for jwk in (RsaKey("RSA1_5").jwk(), p521, off_curve, {"kty": "AKP", "alg": "ML-KEM-768+A192KW", "pub": "AA"}):
            nonce = self.client.challenged().json["nonce"]
            refused = self.client.ask("POST", "/kbs/v0/attest", attestation_of(self.tpm, nonce, jwk))
            self.expect_refusal(refused, "AttestationError")
        key = EcKey()
        nonce = self.client.challenged().json["nonce"]
        evidence = attestation_of(self.tpm, nonce, key.jwk())
        mine, self.client.cookie = self.client.cookie, ""
        self.expect_refusal(self.client.ask("POST", "/kbs/v0/attest", evidence), "AttestationError")
        self.client.cookie = "kbs-session-id=" + "0" * 32
        self.expect_refusal(self.client.ask("POST", "/kbs/v0/attest", evidence), "AttestationError")
        self.client.cookie = "other=1; " + mine
        self.assertEqual(self.client.ask("POST", "/kbs/v0/attest", evidence).status, 200)
        self.client.cookie = mine
        self.expect_refusal(self.client.ask("POST", "/kbs/v0/attest", evidence), "AttestationError")
        self.client.challenged()
        self.expect_refusal(self.client.ask("POST", "/kbs/v0/attest", evidence), "AttestationError")
        self.expect_refusal(self.client.ask("POST", "/kbs/v0/attest", "{"), "AttestationError")

    def test_a_resource_is_refused_in_the_protocols_words(self):
        self.expect_refusal(self.client.ask("GET", SECRET), "TokenNotFound")
        self.expect_refusal(self.client.ask("GET", SECRET, Authorization="Bearer a.b.c"), "TokenVerifierError")
        self.attested(EcKey())
        self.expect_refusal(self.client.ask("GET", SECRET.replace("worker-0", "control-0")), "PolicyDeny")
        self.expect_refusal(self.client.ask("GET", "/kbs/v0/resource/default/key/1"), "PluginNotFound", 404)
        self.expect_refusal(self.client.ask("GET", "/kbs/v0/no-plugin/a"), "PluginNotFound", 404)
        self.expect_refusal(self.client.ask("GET", "/elsewhere"), "InvalidRequestPath", 404)

    def test_what_is_no_request_is_dropped_and_noted(self):
        context = ssl.create_default_context(cafile=self.service.ca)
        head = b"POST /kbs/v0/auth HTTP/1.1\r\nHost: a\r\n"
        for sent, why in ((head + b"Content-Length: 2097153\r\n\r\n", "body limit"), (b"no HTTP\r\n\r\n", "bad "),
                          (head + b"Long: " + b"x" * 16384, "header limit")):
            with socket.create_connection((ADDRESS, 8443), timeout=60) as bare:
                with context.wrap_socket(bare, server_hostname=ADDRESS) as connection:
                    connection.sendall(sent)
                    try:
                        self.assertEqual(connection.recv(1), b"")
                    except (ConnectionResetError, ssl.SSLEOFError):
                        pass
            entries = [json.loads(line) for line in (self.service.folder / "audit.jsonl").read_text().splitlines()]
            reasons = [entry["reason"] for entry in entries if entry["event"] == "dropped"]
            self.assertIn(why, reasons[-1])

    def test_tokens_can_be_checked_by_others(self):
        answer = self.client.ask("GET", "/.well-known/openid-configuration")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
        self.assertEqual((answer.json["issuer"], answer.json["jwks_uri"]), (URL, URL + "/.well-known/jwks.json"))
        self.assertEqual(answer.json["id_token_signing_alg_values_supported"], ["ES256"])
        for key in self.client.ask("GET", "/.well-known/jwks.json").json["keys"]:
            self.assertEqual((key["kty"], key["crv"], key["alg"], key["use"]), ("EC", "P-256", "ES256", "sig"))
            self.assertNotIn("d", key)


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        Protocol.tpm = Tpm()
        Protocol.service = Service(program, folder, Protocol.tpm)
        try:
            tests = unittest.defaultTestLoader.loadTestsFromTestCase(Protocol)
            return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1
        finally:
            Protocol.service.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
