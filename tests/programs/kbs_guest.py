"""A guest of the Key Broker Service protocol with a TPM made of an RSA key: its evidence, its keys, and what it sends.
Source: Confidential Containers, kbs_attestation_protocol.md; kbs-types 0.18; RFC 7516, 7517, 7518, 8785.
"""
import base64
import hashlib
import json
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

INITDATA = b'version = "0.1.0"\nalgorithm = "sha256"\n[data]\n'


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_b64url(text):
    assert "=" not in text and "+" not in text and "/" not in text, text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def spki(key, encoding):
    return key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


class Tpm:
    """An RSA key that quotes what it is told. Source: TPM 2.0 library part 2, TPMS_ATTEST, TPMT_SIGNATURE."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pcrs = [self.register("sha256", i) for i in range(24)]
        self.pcrs[8] = hashlib.sha256(bytes(32) + hashlib.sha256(INITDATA).digest()).digest()

    @staticmethod
    def event(bank, pcr):
        return hashlib.new(bank, f"event of PCR {pcr}".encode()).digest()

    @classmethod
    def register(cls, bank, pcr):
        """After the one event there was."""
        digest = cls.event(bank, pcr)
        return hashlib.new(bank, bytes(len(digest)) + digest).digest()

    def evidence(self, report_data):
        message = (b"\xffTCG\x80\x18" + struct.pack(">HH", 0, 32) + report_data + struct.pack(">QIIBQ", 100, 5, 0, 1, 7)
                   + struct.pack(">IHB", 1, 0x0B, 3) + b"\xff\xff\xff"
                   + struct.pack(">H", 32) + hashlib.sha256(b"".join(self.pcrs)).digest())
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return {"ak_public": b64(spki(self.key, serialization.Encoding.DER)),
                "tpm_quote": {"signature": b64(struct.pack(">HHH", 0x14, 0x0B, len(signature)) + signature),
                              "message": b64(message), "pcrs": [value.hex() for value in self.pcrs]}}


class EcKey:
    """What Trustee's clients make unless told otherwise."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "EC", "crv": "P-256", "alg": "ECDH-ES+A256KW", "x": b64url(numbers.x.to_bytes(32, "big")),
                "y": b64url(numbers.y.to_bytes(32, "big"))}

    def content_key(self, header, encrypted_key):
        assert list(header) == ["alg", "enc", "epk"] and list(header["epk"]) == ["crv", "kty", "x", "y"], header
        assert header["alg"] == "ECDH-ES+A256KW" and header["epk"]["crv"] == "P-256", header
        x, y = (int.from_bytes(from_b64url(header["epk"][one]), "big") for one in "xy")
        theirs = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        algorithm = header["alg"].encode()
        kek = hashlib.sha256(struct.pack(">I", 1) + self.key.exchange(ec.ECDH(), theirs)
                             + struct.pack(">I", len(algorithm)) + algorithm + struct.pack(">III", 0, 0, 256)).digest()
        return aes_key_unwrap(kek, encrypted_key)


class RsaKey:
    def __init__(self, algorithm="RSA-OAEP-256"):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.algorithm = algorithm

    def jwk(self):
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "alg": self.algorithm, "n": b64url(numbers.n.to_bytes(256, "big")), "e": "AQAB"}

    def content_key(self, header, encrypted_key):
        assert header == {"alg": "RSA-OAEP-256", "enc": "A256GCM"} and list(header)[0] == "alg", header
        oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
        return self.key.decrypt(encrypted_key, oaep)


def opened(key, answer):
    """The plaintext of a resource, its associated data written anew as the guests of kbs-types do it."""
    assert sorted(answer) == ["ciphertext", "encrypted_key", "iv", "protected", "tag"], sorted(answer)
    text = from_b64url(answer["protected"]).decode()
    header = json.loads(text)
    written_anew = json.dumps(header, separators=(",", ":"))
    assert written_anew == text, text
    iv, tag = from_b64url(answer["iv"]), from_b64url(answer["tag"])
    assert (len(iv), len(tag), header["enc"]) == (12, 16, "A256GCM")
    content_key = key.content_key(header, from_b64url(answer["encrypted_key"]))
    return AESGCM(content_key).decrypt(iv, from_b64url(answer["ciphertext"]) + tag, b64url(written_anew.encode()).encode())


def attestation_of(tpm, nonce, jwk, **others):
    bound = {"additional-evidence": "", "nonce": nonce, "tee-pubkey": jwk}
    report_data = hashlib.sha384(compact(bound).encode()).digest()[:32]
    return {"init-data": {"format": "toml", "body": INITDATA.decode()},
            "runtime-data": {"nonce": nonce, "tee-pubkey": jwk},
            "tee-evidence": {"primary_evidence": tpm.evidence(report_data), "additional_evidence": ""}, **others}
