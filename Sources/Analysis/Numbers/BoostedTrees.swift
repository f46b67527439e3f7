/// Gradient-boosted decision trees: weights that were learnt elsewhere (`Training/`), and the way through them.
///
/// Every tree asks of one feature at a time whether it is greater than a threshold, and ends in a leaf with a
/// number; the score is the sum of the numbers. The order of the sum is that of the trees, so that a score is
/// the same on every machine.
///
/// Every tree is filled up to the same number of levels, and walked down all of them: nothing that the processor
/// could guess wrongly depends on the features. Several trees are walked side by side. Nothing is allocated.
public struct BoostedTrees: Sendable {
    /// Trees that are walked side by side.
    private static let together = 4
    /// More levels would be more leaves than there is any use for: 256.
    private static let levelsMax = 8

    /// Features that a sample must have.
    public let featureCount: Int
    /// Scores that a sample gets: 1 for yes or no, else one for each class.
    public let outputCount: Int
    public let treeCount: Int

    /// Of the questions of each tree, `1 << levels`, by their outputs: the first is none, the second the root's;
    /// behind number `n` follow `2 * n` when the feature is not above the threshold, and the next when it is.
    /// Infinite where a leaf stands in a question's place: nothing is greater.
    private let thresholds: [Float]
    /// Of the same questions. By themselves, since all of them are read for each score: so it is less memory.
    private let features: [UInt8]
    /// Of the leaves, in their order; as many as there are questions.
    private let values: [Float]
    /// Of each output; a multiple of ``together``.
    private let treesEach: Int
    /// Questions from a root to a leaf.
    private let levels: Int

    /// From the text that `Training/export.py` writes: base64 of, for each tree, the number of its leaves (a
    /// byte), its inner nodes (feature: a byte; what follows when the feature is not above the threshold, and
    /// when it is: a signed byte each, an inner node, or the complement of a leaf; threshold: a float) and its
    /// leaves (floats). Floats are little-endian. White space is passed over. Tree `t` counts for output `t %
    /// outputCount`.
    public init(encoded text: String, featureCount: Int, outputCount: Int = 1) {
        var reader = TreeReader(text, featureCount: featureCount)
        var trees: [TreeReader.Tree] = []
        while let tree = reader.next() { trees.append(tree) }
        precondition(outputCount > 0 && trees.count.isMultiple(of: outputCount), "every output has as many trees")
        let levels = max(1, trees.map(\.levels).max() ?? 1)
        precondition(levels <= Self.levelsMax, "a tree is too deep")
        let each = trees.count / outputCount
        let eachFilled = (each + Self.together - 1) / Self.together * Self.together
        var thresholds = [Float](repeating: .infinity, count: (outputCount * eachFilled) << levels)
        var features = [UInt8](repeating: 0, count: thresholds.count)
        // A leaf of no tree changes no sum.
        var values = [Float](repeating: -0.0, count: thresholds.count)
        for (number, tree) in trees.enumerated() {
            let base = (number % outputCount * eachFilled + number / outputCount) << levels
            tree.visit { place, level, inner in
                thresholds[base + place] = inner.threshold
                features[base + place] = inner.feature
            } leaf: { place, level, value in
                // All that would be below it.
                let first = (place << (levels - level)) - (1 << levels)
                for leaf in 0 ..< 1 << (levels - level) { values[base + first + leaf] = value }
            }
        }
        self.featureCount = featureCount
        self.outputCount = outputCount
        self.treeCount = trees.count
        self.thresholds = thresholds
        self.features = features
        self.values = values
        self.treesEach = eachFilled
        self.levels = levels
    }

    /// The raw score (for yes or no: log odds). A feature that is not a number leads to some leaf.
    public func score(_ features: borrowing Span<Float>, output: Int = 0) -> Float {
        precondition(
            features.count >= featureCount && output >= 0 && output < outputCount, "the features are too few")
        // As many as a byte can name: none has to be looked for.
        var row = InlineArray<256, Float>(repeating: 0)
        for feature in 0 ..< min(featureCount, 256) { row[feature] = features[feature] }
        let trees = output * treesEach ..< (output + 1) * treesEach
        // What the compiler knows, nobody has to check.
        return switch levels {
        case 4: sum(of: trees, levels: 4, row.span)
        case 5: sum(of: trees, levels: 5, row.span)
        default: sum(of: trees, levels: levels, row.span)
        }
    }

    @inline(__always)
    private func sum(of trees: Range<Int>, levels: Int, _ row: borrowing Span<Float>) -> Float {
        let size = 1 << levels
        var sum: Float = 0
        var base = trees.lowerBound << levels
        let end = trees.upperBound << levels
        while base < end {
            let block = base ..< base &+ Self.together &* size
            let thresholds = thresholds.span.extracting(block)
            let features = features.span.extracting(block)
            let values = values.span.extracting(block)
            var (a, b, c, d) = (1, 1, 1, 1)
            for _ in 0 ..< levels {
                let (p, q) = (a & (size &- 1), size &+ b & (size &- 1))
                let (r, s) = (2 &* size &+ c & (size &- 1), 3 &* size &+ d & (size &- 1))
                a = 2 &* a &+ (row[Int(features[p])] > thresholds[p] ? 1 : 0)
                b = 2 &* b &+ (row[Int(features[q])] > thresholds[q] ? 1 : 0)
                c = 2 &* c &+ (row[Int(features[r])] > thresholds[r] ? 1 : 0)
                d = 2 &* d &+ (row[Int(features[s])] > thresholds[s] ? 1 : 0)
            }
            sum += values[a & (size &- 1)]
            sum += values[size &+ b & (size &- 1)]
            sum += values[2 &* size &+ c & (size &- 1)]
            sum += values[3 &* size &+ d & (size &- 1)]
            base &+= Self.together &* size
        }
        return sum
    }

    public func score(_ features: [Float], output: Int = 0) -> Float { score(features.span, output: output) }

    /// Of log odds: 0…1.
    public static func probability(logOdds: Float) -> Float { 1 / (1 + Mathematics.exp(-logOdds)) }

    /// Softmax: the probabilities of all outputs, whose raw scores they replace.
    public static func makeProbabilities(ofScores scores: inout [Float]) {
        guard let most = scores.max() else { return }
        var sum: Float = 0
        for index in scores.indices {
            scores[index] = Mathematics.exp(scores[index] - most)
            sum += scores[index]
        }
        for index in scores.indices { scores[index] /= sum }
    }
}
