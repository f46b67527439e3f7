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
        for index in Self.fineRateHz ..< Self.fineCount { fine[index - Self.fineRateHz] = fine[index] }
        for index in Self.coarseRateHz ..< Self.coarseCount { coarse[index - Self.coarseRateHz] = coarse[index] }
        let fineStart = Self.fineCount - Self.fineRateHz
        let coarseStart = Self.coarseCount - Self.coarseRateHz
        let start = max(0, second) &* WorkingSignal.sampleRateHz &- Self.delaySamples
        for index in 0 ..< Self.fineRateHz {
            let mean = (clean[start &+ 2 * index] + clean[start &+ 2 * index &+ 1]) / 2
            fine[fineStart + index] = mean.isFinite ? min(max(mean, -100), 100) : 0
        }
        for index in 0 ..< Self.coarseRateHz {
            coarse[coarseStart + index] = (fine[fineStart + 2 * index] + fine[fineStart + 2 * index + 1]) / 2
        }
        secondsHeld = min(secondsHeld + 1, Self.seconds)
    }

    mutating func removeAll() { secondsHeld = 0 }
}
