"""The daemon's end of the local socket, playing conversations that were written down before.

A conversation is a list: a dictionary is sent as a line, `HEAR` waits for a line of the client, `HOLD` until the
client closes, a number lets that many seconds pass, bytes are sent as they are. At the end it closes.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .waiting import Happening

HEAR = object()
HOLD = object()
DONE: dict[str, Any] = {"done": True}

Conversation = Sequence[Any]


class FakeDaemon:
    def __init__(self, path: Path, conversations: Mapping[str, Conversation]) -> None:
        self.path = str(path)
        self.conversations = conversations
        self.requests: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        #: Conversations that the client has ended before we did.
        self.ended = 0
        self.happening = Happening()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                try:
                    self._converse(client)
                except OSError:
                    with self.happening:
                        self.ended += 1

    def _converse(self, client: socket.socket) -> None:
        client.settimeout(30)
        lines = client.makefile("rb")
        request = json.loads(lines.readline())
        with self.happening:
            self.requests.append(request)
        for step in self.conversations.get(request["command"], []):
            if step is HEAR:
                if not (line := lines.readline()):
                    raise OSError("the client has gone")
                with self.happening:
                    self.answers.append(json.loads(line))
            elif step is HOLD:
                lines.read()
                raise OSError("the client has gone")
            elif isinstance(step, bytes):
                client.sendall(step)
            elif isinstance(step, dict):
                client.sendall(json.dumps(step).encode() + b"\n")
            else:
                time.sleep(step)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)
