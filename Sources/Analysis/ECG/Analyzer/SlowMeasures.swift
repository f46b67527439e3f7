/// What is made of many beats: variability, breathing, burdens.
struct SlowMeasures: Sendable {
    private var series = RRSeries()
    private var variability = HRVSeries()
    private var respiration = RespirationWatch()
    private var burdens = BurdenBook()

    /// The R peak and what is 50 ms around it.
    private static let heightSamples = 10

    mutating func add(provisional beat: Beat, clean: borrowing SignalRing) {
        var lowest = Float.infinity
        var highest = -Float.infinity
        for index in beat.index - Self.heightSamples ... beat.index + Self.heightSamples {
            lowest = min(lowest, clean[index])
            highest = max(highest, clean[index])
        }
        respiration.add(beat, height: highest - lowest)
    }

    mutating func add(final beat: Beat, _ output: inout ECGOutput) {
        burdens.add(beat)
        guard let interval = series.add(beat) else { return }
        output.intervals.append(interval)
        variability.add(interval, &output.variability)
    }

    mutating func add(_ second: ECGSecond, _ output: inout ECGOutput) {
        variability.advance(
            toSeconds: Double(second.second) + 1, isAtrialFibrillation: second.isAtrialFibrillation,
            &output.variability)
        burdens.add(second, &output.burdens)
        let isWanted = !second.isAtrialFibrillation
        if let estimate = respiration.advance(second.quality, isWanted: isWanted) {
            output.respiration.append(estimate)
        }
    }

    /// The signal was lost.
    mutating func interrupt() {
        respiration.interrupt()
    }

    /// Another lead leads: its R peaks have another height.
    mutating func changeLeader() { respiration.interrupt() }
}
