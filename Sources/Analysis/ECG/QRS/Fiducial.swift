/// Finds the R peak: the extremum of the clean signal, of the side on which this patient's beats stand.
struct Fiducial: Sendable {
    /// Around the peak in the band: 60 ms.
    static let reach = 12
    /// Share of a new beat in the usual side.
    static let memory: Float = 0.1
    /// The other side is taken when it is so many times higher.
    static let otherSide: Float = 1.6

    /// -1 (all beats point down) … 1 (all point up).
    private var side: Float = 0

    mutating func refine(_ candidate: inout Candidate, _ clean: borrowing SignalRing) {
        let middle = candidate.peak - LeadFront.bandDelaySamples
        var up = middle
        var down = middle
        var mean: Float = 0
        for at in middle - Self.reach ... middle + Self.reach {
            if clean[at] > clean[up] { up = at }
            if clean[at] < clean[down] { down = at }
            mean += clean[at]
        }
        mean /= Float(2 * Self.reach + 1)
        let rise = clean[up] - mean
        let fall = mean - clean[down]
        let isUp: Bool
        if side >= 0 { isUp = rise * Self.otherSide >= fall } else { isUp = rise > fall * Self.otherSide }
        let total = rise + fall
        if total > 0 { side += Self.memory * ((rise - fall) / total - side) }
        let at = isUp ? up : down
        candidate.position = at
        candidate.fraction = Self.vertex(clean[at - 1], clean[at], clean[at + 1])
    }

    /// Of the parabola through three samples: -0.5…0.5.
    private static func vertex(_ before: Float, _ here: Float, _ after: Float) -> Float {
        let bend = before - 2 * here + after
        guard bend != 0 else { return 0 }
        return max(-0.5, min(0.5, 0.5 * (before - after) / bend))
    }
}
