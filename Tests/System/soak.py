"""Measures over minutes what the tests check in seconds, and writes it down as Markdown.

    soak.py FILE     # HOMEWARD_SOAK_KILLS, _OUTAGE_SECONDS, _STEADY_SECONDS and _DEVICES change the lengths

Only measured values are written, and only when everything that was promised held.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.broker import Broker
from harness.daemon import Daemon, homeward
from harness.kit import Kit
from harness.subscriber import Subscriber
from harness.waiting import until

DRIVERS = ["contec-cms50-v7", "berrymed-bci", "contec-cms50-v7", "nonin-serial"]


def setting(name: str, default: int) -> int:
    return int(os.environ.get(f"HOMEWARD_SOAK_{name}", default))


class Timed(Subscriber):
    """Notes for each live reading how long it took from the serial port to here, by the box's own clock."""

    def __init__(self, port: int) -> None:
        self.milliseconds: list[float] = []
        super().__init__(port)

    def receive(self, topic: str, payload: bytes, is_retained: bool = False) -> None:
        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        super().receive(topic, payload, is_retained)
        body = self.messages[-1].body
        if not is_retained and body.get("lane") == "reading" and body["delivery"] == "live":
            received = body["readings"][-1]["received"]["nanoseconds"]
            self.milliseconds.append((now - received) / 1e6)


@dataclass
class Scene:
    broker: Broker
    witness: Timed
    kits: list[Kit]
    daemon: Daemon


@contextmanager
def scene(kits: int, is_busy: bool) -> Iterator[Scene]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="homeward-soak-")))
        folder.chmod(0o711)
        broker = Broker(folder / "broker").start()
        stack.callback(broker.stop)
        witness = Timed(broker.port)
        stack.callback(witness.close)
        devices = [Kit(folder, f"kit-{index}", DRIVERS[index % 4]) for index in range(kits)]
        for kit in devices:
            kit.is_busy = is_busy
            stack.callback(kit.close)
        entries = [kit.entry(patient=f"p-{index % 4 + 1}") for index, kit in enumerate(devices)]
        daemon = Daemon(folder, broker.port, devices=entries)
        stack.callback(daemon.close)
        yield Scene(broker, witness, devices, daemon)


@dataclass
class Report:
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, what: str, value: object) -> None:
        self.rows.append((what, str(value)))
        print(f"{what}: {value}", flush=True)


def finish(scene: Scene, report: Report) -> None:
    committed = dict(scene.daemon.committed)
    scene.witness.wait_for_all(committed, within=300)
    scene.witness.check()
    report.add("messages committed", sum(committed.values()))
    report.add("committed and not delivered", 0)
    again = len([m for m in scene.witness.messages if m.body and m.body["lane"] in committed and not m.is_retained])
    report.add("delivered more than once, with the same bytes", again - len(
        {m.body["id"] for m in scene.witness.messages if m.body.get("lane") in committed and not m.is_retained}))


def kills(report: Report) -> None:
    count = setting("KILLS", 200)
    chance = random.Random(200)
    with scene(4, is_busy=True) as here:
        daemon = here.daemon
        restarts: list[float] = []
        for _ in range(count):
            before = daemon.committed.get("reading", 0)
            began = time.monotonic()
            daemon.start()
            daemon.wait_for_commits("reading", before + 1)
            restarts.append(time.monotonic() - began)
            daemon.wait_for_commits("reading", before + chance.randint(1, 400))
            daemon.kill()
        daemon.start()
        daemon.wait_for_commits("reading", daemon.committed["reading"] + 100)
        report.add("kills (SIGKILL), 4 busy devices", count)
        report.add("from start to the first commit, median", f"{statistics.median(restarts):.2f} s")
        report.add("from start to the first commit, longest", f"{max(restarts):.2f} s")
        finish(here, report)


