"""Puts payloads into persist-queue's SQLite ack queue, each its own commit: outbox.py FOLDER COUNT BYTES"""

import sqlite3
import sys
import time

import persistqueue


def written():
    for line in open("/proc/self/io"):
        if line.startswith("write_bytes"):
            return int(line.split()[1])


queue = persistqueue.SQLiteAckQueue(sys.argv[1], auto_commit=True)
count = int(sys.argv[2])
payload = "x" * int(sys.argv[3])
for _ in range(20):
    queue.put(payload)
times = []
before = written()
begin = time.perf_counter()
for _ in range(count):
    start = time.perf_counter()
    queue.put(payload)
    times.append(time.perf_counter() - start)
seconds = time.perf_counter() - begin
times.sort()
print("perSecond", count / seconds)
print("p50", times[len(times) // 2] * 1000)
print("p99", times[int(len(times) * 0.99)] * 1000)
print("bytesPerRow", (written() - before) / count)
print("synchronous", queue._putter.execute("PRAGMA synchronous").fetchone()[0])
