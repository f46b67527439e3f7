"""What a scenario has at hand: the air, devices, a broker, the program, its commands, and waiting with an end."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from air import Air
from peripheral import Peripheral, Person

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
#: Emulated processors beside a build: reached only when something is wrong.
PATIENCE = 30.0


async def until(look: Callable[[], T], what: str | Callable[[], str], within: float = PATIENCE) -> T:
    """The first truthy answer of `look`."""
    end = time.monotonic() + within
    while not (answer := look()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {within:.0f} s: {what() if callable(what) else what}")
        await asyncio.sleep(0.02)
    return answer


def expect(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(what)


class Home:
    """Everything that was started is ended with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: The program's own files: not on the shared folder, which knows no sockets and no locks.
        self.place = Path("/run") / f"home-{os.getpid()}"
        self.place.mkdir(parents=True)
        self.air = Air()
        self.devices: dict[str, Peripheral] = {}
        self._broker: Any = None
        self._daemon: Any = None
        self._witness: Any = None
        self._closers: list[Callable[[], Any]] = []
        self.began = time.monotonic()

    async def __aenter__(self) -> Home:
        return self

    async def __aexit__(self, *_: object) -> None:
        for close in reversed(self._closers):
            try:
                result = close()
                if isinstance(result, Awaitable):
                    await asyncio.wait_for(result, 10)
            except Exception as error:
                self.log(f"closing: {error!r}")
        if self._daemon:
            (self.folder / "homeward.log").write_text("\n".join(self._daemon.lines) + "\n")
            await asyncio.to_thread(self._daemon.close)
        if self._witness:
            await asyncio.to_thread(self._witness.close)
            with (self.folder / "messages").open("w") as file:
                for message in self._witness.messages:
                    file.write(f"{message.topic} {message.payload.decode(errors='replace')}\n")
        if self._broker:
            await asyncio.to_thread(self._broker.stop)
        for device in self.devices.values():
            await device.close()
        self.air.close()

    def log(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:8.3f} {text}", flush=True)

    def note(self, text: str) -> None:
        """Told beside the scenario's result: what was measured."""
        self.log(text)
        (self.folder / "note").write_text(text + "\n")

    # The air.

    async def device(self, kind: str, advertises: bool = True, **options: Any) -> Any:
        """A device of `devices/{kind}.py`, on and advertising."""
        module = importlib.import_module(f"devices.{kind}")
        device = module.Device(self.air, **options)
        await device.start()
        if advertises:
            await device.advertise()
        name = kind if kind not in self.devices else f"{kind}-{device.number}"
        self.devices[name] = device
        return device

    @staticmethod
    def person(kind: str, **options: Any) -> Person:
        return Person(kind=kind, **options)

    async def management(self) -> Any:
        """A management socket of the test's own."""
        import management

        made = management.Management()
        self._closers.append(made.close)
        return made

    # The broker and its witness.

    async def broker(self) -> Any:
        if self._broker is None:
            sys.path.insert(1, str(ROOT / "Tests" / "System"))
            from harness.broker import Broker

            self._broker = Broker(self.place / "broker")
            self.place.chmod(0o755)
            await asyncio.to_thread(self._broker.start)
        return self._broker

    async def witness(self) -> Any:
        """Hears everything that is published, from now on."""
        broker = await self.broker()
        if self._witness is None:
            from harness.subscriber import Subscriber

            self._witness = await asyncio.to_thread(Subscriber, broker.port)
        return self._witness

    # The program.

    @property
    def program(self) -> str:
        return os.environ["HOMEWARD_BINARY"]

    @property
    def socket(self) -> Path:
        return self.place / "homeward.sock"

    async def daemon(self, devices: list[dict[str, Any]] | None = None, **more: Any) -> Any:
        """Started on its first call; `devices` are of the configuration, as for serial ones."""
        await self.witness()
        from harness.daemon import Daemon

        if self._daemon is None:
            # The configuration's key of the local socket.
            more.setdefault("socket", {"path": str(self.socket)})
            self._daemon = Daemon(self.place, self._broker.port, devices=devices or [], **more)
            self._daemon.start()
        return self._daemon

    async def stop_daemon(self) -> int:
        return await asyncio.to_thread(self._daemon.stop)

    async def kill_daemon(self) -> None:
        await asyncio.to_thread(self._daemon.kill)

    async def start_daemon(self) -> None:
        self._daemon.start()

    async def command(self, *arguments: str, within: float = PATIENCE) -> tuple[int, str, str]:
        """A subcommand to its end: exit status, output, errors."""
        process = await asyncio.create_subprocess_exec(
            self.program, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE)
        try:
            output, errors = await asyncio.wait_for(process.communicate(), within)
        except TimeoutError:
            process.kill()
            raise AssertionError(f"homeward {' '.join(arguments)}: not done within {within:.0f} s") from None
        assert process.returncode is not None
        return process.returncode, output.decode(errors="replace"), errors.decode(errors="replace")
