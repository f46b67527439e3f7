"""What a technician is told when something goes wrong: the daemon is played by a script, or there is none."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import binary, homeward
from harness.fake_daemon import DONE
from harness.technician import BEFORE, RING, Make, ask, error

CODES = {
    "not-advertising": 69, "held-by-another-central": 69, "out-of-range": 69, "radio-blocked": 69, "adapter-missing": 69,
    "bluetoothd-in-the-way": 69, "unsupported-model": 69, "no-answer": 69, "link-lost": 69, "wrong-passkey": 1,
    "pairing-refused": 1, "bond-forgotten-by-device": 1, "bond-stale-here": 1, "already-assigned": 1, "not-assigned": 1,
    "not-permitted": 77, "not-permitted-user": 77, "bad-request": 64, "unknown-device": 64, "unknown-patient-id": 64,
    "unknown-command": 70, "busy": 75, "stopping": 75, "state-not-written": 74,
}


@pytest.mark.parametrize("code,status", CODES.items(), ids=CODES.keys())
def test_a_failure_names_cause_and_remedy_and_has_its_exit_status(serve: Make, code: str, status: int) -> None:
    text = "the device was not heard for a long time, although it was looked for as well as the radio can do it"
    daemon = serve({"pair": [*BEFORE, error(code, text, "switch it on, wake it, and hold it near the box")]})
    done, _, said = ask(daemon, "pair", RING)
    assert done == status
    assert " ".join(said.split()).startswith(f"homeward: pair: {text}") and "Switch it on" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_a_failure_without_words_has_those_of_its_code(serve: Make) -> None:
    daemon = serve({"pair": [{"error": {"code": "held-by-another-central"}}]})
    _, _, said = ask(daemon, "pair", RING)
    assert "connected to something else" in said and "vendor's app" in said


#: What a faulty daemon sends.
FAULTY: dict[str, list[Any]] = {
    "closes": [], "closes within": [b'{"event":"dev'], "no JSON": [b"hello\n"], "a list": [b"[1]\n"],
    "wrong types": [{"event": "devices", "devices": 5}], "bytes": [b"\xff\xfe\x00\n"], "endless": [b"x" * 400_000],
}


@pytest.mark.parametrize("script", FAULTY.values(), ids=FAULTY.keys())
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_faulty_daemon_is_told_as_such(serve: Make, script: list[Any], flags: list[str]) -> None:
    code, _, said = ask(serve({"devices": script}), "devices", *flags)
    assert code in (69, 70) and "daemon" in said and "homeward" in said


@pytest.mark.parametrize("command", [["scan"], ["pair", RING], ["devices"], ["status"], ["watch"], ["unpair", "x"]])
def test_a_daemon_that_does_not_run_is_told_with_what_to_do(tmp_path: Path, command: list[str]) -> None:
    path = str(tmp_path / "nobody")
    done = homeward(*command, "--socket", path)
    assert done.returncode == 69
    said = done.stderr.decode()
    assert "not running" in said and "systemctl start homeward" in said
    program = homeward(*command, "--json", "--socket", path)
    assert json.loads(program.stdout)["error"]["code"] == "no-daemon"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_is_not_in_the_group_is_told_so(serve: Make, folder: Path) -> None:
    daemon = serve({"devices": [DONE]})
    os.chmod(daemon.path, 0o600)
    done = subprocess.run([binary(), "devices", "--socket", daemon.path], capture_output=True, timeout=30, user=65534)
    assert done.returncode == 77 and b"group" in done.stderr and b"usermod" in done.stderr


@pytest.mark.parametrize("arguments,hint", [
    (["pair"], "ADDRESS"), (["pair", "C4:B5"], "C4:B5:00:11:22:33"), (["pair", RING, "--name", "My Ring"], "--name"),
    (["pair", RING, "--patient", "Anna M"], "--patient"), (["assign"], "DEVICE"), (["assign", "ring"], "PATIENT"),
    (["assign", "ring", "Anna M"], "PATIENT"), (["assign", "ring", "p-1", "--missing-after", "4"], "--missing-after"), (["unpair", "Ring"], "DEVICE"), (["scan", "--seconds", "0"], "--seconds"),
    (["scan", "--al"], "--all"), (["wach"], "watch"), (["watch", "a", "b"], "'b'"),
])
def test_a_wrong_word_is_named_before_the_daemon_is_asked(arguments: list[str], hint: str) -> None:
    done = homeward(*arguments)
    said = done.stderr.decode()
    assert done.returncode == 64 and hint in said
    assert all(len(line) <= 80 for line in said.splitlines()), said


@pytest.mark.parametrize("command", ["scan", "pair", "unpair", "assign", "unassign", "devices", "status", "watch"])
def test_help_of_each_command_fits_80_columns(command: str) -> None:
    said = homeward("help", command).stdout.decode()
    assert "--json" in said and "--socket" in said and all(len(line) <= 80 for line in said.splitlines())
    listed = homeward("help").stdout.decode()
    assert f"  {command}" in listed and all(len(line) <= 80 for line in listed.splitlines())
