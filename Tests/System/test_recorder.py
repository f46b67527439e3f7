"""Raw recordings of a running daemon's devices, and what replaying them gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.broker import Broker
from harness.daemon import Daemon, homeward
from harness.kit import Kit
from harness.subscriber import Subscriber
from harness.waiting import until

MakeKit = Callable[..., Kit]
MakeDaemon = Callable[..., Daemon]


def replayed(file: Path) -> list[dict[str, Any]]:
    done = homeward("replay", str(file))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def values(lines: list[dict[str, Any]], metric: str) -> list[Any]:
    return [line["value"] for line in lines if line["kind"] == "reading" and line["metric"] == metric]


@pytest.fixture
def home(broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon,
         folder: Path) -> Callable[..., tuple[Kit, Daemon, str]]:
    def make(**more: Any) -> tuple[Kit, Daemon, str]:
        kit = make_kit()
        path = str(folder / "homeward.sock")
        daemon = make_daemon(broker.port, kit, socket={"path": path}, bluetooth={"enabled": False}, **more).start()
        witness.wait_for(lambda m: m.topic.endswith("/oxygen-saturation"), "a reading")
        return kit, daemon, path
    return make


def test_a_technician_records_a_device_of_the_running_daemon(
        home: Callable[..., tuple[Kit, Daemon, str]], folder: Path) -> None:
    kit, daemon, path = home()
    kit.show(saturation=91)
    file = folder / "field.capture"
    done = homeward("record", "oximeter", str(file), "--seconds", "3", "--socket", path)
    assert done.returncode == 0, done.stderr
    assert b"frame" in done.stderr and b"middle of a connection" in done.stderr
    assert 91 in values(replayed(file), "oxygen-saturation")
    text = file.read_text()
    assert "p-1" not in text and "box-1" not in text and str(folder) not in text
    assert not (daemon.data / "recordings").exists()
    assert daemon.stop() == 0


def test_the_recorder_keeps_each_connection_as_a_file_that_replays_to_the_same_readings(
        home: Callable[..., tuple[Kit, Daemon, str]], witness: Subscriber) -> None:
    kit, daemon, path = home(recorder={"enabled": True})
    kit.show(saturation=88)
    witness.wait_for(lambda m: m.topic.endswith("/oxygen-saturation") and any(
        each["value"] == 88 for each in m.body["readings"]), "88 %")
    before = homeward("record", "oximeter", "--seconds", "0", "--socket", path)
    assert before.returncode == 0 and b"# begins: with the connection" in before.stdout, before.stderr
    assert daemon.stop() == 0
    folder = daemon.data / "recordings"
    file = folder / "oximeter.1.capture"
    assert until(file.exists, "a file")
    assert folder.stat().st_mode & 0o777 == 0o700 and file.stat().st_mode & 0o777 == 0o600
    witness.wait_for_all(daemon.committed)
    told = [each["value"] for m in witness.messages if m.topic.endswith("/reading/oxygen-saturation")
            for each in m.body["readings"]]
    assert values(replayed(file), "oxygen-saturation") == told


def test_a_device_that_is_not_recorded_has_nothing_of_before(
        home: Callable[..., tuple[Kit, Daemon, str]]) -> None:
    _, _, path = home()
    done = homeward("record", "oximeter", "--seconds", "0", "--socket", path)
    assert done.returncode != 0 and b"not recorded" in done.stderr
    done = homeward("record", "nobody", "--socket", path)
    assert done.returncode == 64


@pytest.mark.parametrize("driver", ["polar-h10", "viatom-oxy"])
def test_a_driver_without_a_serial_line_takes_no_port(driver: str, folder: Path) -> None:
    done = homeward("record", "--driver", driver, "--port", "/dev/null")
    assert done.returncode == 64 and b"no serial port" in done.stderr
    file = folder / "wrong.json5"
    file.write_text(json.dumps({"gateway": "g", "broker": {"host": "h"}, "devices": [
        {"id": "d", "driver": driver, "port": "/dev/ttyUSB0"}]}))
    done = homeward("check-config", str(file))
    assert done.returncode == 78 and b"homeward pair" in done.stderr


def test_the_page_of_devices_is_what_the_program_prints() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "devices.md"
    assert homeward("drivers", "--markdown").stdout.decode() == page.read_text()
