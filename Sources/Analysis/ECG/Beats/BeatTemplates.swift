/// The shapes of beats that this patient has: running means of like windows, and which of them is the usual one.
struct BeatTemplates {
    /// A template fits, and learns, from this correlation of the complexes on.
    static let correlationMin: Float = 0.85
    /// More shapes than that are noise.
    static let capacity = 8
    /// The share of a new window in its template once that has seen enough.
    private static let learningShare: Float = 0.06
    /// How slowly the counts forget: about 500 beats.
    private static let countDecay: Float = 0.998
    /// Another template becomes the dominant one when its count is so much higher.
    private static let dominanceRatio: Float = 1.2
    /// A beat counts as long as it lasts, up to one second, so that a fast run does not become the usual rhythm;
    /// and a premature one speaks for its shape less than one in time does.
    private static let prematureWeight: Float = 0.5
    private static let prematureRatio: Float = 0.85

    /// `capacity` windows, and their complexes with mean zero and norm one.
    private(set) var windows = [Float](repeating: 0, count: capacity * BeatWindow.length)
    private var units = [Float](repeating: 0, count: capacity * ShiftedComplex.taps)
    private(set) var shapes = [BeatShape](repeating: BeatShape(), count: capacity)
    /// Decayed counts of beats; zero where there is no template.
    private(set) var counts = [Float](repeating: 0, count: capacity)
    /// The same, of about the last 25 beats.
    private var recent = [Float](repeating: 0, count: capacity)
    private static let recentDecay: Float = 0.96
    /// A shape up to so much wider than the usual one is as narrow.
    private static let narrowRatio: Float = 1.15
    private(set) var matched = [Float](repeating: 0, count: capacity)
    /// The running mean of the intervals before the template's beats, as ratios to the median.
    private(set) var intervalRatios = [Float](repeating: 1, count: capacity)
    /// The running mean of the intervals behind them, likewise.
    private(set) var nextRatios = [Float](repeating: 1, count: capacity)
    /// The running mean of the provisional log odds that its beats are ventricular.
    private var evidences = [Float](repeating: 0, count: capacity)
    /// Each new shape has the next number.
    private var numbers = [Int](repeating: 0, count: capacity)
    private var made = 0
    private(set) var dominant = 0
    /// The P wave of beats that come late: those are never atrial premature.
    private(set) var latePWave = [Float](repeating: 0, count: BeatWindow.pWave.count)
    private(set) var lateCount: Float = 0
    /// The cluster that learnt last.
    private(set) var learnt = 0
    /// What is behind the usual complex.
    private(set) var tail = UsualTail()
    /// The P wave in front of usual beats.
    private(set) var usualWave = UsualAtrialWave()
    /// The running mean of the P waves in front of each template's beats, beside the usual one.
    private(set) var atrialWaves = [Float](repeating: 0, count: capacity)
    /// A beat is late from this part of the longest of ten intervals on.
    static let lateRatio: Float = 0.9

    /// How much the usual beats vary.
    private(set) var variation = BeatVariation()
    /// The smallest spread of the slope that a common cluster has, in samples.
    private(set) var narrowest: Float = 0
    /// The share of a new beat in what its cluster says, and how many beats weigh as much as not knowing.
    private static let evidenceShare: Float = 0.02
    private static let evidenceBeats: Float = 3
    /// A cluster is common from this part of all beats on.
    private static let commonShare: Float = 0.04

    var isEmpty: Bool { counts[dominant] == 0 }
    /// +1 where the dominant complex points up, -1 where it points down.
    var polarity: Float { shapes[dominant].maximum >= -shapes[dominant].minimum ? 1 : -1 }

    /// A spread of the slope that differs by more than that, as a ratio, speaks against a template, and how much:
    /// a wide beat is no narrow one, however alike they are otherwise.
    private static let spreadRatioFree: Float = 1.1
    private static let spreadPenalty: Float = 0.5

    /// How a window fits all of them.
    struct Match {
        var dominant = ShiftedComplex.Fit()
        var best = ShiftedComplex.Fit()
        var cluster = 0
        /// The correlation with it, less what their widths differ.
        var fit = -Float.greatestFiniteMagnitude

        var isFitting: Bool { fit >= BeatTemplates.correlationMin }
    }

    func match(_ complex: borrowing ShiftedComplex, slopeSpread: Float) -> Match {
        var match = Match()
        match.best.correlation = -1
        for cluster in 0 ..< Self.capacity where counts[cluster] > 0 {
            let fit = complex.fit(units, at: cluster * ShiftedComplex.taps)
            if cluster == dominant { match.dominant = fit }
            let own = max(shapes[cluster].slopeSpread, 1)
            let other = max(slopeSpread, 1)
            let excess = max(max(own / other, other / own) - Self.spreadRatioFree, 0)
            let score = fit.correlation - Self.spreadPenalty * excess
            if score > match.fit {
                match.fit = score
                match.best = fit
                match.cluster = cluster
            }
        }
        return match
    }

    /// How the template of a cluster resembles the dominant one.
    func dominantCorrelation(_ cluster: Int) -> Float {
        if cluster == dominant { return 1 }
        let complex = ShiftedComplex(windows, at: cluster * BeatWindow.length)
        return complex.fit(units, at: dominant * ShiftedComplex.taps).correlation
    }

