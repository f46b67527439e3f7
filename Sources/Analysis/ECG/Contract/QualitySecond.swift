public import Vitals

/// How good one second of a lead is, and what is wrong with it.
public struct QualitySecond: Hashable, Sendable {
    /// Seconds since the start of the stream; the second spans `[second, second + 1)`.
    public var second: Int
    public var grade: Grade
    /// Empty when ``grade`` is good.
    public var reasons: QualityReasons
    /// Mains interference found, in hertz: 0, 50 or 60.
    public var mainsHz: Int

    /// What the second is good for.
    public enum Grade: Int, Hashable, Comparable, Sendable, CaseIterable {
        /// Nothing can be said about the heart.
        case bad = 0
        /// Beats can be counted, their shape not believed.
        case poor
        case good

        public static func < (one: Grade, other: Grade) -> Bool { one.rawValue < other.rawValue }
    }

    public init(second: Int, grade: Grade, reasons: QualityReasons = [], mainsHz: Int = 0) {
        self.second = second
        self.grade = grade
        self.reasons = reasons
        self.mainsHz = mainsHz
    }
}
