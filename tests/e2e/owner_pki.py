"""Certificates of an owner's key management server and its clients, made by openssl(1)."""
import pathlib

from harness import run


class OwnerPki:
    """Makes ca.pem, server.pem for `address`, NAME.pem for each client and other-ca.pem in `folder`, each with its .key."""

    def __init__(self, folder, address, clients):
        self.folder = pathlib.Path(folder)
        for name in ("ca", "other-ca"):
            self.openssl("req", "-x509", *self.new_key(name), "-days", "2", "-out", f"{name}.pem")
        self.issue("server", f"subjectAltName=IP:{address}\nextendedKeyUsage=serverAuth")
        for name in clients:
            self.issue(name, "extendedKeyUsage=clientAuth")

    def openssl(self, *words):
        run("openssl", *words, cwd=self.folder)

    def new_key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key")

    def issue(self, name, extensions):
        (self.folder / "extensions").write_text(extensions)
        self.openssl("req", "-new", *self.new_key(name), "-out", "request")
        self.openssl("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                     "-extfile", "extensions", "-out", f"{name}.pem")
        (self.folder / f"{name}.key").chmod(0o600)
