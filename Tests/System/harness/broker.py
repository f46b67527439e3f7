"""Debian's mosquitto on a free loopback port, with its own configuration and its own end."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from pathlib import Path

from .waiting import until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def mosquitto() -> str:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise RuntimeError("mosquitto is missing: script/install-dependencies")
    return found


class Broker:
    """Keeps sessions and their queues across :meth:`stop` and :meth:`start`, as a broker in a hospital would."""

    def __init__(self, folder: Path, port: int | None = None, acl: str | None = None,
                 users: dict[str, str] | None = None, extra: str = "") -> None:
        self.port = port or free_port()
        self.folder = folder
        self._acl = folder / "acl"
        self._configuration = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        # mosquitto gives up root and still has to write here.
        folder.chmod(0o777)
        lines = [
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {'false' if users else 'true'}",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
            "max_inflight_messages 0",
            "log_type error",
            "log_type warning",
            "log_type notice",
            extra,
        ]
        if users:
            lines.append(f"password_file {self._passwords(users)}")
        if acl is not None:
            self.allow(acl, tell=False)
            lines.append(f"acl_file {self._acl}")
        self._configuration.write_text("\n".join(lines) + "\n")

    def _passwords(self, users: dict[str, str]) -> Path:
        path = self.folder / "passwords"
        path.touch()
        for name, password in users.items():
            subprocess.run(["mosquitto_passwd", "-b", str(path), name, password], check=True, timeout=20)
        path.chmod(0o644)
        return path

    def allow(self, acl: str, tell: bool = True) -> None:
        """Replaces the access rules, also of connections that exist."""
        self._acl.write_text(acl)
        self._acl.chmod(0o644)
        if tell and self._process:
            self._process.send_signal(signal.SIGHUP)

    def start(self) -> Broker:
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen(
                [mosquitto(), "-c", str(self._configuration)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until(lambda: accepts(self.port), f"mosquitto listens: {self.folder}/mosquitto.log", within=20)
        return self

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=15)
        self._process = None
