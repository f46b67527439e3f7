"""What a person meets at the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.daemon import configuration, homeward

DRIVERS = {"contec-cms50-v5", "contec-cms50-v7", "berrymed-bci", "nonin-serial"}
BLUETOOTH_DRIVERS = {"viatom-oxy", "viatom-er1", "creative-aa55", "jumper-oximeter", "nonin-ble", "berrymed-bci"}


def device(**more: Any) -> dict[str, Any]:
    return {"id": "oximeter", "driver": "contec-cms50-v7", "port": "/dev/ttyUSB0", "patient": "p-1"} | more


def good(folder: Path, **more: Any) -> dict[str, Any]:
    return configuration(folder, 1883, [device()], **more)


def check(folder: Path, settings: Any) -> tuple[int, str, str]:
    file = folder / "home.json5"
    file.write_text(settings if isinstance(settings, str) else json.dumps(settings))
    done = homeward("check-config", str(file))
    return done.returncode, done.stderr.decode(), str(file)


LEVEL = {"limit": 88, "onsetSeconds": 10, "priority": "medium"}


def low(**more: Any) -> dict[str, Any]:
    return {"limits": {"oxygen-saturation-low": more}}


#: A change to a sound configuration, the key path, what was found, and something that is allowed.
BAD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "gateway missing": ({"gateway": None}, "gateway", "nothing", "a-z"),
    "gateway with capitals": ({"gateway": "Box 1"}, "gateway", "Box 1", "a-z"),
    "gateway with a topic's wildcard": ({"gateway": "box/#"}, "gateway", "box/#", "a-z"),
    "no broker": ({"broker": None}, "broker", "nothing", "host"),
    "broker as a text": ({"broker": "localhost"}, "broker", "localhost", "section"),
    "port of zero": ({"broker": {"host": "h", "port": 0}}, "broker.port", "0", "65535"),
    "port as a text": ({"broker": {"host": "h", "port": "1883"}}, "broker.port", "1883", "65535"),
    "unknown protocol": ({"broker": {"host": "h", "protocol": "4"}}, "broker.protocol", "4", "3.1.1"),
    "misspelt key": ({"broker": {"host": "h", "prot": 1}}, "broker.prot", "unknown key", "port"),
    "password without a user": (
        {"broker": {"host": "h", "passwordFile": "/x"}}, "broker.passwordFile", "without a username", "both"),
    "half of a key pair": (
        {"broker": {"host": "h", "tls": {"caFile": "/ca", "certificateFile": "/c"}}}, "broker.tls", "only one", "both"),
    "tls that is no section": ({"broker": {"host": "h", "tls": True}}, "broker.tls", "true", "a section"),
    "unknown level of the log": ({"logLevel": "loud"}, "logLevel", "loud", "debug"),
    "health too seldom": ({"healthIntervalSeconds": 100000}, "healthIntervalSeconds", "100000", "3600"),
    "fraction where a whole number is due": (
        {"healthIntervalSeconds": 1.5}, "healthIntervalSeconds", "1.5", "whole number"),
    "outbox too small": ({"outbox": {"bytesMax": 10}}, "outbox.bytesMax", "10", "1048576"),
    "unknown driver": ({"devices": [device(driver="contec-cms50")]}, "devices[0].driver", "contec-cms50", "nonin-serial"),
    "device without a port": ({"devices": [device(port=None)]}, "devices[0].port", "nothing", "/dev/"),
    "name of a person": ({"devices": [device(patient="Anna Müller")]}, "devices[0].patient", "Anna Müller", "a-z"),
    "two devices of one name": (
        {"devices": [device(), device(port="/dev/ttyUSB1")]}, "devices[1].id", "oximeter", "own"),
    "two devices on one port": ({"devices": [device(), device(id="two")]}, "devices[1].port", "/dev/ttyUSB0", "own"),
    "unknown parity": ({"devices": [device(parity="maybe")]}, "devices[0].parity", "maybe", "even"),
    "flag as a number": ({"devices": [device(test=1)]}, "devices[0].test", "1", "true or false"),
    "missing time of a spot device": (
        {"devices": [device(missingAfterSeconds=60)]}, "devices[0].missingAfterSeconds", "spot", "continuous"),
    "nothing to fetch": (
        {"devices": [device(driver="berrymed-bci", fetchStored=True)]}, "devices[0].fetchStored", "true", "false"),
    "unknown condition": ({"limits": {"oxygen-low": {}}}, "limits.oxygen-low", "unknown key", "oxygen-saturation-low"),
    "unknown priority": (
        low(levels=[LEVEL | {"priority": "urgent"}]), "limits.oxygen-saturation-low.levels[0].priority", "urgent", "high"),
    "limit beyond what can be": (
        low(levels=[LEVEL | {"limit": 120}]), "limits.oxygen-saturation-low.levels[0].limit", "120", "100"),
    "levels out of order": (
        low(levels=[LEVEL, LEVEL | {"limit": 90}]), "limits.oxygen-saturation-low.levels", "out of order", "falling"),
    "no level at all": (low(levels=[]), "limits.oxygen-saturation-low.levels", "0 levels", "1 to 3"),
    "limits of a patient with a bad name": ({"patients": {"P 1": {}}}, "patients.P 1", "P 1", "a-z"),
}


@pytest.mark.parametrize("change,path,found,allowed", BAD.values(), ids=BAD.keys())
def test_a_wrong_setting_names_file_key_what_was_found_and_what_is_allowed(
        tmp_path: Path, change: dict[str, Any], path: str, found: str, allowed: str) -> None:
    code, said, file = check(tmp_path, good(tmp_path) | change)
    assert code == 78, said
    line = next((line for line in said.splitlines() if file in line and f"{path}:" in line), None)
    assert line, f"no line about {path} in:\n{said}"
    about_found, _, about_allowed = line.partition("allowed")
    assert found in about_found and allowed in about_allowed, line


def test_a_sound_configuration_passes(tmp_path: Path) -> None:
    code, said, _ = check(tmp_path, good(tmp_path))
    assert code == 0, said


def test_comments_and_bare_keys_are_allowed(tmp_path: Path) -> None:
    text = "// The box in the hall.\n{ gateway: 'box-1', broker: { host: '127.0.0.1', /* plain */ }, devices: [], }\n"
    code, said, _ = check(tmp_path, text)
    assert code == 0, said


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    code, said, _ = check(tmp_path, good(tmp_path) | {"gateway": "Box", "logLevel": "loud", "devices": [device(driver="x")]})
    assert code == 78
    assert all(path in said for path in ("gateway", "logLevel", "devices[0].driver"))


def test_a_typing_error_gets_a_hint(tmp_path: Path) -> None:
    code, said, _ = check(tmp_path, good(tmp_path) | {"devices": [device(driver="nonin-seriel")]})
    assert code == 78 and "did you mean nonin-serial" in said


@pytest.mark.parametrize("text", ["", "{", "{ gateway: }", "[1,2]", "\0\1\2", "{" * 5000])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    code, said, file = check(tmp_path, text)
    assert code == 78 and file in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = homeward("check-config", str(tmp_path / "nowhere.json5"))
    assert done.returncode == 66
    assert b"nowhere.json5" in done.stderr


def test_the_daemon_refuses_a_wrong_configuration_as_the_check_does(tmp_path: Path) -> None:
    file = tmp_path / "home.json5"
    file.write_text(json.dumps(good(tmp_path, logLevel="loud")))
    done = homeward("run", "--config", str(file))
    assert done.returncode == 78
    assert b"logLevel" in done.stderr and b"loud" in done.stderr


@pytest.mark.parametrize("arguments,hint", [
    (["rum"], b"run"),
    (["run", "--confg", "x"], b"--config"),
    (["replay", "--drivr", "x"], b"--driver"),
    (["replay"], b"--driver"),
    (["drivers", "--yaml"], b"--json"),
    (["version", "please"], b"please"),
    (["verson"], b"version"),
])
def test_a_wrong_command_gets_a_hint_and_the_exit_code_of_usage(arguments: list[str], hint: bytes) -> None:
    done = homeward(*arguments)
    assert done.returncode == 64, done.stderr
    assert hint in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["run", "--help"], ["replay", "--help"]])
def test_help_is_an_answer_and_no_error(arguments: list[str]) -> None:
    done = homeward(*arguments)
    assert done.returncode == 0
    assert b"homeward" in done.stdout and not done.stderr


def test_help_names_every_command() -> None:
    said = homeward("help").stdout.decode()
    for command in ("run", "check-config", "drivers", "version", "replay", "record", "udev-rules", "demo"):
        assert command in said


def test_the_version_is_one_line() -> None:
    done = homeward("version")
    assert done.returncode == 0
    assert len(done.stdout.decode().splitlines()) == 1


def test_every_driver_is_listed_for_people_and_for_programs() -> None:
    people = homeward("drivers").stdout.decode()
    assert all(driver in people for driver in DRIVERS)
    assert all(len(line) <= 80 for line in people.splitlines())
    listed = json.loads(homeward("drivers", "--json").stdout)
    assert {driver["id"] for driver in listed} >= DRIVERS | BLUETOOTH_DRIVERS


def test_a_bluetooth_driver_says_how_it_is_recognised_and_whether_it_needs_a_bond() -> None:
    listed = {driver["id"]: driver for driver in json.loads(homeward("drivers", "--json").stdout)}
    assert "bluetooth" not in listed["nonin-serial"]
    for id in BLUETOOTH_DRIVERS:
        bluetooth = listed[id]["bluetooth"]
        assert bluetooth["namePrefixes"] or bluetooth["services"], id
        assert bluetooth["pairing"] in {"none", "bonded"}, id
        assert listed[id]["evidence"] and listed[id]["isVerifiedOnHardware"] is False, id
    people = homeward("drivers").stdout.decode()
    assert "'O2Ring'" in people and "14839ac4-7d7e-415c-9a42-167340cf2339" in people
    assert people.count("  pairing ") == sum("bluetooth" in driver for driver in listed.values())


def test_udev_rules_are_rules_and_name_the_cable_and_never_the_device_behind_it() -> None:
    done = homeward("udev-rules")
    assert done.returncode == 0
    match = re.compile(r'[A-Z]+(\{\w+\})?(==|!=|\+=|=)"[^"]*"')
    rules = [line for line in done.stdout.decode().splitlines() if line and not line.startswith("#")]
    parts = [part for rule in rules for part in re.split(r",\s*(?=[A-Z])", rule)]
    assert rules and all(match.fullmatch(part) for part in parts), parts
    labels = {part.split('"')[1] for part in parts if part.startswith("LABEL")}
    assert {part.split('"')[1] for part in parts if part.startswith("GOTO")} <= labels
    links = [part for part in parts if part.startswith("SYMLINK")]
    assert links and not any(driver in link for driver in DRIVERS for link in links)


def test_without_arguments_it_says_what_it_can_do() -> None:
    done = homeward()
    assert done.returncode == 64
    assert b"homeward help" in done.stderr or b"check-config" in done.stderr