def outages(report: Report) -> None:
    seconds = setting("OUTAGE_SECONDS", 60)
    with scene(4, is_busy=True) as here:
        here.daemon.start()
        here.daemon.wait_for_commits("reading", 100)
        catching_up: list[float] = []
        for _ in range(3):
            here.broker.stop()
            time.sleep(seconds)
            waiting = dict(here.daemon.committed)
            here.broker.start()
            began = time.monotonic()
            here.witness.wait_for_all(waiting, within=300)
            catching_up.append(time.monotonic() - began)
        report.add("outages of the broker", f"3 of {seconds} s, 4 busy devices")
        report.add("until everything that waited was delivered, longest", f"{max(catching_up):.1f} s")
        finish(here, report)


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(process: int, name: str) -> int:
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def written(process: int) -> int:
    line = next(line for line in Path(f"/proc/{process}/io").read_text().splitlines()
                if line.startswith("write_bytes"))
    return int(line.split()[1])


def steady(report: Report) -> None:
    seconds, devices = setting("STEADY_SECONDS", 600), setting("DEVICES", 8)
    with scene(devices, is_busy=False) as here:
        here.daemon.start()
        process = here.daemon.process.pid
        here.daemon.wait_for_commits("reading", 100)
        until(lambda: len(here.witness.milliseconds) > 100, "readings flow")
        began, cpu, disk, memory = time.monotonic(), cpu_seconds(process), written(process), status(process, "VmRSS")
        first, before = len(here.witness.milliseconds), dict(here.daemon.committed)
        end = began + seconds
        pulse = 60
        while time.monotonic() < end:
            # A number that changes now and then, as a patient's does.
            pulse = 60 + (pulse - 59) % 40
            for kit in here.kits:
                kit.show(saturation=90 + pulse % 9, pulse=pulse)
            time.sleep(2)
        elapsed = time.monotonic() - began
        waits = sorted(here.witness.milliseconds[first:])
        messages = sum(here.daemon.committed.values()) - sum(before.values())
        report.add("steady run", f"{elapsed:.0f} s, {devices} devices")
        report.add("messages", f"{messages}, {messages / elapsed:.1f} a second")
        report.add("processor time", f"{100 * (cpu_seconds(process) - cpu) / elapsed:.1f} % of one core")
        report.add("memory at the beginning and at the end (resident)",
                   f"{memory / 1024:.1f} MB, {status(process, 'VmRSS') / 1024:.1f} MB")
        report.add("written to disk", f"{(written(process) - disk) / elapsed / 1024:.0f} KB a second")
        report.add("open files", len(list(Path(f"/proc/{process}/fd").iterdir())))
        for name, share in (("median", 0.5), ("99 of 100", 0.99)):
            report.add(f"from the serial port to the subscriber, {name}", f"{waits[int(len(waits) * share)]:.1f} ms")
        report.add("from the serial port to the subscriber, longest", f"{waits[-1]:.1f} ms")
        finish(here, report)


def main(file: Path) -> None:
    sections = []
    for title, measure in (("Kills", kills), ("Outages", outages), ("Steady load", steady)):
        print(f"\n== {title} ==", flush=True)
        report = Report()
        measure(report)
        table = "\n".join(f"| {what} | {value} |" for what, value in report.rows)
        sections.append(f"## {title}\n\n| what | measured |\n| --- | --- |\n{table}\n")
    version = homeward("version").stdout.decode().strip()
    head = (
        "# Soak\n\nWritten by `script/soak`; every figure was measured by it, on pseudo terminals and Debian's "
        f"mosquitto on the same machine.\n\n- program: {version}\n- machine: {platform.machine()}, "
        f"{os.cpu_count()} processors, Linux {platform.release().split('-')[0]}\n"
        f"- date: {time.strftime('%Y-%m-%d', time.gmtime())}\n\n"
        "Latency is by the box's monotonic clock: from the moment the bytes were read to the moment the subscriber "
        "had the message.\n")
    file.write_text(head + "\n" + "\n".join(sections))
    print(f"\nWritten: {file}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: soak.py FILE")
    main(Path(sys.argv[1]))
