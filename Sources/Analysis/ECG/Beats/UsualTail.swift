/// What the usual beat has behind its complex: the T wave, without the P wave of a next beat that comes early.
struct UsualTail: Sendable {
    /// From 110 ms behind the fiducial point on, in samples of the window.
    static let range = (BeatWindow.before + 22) ..< BeatWindow.length
    private static let learningShare: Float = 0.06

    /// So long before the next beat's fiducial point its own complex may begin, in samples: 100 ms.
    private static let nextComplexBefore = 20

    private(set) var values = [Float](repeating: 0, count: range.count)
    private var count: Float = 0

    /// Learns from the window at `offset` of a usual beat that the next one followed late, `intervalSamples` behind
    /// it: no further than that one's complex.
    mutating func learn(_ windows: [Float], at offset: Int, intervalSamples: Int) {
        let end = BeatWindow.before + min(intervalSamples, BeatWindow.length) - Self.nextComplexBefore
        let known = min(end - Self.range.lowerBound, values.count)
        guard known > 0 else { return }
        count += 1
        let share = max(Self.learningShare, 1 / count)
        let start = offset + Self.range.lowerBound
        for place in 0 ..< known { values[place] += (windows[start + place] - values[place]) * share }
        // Nothing is known of what is behind it as long as no beat came later.
        if count == 1 { for place in known ..< values.count { values[place] = values[known - 1] } }
    }
}

extension BeatTemplates {
    /// A cluster's T wave is believed from so many beats on: in fewer it is that of the very beat before.
    private static let tailBeatsMin: Float = 4

    /// Takes the T wave of the beat before, of `cluster` and `intervalSamples` earlier, away from the window at
    /// `offset`, so that what stands on it can be seen. Only what is in front of the complex is changed, for in a
    /// fast run the complex itself is where the values are. What belongs to the complex of the beat before is held.
    func removeTail(of cluster: Int, intervalSamples: Int, from windows: inout [Float], at offset: Int) {
        let first = UsualTail.range.lowerBound - intervalSamples
        if cluster == dominant {
            Self.subtract(tail.values.span, from: &windows, at: offset, first: first)
        } else if matched[cluster] >= Self.tailBeatsMin {
            let start = cluster * BeatWindow.length
            let values = self.windows.span.extracting(start ..< start + BeatWindow.length)
                .extracting(UsualTail.range)
            Self.subtract(values, from: &windows, at: offset, first: first)
        }
        let held = min(max(first, 0), BeatWindow.isoelectric.lowerBound)
        for place in 0 ..< held { windows[offset + place] = windows[offset + held] }
        var zero: Float = 0
        for place in BeatWindow.isoelectric { zero += windows[offset + place] }
        zero /= Float(BeatWindow.isoelectric.count)
        for place in 0 ..< BeatWindow.length { windows[offset + place] -= zero }
    }

    /// The values begin at place `first` of the window; behind their end, and in the complex, the last one goes on.
    private static func subtract(
        _ values: borrowing Span<Float>, from windows: inout [Float], at offset: Int, first: Int
    ) {
        for place in max(first, 0) ..< max(first, 0, BeatWindow.length) {
            let value = min(place, BeatWindow.isoelectric.upperBound - 1) - first
            windows[offset + place] -= values[min(max(value, 0), values.count - 1)]
        }
    }
}
