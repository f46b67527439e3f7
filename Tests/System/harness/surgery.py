"""A box in a folder that can be made sick, for those who examine it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .daemon import binary, configuration
from .fake_daemon import DONE, FakeDaemon

IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root may mount and take another user's place")
NOBODY = 65534


class Surgery:
    """A box in a folder: its settings, its data, and a copy of its system files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "box"
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self.socket = folder / "socket"
        self.has_settings = True
        self.settings: dict[str, Any] = configuration(folder, 1, [], logLevel="info")
        for path, text in {
            "proc/version": "Linux version 6.1.0-54-amd64 (Debian 6.1.190-1)",
            "etc/passwd": "root:x:0:0::/root:/bin/sh\nhomeward:x:990:990::/var/lib/homeward:/usr/sbin/nologin\n",
            "etc/group": "root:x:0:\ndialout:x:20:homeward\nhomeward:x:990:\n",
            "run/systemd/system/x": "",
            "usr/lib/systemd/system/homeward.service": "[Service]\nWatchdogSec=30\n",
            "etc/systemd/system/multi-user.target.wants/homeward.service": "",
            "sys/class/bluetooth/hci0/address": "",
            "run/homeward-clock/state": f"1 1000 {time.clock_gettime_ns(time.CLOCK_BOOTTIME)}\n",
            "dev/null": "",
        }.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def process(self, number: int, name: str, holds: str | None = None, *words: str, **status: str) -> None:
        self.write(f"proc/{number}/comm", f"{name}\n")
        self.write(f"proc/{number}/cmdline", "\0".join([f"/usr/bin/{name}", *words]) + "\0")
        self.write(f"proc/{number}/status", "".join(f"{key}:\t{value}\n" for key, value in status.items()))
        (self.root / f"proc/{number}/fd").mkdir()
        if holds:
            (self.root / f"proc/{number}/fd/3").symlink_to(holds)

    def device(self, port: str, **more: Any) -> None:
        self.settings["devices"] = [
            {"id": "oximeter", "driver": "contec-cms50-v7", "port": port, "patient": "p-secret"} | more]

    def port(self, mode: int = 0o660) -> Path:
        """A port that belongs to the user 990, as rules of udev would have it."""
        file = self.write("dev/ttyUSB0", "")
        file.chmod(mode)
        if IS_ROOT:
            os.chown(file, 0, 20)
        self.device("/dev/ttyUSB0")
        return file

    def arguments(self) -> list[str]:
        file = self.folder / "homeward.json5"
        if self.has_settings and not file.exists():
            file.write_text(json.dumps(self.settings))
        return ["--config", str(file), "--socket", str(self.socket), "--system", str(self.root)]

    def run(self, command: str = "doctor", *more: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary(), command, *self.arguments(), *more], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, **options)

    def examine(self, **options: Any) -> tuple[int, dict[str, dict[str, Any]]]:
        done = self.run("doctor", "--json", **options)
        assert not done.stderr, done.stderr
        return done.returncode, {finding["code"]: finding for finding in map(json.loads, done.stdout.splitlines())}


#: Makes a box sick.
Plant = Callable[[Surgery, ExitStack], None]


def answering(status: dict[str, Any]) -> Plant:
    def plant(box: Surgery, stack: ExitStack) -> None:
        body = {"event": "status", "gateway": "box-1", "uptimeSeconds": 100, "radio": None, "devices": [], "alarms": []}
        stack.callback(FakeDaemon(box.socket, {"status": [body | status, DONE]}).close)
    return plant
