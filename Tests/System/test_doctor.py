"""What a technician is told when something is wrong: each fault is planted, found, proven and given a remedy."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from harness import schemas
from harness.broker import Broker, free_port
from harness.daemon import Daemon, binary, configuration
from harness.fake_broker import Behaviour, FakeBroker
from harness.fake_daemon import FakeDaemon
from harness.kit import Kit
from harness.subscriber import Subscriber
from harness.surgery import IS_ROOT, NOBODY, Plant, Surgery, answering, needs_root


def certificate(folder: Path, name: str, days: str = "-days 2") -> str:
    """An authority and a broker's certificate that it signed, as lines for mosquitto."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    subprocess.run(["sh", "-ec", f"""
        cd {folder}
        openssl req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority
        openssl req {key} -keyout broker.key -out broker.csr -subj /CN=broker
        printf 'subjectAltName={name}' > names
        touch index; echo 01 > serial
        printf '[ca]\\ndefault_ca=x\\n[x]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > ca.conf
        openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -in broker.csr -out broker.pem -extfile names \
            {days} -notext
        chmod 644 *.key *.pem
        """], check=True, capture_output=True, timeout=60)
    return f"cafile {folder}/ca.pem\ncertfile {folder}/broker.pem\nkeyfile {folder}/broker.key"


# Planting a fault: makes the box sick, before the examination.


def serve(box: Surgery, stack: ExitStack, **settings: Any) -> Broker:
    broker = Broker(box.folder / "broker", **settings)
    stack.callback(broker.stop)
    broker.start()
    box.settings["broker"]["port"] = broker.port
    return broker


def bad_configuration(box: Surgery, _: ExitStack) -> None:
    box.settings["gateway"] = "Box 1"


def missing_configuration(box: Surgery, _: ExitStack) -> None:
    box.has_settings = False


def broken_syntax(box: Surgery, _: ExitStack) -> None:
    (box.folder / "homeward.json5").write_text("{ gateway: }")


def unknown_name(box: Surgery, _: ExitStack) -> None:
    box.settings["broker"]["host"] = "broker.nowhere.invalid"


def closed_port(box: Surgery, _: ExitStack) -> None:
    box.settings["broker"]["port"] = free_port()


def refused_login(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack, users={"gw": "right"})
    (box.folder / "password").write_text("wrong\n")
    (box.folder / "password").chmod(0o600)
    box.settings["broker"] |= {"username": "gw", "passwordFile": str(box.folder / "password")}


def refused_publish(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack, acl="topic read #\n")


def no_acknowledgement(box: Surgery, stack: ExitStack) -> None:
    fake = FakeBroker(Behaviour(puback=lambda _: None))
    stack.callback(fake.close)
    box.settings["broker"]["port"] = fake.port


def deaf_broker(box: Surgery, stack: ExitStack) -> None:
    fake = FakeBroker(Behaviour(connack=None))
    stack.callback(fake.close)
    box.settings["broker"]["port"] = fake.port


def with_certificate(name: str, days: str = "-days 2", trusted: bool = True) -> Plant:
    def plant(box: Surgery, stack: ExitStack) -> None:
        lines = certificate(box.folder / "tls", name, days)
        authority = box.folder / "tls" / "ca.pem"
        if not trusted:
            certificate(box.folder / "other", name)
            authority = box.folder / "other" / "ca.pem"
        serve(box, stack, extra=lines)
        box.settings["broker"]["tls"] = {"caFile": str(authority)}
    return plant


def no_tls(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack)
    certificate(box.folder / "tls", "IP:127.0.0.1")
    box.settings["broker"]["tls"] = {"caFile": str(box.folder / "tls" / "ca.pem")}


def missing_authority(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack)
    box.settings["broker"]["tls"] = {"caFile": str(box.folder / "nowhere.pem")}


def mounted(options: str) -> Plant:
    def plant(box: Surgery, stack: ExitStack) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(box.data)], check=True, timeout=20)
        stack.callback(lambda: subprocess.run(["umount", "-l", str(box.data)], check=True, timeout=20))
    return plant


def open_data(box: Surgery, _: ExitStack) -> None:
    box.data.chmod(0o755)


def missing_port(box: Surgery, _: ExitStack) -> None:
    box.device("/dev/ttyUSB7")


def held_port(box: Surgery, _: ExitStack) -> None:
    box.process(4711, "minicom", holds=str(box.port()))


def denied_port(box: Surgery, _: ExitStack) -> None:
    box.port(mode=0o600)


def group_missing(box: Surgery, _: ExitStack) -> None:
    box.write("etc/group", "root:x:0:\ndialout:x:20:\nhomeward:x:990:\n")


def modem_manager(box: Surgery, _: ExitStack) -> None:
    box.port()
    box.process(600, "ModemManager")


def radio_blocked(box: Surgery, _: ExitStack) -> None:
    box.write("sys/class/rfkill/rfkill0/type", "bluetooth")
    box.write("sys/class/rfkill/rfkill0/name", "hci0")
    box.write("sys/class/rfkill/rfkill0/soft", "1")
    box.write("sys/class/rfkill/rfkill0/hard", "0")


def bluetoothd(box: Surgery, _: ExitStack) -> None:
    box.process(700, "bluetoothd")


def no_adapter(box: Surgery, _: ExitStack) -> None:
    for path in (box.root / "sys/class/bluetooth/hci0/address",):
        path.unlink()
        path.parent.rmdir()


def broken_kernel(box: Surgery, _: ExitStack) -> None:
    box.write("proc/version", "Linux version 6.1.0-55-amd64 (Debian 6.1.192-1)")


def no_capability(box: Surgery, _: ExitStack) -> None:
    box.process(800, "homeward", None, "run", Uid="990 990 990 990", Gid="990 990 990 990", CapEff="0000000000000000")


def clock_free(box: Surgery, _: ExitStack) -> None:
    box.write("run/homeward-clock/state", "0 16000000 1\n")


def brltty(box: Surgery, _: ExitStack) -> None:
    box.port()
    box.process(601, "brltty")


def clock_back(box: Surgery, _: ExitStack) -> None:
    file = box.data / "outbox.sqlite3"
    file.write_text("")
    os.utime(file, (time.time() + 86400, time.time() + 86400))


def unit_missing(box: Surgery, _: ExitStack) -> None:
    (box.root / "usr/lib/systemd/system/homeward.service").unlink()


def unit_disabled(box: Surgery, _: ExitStack) -> None:
    (box.root / "etc/systemd/system/multi-user.target.wants/homeward.service").unlink()


def open_secret(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack, users={"gw": "right"})
    (box.folder / "password").write_text("right\n")
    (box.folder / "password").chmod(0o644)
    box.settings["broker"] |= {"username": "gw", "passwordFile": str(box.folder / "password")}


def down(_: Surgery, __: ExitStack) -> None:
    pass


def silent_device(box: Surgery, stack: ExitStack) -> None:
    box.device("/dev/ttyUSB7", expect="continuous", missingAfterSeconds=60)
    answering({"devices": [{"device": "oximeter", "link": "connected", "lastHeardMilliseconds": 600_000}]})(box, stack)


def lanes(depth: int, age: int) -> dict[str, Any]:
    return {"alert": {"depth": depth, "oldestAgeMilliseconds": age}}


FAULTS: dict[str, tuple[Plant, str, str]] = {
    "wrong configuration": (bad_configuration, "configuration-bad", "check-config"),
    "configuration with a typing error": (broken_syntax, "configuration-bad", "check-config"),
    "no configuration": (missing_configuration, "configuration-missing", "--config"),
    "broker's name unknown": (unknown_name, "broker-name-unknown", "broker.host"),
    "closed TCP port": (closed_port, "broker-unreachable", "firewall"),
    "refused login": (refused_login, "broker-refuses", "broker.passwordFile"),
    "refused message": (refused_publish, "publish-refused", "allow this user"),
    "message without an acknowledgement": (no_acknowledgement, "publish-unacknowledged", "log"),
    "no answer to the login": (deaf_broker, "broker-silent", "broker.tls"),
    "expired certificate": (
        with_certificate("IP:127.0.0.1", "-startdate 20250101000000Z -enddate 20250201000000Z"), "tls-expired", "new certificate"),
    "certificate of the future": (
        with_certificate("IP:127.0.0.1", "-startdate 20900101000000Z -enddate 20910101000000Z"), "tls-not-yet-valid", "clock"),
    "certificate for another name": (with_certificate("DNS:other.example"), "tls-name-wrong", "broker.host"),
    "certificate of a stranger": (with_certificate("IP:127.0.0.1", trusted=False), "tls-untrusted", "broker.tls.caFile"),
    "no TLS on the port": (no_tls, "tls-none", "8883"),
    "authority's file missing": (missing_authority, "tls-file", "broker.tls"),
    "port not there": (missing_port, "port-missing", "plug"),
    "port held by another program": (held_port, "port-held", "kill 4711"),
    "port without permission": (denied_port, "port-denied", "udev rules"),
    "rfkill": (radio_blocked, "radio-blocked", "rfkill unblock"),
    "bluetoothd": (bluetoothd, "bluetoothd-running", "disable --now bluetooth"),
    "kernel with a fault": (broken_kernel, "kernel-l2cap", "upgrade"),
    "no capability": (no_capability, "capability-missing", "AmbientCapabilities"),
    "clock gone back": (clock_back, "clock-behind", "set-ntp"),
    "no unit": (unit_missing, "unit-missing", "package"),
    "daemon down": (down, "daemon-down", "systemctl start homeward"),
    "silent device": (silent_device, "device-silent", "charged"),
    "daemon without a broker": (
        answering({"delivery": {"broker": {"state": "down", "troubleLast": "no route"}, "lanes": lanes(7, 9000)}}),
        "daemon-not-connected", "broker"),
}
WARNINGS: dict[str, tuple[Plant, str, str]] = {
    "group dialout": (group_missing, "group-dialout-missing", "adduser homeward dialout"),
    "ModemManager": (modem_manager, "port-meddler", "60-homeward.rules"),
    "brltty": (brltty, "port-meddler", "disable --now brltty"),
    "no adapter": (no_adapter, "adapter-missing", "plug"),
    "clock not kept": (clock_free, "clock-unsynchronized", "set-ntp"),
    "data for everybody": (open_data, "data-open", "chmod 700"),
    "secret for everybody": (open_secret, "secret-open", "chmod 640"),
    "unit not enabled": (unit_disabled, "unit-disabled", "enable --now homeward"),
    "outbox that does not get empty": (
        answering({"delivery": {"broker": {"state": "live"}, "lanes": lanes(7, 900_000)}}), "outbox-stuck", "GATEWAY"),
    "daemon of another version": (answering({"version": "0.0.1"}), "daemon-old", "restart"),
}


def check(box: Surgery, stack: ExitStack, plant: Plant, code: str, remedy: str, grade: str) -> None:
    plant(box, stack)
    status, found = box.examine()
    assert code in found, sorted(found)
    finding = found[code]
    assert finding["grade"] == grade and remedy in finding["remedy"], finding
    assert finding["cause"] and finding["proof"], finding
    assert status == 2 or grade == "warning" and status == 1


@pytest.mark.parametrize("plant,code,remedy", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_found_proven_and_given_a_remedy(
        box: Surgery, stack: ExitStack, plant: Plant, code: str, remedy: str) -> None:
    check(box, stack, plant, code, remedy, "fault")


@pytest.mark.parametrize("plant,code,remedy", WARNINGS.values(), ids=WARNINGS.keys())
def test_a_warning_is_found_proven_and_given_a_remedy(
        box: Surgery, stack: ExitStack, plant: Plant, code: str, remedy: str) -> None:
    check(box, stack, plant, code, remedy, "warning")


@needs_root
@pytest.mark.parametrize("options,code,remedy", [
    ("size=1M,mode=700", "disk-full", "journalctl --vacuum-size"),
    ("size=100M,mode=700,ro", "disk-read-only", "dmesg"),
    ("size=200M,mode=700", "disk-small", "outbox.bytesMax"),
])
def test_a_sick_disk_is_found(box: Surgery, stack: ExitStack, options: str, code: str, remedy: str) -> None:
    check(box, stack, mounted(options), code, remedy, "warning" if code == "disk-small" else "fault")


def test_a_healthy_box_has_no_fault_and_the_status_of_success(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack, extra=certificate(box.folder / "tls", "IP:127.0.0.1", "-days 300"))
    box.settings["broker"]["tls"] = {"caFile": str(box.folder / "tls" / "ca.pem")}
    box.settings["outbox"] = {"bytesMax": 1 << 20}
    box.port()
    if IS_ROOT:
        os.chown(box.data, 990, 990)
    answering({
        "version": subprocess.run([binary(), "version"], capture_output=True, text=True).stdout.split()[1],
        "delivery": {"broker": {"state": "live"}, "lanes": lanes(0, 0)},
        "devices": [{"device": "oximeter", "link": "connected", "lastHeardMilliseconds": 500}]})(box, stack)
    status, found = box.examine()
    wrong = {code: finding for code, finding in found.items() if finding["grade"] in ("fault", "warning")}
    if not IS_ROOT:
        wrong.pop("data-owner", None)
        wrong.pop("port-denied", None)
    assert not wrong and (status == 0 or not IS_ROOT)
    assert {"broker-good", "port-good", "device-heard", "outbox-good", "clock-synchronized"} <= set(found)


def test_the_test_message_is_no_reading_and_the_daemon_keeps_its_connection(
        broker: Broker, make_kit: Callable[..., Kit], make_daemon: Callable[..., Daemon], folder: Path) -> None:
    witness = Subscriber(broker.port)
    try:
        daemon = make_daemon(broker.port, make_kit(), socket={"path": str(folder / "socket")}).start()
        daemon.wait_for_line("the broker is connected")
        done = subprocess.run([binary(), "doctor", "--json", "--config", str(daemon.file)], capture_output=True,
                              text=True, timeout=60)
        codes = {finding["code"]: finding for finding in map(json.loads, done.stdout.splitlines())}
        assert {"broker-good", "outbox-good", "device-heard"} <= set(codes), codes
        message = witness.wait_for(lambda m: m.topic == "doctor", "the test message")
        assert message.body["schema"] == "homeward/1/doctor" and not schemas.problems(message.body)
        assert sum("the broker is connected" in line for line in daemon.lines) == 1
    finally:
        witness.close()


@needs_root
def test_an_ordinary_user_is_told_what_could_not_be_seen(box: Surgery, stack: ExitStack) -> None:
    listener = FakeDaemon(box.socket, {})
    stack.callback(listener.close)
    os.chmod(box.socket, 0o600)
    box.arguments()
    (box.folder / "homeward.json5").chmod(0o600)
    status, found = box.examine(user=NOBODY, group=NOBODY, extra_groups=[], cwd="/")
    assert found["configuration-unreadable"]["grade"] == "unseen"
    assert found["daemon-unseen"]["grade"] == "unseen"
    assert "sudo" in found["daemon-unseen"]["remedy"]
    assert all(found[code]["grade"] != "fault" for code in ("configuration-unreadable", "broker-unseen"))
    assert status != 2


@pytest.mark.parametrize("color", [True, False])
def test_the_report_is_numbered_and_fits_80_columns(box: Surgery, stack: ExitStack, color: bool) -> None:
    for plant in (refused_publish, missing_port, radio_blocked, bluetoothd, clock_free, unit_disabled):
        plant(box, stack)
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    arguments = [binary(), "doctor", *box.arguments()]
    if color:
        text = on_a_terminal(arguments, environment)
        assert "\x1b[31m" in text
    else:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, env=environment)
        text = done.stdout
        assert "\x1b" not in text and done.returncode == 2
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r", "")
    lines = plain.splitlines()
    assert max(map(len, lines)) <= 80, [line for line in lines if len(line) > 80]
    numbers = [int(match[1]) for match in re.finditer(r"^ ?(\d+) (?:fault|warning|unseen) ", plain, re.M)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 6
    assert plain.count("Proof:") >= 6 and plain.count("Remedy:") >= 6
    assert plain.index(" fault ") < plain.index(" warning ")


def on_a_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    master, slave = pty.openpty()
    process = subprocess.Popen(arguments, stdout=slave, stderr=slave, stdin=slave, env=environment | {"TERM": "xterm"})
    os.close(slave)
    said = b""
    while True:
        try:
            more = os.read(master, 65536)
        except OSError:
            break
        if not more:
            break
        said += more
    process.wait(timeout=30)
    os.close(master)
    return said.decode()


# Faults of the box itself, which a copy of its files cannot show.

#: A clock that began with the epoch when the power came, as of a box without a battery.
CLOCK = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    long answer = syscall(SYS_clock_gettime, clock, time);
    if (answer == 0 && clock == CLOCK_REALTIME) time->tv_sec = 3600;
    return answer;
}
"""


