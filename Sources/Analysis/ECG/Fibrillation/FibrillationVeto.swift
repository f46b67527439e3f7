/// Whether complexes like the patient's usual ones go on: then nothing fibrillates, whatever the signal looks like.
///
/// Fibrillation has waves that are alike by chance, among many that are not: with those between them, the usual
/// ones are believed only while the trees are not sure.
struct FibrillationVeto: Sendable {
    /// How like the usual complex one must be, and how sure the detector of it.
    private static let correlationMin: Float = 0.9
    private static let scoreMin: Float = 0.5
    /// So many of them in so many seconds.
    private static let beatsMin = 4
    private static let windowSeconds = 4.5
    /// Of other complexes in that time, no more than this share of the usual ones.
    private static let othersShareMax = 0.5

    /// How much weighs what goes on.
    enum Weight: Int {
        case none
        /// The trees may outvote it.
        case doubtful
        case certain
    }

    private var trusted = RecentValues(capacity: 8)
    private var all = RecentValues(capacity: 32)

    mutating func add(_ beat: Beat) {
        all.append(beat.seconds)
        let isUsual = beat.templateCorrelation >= Self.correlationMin && beat.score >= Self.scoreMin
        if isUsual, beat.beatClass != .ventricular { trusted.append(beat.seconds) }
    }

    func weight(at seconds: Double) -> Weight {
        let since = seconds - Self.windowSeconds
        guard trusted.count >= Self.beatsMin, trusted[Self.beatsMin - 1] >= since else { return .none }
        let usual = Self.count(trusted, since: since)
        let others = Self.count(all, since: since) - usual
        return Double(others) <= Self.othersShareMax * Double(usual) ? .certain : .doubtful
    }

    private static func count(_ times: RecentValues, since: Double) -> Int {
        var count = 0
        while count < times.count, times[count] >= since { count += 1 }
        return count
    }
}
