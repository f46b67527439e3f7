"""Oximeters, spirometers and ECG boards in any order, on any port: each is known and read within 2 s, 52 times.

Six devices, two of each model, four sockets: each round plugs in two of one model and one of each other, waits until
all are read, and pulls them out in the middle of a frame. The oximeters have to be asked; one spirometer and they are
behind the same kind of cable, the rest behind boards that no rule names. What each says holds a mark of its own and
the number of the round, so that nothing can be taken for another or for what was said before. Neither memory nor
descriptors grow. LAB_TIMES rounds (13) of four.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

from gadget import sockets, start_udev, stop_udev
from home import Home, expect, until
from wired import CP210X, PICO, Contec, ECGBoard, Spirometer, Wired

BOUND_SECONDS = 1800
SECONDS_MAX = float(os.environ.get("LAB_PLUG_SECONDS", "2"))
#: The first rounds make what stays: devices, sessions, caches.
WARM_ROUNDS = 3
GROWTH_MAX = 3 << 20


class Reader:
    """What was measured: by device the marks, which say what it is, and the counts, which say in which round."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._position = 0
        self.marks: dict[str, set[float]] = {}
        self.counts: dict[str, set[float]] = {}
        self.health: dict[str, Any] = {}

    def look(self) -> None:
        messages = self._home._witness.messages
        while self._position < len(messages):
            message = messages[self._position]
            self._position += 1
            if message.topic == "health":
                self.health = message.body
                continue
            kind = message.topic.split("/")[-2:]
            if len(kind) < 2 or kind[0] not in ("reading", "waveform", "session"):
                continue
            marks, counts = told(kind[1], message.body)
            self.marks.setdefault(message.body["device"], set()).update(marks)
            self.counts.setdefault(message.body["device"], set()).update(counts)

    def has(self, device: str, count: int) -> bool:
        self.look()
        return count in self.counts.get(device, ())


def told(what: str, body: dict[str, Any]) -> tuple[set[float], set[float]]:
    """The marks and the counts in a message."""
    if what in ("oxygen-saturation", "pulse-rate"):
        values = {each["value"] for each in body["readings"] if each["value"] is not None}
        return ({value - 90 for value in values}, set()) if what == "oxygen-saturation" else (
            set(), {value - 50 for value in values})
    if what == "ecg-lead-i":
        return set(body["samples"]), set()
    if what == "ecg-lead-ii":
        return set(), set(body["samples"])
    marks: set[float] = set()
    counts: set[float] = set()
    if what == "spirometry":
        for manoeuvre in body["manoeuvres"]:
            results = {each["metric"]: each["value"] for each in manoeuvre["results"]}
            samples = [each for curve in manoeuvre["curves"] for each in curve["tracks"][0]["samples"]]
            if "peak-expiratory-flow" in results and tuple(samples) == Spirometer.FLOWS:
                marks.add(results["peak-expiratory-flow"])
                counts.add(round((results["forced-vital-capacity"] - 1) * 100))
    return marks, counts


def kit() -> list[dict[str, Wired]]:
    """Two of each model, by the name that the program is to give them."""
    return [
        {"contec-cms50-v7-cms-1": Contec("CMS-1", 1, CP210X), "contec-cms50-v7-cms-2": Contec("CMS-2", 2, CP210X)},
        {"open-spirometer-sp-3": Spirometer("SP-3", 3, CP210X), "open-spirometer-sp-4": Spirometer("SP-4", 4, PICO)},
        {"open-ecg-ec-5": ECGBoard("EC-5", 5), "open-ecg-ec-6": ECGBoard("EC-6", 6)},
    ]


def chosen(models: list[dict[str, Wired]], dice: random.Random) -> list[tuple[str, Wired]]:
    """Both of one model, one of each other, in any order."""
    twice = dice.randrange(len(models))
    found: list[tuple[str, Wired]] = []
    for number, model in enumerate(models):
        found += dice.sample(sorted(model.items()), 2 if number == twice else 1)
    dice.shuffle(found)
    return found


async def plugged(home: Home, reader: Reader, device: str, gadget: Wired, socket: str, count: int) -> float:
    """How long it took from the appearance of the port until what it measures was heard."""
    gadget.count = count
    appeared = await gadget.plug(socket)
    await until(
        lambda: reader.has(device, count), lambda: f"{device} on {socket}: not read\n{home.last_lines(30)}", 30)
    return asyncio.get_running_loop().time() - appeared


async def settled(home: Home, reader: Reader) -> tuple[int, int]:
    """Descriptors and resident bytes when nothing is plugged in, told after that."""
    for _ in range(2):
        reader.look()
        reader.health = {}
        await until(lambda: (reader.look(), reader.health)[1], home.last_lines)

    def is_alone() -> bool:
        reader.look()
        return all(each["link"] == "gone" for each in reader.health["devices"])

    await until(is_alone, home.last_lines)
    process = reader.health["process"]
    return process["openDescriptors"], process["residentBytes"]


async def scenario(home: Home) -> None:
    rounds = int(os.environ.get("LAB_TIMES", "13"))
    start_udev()
    home._closers.append(stop_udev)
    await home.daemon(devices=[], bluetooth={"enabled": False})
    reader = Reader(home)
    await until(lambda: (reader.look(), reader.health)[1], home.last_lines)
    models = kit()
    marks = {device: gadget.mark for model in models for device, gadget in model.items()}
    for model in models:
        for gadget in model.values():
            home._closers.append(gadget.close)
    dice = random.Random(7)
    needed: list[tuple[float, str]] = []
    first: tuple[int, int] | None = None
    for count in range(rounds):
        devices = chosen(models, dice)
        places = sockets()
        dice.shuffle(places)
        for (device, gadget), socket in zip(devices, places, strict=True):
            needed.append((await plugged(home, reader, device, gadget, socket, count), device))
            home.log(f"round {count}: {device} on {socket} read after {needed[-1][0]:.2f} s")
        await asyncio.sleep(0.3)
        dice.shuffle(devices)
        for _, gadget in devices:
            await gadget.pull()
            await asyncio.sleep(dice.random() * 0.1)
        reader.look()
        wrong = {device: seen for device, seen in reader.marks.items() if seen - {marks.get(device)}}
        expect(not wrong, f"round {count}: taken for another: {wrong}\n{home.last_lines(40)}")
        if count + 1 == WARM_ROUNDS:
            first = await settled(home, reader)
    last = await settled(home, reader)
    times = sorted(seconds for seconds, _ in needed)
    growth = f"descriptors {first[0]} → {last[0]}, KiB {first[1] >> 10} → {last[1] >> 10}" if first else ""
    longest = {kind: max(seconds for seconds, device in needed if device.startswith(kind))
               for kind in ("contec", "open-spirometer", "open-ecg")}
    each = ", ".join(f"{kind} {seconds:.2f}" for kind, seconds in longest.items())
    home.note(f"{len(needed)} times, median {times[len(times) // 2]:.2f} s, longest: {each} s; {growth}")
    known = (await home.ask({"command": "devices"}))[0]["devices"]
    expect({each["device"] for each in known} <= set(marks), f"devices: {known}")
    late = [f"{device} {seconds:.2f}" for seconds, device in needed if seconds > SECONDS_MAX]
    expect(not late, f"{len(late)} of {len(needed)} were read too late, in seconds: {late}")
    if first:
        expect(last[0] <= first[0], f"descriptors: {first[0]}, then {last[0]}")
        expect(last[1] - first[1] < GROWTH_MAX, f"memory: {first[1]} bytes, then {last[1]}")
