import Spirometry

/// A blow of nobody's, as a function of time: it can be sampled at any rate. Two compartments empty behind a
/// steep rise.
struct TestBlow {
    var peak = 8.0
    /// Of the two compartments, seconds, and the share of the slow one in the peak flow.
    var fast = 0.45
    var slow = 1.2
    var slowShare = 0.08
    /// From nothing to the peak, as a squared sine: 59 % of it lie between 10 and 90 %.
    var ramp = 0.12
    /// A flow of 0.5 L/s for so long before the ramp: a slow start.
    var creep = 0.0
    /// Silence at the head of the record.
    var quiet = 0.6
    /// Breathed in before the blow, litres in a second; then the pause at full inspiration.
    var inspired: Double?
    var pause = 0.1
    /// Seconds behind the ramp's beginning.
    var coughs: [Double] = []
    /// The flow falls to nothing within 20 ms; for good.
    var cutOff: Double?
    /// The record goes on so long behind the ramp's beginning.
    var seconds = 7.0
    /// Breathed in behind the end of all that, litres in a second.
    var inspiredAfter: Double?
    /// The flow is held down at this, L/s: something is in the way.
    var ceiling = 100.0
    /// What the sensor adds to every flow.
    var offset = 0.0

    private var inspiration: Double { inspired == nil ? 0 : 1 + pause }
    /// Of the ramp, in the record.
    var rampStart: Double { quiet + inspiration + creep }
    var end: Double { rampStart + seconds + (inspiredAfter == nil ? 0 : 1.2) }

    /// L/s at a time of the record.
    func flow(at time: Double) -> Double {
        if let inspired, time >= quiet, time < quiet + 1 { return offset - inspired * lobe(time - quiet) }
        if time >= quiet + inspiration, time < rampStart { return offset + 0.5 }
        let after = time - rampStart
        if after < 0 { return offset }
        if after < seconds { return offset + expired(after) }
        if let inspiredAfter, after < seconds + 1 { return offset - inspiredAfter * lobe(after - seconds) }
        return offset
    }

    /// A litre within a second.
    private func lobe(_ time: Double) -> Double { 6 * time * (1 - time) }

    private func expired(_ time: Double) -> Double {
        if let cutOff, time >= cutOff { return max(0, expiredFreely(cutOff) * (1 - (time - cutOff) / 0.02)) }
        return expiredFreely(time)
    }

    private func expiredFreely(_ time: Double) -> Double {
        let free =
            time < ramp
            ? peak * rise(time / ramp)
            : peak * ((1 - slowShare) * decay((time - ramp) / fast) + slowShare * decay((time - ramp) / slow))
        let coughing = coughs.reduce(1.0) { $0 * (1 - 0.9 * bump((time - $1) / 0.04)) }
        return min(free, ceiling) * coughing
    }

    /// Squared sine of a quarter turn, by 3x² - 2x³, which is as smooth.
    private func rise(_ x: Double) -> Double { x * x * (3 - 2 * x) }
    private func bump(_ x: Double) -> Double { abs(x) < 1 ? (1 - x * x) * (1 - x * x) : 0 }
    /// exp(-x), by halving until the series is short.
    private func decay(_ x: Double) -> Double {
        var halved = x
        var times = 0
        while halved > 0.05 {
            halved /= 2
            times += 1
        }
        var value = 1 - halved * (1 - halved / 2 * (1 - halved / 3 * (1 - halved / 4)))
        for _ in 0 ..< times { value *= value }
        return value
    }

    func samples(_ sampleRateHz: Double = 100, quantity: BlowSamples.Quantity = .flow) -> BlowSamples {
        let count = Int(end * sampleRateHz) + 1
        let times = (0 ..< count).map { Double($0) / sampleRateHz }
        guard quantity == .volume else {
            return BlowSamples(.flow, sampleRateHz: sampleRateHz, values: times.map(flow(at:)))
        }
        // Fine trapezoids between the samples.
        let steps = max(1, Int(4000 / sampleRateHz))
        var volume = 0.0
        var values: [Double] = []
        for time in times {
            values.append(volume)
            let width = 1 / sampleRateHz / Double(steps)
            for step in 0 ..< steps {
                let start = time + Double(step) * width
                volume += (flow(at: start) + flow(at: start + width)) / 2 * width
            }
        }
        return BlowSamples(.volume, sampleRateHz: sampleRateHz, values: values)
    }

    func blow(_ sampleRateHz: Double = 100, quantity: BlowSamples.Quantity = .flow) throws -> Blow {
        try Blow(samples(sampleRateHz, quantity: quantity))
    }

    func faults(_ sampleRateHz: Double = 100, quantity: BlowSamples.Quantity = .flow) throws -> [BlowFault] {
        BlowJudgement(try blow(sampleRateHz, quantity: quantity)).faults
    }
}
