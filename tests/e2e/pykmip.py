"""A real KMIP server for end-to-end tests: PyKMIP's, which knows its clients by their certificates' common names."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess

from harness import run, wait_until
from owner_pki import OwnerPki

PROGRAM = pathlib.Path("/usr/bin/pykmip-server")


class PyKmip:
    """Listens at ADDRESS:5696; `tenant` and `rival` are clients. Files are in `folder`. See OpenBao for what is common."""
    KMS = ("{{placement: owner, provider: kmip, url: \"kmip://{address}:5696\", ca: {folder}/ca.pem,"
           " certificate: {folder}/{tenant}.pem}}")
    name = "kmip"

    @staticmethod
    def missing():
        usable = PROGRAM.exists() and run("/usr/bin/python3", "-c", "import ssl, kmip; ssl.wrap_socket", wanted=None).returncode == 0
        return "" if usable else "no python3-pykmip with a Python that has ssl.wrap_socket (3.11 or older)"

    def __init__(self, folder, address, tenant, rival):
        self.folder, self.address, self.tenant, self.process = pathlib.Path(folder), address, tenant, None
        (self.folder / "policy").mkdir(parents=True)
        OwnerPki(self.folder, address, (tenant, rival))
        (self.folder / "kek").write_text(run("openssl", "rand", "-base64", "32").stdout)
        (self.folder / "kek").chmod(0o600)
        self.start("ca")

    def start(self, clients):
        """@param clients: the CA that clients' certificates have to be of"""
        settings = {"hostname": self.address, "port": 5696, "certificate_path": self.folder / "server.pem",
                    "key_path": self.folder / "server.key", "ca_path": self.folder / f"{clients}.pem", "auth_suite": "TLS1.2",
                    "policy_path": self.folder / "policy", "enable_tls_client_auth": True, "logging_level": "INFO",
                    "database_path": self.folder / "kmip.sqlite"}
        (self.folder / "server.conf").write_text("[server]\n" + "".join(f"{key}={value}\n" for key, value in settings.items()))
        self.process = subprocess.Popen([PROGRAM, "-f", self.folder / "server.conf", "-l", self.folder / "server.log"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_until(self.listens, 60, "PyKMIP to listen")

    def listens(self):
        with contextlib.suppress(OSError), socket.create_connection((self.address, 5696), 5):
            return True
        return False

    def kill(self):
        """With the processes that it made."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    close = kill

    def start_again(self):
        self.start("ca")

    def end_credential(self):
        self.kill()
        self.start("other-ca")

    def renew_credential(self):
        self.kill()
        self.start("ca")

    def set_up(self, tenant_file):
        """It has all it needs."""

    def admit(self, user):
        """Nothing to do, as for OpenBao."""

    def credential(self):
        return (self.folder / f"{self.tenant}.key").read_text().splitlines()[1].encode()

    def keys(self):
        """The identifiers of the objects that the server has."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'kmip.sqlite'}?mode=ro", uri=True)) as database:
            return [str(uid) for (uid,) in database.execute("SELECT uid FROM managed_objects")]

    @property
    def refusal(self):
        return ("--foreign", self.keys()[0]), 0, f"refused: object {self.keys()[0]}: kms kmip {self.address}:5696, request "

    def connection(self, client=None):
        client = client or self.tenant
        path = self.folder / f"{client}.json"
        path.write_text(json.dumps({
            "schema": "bulkhead.kms-connection/v1", "tenant": self.tenant,
            "kmip": {"url": f"https://{self.address}:5696", "version": "2.0", "ca": "ca.pem", "certificate": f"{client}.pem",
                     "privateKey": f"{client}.key", "store": f"{client}.sqlite", "keyFile": "kek"}}))
        return path
