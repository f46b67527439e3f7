"""An ECG board on a port whose patient's heart stops: alarm, strip, readings and picture, from outside."""

from __future__ import annotations

import json
import math
import os
import time
import tty
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness.broker import Broker
from harness.daemon import Daemon, homeward
from harness.ecg_board import Board
from harness.subscriber import Message, Subscriber

MakeDaemon = Callable[..., Daemon]
RATE = 250
#: The heart is played this many times faster than it beats.
SPEED = 4
#: Height (mV), place (s from the R peak) and width (s) of P, Q, R, S and T.
WAVES = ((0.12, -0.17, 0.022), (-0.1, -0.028, 0.009), (1.1, 0.0, 0.011), (-0.22, 0.03, 0.011), (0.28, 0.27, 0.045))


def heart(beats: list[float], seconds: int) -> list[int]:
    """Samples of half a microvolt: beats at those seconds, a wandering baseline, a little noise."""
    values = [0.05 * math.sin(index / RATE * 1.7) + 0.004 * math.sin(index * 12.9898) for index in range(seconds * RATE)]
    for beat in beats:
        for index in range(max(0, int((beat - 0.4) * RATE)), min(len(values), int((beat + 0.5) * RATE))):
            for height, place, width in WAVES:
                values[index] += height * math.exp(-(((index / RATE - beat - place) / width) ** 2) / 2)
    return [round(value * 2000) for value in values]


class ECGPort:
    """A board on a terminal."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "ecg")
        self.board = Board(leads=("ecg-lead-ii",))
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.symlink(os.ttyname(slave), self.path)
        os.close(slave)

    def play(self, samples: list[int]) -> None:
        started = time.monotonic()
        for place in range(0, len(samples), 10):
            if place % RATE == 0:
                os.write(self._master, self.board.header())
            sets = [(sample,) for sample in samples[place : place + 10]]
            os.write(self._master, self.board.samples(place, sets))
            ahead = place / RATE / SPEED - (time.monotonic() - started)
            if ahead > 0:
                time.sleep(ahead)

    def close(self) -> None:
        os.close(self._master)


@pytest.fixture
def port(folder: Path, stack: ExitStack) -> ECGPort:
    port = ECGPort(folder)
    stack.callback(port.close)
    return port


def of(topic: str) -> Callable[[Message], bool]:
    return lambda message: message.topic == topic


def test_a_heart_that_stops_is_an_alarm_a_strip_and_a_picture(
        broker: Broker, witness: Subscriber, port: ECGPort, make_daemon: MakeDaemon) -> None:
    entry = {"id": "ecg", "driver": "open-ecg", "port": port.path, "patient": "p-1"}
    daemon = make_daemon(broker.port, devices=[entry]).start()
    daemon.wait_for_line("ecg: connected")
    # Thirty seconds at 75 a minute, nine without a beat, half a minute again.
    beats = [0.5 + 0.8 * number for number in range(37)] + [39 + 0.8 * number for number in range(38)]
    port.play(heart(beats, 70))

    def is_start(message: Message) -> bool:
        return message.topic == "patient/p-1/alert/high" and message.body["phase"] == "start"

    alert = witness.wait_for(is_start, "the alarm").body
    assert (alert["condition"], alert["kind"], alert["state"]) == ("asystole", "physiological", "active")
    assert alert["text"].startswith("Asystole, no beat for")
    strip = witness.wait_for(of("patient/p-1/session/ecg-strip"), "its strip").body
    assert strip["session"] == alert["finding"]["session"]
    (signal,) = strip["signals"]
    assert (signal["metric"], signal["sampleRateHz"]) == ("ecg-lead-ii", RATE)
    marks: list[dict[str, Any]] = strip["analysis"]["annotations"]
    (stop,) = [mark for mark in marks if mark["kind"] == "asystole"]
    assert stop["seconds"] == pytest.approx(10, abs=0.1)
    assert sum(mark["kind"] == "beat-normal" for mark in marks) > 10

    def is_rate(message: Message) -> bool:
        return message.topic == "patient/p-1/reading/heart-rate"

    rates = [reading["value"] for message in witness.unique("patient/p-1/reading/heart-rate") if is_rate(message)
             for reading in message.body["readings"] if reading["value"] is not None]
    assert any(abs(rate - 75) <= 1 for rate in rates), rates
    witness.check()

    stored = sorted((Path(daemon.data) / "sessions").glob("session-*.json"))
    kinds = {json.loads(file.read_text())["session"]: file for file in stored}
    drawn = homeward("report", str(kinds[strip["session"]]))
    assert drawn.returncode == 0, drawn.stderr
    assert "asystole" in drawn.stdout.decode() and ">II<" in drawn.stdout.decode()
