"""Packages of other Debian suites, unpacked beside each other and never installed: firmware, kernels, QEMU, stubs.

They come from the mirror this machine already uses, through an apt configuration of its own, and are kept for the next run.
"""
import pathlib
import re
import subprocess


class Unavailable(Exception):
    """A package that cannot be had here; the text says why."""


def own_mirror():
    """The Debian mirror of this machine's own sources."""
    folder = pathlib.Path("/etc/apt")
    files = [*folder.glob("sources.list.d/*"), folder / "sources.list"]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    for uri in re.findall(r"^URIs:\s*(\S+)", text, re.M) + re.findall(r"^deb\s+(?:\[[^]]*\]\s*)?(\S+)", text, re.M):
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise Unavailable("this machine's apt sources name no Debian mirror")


class OtherDebian:
    """Packages of `suites`, below `folder`."""

    def __init__(self, folder, suites):
        self.folder = pathlib.Path(folder)
        for name in ("lists/partial", "cache/archives/partial", "packages"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
        mirror = own_mirror()
        (self.folder / "sources.list").write_text(
            "".join(f"deb [signed-by={keyring}] {mirror} {suite} main\n" for suite in suites))
        self.options = [f"-oDir::Etc::sourcelist={self.folder}/sources.list", "-oDir::Etc::sourceparts=-",
                        f"-oDir::State::lists={self.folder}/lists", f"-oDir::Cache={self.folder}/cache",
                        "-oAPT::Sandbox::User=root"]
        self.updated = False

    def apt(self, program, *words):
        if not self.updated:
            self.updated = True
            self.apt("apt-get", "update", "-q")
        done = subprocess.run([program, *self.options, *words], text=True, capture_output=True, check=False, timeout=600,
                              cwd=self.folder / "packages")
        if done.returncode != 0:
            raise Unavailable(f"{program} {' '.join(words)}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def dependency(self, package, suite, pattern):
        """The package that `package`, a name for the newest of its kind, stands for in `suite`."""
        shown = self.apt("apt-cache", "show", f"{package}/{suite}")
        found = re.search(rf"^Depends:.*?\b({pattern})", shown, re.M)
        if not found:
            raise Unavailable(f"{package} of {suite} depends on nothing like {pattern}")
        return found.group(1)

    def unpacked(self, name, *packages):
        """The folder with what is in `packages`, each "name/suite"."""
        root = self.folder / "roots" / name
        done = root / ".complete"
        if done.exists() and done.read_text() == " ".join(packages):
            return root
        root.mkdir(parents=True, exist_ok=True)
        for package in packages:
            before = set((self.folder / "packages").glob("*.deb"))
            self.apt("apt-get", "download", "-q", package)
            for file in set((self.folder / "packages").glob("*.deb")) - before:
                subprocess.run(["dpkg", "-x", file, root], check=True, timeout=300)
                file.unlink()
        done.write_text(" ".join(packages))
        return root
