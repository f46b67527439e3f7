"""What the technician's tests share: asking the program, and lines of a daemon that is played by a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .daemon import homeward
from .fake_daemon import DONE, Conversation, FakeDaemon
from .terminal import Terminal

#: Makes a daemon that plays these conversations.
Make = Callable[[dict[str, Conversation]], FakeDaemon]
#: Sits down before a command that asks that daemon.
Sit = Callable[..., Terminal]


def ask(daemon: FakeDaemon, *arguments: str, given: str = "") -> tuple[int, str, str]:
    done = homeward(*arguments, "--socket", daemon.path, given=given.encode())
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def step(name: str, text: str = "") -> dict[str, Any]:
    return {"event": "step", "step": name, "text": text}


def question(kind: str, passkey: str | None = None) -> dict[str, Any]:
    return {"event": "question", "kind": kind, "passkey": passkey}


def reading(metric: str, value: float | None, unit: str, quality: str = "valid", *reasons: str, **more: Any) -> dict[str, Any]:
    return {"event": "reading", "metric": metric, "value": value, "unit": unit, "quality": quality,
            "reasons": list(reasons)} | more


def error(code: str, text: str = "it went wrong", remedy: str | None = "mend it") -> dict[str, Any]:
    return {"error": {"code": code, "text": text, "remedy": remedy}}


def sighting(address: str, **more: Any) -> dict[str, Any]:
    return {"address": address, "addressKind": "random", "name": None, "driver": None, "model": None, "rssiDBm": -60,
            "paired": False, "device": None, "lastHeardMilliseconds": 100, "isConnectable": True, "services": []} | more


RING = "C4:B5:00:11:22:33"
PAIRED = {"event": "paired", "device": "o2ring-2233", "driver": "viatom-o2ring", "model": "Viatom O2Ring",
          "address": RING, "bonded": True}
BEFORE = [step("searching"), step("connecting"), step("pairing")]
AFTER = [step("bonded"), step("discovering"), step("identified", "Viatom O2Ring"), step("testing"),
         reading("oxygen-saturation", 97, "%"), reading("pulse-rate", None, "/min", "invalid", "low-perfusion"), PAIRED, DONE]
ASSIGNED = [{"event": "assigned", "device": "o2ring-2233", "patient": "p-17", "from": "2026-11-21T12:20:00.000Z"}, DONE]
