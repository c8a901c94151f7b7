"""Unified kernel images as anybody makes them: sections added to systemd's stub with objcopy."""
import re
import subprocess

PAGE = 4096


def end_of_image(stub):
    """The first page after the stub's last section."""
    text = subprocess.run(["objdump", "-h", stub], text=True, capture_output=True, check=True).stdout
    sections = re.findall(r"^\s*\d+ \S+\s+([0-9a-f]+)\s+([0-9a-f]+)", text, re.M)
    last = max(int(address, 16) + int(size, 16) for size, address in sections)
    return -(-last // PAGE) * PAGE


def build(stub, target, *, kernel, command_line, release, initrd=None):
    """Writes `target` from the stub file, the kernel and initrd files and two texts."""
    folder = target.parent
    (folder / "cmdline.txt").write_text(command_line)
    (folder / "os-release.txt").write_text(release)
    parts = [(".osrel", folder / "os-release.txt"), (".cmdline", folder / "cmdline.txt"), (".linux", kernel)]
    if initrd:
        parts.append((".initrd", initrd))
    words, address = [], end_of_image(stub)
    for name, file in parts:
        words += ["--add-section", f"{name}={file}", "--change-section-vma", f"{name}={address:#x}"]
        address += -(-file.stat().st_size // PAGE) * PAGE
    subprocess.run(["objcopy", *words, stub, target], check=True, timeout=120)
    return target