    /// Learns from a window that fits as `match` says. `intervalRatio` is of the interval before it to the median.
    mutating func learn(
        _ samples: [Float], at offset: Int, _ match: Match, intervalSeconds: Float, intervalRatio: Float,
        maximumRatio: Float, logOdds: Float
    ) {
        nextRatios[learnt] +=
            (intervalRatio - nextRatios[learnt]) * max(Self.learningShare, 1 / (matched[learnt] + 1))
        if maximumRatio >= Self.lateRatio, match.cluster == dominant, match.isFitting {
            learnLatePWave(samples, at: offset + match.dominant.lag)
        }
        let weight = min(intervalSeconds, 1) * (intervalRatio < Self.prematureRatio ? Self.prematureWeight : 1)
        for cluster in 0 ..< Self.capacity {
            counts[cluster] *= Self.countDecay
            recent[cluster] *= Self.recentDecay
        }
        var cluster = match.cluster
        if isEmpty || !match.isFitting {
            cluster = rarest()
            counts[cluster] = 0
            recent[cluster] = 0
            matched[cluster] = 0
            nextRatios[cluster] = 1
            atrialWaves[cluster] = 0
            evidences[cluster] = 0
            made &+= 1
            numbers[cluster] = made
        }
        learnt = cluster
        let lag = matched[cluster] == 0 ? 0 : match.best.lag
        matched[cluster] += 1
        counts[cluster] += weight
        recent[cluster] += weight
        let share = max(Self.learningShare, 1 / matched[cluster])
        evidences[cluster] +=
            (BeatModels.limited(logOdds) - evidences[cluster]) * max(Self.evidenceShare, 1 / matched[cluster])
        let base = cluster * BeatWindow.length
        let window = samples.span.extracting(offset ..< offset + BeatWindow.length)
        var all = windows.mutableSpan
        for position in 0 ..< BeatWindow.length {
            let shifted = min(max(position &+ lag, 0), BeatWindow.length - 1)
            all[base &+ position] += (window[shifted] - all[base &+ position]) * share
        }
        intervalRatios[cluster] += (intervalRatio - intervalRatios[cluster]) * share
        shapes[cluster] = BeatShape(windows, at: base)
        ShiftedComplex.normalize(windows, at: base, into: &units, at: cluster * ShiftedComplex.taps)
        chooseDominant(cluster)
        measureNarrowest()
    }

    private mutating func learnLatePWave(_ samples: [Float], at offset: Int) {
        lateCount += 1
        let share = max(Self.learningShare, 1 / lateCount)
        for position in 0 ..< BeatWindow.pWave.count {
            let sample = samples[offset + BeatWindow.pWave.lowerBound + position]
            latePWave[position] += (sample - latePWave[position]) * share
        }
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

    /// Whether a cluster is to be the usual one: by how common it is, and how narrow, as conducted beats are. One
    /// as narrow as the usual one takes over soon: another branch conducts now. A wider one must outnumber it.
    private mutating func chooseDominant(_ cluster: Int) {
        guard cluster != dominant else { return }
        let own = max(shapes[cluster].slopeSpread, 1)
        let usual = max(shapes[dominant].slopeSpread, 1)
        var (all, late): (Float, Float) = (0, 0)
        for other in 0 ..< Self.capacity {
            all += counts[other]
            late += recent[other]
        }
        let recentWeight = own <= Self.narrowRatio * usual && late > 0 ? all / late : 0
        let standing = (counts[cluster] + recentWeight * recent[cluster]) / own
        let other = (counts[dominant] + recentWeight * recent[dominant]) / usual
        if standing > Self.dominanceRatio * other { dominant = cluster }
    }

    private mutating func measureNarrowest() {
        var total: Float = 0
        for count in counts { total += count }
        narrowest = shapes[dominant].slopeSpread
        for cluster in 0 ..< Self.capacity where counts[cluster] >= Self.commonShare * total {
            narrowest = min(narrowest, shapes[cluster].slopeSpread)
        }
    }

    /// Learns how much beats vary from one that has been compared.
    mutating func learnVariation(_ features: BeatFeatures, _ match: Match) {
        guard match.cluster == dominant, match.isFitting, features[.intervalToMedian10] >= Self.prematureRatio
        else { return }
        variation.learn(features)
    }

    /// What the cluster's beats say of a beat that fits it, as log odds that it is ventricular. Few say little.
    func evidence(_ cluster: Int) -> Float {
        evidences[cluster] * matched[cluster] / (matched[cluster] + Self.evidenceBeats)
    }

    /// Learns what is behind the usual complex from the window at `offset` of a beat of `cluster` that the next
    /// one followed late, `intervalSamples` behind it.
    mutating func learnTail(_ samples: [Float], at offset: Int, cluster: Int, intervalSamples: Int) {
        if cluster == dominant { tail.learn(samples, at: offset, intervalSamples: intervalSamples) }
    }

    /// Learns of the P wave in front of a beat of the cluster that learnt last, so many times the usual one.
    mutating func learnAtrialWave(_ wave: AtrialWave, toUsual ratio: Float, intervalRatio: Float) {
        atrialWaves[learnt] += (ratio - atrialWaves[learnt]) * max(Self.learningShare, 1 / max(matched[learnt], 1))
        if learnt == dominant, intervalRatio >= Self.prematureRatio { usualWave.learn(wave) }
    }

    /// The number of the shape that learnt last, and of one that fits.
    var learntNumber: Int { numbers[learnt] }
    func number(_ cluster: Int) -> Int { numbers[cluster] }

    /// The cluster's part of all beats: 0…1.
    func share(_ cluster: Int) -> Float {
        var total: Float = 0
        for count in counts { total += count }
        return total > 0 ? counts[cluster] / total : 0
    }
}
