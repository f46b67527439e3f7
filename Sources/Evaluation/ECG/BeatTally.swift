public import ECG

/// Beats found, missed and invented, and the classes that they were given.
public struct BeatTally: Hashable, Sendable {
    /// Rows: the reference's class, last what is no beat. Columns: ours, last what we did not find.
    public private(set) var matrix = [[Int]](repeating: [Int](repeating: 0, count: 6), count: 6)
    /// Of the places of paired beats: ours less the reference's, in milliseconds.
    private var offsetSum = 0.0
    private var offsetSquares = 0.0

    static let none = BeatClass.allCases.count

    public init() {}

    mutating func count(reference: BeatClass?, ours: BeatClass?, offsetMilliseconds: Double = 0) {
        let row = reference.map { Int($0.rawValue) } ?? Self.none
        let column = ours.map { Int($0.rawValue) } ?? Self.none
        matrix[row][column] += 1
        guard reference != nil, ours != nil else { return }
        offsetSum += offsetMilliseconds
        offsetSquares += offsetMilliseconds * offsetMilliseconds
    }

    static func += (sum: inout BeatTally, other: BeatTally) {
        for row in sum.matrix.indices {
            for column in sum.matrix[row].indices { sum.matrix[row][column] += other.matrix[row][column] }
        }
        sum.offsetSum += other.offsetSum
        sum.offsetSquares += other.offsetSquares
    }

    public var truePositives: Int { matrix.prefix(Self.none).reduce(0) { $0 + $1.prefix(Self.none).reduce(0, +) } }
    public var falseNegatives: Int { matrix.prefix(Self.none).reduce(0) { $0 + $1[Self.none] } }
    public var falsePositives: Int { matrix[Self.none].prefix(Self.none).reduce(0, +) }

    /// Percent; `nil` without a beat that could have been found.
    public var sensitivity: Double? { Percent.of(truePositives, in: truePositives + falseNegatives) }
    public var positivePredictivity: Double? { Percent.of(truePositives, in: truePositives + falsePositives) }
    /// Beats missed and invented for each hundred of the reference.
    public var detectionErrorRate: Double? {
        Percent.of(falseNegatives + falsePositives, in: truePositives + falseNegatives)
    }

    /// Mean and standard deviation of where we say a beat is, against the reference, in milliseconds.
    public var offsetMilliseconds: (mean: Double, deviation: Double)? {
        guard truePositives > 0 else { return nil }
        let mean = offsetSum / Double(truePositives)
        let variance = max(0, offsetSquares / Double(truePositives) - mean * mean)
        return (mean, variance.squareRoot())
    }

    /// Ectopic beats of one class, found, missed and invented (EC57, 4.3.3.2: what is fused or of no class in the
    /// reference is no false ventricular beat; what is of no class is no false supraventricular one).
    public func ectopic(_ beatClass: BeatClass) -> (truePositives: Int, falseNegatives: Int, falsePositives: Int) {
        let own = Int(beatClass.rawValue)
        var excused: Set<Int> = [own, Int(BeatClass.unclassifiable.rawValue)]
        if beatClass == .ventricular { excused.insert(Int(BeatClass.fusion.rawValue)) }
        let truly = matrix[own][own]
        let missed = matrix[own].reduce(0, +) - truly
        let invented = matrix.indices.filter { !excused.contains($0) }.reduce(0) { $0 + matrix[$1][own] }
        return (truly, missed, invented)
    }
}

/// Shares in percent.
public enum Percent {
    /// `nil` of nothing.
    public static func of(_ part: Int, in whole: Int) -> Double? {
        whole > 0 ? 100 * Double(part) / Double(whole) : nil
    }

    public static func of(_ part: Double, in whole: Double) -> Double? { whole > 0 ? 100 * part / whole : nil }
}
