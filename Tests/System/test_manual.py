"""The manual pages and the completion say what the program can do, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from harness.daemon import ROOT, binary, homeward

HIDDEN = {"clock-state", "completion", "manual"}


def commands() -> set[str]:
    said = homeward("help").stdout.decode()
    return set(re.findall(r"^  ([a-z][a-z-]+)  ", said, re.M))


def plain(roff: str) -> str:
    return re.sub(r"\\f[BIR]", "", roff).replace(r"\-", "-")


def test_the_manual_names_every_command_and_every_option() -> None:
    roff = homeward("manual", "2026-01-01").stdout.decode()
    page = plain(roff)
    assert page.startswith('.TH HOMEWARD 1 "2026-01-01"')
    named = {plain(name) for name in re.findall(r"^\\fBhomeward ([a-z-]+(?:\\-[a-z-]+)*)", roff, re.M)}
    assert named == commands() and not named & HIDDEN
    for command in commands():
        options = set(re.findall(r"--[a-z-]+", homeward("help", command).stdout.decode()))
        assert all(option in page for option in options), command


def allowed(path: str, text: str, folder: Path) -> set[str]:
    """The keys that a section may have, as the program complains about one that it does not know."""
    file = folder / "x.json5"
    file.write_text(text)
    said = homeward("check-config", str(file)).stderr.decode()
    line = next(line for line in said.splitlines() if f"{path}: found an unknown key" in line)
    return set(line.split("allowed is ")[1].split(", "))


def test_the_page_of_the_configuration_names_every_key(tmp_path: Path) -> None:
    page = plain(subprocess.run([str(ROOT / "script" / "manual"), "1", "2026-01-01"], check=True, capture_output=True,
                                text=True, timeout=30).stdout)
    sections = {
        "xx": "{xx: 1}", "broker.xx": "{broker: {xx: 1}}", "broker.tls.xx": "{broker: {tls: {xx: 1}}}",
        "outbox.xx": "{outbox: {xx: 1}}", "commands.xx": "{commands: {xx: 1}}", "bluetooth.xx": "{bluetooth: {xx: 1}}",
        "socket.xx": "{socket: {xx: 1}}", "devices[0].xx": "{devices: [{xx: 1}]}", "limits.xx": "{limits: {xx: 1}}",
        "limits.pulse-rate-low.xx": '{limits: {"pulse-rate-low": {xx: 1}}}',
    }
    for path, text in sections.items():
        keys = allowed(path, text, tmp_path)
        assert keys and not [key for key in keys if not re.search(rf"(^|\W){re.escape(key)}(\W|$)", page)], path


def complete(script: Path, *words: str) -> list[str]:
    quoted = " ".join(json.dumps(word) for word in words)
    done = subprocess.run(
        ["bash", "-c", f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _homeward; "
                       'echo "${COMPREPLY[@]}"'], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.split()


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_bytes(homeward("completion", "bash").stdout)
    assert complete(script, "homeward", "doc") == ["doctor"]
    assert set(complete(script, "homeward", "")) == commands() | {"help"}
    assert complete(script, "homeward", "doctor", "--js") == ["--json"]
    for command in commands():
        options = set(complete(script, "homeward", command, "--"))
        said = homeward("help", command).stdout.decode()
        assert {option for option in re.findall(r"--[a-z-]+", said.splitlines()[0])} <= options, command


def test_the_clock_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "state"
    done = subprocess.run([binary(), "clock-state", "--once", "--file", str(file)], capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[01] \d+ \d+\n", file.read_text())
    assert file.stat().st_mode & 0o777 == 0o644
