"""A real OpenBao for end-to-end tests, as an owner would run it: server mode, TLS, its own storage, one tenant's namespace."""
import json
import pathlib
import ssl
import subprocess
import urllib.error
import urllib.request

from harness import SOURCE, bulkhead, run, wait_until
from owner_pki import OwnerPki

PROGRAM = SOURCE / "build" / "openbao" / "bao"


class OpenBao:
    """Listens at ADDRESS:8200 and has an empty namespace for `tenant`, in which set_up() makes what the tenant file wants. Files are
    in `folder`, client certificates of tenant and rival too.

    What PyKmip and SoftwareToken have too: KMS (the tenant file's), missing(), set_up(), admit(), credential(), keys(), connection(), kill(),
    start_again(), close(), end_credential(), renew_credential() and `refusal`: flags of `kms check` with the rival's connection, its
    exit code and what it says.
    """
    KMS = ("{{placement: owner, provider: openbao, url: \"https://{address}:8200\", ca: {folder}/ca.pem,"
           " certificate: {folder}/{tenant}.pem, namespace: {tenant}, mount: cvm}}")
    name = "openbao"
    refusal = (), 1, "POST /v1/auth/cvm/cert/login: HTTP 4"

    @staticmethod
    def missing():
        return "" if PROGRAM.exists() else "no OpenBao; tests/kms/fetch-openbao brings it"

    def __init__(self, folder, address, tenant, rival=""):
        self.folder, self.address, self.tenant, self.process, self.root = pathlib.Path(folder), address, tenant, None, ""
        self.url = f"https://{address}:8200"
        (self.folder / "raft").mkdir(parents=True)
        OwnerPki(self.folder, address, filter(None, (tenant, rival)))
        self.tls = ssl.create_default_context(cafile=self.folder / "ca.pem")
        (self.folder / "server.json").write_text(json.dumps({
            "storage": {"raft": {"path": str(self.folder / "raft"), "node_id": "one"}},
            "listener": {"tcp": {"address": f"{address}:8200", "cluster_address": f"{address}:8201",
                                 "tls_cert_file": str(self.folder / "server.pem"),
                                 "tls_key_file": str(self.folder / "server.key")}},
            "api_addr": self.url, "cluster_addr": f"https://{address}:8201", "disable_mlock": True, "ui": False}))
        self.start(sealed=501)
        made = self.call("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
        self.unseal_key, self.root = made["keys"][0], made["root_token"]
        self.unseal()
        self.call("POST", f"sys/namespaces/{tenant}", {})

    def status(self):
        try:
            with urllib.request.urlopen(f"{self.url}/v1/sys/health", context=self.tls, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def call(self, method, path, body, namespace=""):
        headers = {"X-Vault-Token": self.root} | ({"X-Vault-Namespace": namespace} if namespace else {})
        request = urllib.request.Request(f"{self.url}/v1/{path}", json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, context=self.tls, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def start(self, sealed=503):
        self.process = subprocess.Popen([PROGRAM, "server", f"-config={self.folder / 'server.json'}"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.status() == sealed, 60, f"OpenBao's health to be {sealed}")

    def unseal(self):
        self.call("PUT", "sys/unseal", {"key": self.unseal_key})
        wait_until(lambda: self.status() == 200, 60, "OpenBao to be active")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    close = kill

    def start_again(self):
        self.start()
        self.unseal()

    def set_up(self, tenant_file):
        """As the owner, with what `bulkhead kms policy` prints."""
        self.script = bulkhead("kms", "policy", tenant_file).stdout
        self.run_script(self.script)

    def end_credential(self):
        self.call("DELETE", "auth/cvm/cert/certs/service", {}, self.tenant)
        self.call("POST", "sys/leases/revoke-prefix/auth/cvm/cert", {}, self.tenant)

    def renew_credential(self):
        self.run_script(self.script)

    def run_script(self, script):
        (self.folder / "script").write_text(script)
        run("sh", self.folder / "script", env={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin", "HOME": str(self.folder), "BAO_ADDR": self.url,
                                               "BAO_CACERT": str(self.folder / "ca.pem"), "BAO_TOKEN": self.root})

    def admit(self, user):
        """The service runs as this user of the host: nothing to do for a server."""

    def credential(self):
        """What only the service bundle may have."""
        return (self.folder / f"{self.tenant}.key").read_text().splitlines()[1].encode()

    def keys(self):
        """The names of the tenant's transit keys, of which each version of each key has one."""
        try:
            return self.call("LIST", "cvm/transit/keys", {}, self.tenant)["data"]["keys"]
        except urllib.error.HTTPError as error:
            if error.code == 404:  # none yet
                return []
            raise

    def connection(self, client=None):
        """The path of the bulkhead.kms-connection/v1 document with which a client, by default the tenant's service, comes."""
        client = client or self.tenant
        path = self.folder / f"{client}.json"
        path.write_text(json.dumps({
            "schema": "bulkhead.kms-connection/v1", "tenant": self.tenant,
            "openbao": {"url": self.url, "ca": "ca.pem", "certificate": f"{client}.pem", "privateKey": f"{client}.key",
                        "namespace": self.tenant, "kv": "cvm/kv", "transit": "cvm/transit",
                        "login": {"method": "certificate", "mount": "cvm/cert", "role": "service"}}}))
        return path
