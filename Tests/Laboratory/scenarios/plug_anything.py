"""Devices plugged in any order, on any port, twice the same model, are recognised and read within seconds, each time.

Pulled out in the middle of a frame and plugged in again LAB_TIMES times (6; fifty in the long run). Four devices on
real USB with real udev: two Contec oximeters that have to be asked, a BerryMed and a Nonin that stream, all behind
chips that are in every cable. None is ever taken for another; neither memory nor descriptors grow. What streams is read
within 2 s of its port; what has to be asked within 4 s, because the port is listened to before anything is asked.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path
from typing import Any

from gadget import Gadget, sockets, start_udev, stop_udev
from home import ROOT, Home, expect, until

sys.path.insert(1, str(ROOT / "Tests" / "System"))
from harness import devices  # noqa: E402
from harness.devices import Shown  # noqa: E402

BOUND_SECONDS = 1200
#: Half a minute for each time, on a machine that must not be busy.
ONLY_BY_NAME = True
SECONDS_MAX = float(os.environ.get("LAB_PLUG_SECONDS", "2"))
ASKED_SECONDS_MAX = 2 * SECONDS_MAX
#: The first times make what stays: devices, sessions, caches.
WARM_TIMES = 2
GROWTH_MAX = 3 << 20


class Contec(Gadget):
    """Speaks when it is asked."""

    rate = 60.0
    shown = Shown()
    _talks = False
    _count = 0
    _commands = bytearray()

    #: A device that knows all questions.
    ANSWERS = devices.CONTEC_ANSWERS | {
        0xA0: bytes.fromhex("06808087"), 0xAA: bytes.fromhex("0480F5F3E5F2A0A0A0"),
    }

    def began(self) -> None:
        self._talks = False
        self._commands = bytearray()

    @property
    def is_talking(self) -> bool:
        return self._talks

    def frame(self) -> bytes:
        self._count += 1
        return devices.contec_live(self.shown, self._count % 100)

    def obey(self, said: bytes) -> None:
        self._commands += said
        while len(self._commands) >= 9:
            if self._commands[0] != 0x7D:
                del self._commands[0]
                continue
            command = devices.contec_command(bytes(self._commands[:9]))
            del self._commands[:9]
            if command == 0xA1:
                self._talks = True
            elif command == 0xA2:
                self._talks = False
            self._write(self.ANSWERS.get(command, b""))


class BerryMed(Gadget):
    rate = 100.0
    shown = Shown()
    _count = 0

    def frame(self) -> bytes:
        self._count += 1
        return devices.bci(self.shown, self._count)


class Nonin(Gadget):
    """Data format 7: 75 frames in a second, 25 to a packet."""

    rate = 75.0
    shown = Shown()
    _count = 0

    def frame(self) -> bytes:
        place = self._count % 25
        self._count += 1
        pulse, saturation = self.shown.pulse or 0, self.shown.saturation or 0
        wave = 1000 + self._count % 100
        number = {0: pulse >> 7, 1: pulse & 0x7F, 2: saturation}.get(place, 0)
        start = bytes([0x81 if place == 0 else 0x80, wave >> 8, wave & 0xFF, number])
        return start + bytes([sum(start) & 0xFF])


class Reader:
    """What was measured, by device: the saturation says which device it is, the pulse which plugging."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._position = 0
        self.saturations: dict[str, set[float]] = {}
        self.pulses: dict[str, set[float]] = {}
        self.health: dict[str, Any] = {}

    def look(self) -> None:
        messages = self._home._witness.messages
        while self._position < len(messages):
            message = messages[self._position]
            self._position += 1
            if message.topic == "health":
                self.health = message.body
            elif message.topic.endswith(("reading/oxygen-saturation", "reading/pulse-rate")):
                all = self.pulses if message.topic.endswith("pulse-rate") else self.saturations
                told = all.setdefault(message.body["device"], set())
                told |= {each["value"] for each in message.body["readings"] if each["value"] is not None}

    def has(self, device: str, pulse: int) -> bool:
        self.look()
        return pulse in self.pulses.get(device, ())


def kit() -> dict[str, Gadget]:
    """By the name that the program is to give them."""
    made: dict[str, Gadget] = {
        "contec-cms50-v7-cms-1": Contec("one", 0x10C4, 0xEA60, "CMS-1", "Silicon Labs", "CP2102"),
        "contec-cms50-v7-cms-2": Contec("two", 0x10C4, 0xEA60, "CMS-2", "Silicon Labs", "CP2102"),
        "berrymed-bci-bm-3": BerryMed("three", 0x10C4, 0xEA60, "BM-3", "Silicon Labs", "CP2102"),
        "nonin-serial-nn-4": Nonin("four", 0x0403, 0x6001, "NN-4", "FTDI", "FT232R"),
    }
    return made


