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
        fine.removeFirst(Self.fineRateHz)
        coarse.removeFirst(Self.coarseRateHz)
        let start = max(0, second) &* WorkingSignal.sampleRateHz &- Self.delaySamples
        let isWhole = start >= clean.startIndex && start &+ WorkingSignal.sampleRateHz <= clean.endIndex
        let held = clean.samples.span
        let mask = SignalRing.capacity - 1
        var before: Float = 0
        for index in 0 ..< Self.fineRateHz {
            let place = start &+ 2 &* index
            let mean =
                isWhole
                ? (held[place & mask] + held[(place &+ 1) & mask]) / 2 : (clean[place] + clean[place &+ 1]) / 2
            let value = mean.isFinite ? min(max(mean, -100), 100) : 0
            fine.append(value)
            if index & 1 == 1 { coarse.append((before + value) / 2) }
            before = value
        }
        secondsHeld = min(secondsHeld + 1, Self.seconds)
    }

    mutating func removeAll() { secondsHeld = 0 }
}