def test_a_clock_that_was_never_set_is_a_fault(box: Surgery, stack: ExitStack) -> None:
    serve(box, stack)
    (box.folder / "clock.c").write_text(CLOCK)
    library = box.folder / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(box.folder / "clock.c")], check=True, timeout=60)
    status, found = box.examine(env=os.environ | {"LD_PRELOAD": str(library)})
    assert status == 2
    finding = found["clock-unset"]
    assert finding["grade"] == "fault" and "1970-01-01T01:00" in finding["proof"], finding
    assert "set-ntp" in finding["remedy"] and "set-time" in finding["remedy"]
    assert "clock-unset" not in box.examine()[1]


@pytest.mark.parametrize("name,guard", [("ModemManager", "E:ID_MM_DEVICE_IGNORE=1"), ("brltty", "E:BRLTTY_BRAILLE_DRIVER=")])
def test_a_port_that_the_rules_guard_is_no_matter_for_a_service_that_takes_ports(
        box: Surgery, name: str, guard: str) -> None:
    box.port()
    box.process(600, name)
    assert "port-meddler" in box.examine()[1]
    box.write("sys/class/tty/ttyUSB0/dev", "188:0\n")
    box.write("run/udev/data/c188:0", f"{guard}\n")
    assert "port-meddler" not in box.examine()[1]
