"""The program under test, run as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .kit import Kit
from .waiting import PATIENCE, Happening

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = re.compile(r"committed (\w+) (\d+)\.\.(\d+)")


def binary() -> str:
    return os.environ.get("HOMEWARD_BINARY") or str(ROOT / ".build" / "release" / "homeward")


def homeward(*arguments: str, given: bytes = b"", within: float = 60) -> subprocess.CompletedProcess[bytes]:
    """Runs a subcommand to its end."""
    return subprocess.run([binary(), *arguments], input=given, capture_output=True, timeout=within)


def configuration(folder: Path, port: int, devices: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    broker = {"host": "127.0.0.1", "port": port, "keepAliveSeconds": 5} | more.pop("broker", {})
    return {
        "gateway": "box-1",
        "dataDirectory": str(folder / "data"),
        "broker": broker,
        "healthIntervalSeconds": 1,
        "logLevel": "debug",
        "devices": list(devices),
    } | more


class Daemon:
    """Started and ended any number of times over one configuration and one data directory."""

    def __init__(self, folder: Path, broker_port: int, kits: Iterable[Kit] = (),
                 devices: Iterable[dict[str, Any]] = (), **more: Any) -> None:
        self.folder = folder
        self.file = folder / "homeward.json5"
        self.data = folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        entries = [kit.entry(patient="p-1") for kit in kits] + list(devices)
        self.settings = configuration(folder, broker_port, entries, **more)
        self.lines: list[str] = []
        #: The highest number of each lane that the program said is on disk.
        self.committed: dict[str, int] = {}
        self.notes: list[str] = []
        self.happening = Happening()
        self.environment: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the daemon has not been started"
        return self._process

    def start(self) -> Daemon:
        self.file.write_text(json.dumps(self.settings, indent=2))
        self._process = subprocess.Popen(
            [binary(), "run", "--config", str(self.file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace", env=os.environ | self.environment)
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        return self

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr
        for line in process.stderr:
            # A line cut off by a kill tells nothing.
            if not line.endswith("\n"):
                continue
            with self.happening:
                self.lines.append(line.rstrip())
                if told := COMMITTED.search(line):
                    lane, _, last = told.groups()
                    self.committed[lane] = max(self.committed.get(lane, 0), int(last))

    def wait_for_line(self, pattern: str, within: float = PATIENCE, since: int = 0) -> str:
        def look() -> str | None:
            return next((line for line in self.lines[since:] if re.search(pattern, line)), None)
        try:
            return self.happening.wait(look, f"a line like {pattern!r}", within)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(self.lines[-30:])) from None

    def wait_for_commits(self, lane: str, count: int, within: float = PATIENCE) -> None:
        self.happening.wait(lambda: self.committed.get(lane, 0) >= count, f"{count} messages of {lane}", within)

    def kill(self) -> None:
        """At any instant, without a warning."""
        self.process.kill()
        self._ended(10)

    def stop(self, within: float = 15) -> int:
        """As systemd does. The exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended(within)

    def wait(self, within: float = PATIENCE) -> int:
        return self._ended(within)

    def _ended(self, within: float) -> int:
        code = self.process.wait(timeout=within)
        assert self._reader
        self._reader.join(timeout=10)
        return code

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._ended(10)


class ServiceManager:
    """The end of systemd's notification socket."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "notify")
        self.notes: list[str] = []
        self.happening = Happening()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.settimeout(0.5)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                note = self._socket.recv(4096).decode(errors="replace")
            except TimeoutError:
                continue
            with self.happening:
                self.notes += note.splitlines()

    def wait_for(self, note: str, count: int = 1) -> None:
        self.happening.wait(
            lambda: sum(told.startswith(note) for told in self.notes) >= count, f"{note} on the notification socket")

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self._socket.close()
