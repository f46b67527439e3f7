internal import Numbers

/// The shapes of beats that this patient has: running means of like windows, and which of them is the usual one.
struct BeatTemplates {
    /// A template fits, and learns, from this correlation of the complexes on.
    static let correlationMin: Float = 0.85
    /// More shapes than that are noise.
    static let capacity = 6
    /// The share of a new window in its template once that has seen enough.
    private static let learningShare: Float = 0.06
    /// How slowly the counts forget: about 200 beats.
    private static let countDecay: Float = 0.995
    /// Another template becomes the dominant one when its count is so much higher.
    private static let dominanceRatio: Float = 1.2
    /// A premature beat speaks for its shape less than one in time does.
    private static let prematureWeight: Float = 0.5
    private static let prematureRatio: Float = 0.85

    /// `capacity` windows, and their complexes with mean zero and norm one.
    private(set) var windows = [Float](repeating: 0, count: capacity * BeatWindow.length)
    private var units = [Float](repeating: 0, count: capacity * BeatWindow.complex.count)
    private(set) var shapes = [BeatShape](repeating: BeatShape(), count: capacity)
    /// Decayed counts of beats; zero where there is no template.
    private(set) var counts = [Float](repeating: 0, count: capacity)
    private var matched = [Float](repeating: 0, count: capacity)
    /// The running mean of the intervals before the template's beats, as ratios to the median.
    private(set) var intervalRatios = [Float](repeating: 1, count: capacity)
    private(set) var dominant = 0
    /// Correlation of each template with the dominant one.
    private(set) var dominantCorrelations = [Float](repeating: 0, count: capacity)

    var isEmpty: Bool { counts[dominant] == 0 }
    /// +1 where the dominant complex points up, -1 where it points down.
    var polarity: Float { shapes[dominant].maximum >= -shapes[dominant].minimum ? 1 : -1 }

    /// How a window fits one template.
    struct Fit {
        var correlation: Float = 0
        /// By how many samples the window is late.
        var lag = 0
    }

    /// How a window fits all of them.
    struct Match {
        var dominant = Fit()
        var best = Fit()
        var cluster = 0
    }

    func match(_ samples: [Float], at offset: Int) -> Match {
        var match = Match()
        match.best.correlation = -1
        for cluster in 0 ..< Self.capacity where counts[cluster] > 0 {
            let fit = Self.fit(samples, offset, units, cluster * BeatWindow.complex.count)
            if cluster == dominant { match.dominant = fit }
            if fit.correlation > match.best.correlation {
                match.best = fit
                match.cluster = cluster
            }
        }
        return match
    }

    /// The best correlation over the lags.
    static func fit(_ samples: [Float], _ offset: Int, _ units: [Float], _ unit: Int) -> Fit {
        var best = Fit(correlation: -1)
        let count = BeatWindow.complex.count
        for lag in -BeatWindow.lagSamplesMax ... BeatWindow.lagSamplesMax {
            let start = offset + BeatWindow.complex.lowerBound + lag
            var product: Float = 0
            var sum: Float = 0
            var squares: Float = 0
            for position in 0 ..< count {
                let sample = samples[start + position]
                product += sample * units[unit + position]
                sum += sample
                squares += sample * sample
            }
            let energy = squares - sum * sum / Float(count)
            let correlation = energy > Self.energyFloor ? product / energy.squareRoot() : 0
            if correlation > best.correlation { best = Fit(correlation: correlation, lag: lag) }
        }
        return best
    }

    /// A complex with less energy than that is a flat line.
    private static let energyFloor: Float = 1e-7

    /// The complex of the window at `offset`, with mean zero and norm one.
    static func normalize(_ samples: [Float], _ offset: Int, into units: inout [Float], at unit: Int) {
        let count = BeatWindow.complex.count
        var mean: Float = 0
        for position in 0 ..< count { mean += samples[offset + BeatWindow.complex.lowerBound + position] }
        mean /= Float(count)
        var energy: Float = 0
        for position in 0 ..< count {
            let value = samples[offset + BeatWindow.complex.lowerBound + position] - mean
            units[unit + position] = value
            energy += value * value
        }
        let scale = energy > energyFloor ? 1 / energy.squareRoot() : 0
        for position in 0 ..< count { units[unit + position] *= scale }
    }

    /// Learns from a window that fits as `match` says. `intervalRatio` is of the interval before it to the median.
    mutating func learn(_ samples: [Float], at offset: Int, _ match: Match, intervalRatio: Float) {
        let weight = intervalRatio < Self.prematureRatio ? Self.prematureWeight : 1
        for cluster in 0 ..< Self.capacity { counts[cluster] *= Self.countDecay }
        var cluster = match.cluster
        if isEmpty || match.best.correlation < Self.correlationMin {
            cluster = rarest()
            counts[cluster] = 0
            matched[cluster] = 0
        }
        let lag = matched[cluster] == 0 ? 0 : match.best.lag
        matched[cluster] += 1
        counts[cluster] += weight
        let share = max(Self.learningShare, 1 / matched[cluster])
        let base = cluster * BeatWindow.length
        for position in 0 ..< BeatWindow.length {
            let shifted = min(max(position + lag, 0), BeatWindow.length - 1)
            windows[base + position] += (samples[offset + shifted] - windows[base + position]) * share
        }
        intervalRatios[cluster] += (intervalRatio - intervalRatios[cluster]) * share
        shapes[cluster] = BeatShape(windows, at: base)
        Self.normalize(windows, base, into: &units, at: cluster * BeatWindow.complex.count)
        elect(learned: cluster)
    }

    /// The one to give up for a new shape: never the dominant one.
    private func rarest() -> Int {
        if isEmpty { return dominant }
        var rarest = dominant == 0 ? 1 : 0
        for cluster in 0 ..< Self.capacity where cluster != dominant && counts[cluster] < counts[rarest] {
            rarest = cluster
        }
        return rarest
    }

    private mutating func elect(learned cluster: Int) {
        let before = dominant
        if cluster != dominant, counts[cluster] > Self.dominanceRatio * counts[dominant] { dominant = cluster }
        if dominant != before || cluster == dominant {
            for other in 0 ..< Self.capacity { relate(other) }
        } else {
            relate(cluster)
        }
    }

    private mutating func relate(_ cluster: Int) {
        dominantCorrelations[cluster] =
            counts[cluster] > 0
            ? Self.fit(windows, cluster * BeatWindow.length, units, dominant * BeatWindow.complex.count).correlation
            : 0
    }

    /// The cluster's part of all beats: 0…1.
    func share(_ cluster: Int) -> Float {
        var total: Float = 0
        for count in counts { total += count }
        return total > 0 ? counts[cluster] / total : 0
    }
}
