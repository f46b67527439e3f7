"""Each virtual device is paired and read by its driver: the values that are published are those that it sent."""

from __future__ import annotations

from home import Home, expect, in_order, until

BOUND_SECONDS = 200
#: For each device: what it calls a value, and the metric it becomes.
METRICS = {
    "blood_pressure": {"systolic": "blood-pressure-systolic", "diastolic": "blood-pressure-diastolic"},
    "creative": {"oxygen-saturation": "oxygen-saturation", "pulse-rate": "pulse-rate"},
    "er1": {"heart-rate": "heart-rate"},
    "jumper": {"oxygen-saturation": "oxygen-saturation", "pulse-rate": "pulse-rate",
               "perfusion-index": "perfusion-index"},
    "nonin": {"oxygen-saturation": "oxygen-saturation", "pulse-rate": "pulse-rate"},
    "o2ring": {"oxygen-saturation": "oxygen-saturation", "pulse-rate": "pulse-rate"},
    "polar_h10": {"heart-rate": "heart-rate"},
    "pulse_oximeter": {"oxygen-saturation": "oxygen-saturation", "pulse-rate": "pulse-rate"},
    "thermometer": {"body-temperature": "body-temperature-ear"},
    "weight_scale": {"weight": "body-weight"},
}
#: One measurement, made when it is wanted; of the others so many values are waited for.
SPOT = {"blood_pressure"}
VALUES = 3


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    wrong = []
    for kind, metrics in METRICS.items():
        device = await home.device(kind)
        paired = (await home.pair(device))["device"]
        wanted = 1 if kind in SPOT else VALUES
        for name, metric in metrics.items():
            await until(lambda: len(home.values(metric, paired)) >= wanted,
                        lambda: f"{kind}: {metric}: {home.values(metric, paired)}\n{home.last_lines()}", 20)
            sent = [each.values[name] for each in device.sent if name in each.values]
            got = home.values(metric, paired)
            # What does not change is told once in a while: every value then is the one that was sent.
            try:
                if len(set(sent)) > 1:
                    in_order(sent, got, f"{kind}: {metric}")
                else:
                    expect(set(got) == set(sent), f"{kind}: {metric}: came {got}, sent {sent[:1]}")
            except AssertionError as error:
                wrong.append(str(error))
        await device.stop_advertising()
        await device.go_away()
    expect(not wrong, "\n".join(wrong))
    home._witness.check()
    home.note(f"{len(METRICS)} devices")
