import Numbers
public import Vitals

extension BlowSamples {
    /// What a device tells of a blow, made equally spaced: its flow where there is one, else its volume.
    ///
    /// `nil`: there is no curve, or a piece of every one is missing, or it is none that a spirometer can draw.
    public init?(_ manoeuvre: Manoeuvre) {
        for kind in [Curve.Kind.flowTime, .flowVolume, .volumeTime] {
            let pieces = manoeuvre.curves.filter { $0.kind == kind }
            guard pieces.count == 1, let curve = pieces.first, curve.firstSample == 0,
                let samples = BlowSamples(curve), samples.problem == nil
            else { continue }
            self = samples
            return
        }
        return nil
    }

    /// So far apart two neighbours of an unequally spaced curve may be; more is a hole.
    static let holeSecondsMax = 0.25

    private init?(_ curve: Curve) {
        let values = { (quantity: Curve.Quantity) in
            curve.tracks.first { $0.quantity == quantity }.map { track in
                track.samples.map { Double($0) * track.scale }
            }
        }
        let quantity: Quantity
        let samples: [Double]
        if let flow = values(.flow), !flow.isEmpty {
            (quantity, samples) = (.flow, flow)
        } else if let volume = values(.volume), !volume.isEmpty {
            (quantity, samples) = (.volume, volume)
        } else {
            return nil
        }
        if let rate = curve.sampleRateHz {
            self.init(quantity, sampleRateHz: rate, values: samples)
        } else if let times = values(.time), let even = Self.even(samples, at: times) {
            self.init(quantity, sampleRateHz: even.rate, values: even.values)
        } else {
            return nil
        }
    }

    /// Straight between the given samples, as often as they come on the whole.
    private static func even(_ values: [Double], at times: [Double]) -> (rate: Double, values: [Double])? {
        var kept: [(time: Double, value: Double)] = []
        var steps: [Double] = []
        for (time, value) in zip(times, values) where time.isFinite {
            guard let last = kept.last else {
                kept.append((time, value))
                continue
            }
            guard time > last.time else { continue }
            guard time - last.time <= holeSecondsMax else { return nil }
            steps.append(time - last.time)
            kept.append((time, value))
        }
        guard let step = median(steps), let first = kept.first, let last = kept.last else { return nil }
        let rate = min(max(1 / step, sampleRates.lowerBound), sampleRates.upperBound)
        let seconds = last.time - first.time
        guard seconds <= secondsMax else { return nil }
        var place = 0
        let even = (0 ... Int(seconds * rate)).map { index in
            let time = first.time + Double(index) / rate
            while place + 2 < kept.count, kept[place + 1].time < time { place += 1 }
            let (before, after) = (kept[place], kept[min(place + 1, kept.count - 1)])
            let span = after.time - before.time
            let fraction = span > 0 ? min(1, max(0, (time - before.time) / span)) : 0
            return before.value + (after.value - before.value) * fraction
        }
        return (rate, even)
    }
}
