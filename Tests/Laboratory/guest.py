"""The guest's part: runs scenarios one after the other, each in a process of its own, and writes what came of it."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = Path("/run/laboratory")


def report(name: str, passed: bool, seconds: float, reason: str = "", note: str = "") -> None:
    line = {"scenario": name, "passed": passed, "seconds": round(seconds, 1), "reason": reason, "note": note}
    with (OUT / "results").open("a") as file:
        file.write(json.dumps(line) + "\n")


def kernel_log() -> bytes:
    """What the kernel said since the last time."""
    return subprocess.run(["dmesg", "-c"], capture_output=True).stdout


def last_lines(path: Path, count: int) -> str:
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-count:])


def begin(name: str, log: Path) -> int:
    """A process of its own; forked, because importing takes ten seconds on an emulated processor."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    code = 2
    try:
        code = run_one(name)
        sys.stdout.flush()
    finally:
        os._exit(code)


def end_of(child: int, bound: float) -> int | None:
    """The exit code, `None` when the time is up. What the scenario left behind goes with it."""
    end = time.monotonic() + bound
    code: int | None = None
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            break
        time.sleep(0.05)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if code is None:
        os.waitpid(child, 0)
    return code


def run_all(names: list[str]) -> None:
    import catalogue

    # What scenarios import, once for all.
    for each in ("home", "management"):
        importlib.import_module(each)
    kernel_log()
    for each in catalogue.chosen(names):
        folder = OUT / each.name
        folder.mkdir(exist_ok=True)
        log = folder / "scenario.log"
        began = time.monotonic()
        code = end_of(begin(each.name, log), each.bound_seconds)
        seconds = time.monotonic() - began
        note = last_lines(folder / "note", 1)
        if code == 0:
            report(each.name, True, seconds, note=note)
        elif code is None:
            report(each.name, False, seconds, f"not done after {each.bound_seconds:.0f} s\n{last_lines(log, 25)}", note)
        else:
            reason = (folder / "reason").read_text() if (folder / "reason").exists() else last_lines(log, 25)
            report(each.name, False, seconds, reason, note)
        (folder / "kernel.log").write_bytes(kernel_log())


def run_one(name: str) -> int:
    import asyncio

    import home as houses

    module = importlib.import_module(f"scenarios.{name}")
    folder = OUT / name
    folder.mkdir(exist_ok=True)

    async def scenario() -> None:
        async with houses.Home(folder) as home:
            await module.scenario(home)

    try:
        asyncio.run(scenario())
        return 0
    except AssertionError as error:
        at = traceback.extract_tb(error.__traceback__)
        here = next((frame for frame in reversed(at) if "/scenarios/" in frame.filename), at[-1])
        (folder / "reason").write_text(f"{error}\nat {Path(here.filename).name}:{here.lineno}: {here.line}\n")
        traceback.print_exc()
        return 1
    except Exception:
        traceback.print_exc()
        return 2


def run_command(command: str, devices: list[str]) -> int:
    """A shell command beside devices that advertise."""
    import asyncio

    import home as houses

    async def beside() -> int:
        async with houses.Home(OUT) as home:
            await home.air.plug()
            for name in devices:
                await home.device(name)
            with (OUT / "command.log").open("wb") as log:
                process = await asyncio.create_subprocess_shell(
                    command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log)
                return await process.wait()

    return asyncio.run(beside())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", nargs="*")
    parser.add_argument("--run")
    parser.add_argument("--devices", default="")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    (OUT / "started").write_text(Path("/proc/uptime").read_text().split()[0])
    if options.run:
        code = run_command(options.run, [name for name in options.devices.split(",") if name])
        (OUT / "command.exit").write_text(str(code))
    else:
        run_all(options.scenario)
    return 0


if __name__ == "__main__":
    sys.exit(main())
