"""QoS 1 round trips of paho-mqtt, one after another: publish.py PORT COUNT BYTES"""

import sys
import threading
import time

import paho.mqtt.client as mqtt

ready = threading.Event()
acknowledged = threading.Semaphore(0)
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="peer", protocol=mqtt.MQTTv5)
client.on_connect = lambda *_: ready.set()
client.on_publish = lambda *_: acknowledged.release()
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
assert ready.wait(5)
client.socket().setsockopt(6, 1, 1)
payload = "x" * int(sys.argv[3])
times = []
for number in range(int(sys.argv[2]) + 50):
    start = time.perf_counter()
    client.publish("peer/1", payload, qos=1)
    acknowledged.acquire()
    if number >= 50:
        times.append(time.perf_counter() - start)
client.loop_stop()
times.sort()
print("p50", times[len(times) // 2] * 1000)
print("p99", times[int(len(times) * 0.99)] * 1000)
print("perSecond", len(times) / sum(times))
