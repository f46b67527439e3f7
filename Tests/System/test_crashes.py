"""Killed at any instant: what was committed arrives, once in meaning, always with the same bytes."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable

from harness.broker import Broker
from harness.daemon import Daemon, homeward
from harness.kit import Kit
from harness.subscriber import Subscriber
from harness.waiting import until

MakeKit = Callable[..., Kit]
MakeDaemon = Callable[..., Daemon]

KILLS = int(os.environ.get("HOMEWARD_KILLS", "20"))


def four_busy_kits(make_kit: MakeKit) -> list[Kit]:
    drivers = ["contec-cms50-v7", "berrymed-bci", "contec-cms50-v7", "nonin-serial"]
    kits = [make_kit(f"kit-{index}", driver) for index, driver in enumerate(drivers, 1)]
    for kit in kits:
        kit.is_busy = True
    return kits


def test_nothing_committed_is_lost_over_many_kills_under_load(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kits = four_busy_kits(make_kit)
    daemon = make_daemon(broker.port, *kits)
    chance = random.Random(20)
    for _ in range(KILLS):
        before = daemon.committed.get("reading", 0)
        daemon.start()
        daemon.wait_for_commits("reading", before + chance.randint(1, 300))
        daemon.kill()
    daemon.start()
    daemon.wait_for_commits("reading", daemon.committed["reading"] + 50)
    witness.wait_for_all(dict(daemon.committed), within=120)
    assert len({message.body["epoch"] for message in witness.unique("+/+/reading/+")}) == 1
    witness.check()


def test_a_kill_while_the_broker_is_away_loses_nothing(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kits = four_busy_kits(make_kit)
    daemon = make_daemon(broker.port, *kits).start()
    daemon.wait_for_commits("reading", 50)
    broker.stop()
    for _ in range(3):
        daemon.wait_for_commits("reading", daemon.committed["reading"] + 200)
        daemon.kill()
        daemon.start()
    broker.start()
    witness.wait_for_all(dict(daemon.committed), within=120)
    witness.check()


def test_a_damaged_outbox_is_set_aside_and_told(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 5)
    daemon.stop()
    files = [path for path in daemon.data.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite"]
    assert files, "no database in the data directory"
    for path in files:
        path.write_bytes(b"This is no database. " * 500)
    daemon.start()
    gap = witness.wait_for(lambda m: m.topic == "gap", "the loss is told").body
    assert gap["reason"] == "store-damaged"
    assert any(path.read_bytes()[:7] == b"This is" for path in daemon.data.rglob("*") if path.is_file())
    witness.wait_for(lambda m: m.topic.endswith("/reading/pulse-rate") and m.body["epoch"] == gap["epoch"],
                     "measuring goes on")
    witness.check()


def test_a_database_of_a_newer_version_is_left_alone(
        broker: Broker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 1)
    daemon.stop()
    (path,) = [path for path in daemon.data.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite"]
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version=9999")
    database.close()
    before = path.read_bytes()
    daemon.start()
    assert daemon.wait() != 0
    assert any("9999" in line for line in daemon.lines)
    assert path.read_bytes() == before


def test_a_second_daemon_on_one_data_directory_is_refused(
        broker: Broker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 1)
    second = homeward("run", "--config", str(daemon.file), within=30)
    assert second.returncode in (69, 71, 73)
    assert str(daemon.data).encode() in second.stderr and b"another homeward" in second.stderr
    assert daemon.process.poll() is None
    daemon.wait_for_commits("reading", daemon.committed["reading"] + 5)


def test_the_lock_goes_with_the_process(broker: Broker, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    daemon = make_daemon(broker.port, make_kit()).start()
    daemon.wait_for_commits("reading", 1)
    daemon.kill()
    daemon.start()
    daemon.wait_for_commits("reading", daemon.committed["reading"] + 1)


def test_the_store_does_not_grow_when_everything_is_delivered(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kits = four_busy_kits(make_kit)
    daemon = make_daemon(broker.port, *kits).start()
    daemon.wait_for_commits("reading", 1500)
    witness.wait_for_all({"reading": 1500})
    assert daemon.stop() == 0
    witness.wait_for_all(dict(daemon.committed))
    (path,) = [path for path in daemon.data.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SQLite"]

    def left() -> int:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM message").fetchone()[0])

    until(lambda: left() <= 64, "delivered messages are gone", within=5)


def test_what_the_outbox_cannot_hold_is_told_number_by_number(
        broker: Broker, witness: Subscriber, make_kit: MakeKit, make_daemon: MakeDaemon) -> None:
    kits = four_busy_kits(make_kit)
    daemon = make_daemon(broker.port, *kits, outbox={"bytesMax": 1 << 20}).start()
    daemon.wait_for_commits("reading", 50)
    broker.stop()
    daemon.wait_for_commits("reading", daemon.committed["reading"] + 4000)
    broker.start()
    witness.wait_for(lambda m: m.topic == "gap", "the loss is told")
    assert daemon.stop() == 0
    lost: set[int] = set()
    for gap in witness.unique("gap"):
        assert gap.body["reason"] == "evicted" and gap.body["lostLane"] == "reading"
        lost |= set(range(gap.body["fromSeq"], gap.body["toSeq"] + 1))
    # The stop hands over what there is time for; the next start brings the rest.
    daemon.start()
    witness.happening.wait(
        lambda: not set(witness.missing(dict(daemon.committed)).get("reading", [])) - lost,
        "every number is either heard or told as lost", within=60)
    assert lost
    assert not witness.broken_identities() and not witness.broken_schemas()
