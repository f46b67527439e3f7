import Numbers

/// The last five seconds of a lead at two lower rates, on which fibrillation is looked for.
///
/// Ventricular fibrillation has its power between 2 and 10 Hz: means of two working samples (100 per second) carry
/// its shape, means of four (50 per second) its spectrum.
struct FibrillationWindow: Sendable {
    static let seconds = 5
    static let fineRateHz = WorkingSignal.sampleRateHz / 2
    static let coarseRateHz = WorkingSignal.sampleRateHz / 4
    static let fineCount = seconds * fineRateHz
    static let coarseCount = seconds * coarseRateHz
    /// A second ends so many working samples early: the clean signal comes a little behind the time.
    static let delaySamples = 16

    private(set) var fine = [Float](repeating: 0, count: fineCount)
    private(set) var coarse = [Float](repeating: 0, count: coarseCount)
    private(set) var secondsHeld = 0

    var isFull: Bool { secondsHeld >= Self.seconds }

    /// The working samples of one second, the newest of the window; values that are no numbers count as zero.
    mutating func append(second: Int, of clean: borrowing SignalRing) {
        Self.slide(&fine, by: Self.fineRateHz)
        Self.slide(&coarse, by: Self.coarseRateHz)
        let start = max(0, second) &* WorkingSignal.sampleRateHz &- Self.delaySamples
        let range = start ..< start &+ WorkingSignal.sampleRateHz
        if range.lowerBound >= 0, clean.holds(range) {
            Self.take(clean.window(range), &fine, &coarse)
        } else {
            let samples = (0 ..< WorkingSignal.sampleRateHz).map { clean[start &+ $0] }
            Self.take(samples.span, &fine, &coarse)
        }
        secondsHeld = min(secondsHeld + 1, Self.seconds)
    }

    private static func slide(_ row: inout [Float], by count: Int) {
        var row = row.mutableSpan
        for place in 0 ..< row.count - count { row[place] = row[place &+ count] }
    }

    /// Of one second.
    private static func take(
        _ samples: borrowing Span<Float>, _ fineRow: inout [Float], _ coarseRow: inout [Float]
    ) {
        var fine = fineRow.mutableSpan
        var coarse = coarseRow.mutableSpan
        var finePlace = fine.count - fineRateHz
        var coarsePlace = coarse.count - coarseRateHz
        for at in stride(from: 0, to: samples.count - 7, by: 8) {
            let eight = samples.eight(at: at)
            var means = (eight.evenHalf + eight.oddHalf) / 2
            means.replace(with: 0, where: .!(means - means .== 0))
            means.clamp(lowerBound: SIMD4(repeating: -100), upperBound: SIMD4(repeating: 100))
            fine.put(means, at: finePlace)
            let pairs = (means.evenHalf + means.oddHalf) / 2
            coarse[coarsePlace] = pairs.x
            coarse[coarsePlace &+ 1] = pairs.y
            finePlace &+= 4
            coarsePlace &+= 2
        }
    }

    mutating func removeAll() { secondsHeld = 0 }
}
