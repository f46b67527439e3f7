import Numbers

/// Heart rate variability of one stretch of normal intervals: the measures of the Task Force of the European
/// Society of Cardiology (1996), the ellipse of Poincaré's plot, and sample entropy.
public struct HRVValues: Hashable, Sendable {
    /// Of the normal intervals (ms).
    public var meanMilliseconds: Double
    /// Their standard deviation (ms).
    public var sdnnMilliseconds: Double
    /// The root mean square of the differences of neighbours (ms).
    public var rmssdMilliseconds: Double
    /// The share of those differences above 50 ms, in percent.
    public var pnn50Percent: Double
    /// Power (ms²) of 0.003…0.04, 0.04…0.15 and 0.15…0.4 Hz.
    public var vlfPower: Double
    public var lfPower: Double
    public var hfPower: Double
    /// `nil` without power at high frequencies.
    public var lfOverHF: Double? { hfPower > 0 ? lfPower / hfPower : nil }
    /// The half axes of the ellipse (ms): across and along the line of identity.
    public var sd1Milliseconds: Double
    public var sd2Milliseconds: Double
    /// With m = 2 and r = 0.2 standard deviations (Richman and Moorman 2000); `nil` when nothing repeats itself.
    public var sampleEntropy: Double?

    static let bandsHz = (vlf: 0.003 ..< 0.04, lf: 0.04 ..< 0.15, hf: 0.15 ..< 0.4)
    static let stepHz = 1.0 / 1024
    static let sampleEntropyTolerance = 0.2
    /// Intervals that entropy is computed of, at most: the effort grows with their square.
    static let sampleEntropyCountMax = 1000

    /// - Parameter intervals: in the order of time; only the normal ones count. `nil` of fewer than three.
    public init?(_ intervals: [RRInterval]) {
        let normal = intervals.filter { $0.mark == .normal && $0.milliseconds.isFinite }
        guard normal.count >= 3 else { return nil }
        let values = normal.map(\.milliseconds)
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let differences = Self.differences(intervals)
        guard !differences.isEmpty else { return nil }
        let square = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
        meanMilliseconds = mean
        sdnnMilliseconds = variance.squareRoot()
        rmssdMilliseconds = square.squareRoot()
        pnn50Percent = 100 * Double(differences.count { abs($0) > 50 }) / Double(differences.count)
        sd1Milliseconds = (square / 2).squareRoot()
        sd2Milliseconds = max(0, 2 * variance - square / 2).squareRoot()
        let bands = Self.bandsHz
        let density = LombScargle.density(
            times: normal.map(\.endSeconds), values: values, firstHz: Self.stepHz, stepHz: Self.stepHz,
            count: Int(bands.hf.upperBound / Self.stepHz))
        func power(_ band: Range<Double>) -> Double {
            density.indices.reduce(0) { sum, index in
                band.contains(Double(index + 1) * Self.stepHz) ? sum + density[index] * Self.stepHz : sum
            }
        }
        vlfPower = power(bands.vlf)
        lfPower = power(bands.lf)
        hfPower = power(bands.hf)
        sampleEntropy = Self.sampleEntropy(
            Array(values.prefix(Self.sampleEntropyCountMax)),
            tolerance: Self.sampleEntropyTolerance * sdnnMilliseconds)
    }

    /// Between normal intervals that follow each other.
    private static func differences(_ intervals: [RRInterval]) -> [Double] {
        zip(intervals, intervals.dropFirst()).compactMap { first, second in
            let distance = (second.endSeconds - first.endSeconds) * 1000
            guard first.mark == .normal, second.mark == .normal,
                abs(distance - second.milliseconds) < Self.adjacentMilliseconds
            else { return nil }
            return second.milliseconds - first.milliseconds
        }
    }

    /// Two intervals follow each other when the second begins where the first ends, but for rounding.
    private static let adjacentMilliseconds = 20.0

    /// -ln(A/B): A pairs of runs of three within the tolerance, B pairs of runs of two.
    static func sampleEntropy(_ values: [Double], tolerance: Double) -> Double? {
        guard values.count > 3 else { return nil }
        var pairsOfTwo = 0
        var pairsOfThree = 0
        let values = values.span
        for first in 0 ..< values.count - 2 {
            for second in first + 1 ..< values.count - 2 {
                guard abs(values[first] - values[second]) <= tolerance,
                    abs(values[first + 1] - values[second + 1]) <= tolerance
                else { continue }
                pairsOfTwo += 1
                if abs(values[first + 2] - values[second + 2]) <= tolerance { pairsOfThree += 1 }
            }
        }
        guard pairsOfTwo > 0, pairsOfThree > 0 else { return nil }
        return -Mathematics.log(Double(pairsOfThree) / Double(pairsOfTwo))
    }
}
