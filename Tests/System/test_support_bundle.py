"""What a technician sends away: enough to help, and nobody's name."""

from __future__ import annotations

import json
import tarfile
from contextlib import ExitStack

from harness.surgery import Surgery, answering

CANARIES = ["p-secret", "p-former", "Quokka", "hunter2-password", "broker-canary.invalid", "operator-canary", "nurse-canary",
            "female", "67.25", "162.5"]


def test_a_support_bundle_holds_no_patient_and_no_secret(box: Surgery, stack: ExitStack) -> None:
    (box.folder / "password").write_text("hunter2-password\n")
    box.device("/dev/ttyUSB7")
    box.settings["broker"] |= {
        "host": "broker-canary.invalid", "username": "operator-canary", "passwordFile": str(box.folder / "password")}
    person = {"sex": "female", "ageYears": 67.25, "heightCentimetres": 162.5}
    box.settings["patients"] = {"p-secret": {"reference": person}, "p-former": {}}
    (box.data / "state").mkdir()
    (box.data / "state" / "devices.json").write_text(json.dumps({
        "format": "homeward-devices", "version": 1,
        "devices": [{"device": "ring", "driver": "viatom-oxy", "address": "AA:BB:CC:DD:EE:FF", "name": "O2Ring Quokka",
                     "pairedBy": "uid 1000 (nurse-canary)"}],
        "assignments": [{"device": "ring", "patient": "p-former", "from": "2026-01-01T00:00:00Z", "to": None,
                         "by": "uid 1000 (nurse-canary)"}]}))
    answering({"devices": [{"device": "oximeter", "link": "connected", "patient": "p-secret",
                            "problem": "p-former did it"}]})(box, stack)
    bundle = box.folder / "bundle.tar"
    done = box.run("support-bundle", str(bundle))
    assert done.returncode == 0, done.stderr
    assert bundle.stat().st_mode & 0o077 == 0
    with tarfile.open(bundle) as archive:
        files = {member.name.split("/")[-1]: archive.extractfile(member).read().decode() for member in archive}  # type: ignore[union-attr]
    assert set(files) == {"version.txt", "doctor.jsonl", "system.txt", "journal.txt", "status.txt",
                          "configuration.json", "devices.json"}
    text = "\n".join(files.values())
    assert not [canary for canary in CANARIES if canary in text]
    settings = json.loads(files["configuration.json"])
    assert settings["devices"][0]["driver"] == "contec-cms50-v7"
    assert settings["devices"][0]["patient"].startswith("(patient")
    assert json.loads(files["devices.json"])["devices"][0]["driver"] == "viatom-oxy"
    assert all(json.loads(line)["code"] for line in files["doctor.jsonl"].splitlines())


def test_a_support_bundle_of_a_broken_configuration_leaves_it_out(box: Surgery) -> None:
    (box.folder / "homeward.json5").write_text('{ gateway: "p-secret", patients: { "p-former": ')
    bundle = box.folder / "bundle.tar"
    assert box.run("support-bundle", str(bundle)).returncode == 0
    data = bundle.read_bytes()
    assert b"p-secret" not in data and b"p-former" not in data
