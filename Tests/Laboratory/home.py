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
from peripheral import Peripheral
from person import Person

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

    async def daemon(self, devices: list[dict[str, Any]] | None = None, kits: list[Any] | None = None,
                     is_witnessed: bool = True, **more: Any) -> Any:
        """Started on its first call; `devices` and `kits` are of the configuration, as in the system tests."""
        await (self.witness() if is_witnessed else self.broker())
        from harness.daemon import Daemon

        if self._daemon is None:
            more.setdefault("socket", {"path": str(self.socket)})
            self._daemon = Daemon(self.place, self._broker.port, kits or [], devices or [], **more)
            self._daemon.start()
        return self._daemon

    async def ready(self, within: float = PATIENCE) -> dict[str, Any]:
        """The daemon answers at its socket and its radio is ready. Its status."""
        end = time.monotonic() + within
        last: Any = "no answer"
        while time.monotonic() < end:
            try:
                last = await self.status()
                if last["radio"]["state"] == "ready":
                    return last
            except (OSError, AssertionError) as error:
                last = error
            await asyncio.sleep(0.2)
        raise AssertionError(f"the radio was not ready within {within:.0f} s: {last}\n{self.last_lines()}")

    @property
    def lines(self) -> list[str]:
        """The daemon's log."""
        return self._daemon.lines if self._daemon else []

    def last_lines(self, count: int = 15) -> str:
        return "\n".join(self._daemon.lines[-count:]) if self._daemon else ""

    async def stop_daemon(self) -> int:
        return await asyncio.to_thread(self._daemon.stop)

    async def kill_daemon(self) -> None:
        await asyncio.to_thread(self._daemon.kill)

    async def start_daemon(self) -> None:
        self._daemon.start()

    @property
    def resident_mebibytes(self) -> float:
        """VmRSS of the daemon."""
        status = Path(f"/proc/{self._daemon.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    # Its local socket.

    async def ask(self, request: dict[str, Any], within: float = PATIENCE) -> list[dict[str, Any]]:
        """One conversation without questions; the events before the last line. :class:`Told` for an error."""
        async def talk() -> list[dict[str, Any]]:
            reader, writer = await asyncio.open_unix_connection(str(self.socket), limit=1 << 20)
            try:
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                events = []
                while line := await reader.readline():
                    event = json.loads(line)
                    if "error" in event:
                        raise Told(event["error"])
                    if "done" in event:
                        return events
                    events.append(event)
                raise AssertionError(f"{request['command']}: the conversation ended without a last line")
            finally:
                writer.close()
        try:
            return await asyncio.wait_for(talk(), within)
        except TimeoutError:
            raise AssertionError(f"{request['command']}: not done within {within:.0f} s") from None

    async def status(self) -> dict[str, Any]:
        return (await self.ask({"command": "status"}))[0]

    async def known(self, device: str) -> dict[str, Any] | None:
        """A device as `devices` tells it."""
        told = (await self.ask({"command": "devices"}))[0]["devices"]
        return next((each for each in told if each["device"] == device), None)

    async def is_linked(self, device: str, within: float = PATIENCE) -> dict[str, Any]:
        return await self.until_known(device, lambda each: each["link"] == "connected", "connected", within)

    async def until_known(self, device: str, wanted: Callable[[dict[str, Any]], bool], what: str,
                          within: float = PATIENCE) -> dict[str, Any]:
        end = time.monotonic() + within
        while True:
            told = await self.known(device)
            if told and wanted(told):
                return told
            if time.monotonic() > end:
                raise AssertionError(f"{device} was not {what} within {within:.0f} s: {told}\n{self.last_lines()}")
            await asyncio.sleep(0.1)

    # Its commands.

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

    async def scan(self, seconds: int, *wanted: Peripheral) -> dict[str, dict[str, Any]]:
        """Sightings by address, when all that are wanted have been seen or the time is up."""
        reader, writer = await asyncio.open_unix_connection(str(self.socket), limit=1 << 20)
        found: dict[str, dict[str, Any]] = {}
        try:
            writer.write(json.dumps({"command": "scan", "seconds": seconds}).encode() + b"\n")
            async with asyncio.timeout(seconds + 10):
                while line := await reader.readline():
                    event = json.loads(line)
                    if "error" in event:
                        raise Told(event["error"])
                    found |= {each["address"]: each for each in event.get("sightings", [])}
                    if "done" in event or wanted and all(each.address in found for each in wanted):
                        break
        finally:
            writer.close()
        return found

    async def pair(self, device: Peripheral, *more: str, within: float = 60) -> dict[str, Any]:
        """As a technician does: `homeward pair`, with what the device shows typed and what is shown typed there.

        The event `paired`; :class:`Told` when it failed.
        """
        process = await asyncio.create_subprocess_exec(
            self.program, "pair", device.address, "--json", "--socket", str(self.socket), *more,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            limit=1 << 20)
        assert process.stdin and process.stdout and process.stderr
        events: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(within):
                while line := await process.stdout.readline():
                    event = json.loads(line)
                    events.append(event)
                    self.log(f"pair {device.name}: {line.decode().strip()}")
                    if event.get("event") == "question" and (answer := await self._answer(device, event)):
                        process.stdin.write(json.dumps({"answer": answer}).encode() + b"\n")
                        await process.stdin.drain()
                errors = (await process.stderr.read()).decode(errors="replace")
                await process.wait()
        except TimeoutError:
            raise AssertionError(f"pairing {device.name}: not done within {within:.0f} s; {events[-3:]}\n"
                                 f"{self.last_lines()}") from None
        finally:
            if process.returncode is None:
                process.kill()
        if failed := next((event["error"] for event in events if "error" in event), None):
            raise Told(failed)
        paired = next((event for event in events if event.get("event") == "paired"), None)
        expect(paired is not None, f"pairing {device.name} ended with {process.returncode}: {errors}{events[-3:]}")
        assert paired is not None
        return paired

    async def _answer(self, device: Peripheral, question: dict[str, Any]) -> str | None:
        kind = question["kind"]
        if kind == "passkey-entry":
            return await device.person.read()
        if kind == "passkey-display":
            device.person.type(int(question["passkey"]))
            return None
        if kind == "comparison":
            return "yes" if await device.person.read() == question["passkey"] else "no"
        return "yes"

    async def assign(self, device: str, patient: str) -> None:
        await self.ask({"command": "assign", "device": device, "patient": patient})

    # What was published.

    def _published(self, kind: str, metric: str, patient: str) -> list[dict[str, Any]]:
        """`+`: of every patient and of none. In the order of the lane's numbers."""
        topics = [f"patient/{patient}/{kind}/{metric}"] + ([f"unassigned/{kind}/{metric}"] if patient == "+" else [])
        bodies = [message.body for topic in topics for message in self._witness.unique(topic)]
        return sorted(bodies, key=lambda body: body["seq"])

    def readings(self, metric: str, device: str | None = None, patient: str = "+") -> list[dict[str, Any]]:
        wanted = [body for body in self._published("reading", metric, patient) if device in (None, body["device"])]
        return [reading for body in wanted for reading in body["readings"]]

    def values(self, metric: str, device: str | None = None, patient: str = "+") -> list[float | None]:
        return [reading["value"] for reading in self.readings(metric, device, patient)]

    def beat_intervals(self, device: str, patient: str = "+") -> list[int]:
        """In 1/1024 s as they were sent: even numbers, so that the rounding to milliseconds does not matter."""
        return [round(value * 0.512) * 2 for value in self.values("rr-interval", device, patient) if value]

    def twin(self, device: str) -> dict[str, Any]:
        """The device as it was last published."""
        return self._witness.on(f"device/{device}")[-1].body

    def waveform(self, metric: str, device: str, patient: str = "+") -> list[dict[str, Any]]:
        return [body for body in self._published("waveform", metric, patient) if body["device"] == device]


class Told(AssertionError):
    """The daemon answered with an error: `code`, `text`, `remedy`."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('text')}")
        self.code = error.get("code")
        self.error = error


def in_order(sent: list[Any], got: list[Any], what: str, holes_max: int = 0) -> None:
    """What came is what was sent, from some point on: nothing lost, nothing twice, nothing out of order.

    `holes_max`: so many may be missing between them.
    """
    expect(got, f"{what}: nothing came of {len(sent)}")
    best = start = 0
    for place, value in enumerate(sent):
        if value != got[0]:
            continue
        if (reached := matched(sent, place, got, holes_max)) == len(got):
            return
        if reached > best:
            best, start = reached, place
    before = slice(max(0, best - 3), best + 4)
    raise AssertionError(f"{what}: value {best} of {len(got)} is wrong: came {got[before]}, sent "
                         f"{sent[start + before.start:start + before.stop + holes_max]}")


def matched(sent: list[Any], start: int, got: list[Any], holes_max: int) -> int:
    """How many of `got` are in `sent` in their order, from `start` on."""
    place, holes = start, 0
    for count, value in enumerate(got):
        while place < len(sent) and sent[place] != value:
            place, holes = place + 1, holes + 1
            if holes > holes_max:
                return count
        if place == len(sent):
            return count
        place += 1
    return len(got)
