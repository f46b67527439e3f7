import Numbers

/// The coefficient of sample entropy (Lake and Moorman 2011): how unlikely it is that intervals which were alike
/// stay so, corrected for the tolerance and the heart rate.
enum CoSEn {
    /// Matches of the longer templates that the tolerance is widened for.
    static let matchesMin = 5
    static let toleranceSecondsMin = 0.03
    private static let toleranceStepSeconds = 0.005

    /// The first tolerance of the ladder at which a distance matches.
    static func tolerance(_ distance: Double) -> Double {
        guard distance > toleranceSecondsMin else { return toleranceSecondsMin }
        let steps = ((distance - toleranceSecondsMin) / toleranceStepSeconds).rounded(.up)
        return toleranceSecondsMin + steps * toleranceStepSeconds + 1e-9
    }

    /// `shorter` and `longer`: pairs of templates of one and two intervals that match. Seconds.
    static func value(shorter: Int, longer: Int, tolerance: Double, mean: Double) -> Double {
        guard shorter > 0, longer > 0, mean > 0 else { return -9 }
        let sampleEntropy = -Mathematics.log(Double(longer) / Double(shorter))
        return sampleEntropy + Mathematics.log(2 * tolerance) - Mathematics.log(mean)
    }
}

/// The smallest values, in order; no more than 32.
struct InsertionSorted {
    private var values = InlineArray<32, Double>(repeating: 0)
    private(set) var count = 0

    subscript(rank: Int) -> Double { values[rank] }

    mutating func insert(_ value: Double, keep: Int = 32) {
        let room = min(keep, 32)
        guard room > 0, count < room || value < values[room - 1] else { return }
        var place = min(count, room - 1)
        while place > 0, values[place - 1] > value {
            values[place] = values[place - 1]
            place -= 1
        }
        values[place] = value
        count = min(count + 1, room)
    }
}
