/// How much of an hour, or of a day, was of which rhythm.
public struct RhythmBurden: Hashable, Sendable {
    /// Since the start of the stream.
    public var startSeconds: Double
    /// One hour, or twenty-four.
    public var hours: Int
    /// Seconds in which something could be seen.
    public var observedSeconds = 0
    public var atrialFibrillationSeconds = 0
    public var beats = 0
    public var ventricularBeats = 0
    public var supraventricularBeats = 0

    public static let hourSeconds = 3600
    /// Less of an hour seen is no hour.
    public static let observedSecondsMin = 600

    /// Of the time in which something could be seen; `nil` when that was too little.
    public var atrialFibrillationPercent: Double? {
        guard observedSeconds >= Self.observedSecondsMin else { return nil }
        return 100 * Double(atrialFibrillationSeconds) / Double(observedSeconds)
    }

    /// In an hour of seen time; `nil` when that was too little.
    public var ventricularPerHour: Double? {
        guard observedSeconds >= Self.observedSecondsMin else { return nil }
        return Double(ventricularBeats) * Double(Self.hourSeconds) / Double(observedSeconds)
    }

    mutating func add(_ other: RhythmBurden) {
        observedSeconds += other.observedSeconds
        atrialFibrillationSeconds += other.atrialFibrillationSeconds
        beats += other.beats
        ventricularBeats += other.ventricularBeats
        supraventricularBeats += other.supraventricularBeats
    }
}

/// Adds up hours of the stream, and days of them.
struct BurdenBook: Sendable {
    private var hour = RhythmBurden(startSeconds: 0, hours: 1)
    private var day = RhythmBurden(startSeconds: 0, hours: 24)

    mutating func add(_ beat: Beat) {
        hour.beats += 1
        if beat.beatClass == .ventricular { hour.ventricularBeats += 1 }
        if beat.beatClass == .supraventricular { hour.supraventricularBeats += 1 }
    }

    /// A second is over.
    mutating func add(_ second: ECGSecond, _ burdens: inout [RhythmBurden]) {
        if Double(second.second) >= hour.startSeconds + Double(RhythmBurden.hourSeconds) {
            close(at: second.second, &burdens)
        }
        guard second.quality.grade != .bad else { return }
        hour.observedSeconds += 1
        if second.isAtrialFibrillation { hour.atrialFibrillationSeconds += 1 }
    }

    private mutating func close(at second: Int, _ burdens: inout [RhythmBurden]) {
        burdens.append(hour)
        day.add(hour)
        let length = RhythmBurden.hourSeconds
        hour = RhythmBurden(startSeconds: Double(second / length * length), hours: 1)
        guard hour.startSeconds >= day.startSeconds + Double(24 * length) else { return }
        burdens.append(day)
        day = RhythmBurden(startSeconds: Double(second / (24 * length) * (24 * length)), hours: 24)
    }
}
