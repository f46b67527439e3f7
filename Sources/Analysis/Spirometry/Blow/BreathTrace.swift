import Numbers

/// Flow and volume at each sample, whichever of them was measured, and between the samples.
struct BreathTrace: Sendable {
    let interval: Double
    /// L/s.
    let flow: [Double]
    /// Litres breathed out since the first sample.
    let volume: [Double]
    /// The volume is coarse or noisy, and the flow is its slope over many samples.
    let isSmoothed: Bool

    /// - Parameter samples: without a ``BlowSamples/problem``.
    init(_ samples: BlowSamples) {
        interval = 1 / samples.sampleRateHz
        switch samples.quantity {
        case .flow:
            flow = samples.values
            let interval = interval
            volume = CubicSpline.integral(of: samples.values).map { $0 * interval }
            isSmoothed = false
        case .volume:
            let zero = samples.values.first ?? 0
            volume = samples.values.map { $0 - zero }
            (flow, isSmoothed) = VolumeSlope.flow(of: samples.values, interval: interval)
        }
    }

    var count: Int { flow.count }
    var endSeconds: Double { Double(max(0, count - 1)) * interval }

    func seconds(_ index: Int) -> Double { Double(index) * interval }

    /// The sample at or before that time.
    func index(before seconds: Double) -> Int {
        guard count > 1, seconds > 0 else { return 0 }
        let place = seconds / interval
        return place < Double(count - 1) ? Int(place) : count - 1
    }

    /// Litres at any time, held at both ends: the cubic with the neighbours' volumes and flows.
    func volume(at seconds: Double) -> Double {
        let index = index(before: seconds)
        guard index + 1 < count else { return volume.last ?? 0 }
        let x = max(0, seconds / interval - Double(index))
        let (start, end) = (volume[index], volume[index + 1])
        let (slopeStart, slopeEnd) = (flow[index] * interval, flow[index + 1] * interval)
        let rise = end - start
        let quadratic = 3 * rise - 2 * slopeStart - slopeEnd
        let cubic = slopeStart + slopeEnd - 2 * rise
        return start + x * (slopeStart + x * (quadratic + x * cubic))
    }

    /// L/s, straight between the samples.
    func flow(at seconds: Double) -> Double {
        let index = index(before: seconds)
        guard index + 1 < count else { return flow.last ?? 0 }
        let x = max(0, seconds / interval - Double(index))
        return flow[index] + (flow[index + 1] - flow[index]) * x
    }

    /// When the volume is reached first within the samples `from ... through`; `nil`: it never is.
    func time(volume wanted: Double, from first: Int, through last: Int) -> Double? {
        guard first >= 0, last < count, first < last else { return nil }
        guard let above = (first ... last).first(where: { volume[$0] >= wanted }), above > first else { return nil }
        var (low, high) = (seconds(above - 1), seconds(above))
        for _ in 0 ..< Self.halvings {
            let middle = (low + high) / 2
            if volume(at: middle) < wanted { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// 20 ms / 2^30 is far below anything that shows.
    private static let halvings = 30

    /// The greatest flow around the sample that holds the greatest one.
    ///
    /// From 250 Hz on it is that sample: what ATS calls peak flow. Below, the peak falls between the samples, and
    /// the spline finds it: at 50 Hz within 20 mL/s on the ATS waveforms, where the samples alone miss up to 116
    /// mL/s.
    func peak(at index: Int) -> (seconds: Double, flow: Double) {
        let sample = (seconds: seconds(index), flow: flow[index])
        guard interval > 1 / Self.sampledPeakHz, index > 0, index + 1 < count else { return sample }
        let first = max(0, index - Self.neighbours)
        let last = min(count - 1, index + Self.neighbours)
        let values = Array(flow[first ... last])
        let second = CubicSpline.secondDerivatives(of: values)
        var best = sample
        for place in index - first - 1 ... index - first {
            for step in 1 ..< Self.peakSteps {
                let fraction = Double(step) / Double(Self.peakSteps)
                let found = CubicSpline.value(
                    values[place], values[place + 1], second: (second[place], second[place + 1]), fraction: fraction
                )
                if found > best.flow { best = ((Double(first + place) + fraction) * interval, found) }
            }
        }
        return best
    }

    /// From here on the peak is a sample: 4 ms lose less than 0.2 % (ATS waveforms).
    static let sampledPeakHz = 249.0
    /// The spline's memory: each sample further away counts a quarter of the one before.
    private static let neighbours = 12
    private static let peakSteps = 64
}