def saturation(device: str) -> int:
    """Told apart by what they measure."""
    return 90 + int(device[-1])


async def plugged(
    home: Home, reader: Reader, device: str, gadget: Gadget, socket: str, time: int
) -> tuple[float, float]:
    """How long it took udev to be done with the port, and how long until a reading was heard."""
    pulse = 50 + time
    gadget.shown = Shown(saturation(device), pulse)  # type: ignore[attr-defined]
    appeared = await gadget.plug(socket)
    loop = asyncio.get_running_loop()
    link = Path("/dev/homeward") / (gadget.number or "")
    await until(link.exists, f"{link} is not there", 10)
    linked = loop.time() - appeared
    await until(
        lambda: reader.has(device, pulse), lambda: f"{device} on {socket}: no reading\n{home.last_lines(30)}", 30)
    return linked, loop.time() - appeared


def usage(reader: Reader) -> tuple[int, int]:
    process = reader.health["process"]
    return process["openDescriptors"], process["residentBytes"]


async def settled(home: Home, reader: Reader) -> tuple[int, int]:
    """What the process holds when nothing is plugged in, told after that."""
    for _ in range(2):
        reader.look()
        reader.health = {}
        await until(lambda: (reader.look(), reader.health)[1], home.last_lines)

    def is_alone() -> bool:
        reader.look()
        return all(each["link"] == "gone" for each in reader.health["devices"])

    await until(is_alone, home.last_lines)
    return usage(reader)


async def scenario(home: Home) -> None:
    times = int(os.environ.get("LAB_TIMES", "6"))
    start_udev()
    home._closers.append(stop_udev)
    await home.daemon(devices=[], bluetooth={"enabled": False})
    reader = Reader(home)
    await until(lambda: (reader.look(), reader.health)[1], home.last_lines)
    gadgets = kit()
    for gadget in gadgets.values():
        home._closers.append(gadget.close)
    dice = random.Random(7)
    needed: list[float] = []
    late: list[str] = []
    linked: list[float] = []
    first: tuple[int, int] | None = None
    for time in range(times):
        order = list(gadgets.items())
        dice.shuffle(order)
        places = sockets()
        dice.shuffle(places)
        for (device, gadget), socket in zip(order, places, strict=False):
            times_of_one = await plugged(home, reader, device, gadget, socket, time)
            linked.append(times_of_one[0])
            needed.append(times_of_one[1])
            if needed[-1] > (ASKED_SECONDS_MAX if isinstance(gadget, Contec) else SECONDS_MAX):
                late.append(f"{device} {needed[-1]:.2f}")
            home.log(f"time {time}: {device} on {socket} linked {linked[-1]:.2f} s, read {needed[-1]:.2f} s")
        await asyncio.sleep(0.3)
        dice.shuffle(order)
        for _, gadget in order:
            await gadget.pull()
            await asyncio.sleep(dice.random() * 0.1)
        reader.look()
        wrong = {
            device: values for device, values in reader.saturations.items()
            if device not in gadgets or values != {float(saturation(device))}
        }
        expect(not wrong, f"time {time}: taken for another: {wrong}\n{home.last_lines(40)}")
        if time + 1 == WARM_TIMES:
            first = await settled(home, reader)
    last = await settled(home, reader)
    growth = f"descriptors {first[0]} → {last[0]}, KiB {first[1] >> 10} → {last[1] >> 10}" if first else ""
    home.note(f"{times} times 4 devices, longest {max(needed):.2f} s, "
              f"median {sorted(needed)[len(needed) // 2]:.2f} s, of that udev "
              f"{sorted(linked)[len(linked) // 2]:.2f} s; {growth}")
    known = (await home.ask({"command": "devices"}))[0]["devices"]
    expect(sorted(each["device"] for each in known) == sorted(gadgets), f"devices: {known}")
    expect(not late, f"{len(late)} of {len(needed)} were read too late, in seconds: {late}")
    if first:
        expect(last[0] <= first[0], f"descriptors: {first[0]}, then {last[0]}")
        expect(last[1] - first[1] < GROWTH_MAX, f"memory: {first[1]} bytes, then {last[1]}")
