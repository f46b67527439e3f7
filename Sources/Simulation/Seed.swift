/// Numbers that look random and are the same for the same seed, on every machine (SplitMix64, Steele, Lea and
/// Flood 2014).
public struct Seed: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    public init(_ seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Another sequence, which does not depend on how much is taken from this one later.
    public mutating func fork() -> Seed { Seed(next()) }

    /// `true` in that share of cases, 0–1.
    public mutating func chance(_ share: Double) -> Bool { Double.random(in: 0 ..< 1, using: &self) < share }
}
