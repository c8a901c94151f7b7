"""A PKCS#11 token of the host for end-to-end tests: SoftHSM's, which p11-kit finds as Debian's package configures it."""
import json
import pathlib
import secrets

from harness import bulkhead, run

MODULE = pathlib.Path("/usr/share/p11-kit/modules/softhsm2.module")
SETTINGS = pathlib.Path("/etc/softhsm")


class SoftwareToken:
    """A token named after the tenant, with an AES key "kek". Files are in `folder`. See OpenBao for what is common.

    As the host's operator would, it makes the token the service's user's: SoftHSM has one configuration for a host, which
    the test's own lies over while it runs.
    """
    KMS = "{{placement: operatorHost, provider: pkcs11, token: {tenant}}}"
    name = "pkcs11"
    refusal = (), 1, "PKCS#11: cannot log in"

    @staticmethod
    def missing():
        return "" if MODULE.exists() and SETTINGS.exists() else "no softhsm2 that p11-kit knows"

    def __init__(self, folder, address, tenant, rival):
        del address  # it is no server
        self.folder, self.tenant, self.users = pathlib.Path(folder), tenant, 0
        self.tokens, self.away = self.folder / "tokens", self.folder / "away"
        (self.folder / "etc").mkdir(parents=True)
        (self.folder / "etc" / "softhsm2.conf").write_text(f"directories.tokendir = {self.tokens}\n")
        self.tokens.mkdir()
        for client in (tenant, rival):
            (self.folder / f"{client}.pin").write_text(secrets.token_hex(16))
            (self.folder / f"{client}.pin").chmod(0o600)
        run("mount", "--bind", self.folder / "etc", SETTINGS)
        self.pin = (self.folder / f"{tenant}.pin").read_text()
        run("softhsm2-util", "--init-token", "--free", "--label", tenant, "--pin", self.pin, "--so-pin", "56785678")
        bulkhead("keys", "wrapping", "--token", f"pkcs11:token={tenant};object=kek?pin-source=file:{self.folder / tenant}.pin")

    def set_up(self, tenant_file):
        """It has all it needs."""

    def admit(self, user):
        run("chown", "-R", user, self.tokens)

    def kill(self):
        """It is pulled out."""
        if self.tokens.exists():
            self.tokens.rename(self.away)

    def start_again(self):
        self.away.rename(self.tokens)

    end_credential, renew_credential = kill, start_again

    def close(self):
        run("umount", SETTINGS)

    def credential(self):
        return self.pin.encode()

    def keys(self):
        """None: what the token wrapped is in the service's records."""

    def connection(self, client=None):
        client = client or self.tenant
        path = self.folder / f"{client}.json"
        path.write_text(json.dumps({
            "schema": "bulkhead.kms-connection/v1", "tenant": self.tenant,
            "pkcs11": {"store": f"{client}.sqlite", "uri": f"pkcs11:token={self.tenant};object=kek?pin-source=file:{client}.pin"}}))
        return path
