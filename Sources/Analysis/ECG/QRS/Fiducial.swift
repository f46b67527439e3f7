/// Finds the R peak: the extremum of the clean signal, of the side on which this patient's beats stand.
struct Fiducial: Sendable {
    /// The energy of a peak lies so far before the end of its window, and the band behind the signal.
    static let centreBefore = LeadFront.energyWindow / 2 + LeadFront.bandDelaySamples
    /// Around that centre: 70 ms.
    static let reach = 14
    /// Where the level before the beat is read: 110…80 ms before the centre.
    static let levelBefore = (from: 22, to: 16)
    /// Share of a new beat in the usual side.
    static let memory: Float = 0.1
    /// The other side is taken when it is so many times higher.
    static let otherSide: Float = 1.5

    /// -1 (all beats point down) … 1 (all point up).
    private var side: Float = 0

    /// The R peak, and the level (mV) that the signal had before it.
    mutating func place(
        of candidate: Candidate, _ clean: borrowing SignalRing
    ) -> (index: Int, fraction: Float, level: Float) {
        let middle = candidate.index - Self.centreBefore
        var up = middle
        var down = middle
        for at in middle - Self.reach ... middle + Self.reach {
            if clean[at] > clean[up] { up = at }
            if clean[at] < clean[down] { down = at }
        }
        var level: Float = 0
        for distance in Self.levelBefore.to ..< Self.levelBefore.from { level += clean[middle - distance] }
        level /= Float(Self.levelBefore.from - Self.levelBefore.to)
        let rise = max(0, clean[up] - level)
        let fall = max(0, level - clean[down])
        let isUp = side >= 0 ? rise * Self.otherSide >= fall : rise > fall * Self.otherSide
        if rise + fall > 0 { side += Self.memory * ((rise - fall) / (rise + fall) - side) }
        let at = isUp ? up : down
        return (at, Self.vertex(clean[at - 1], clean[at], clean[at + 1]), level)
    }

    /// Of the parabola through three samples: -0.5…0.5.
    private static func vertex(_ before: Float, _ here: Float, _ after: Float) -> Float {
        let bend = before - 2 * here + after
        guard bend != 0 else { return 0 }
        return max(-0.5, min(0.5, 0.5 * (before - after) / bend))
    }
}
