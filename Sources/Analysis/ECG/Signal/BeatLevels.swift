import Numbers

/// The level of the signal before each of the last beats. It stays where it is while the electrodes lie still,
/// whatever the rhythm; an electrode that moves throws it about.
struct BeatLevels: Sendable {
    /// Beats that are looked at, and the least that say anything.
    static let count = 7
    static let least = 4
    /// Without a beat for so long nothing is said: samples (3 s).
    static let silenceSamples = 600

    private var levels = InlineArray<7, Float>(repeating: 0)
    private var height: RecentMedian?
    private var added = 0
    private var latest = 0

    /// In mV; found when the signal had come to `index`.
    mutating func add(level: Float, height: Float, at index: Int) {
        if index - latest > Self.silenceSamples { added = 0 }
        if self.height == nil { self.height = RecentMedian(height) } else { self.height?.add(height) }
        for place in stride(from: Self.count - 1, to: 0, by: -1) { levels[place] = levels[place - 1] }
        levels[0] = level
        added += 1
        latest = index
    }

    /// The middle one of the jumps to the beat before, or to the one before that when it is nearer (of two kinds
    /// of beats in turn each has a level of its own), in shares of the usual height.
    func unrest(at index: Int) -> Float {
        let known = min(added, Self.count)
        guard known >= Self.least, index - latest <= Self.silenceSamples, let height, height.value > 0 else {
            return 0
        }
        var jumps = InlineArray<5, Float>(repeating: 0)
        for beat in 0 ..< known - 2 {
            let jump = min(abs(levels[beat] - levels[beat + 1]), abs(levels[beat] - levels[beat + 2]))
            var place = beat
            while place > 0, jumps[place - 1] > jump {
                jumps[place] = jumps[place - 1]
                place -= 1
            }
            jumps[place] = jump
        }
        return jumps[(known - 2) / 2] / height.value
    }
}
