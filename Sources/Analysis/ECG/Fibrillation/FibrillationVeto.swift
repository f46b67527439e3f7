/// Whether complexes like the patient's usual ones go on: then nothing fibrillates, whatever the signal looks like.
struct FibrillationVeto: Sendable {
    /// How like the usual complex one must be, and how sure the detector of it.
    private static let correlationMin: Float = 0.9
    private static let scoreMin: Float = 0.5
    /// So many of them in so many seconds.
    private static let beatsMin = 4
    private static let windowSeconds = 4.5

    private var trusted = RecentValues(capacity: 8)

    mutating func add(_ beat: Beat) {
        let isUsual = beat.templateCorrelation >= Self.correlationMin && beat.score >= Self.scoreMin
        if isUsual, beat.beatClass != .ventricular { trusted.append(beat.seconds) }
    }

    func holds(at seconds: Double) -> Bool {
        trusted.count >= Self.beatsMin && seconds - trusted[Self.beatsMin - 1] <= Self.windowSeconds
    }
}
