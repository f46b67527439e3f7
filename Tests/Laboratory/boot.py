"""The host's part: a machine with Debian's kernel, begun and ended here, and the report of what happened inside."""

from __future__ import annotations

import argparse
import io
import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: Without the ciphers LE Secure Connections cannot start and the adapter stays down.
MODULES = (
    "virtio_pci virtio_rng sha512_generic ctr hmac sha256_generic jitterentropy_rng drbg cmac ecb aes_generic ccm "
    "ecdh_generic 9p 9pnet_virtio overlay bluetooth hci_vhci dummy_hcd libcomposite usb_f_acm cdc-acm"
).split()
#: Several controllers, so that several devices can be plugged in at once.
PARAMETERS = {"dummy_hcd": "num=4"}
#: Of the machine alone, without the scenarios' own bounds.
BOOT_SECONDS = 120


def kernel_folder(cache: Path) -> tuple[Path, str]:
    """The unpacked kernel package and its version."""
    unpacked = cache / "kernel"
    versions = sorted(path.name for path in (unpacked / "lib" / "modules").iterdir())
    return unpacked, versions[-1]


def module_files(unpacked: Path, version: str) -> list[Path]:
    """Each once, what is needed first."""
    found: dict[Path, None] = {}
    for module in MODULES:
        told = subprocess.run(
            ["/sbin/modprobe", "-d", str(unpacked), "-S", version, "--show-depends", module],
            capture_output=True, text=True, timeout=30)
        if told.returncode:
            raise SystemExit(f"script/lab: the kernel {version} has no module {module}: {told.stderr.strip()}")
        for line in told.stdout.splitlines():
            kind, _, path = line.partition(" ")
            if kind == "insmod":
                found[Path(path.split()[0])] = None
    return list(found)


class Archive:
    """A cpio archive in the kernel's own format (`newc`)."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._count = 0
        self._folders: set[str] = set()

    def add(self, name: str, data: bytes, mode: int = 0o755) -> None:
        parent = str(Path(name).parent)
        if parent != "." and parent not in self._folders:
            self._folders.add(parent)
            self._entry(parent, b"", stat.S_IFDIR | 0o755)
        self._entry(name, data, stat.S_IFREG | mode)

    def _entry(self, name: str, data: bytes, mode: int) -> None:
        self._count += 1
        encoded = name.encode() + b"\0"
        numbers = (self._count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        self._bytes.write(b"070701" + b"".join(b"%08X" % number for number in numbers))
        self._padded(encoded)
        self._padded(data)

    def _padded(self, data: bytes) -> None:
        self._bytes.write(data)
        self._bytes.write(bytes(-self._bytes.tell() % 4))

    def end(self) -> bytes:
        self._entry("TRAILER!!!", b"", 0)
        return self._bytes.getvalue()


def initramfs(cache: Path, guest: str) -> bytes:
    unpacked, version = kernel_folder(cache)
    archive = Archive()
    archive.add("bin/busybox", Path(shutil.which("busybox") or "/bin/busybox").read_bytes())
    archive.add("init", (HERE / "init").read_bytes())
    archive.add("guest", guest.encode())
    files = module_files(unpacked, version)
    lines = [f"{path.stem} {PARAMETERS.get(path.stem, '')}\n" for path in files]
    archive.add("modules/order", "".join(lines).encode(), 0o644)
    for path in files:
        archive.add(f"modules/{path.name}", path.read_bytes(), 0o644)
    return archive.end()


def guest_script(arguments: list[str], passed: dict[str, str]) -> str:
    """What runs as the first process on the host's root; ends the machine in any case."""
    lines = ["#!/bin/sh"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in passed.items()]
    lines.append(shlex.join([sys.executable, str(HERE / "guest.py"), *arguments])
                 + " >/run/laboratory/guest.log 2>&1 </dev/null")
    lines += ["echo $? >/run/laboratory/exit", "sync", "echo b >/proc/sysrq-trigger", "sleep 60", ""]
    return "\n".join(lines)


def environment(binary: Path) -> dict[str, str]:
    passed = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "TMPDIR": "/run",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOMEWARD_BINARY": str(binary),
    }
    return passed | {name: value for name, value in os.environ.items() if name.startswith("LAB_")}


class Machine:
    """One boot of QEMU. Always ended, whatever happens."""

    def __init__(self, cache: Path, out: Path, guest: str) -> None:
        self.out = out
        unpacked, version = kernel_folder(cache)
        self._image = out / "initramfs"
        self._image.write_bytes(initramfs(cache, guest))
        self.console = out / "console.log"
        command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-cpu", "Nehalem", "-m", "1024",
            "-nographic", "-no-reboot", "-nodefaults", "-monitor", "none", "-serial", f"file:{self.console}",
            "-kernel", str(unpacked / "boot" / f"vmlinuz-{version}"), "-initrd", str(self._image),
            "-append", "console=ttyS0 quiet loglevel=5 panic=-1 mitigations=off tsc=reliable no_timer_check",
            "-device", "virtio-rng-pci",
            "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
            "-virtfs", f"local,path={out},mount_tag=out,security_model=none",
        ]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=(out / "qemu.log").open("wb"), stderr=subprocess.STDOUT,
            start_new_session=True)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def end(self) -> None:
        if self.is_running:
            self.process.kill()
        self.process.wait(timeout=30)
        self._image.unlink(missing_ok=True)


def paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def tell(result: dict[str, Any]) -> None:
    word = paint("32", "passed") if result["passed"] else paint("31", "FAILED")
    print(f"{result['scenario']:<28} {word} {result['seconds']:6.1f} s  {result.get('note', '')}", flush=True)
    if not result["passed"]:
        for line in result["reason"].splitlines():
            print(f"    {line}", flush=True)


def results(out: Path, told: int) -> list[dict[str, Any]]:
    path = out / "results"
    whole = path.read_text().split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in whole[told:]]


def follow(machine: Machine, bound: float, live: bool) -> tuple[list[dict[str, Any]], str | None]:
    """Tells results as they come. The second is why the machine was ended, if it did not end by itself."""
    found: list[dict[str, Any]] = []
    began = time.monotonic()
    shown = 0
    why = None
    while True:
        was_running = machine.is_running
        for result in results(machine.out, len(found)):
            found.append(result)
            if not live:
                tell(result)
        if live:
            log = machine.out / "command.log"
            text = log.read_bytes() if log.exists() else b""
            sys.stdout.buffer.write(text[shown:])
            sys.stdout.flush()
            shown = len(text)
        if not was_running:
            break
        started = (machine.out / "started").exists()
        spent = time.monotonic() - began
        if not started and spent > BOOT_SECONDS:
            why = f"the machine did not come up within {BOOT_SECONDS} s"
        elif spent > bound:
            why = f"the machine was ended after {bound:.0f} s"
        if why:
            machine.end()
            break
        time.sleep(0.1)
    return found, why


def last_lines(path: Path, count: int = 25) -> str:
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-count:])


def run(options: argparse.Namespace) -> int:
    sys.path.insert(0, str(HERE))
    import catalogue

    chosen = catalogue.chosen(options.scenario)
    if options.list:
        for each in catalogue.chosen([]) + catalogue.only_by_name():
            print(f"{each.name:<28} {each.bound_seconds:4.0f} s  {each.summary}")
        return 0
    live = bool(options.run)
    arguments = ["--run", options.run, "--devices", options.devices] if live else [each.name for each in chosen]
    bound = options.timeout if live else sum(each.bound_seconds + 10 for each in chosen)
    with tempfile.TemporaryDirectory(prefix="laboratory-") as folder:
        out = Path(folder)
        began = time.monotonic()
        machine = Machine(options.cache, out, guest_script(arguments, environment(options.binary)))
        # A signal ends the script by its exit, and that ends the machine.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(143))
        try:
            found, why = follow(machine, BOOT_SECONDS + bound, live)
        finally:
            machine.end()
            if options.keep_logs:
                shutil.copytree(out, options.keep_logs, dirs_exist_ok=True)
        spent = time.monotonic() - began
        if live:
            code = out / "command.exit"
            if why or not code.exists():
                print(f"script/lab: {why or 'the machine ended early'}\n{last_lines(out / 'console.log')}\n"
                      f"{last_lines(out / 'guest.log')}", file=sys.stderr)
                return 70
            return int(code.read_text())
        missing = [each.name for each in chosen if each.name not in {result["scenario"] for result in found}]
        for name in missing:
            tell({"scenario": name, "passed": False, "seconds": spent,
                  "reason": f"no result: {why or 'the machine ended early'}"})
        if missing:
            print(f"  console:\n{last_lines(machine.console)}\n  guest:\n{last_lines(out / 'guest.log')}")
        failed = len(missing) + sum(not result["passed"] for result in found)
        booted = float((out / "started").read_text()) if (out / "started").exists() else 0
        print(f"{len(chosen) - failed} scenarios passed, {failed} failed, in {spent:.0f} s "
              f"(the machine was up after {booted:.1f} s of its time)")
        return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/lab", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="names of scenarios; all of them by default")
    parser.add_argument("--list", action="store_true", help="tells the scenarios and boots nothing")
    parser.add_argument("--keep-logs", type=Path, metavar="DIR", help="where everything the machine wrote is kept")
    parser.add_argument("--run", metavar="COMMAND", help="runs a shell command inside instead of scenarios")
    parser.add_argument("--devices", default="", metavar="NAME,…", help="virtual devices that advertise during --run")
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="bound of --run")
    parser.add_argument("--cache", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--binary", type=Path, required=True, help=argparse.SUPPRESS)
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
