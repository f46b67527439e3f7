/// Random numbers that are the same for the same seed.
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    // SplitMix64.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// `true` in that share of all throws.
    public mutating func falls(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0 ..< 1, using: &self) < share
    }

    public mutating func duration(upTo longest: Duration) -> Duration {
        longest * Double.random(in: 0 ... 1, using: &self)
    }
}
