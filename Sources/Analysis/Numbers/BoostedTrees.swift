/// Gradient-boosted decision trees: weights that were learnt elsewhere (`Training/`), and the way through them.
///
/// Every tree asks of one feature at a time whether it is greater than a threshold, and ends in a leaf with a
/// number; the score is the sum of the numbers. The order of the sum is that of the trees, so that a score is
/// the same on every machine.
///
/// No tree is walked. The questions of all trees about one feature stand in the order of their thresholds: those
/// before the first that is not below the feature are answered by "above", and each such answer strikes the
/// leaves on its other side off its tree. The first leaf that is left is where the walk would have ended (C.
/// Lucchese and others, QuickScorer, SIGIR 2015). Nothing is allocated.
public struct BoostedTrees: Sendable {
    /// Trees whose leaves are looked for at once.
    private static let groupMax = 128

    /// Features that a sample must have.
    public let featureCount: Int
    /// Scores that a sample gets: 1 for yes or no, else one for each class.
    public let outputCount: Int
    public let treeCount: Int

    private struct Question {
        var threshold: Float
        /// In its group.
        var tree: UInt32
        /// A bit for each leaf, the lowest first: what is left when the feature is above the threshold.
        var leaves: UInt64

        /// Behind the questions about a feature: nothing is greater.
        static let last = Question(threshold: .infinity, tree: 0, leaves: .max)
    }

    private let questions: [Question]
    /// Of the questions of each group about each feature.
    private let starts: [Int]
    /// Of each tree so many; the trees stand by their outputs.
    private let values: [Float]
    private let leavesPerTree: Int

    /// From the text that `Training/export.py` writes: base64 of, for each tree, the number of its leaves (a
    /// byte), its inner nodes (feature: a byte; what follows when the feature is not above the threshold, and
    /// when it is: a signed byte each, an inner node, or the complement of a leaf; threshold: a float) and its
    /// leaves (floats). Floats are little-endian. White space is passed over. Tree `t` counts for output `t %
    /// outputCount`.
    public init(encoded text: String, featureCount: Int, outputCount: Int = 1) {
        var reader = TreeReader(text, featureCount: featureCount)
        var trees: [OrderedTree] = []
        while let tree = reader.next() { trees.append(OrderedTree(tree)) }
        precondition(outputCount > 0 && trees.count.isMultiple(of: outputCount), "every output has as many trees")
        leavesPerTree = trees.map(\.leaves.count).max() ?? 1
        var questions: [Question] = []
        var starts: [Int] = []
        var values: [Float] = []
        for output in 0 ..< outputCount {
            let own = stride(from: output, to: trees.count, by: outputCount).map { trees[$0] }
            for tree in own {
                values += tree.leaves + [Float](repeating: 0, count: leavesPerTree - tree.leaves.count)
            }
            for first in stride(from: 0, to: own.count, by: Self.groupMax) {
                let group = own[first ..< min(own.count, first + Self.groupMax)].enumerated()
                for feature in 0 ..< featureCount {
                    starts.append(questions.count)
                    let asked = group.flatMap { at, tree in
                        tree.questions.filter { $0.feature == feature }.map {
                            Question(threshold: $0.threshold, tree: UInt32(at), leaves: $0.left)
                        }
                    }
                    questions += asked.sorted { $0.threshold < $1.threshold }
                    questions.append(.last)
                }
            }
        }
        self.featureCount = featureCount
        self.outputCount = outputCount
        self.treeCount = trees.count
        self.questions = questions
        self.starts = starts
        self.values = values
    }

    /// The raw score (for yes or no: log odds). A feature that is not a number leads to some leaf.
    public func score(_ features: borrowing Span<Float>, output: Int = 0) -> Float {
        precondition(
            features.count >= featureCount && output >= 0 && output < outputCount, "the features are too few")
        let treesEach = treeCount / outputCount
        var group = output * ((treesEach + Self.groupMax - 1) / Self.groupMax)
        var first = output * treesEach
        let end = first + treesEach
        var sum: Float = 0
        while first < end {
            let count = min(Self.groupMax, end - first)
            sum = add(first ..< first + count, ofGroup: group, features, to: sum)
            first += count
            group += 1
        }
        return sum
    }

    @inline(__always)
    private func add(
        _ trees: Range<Int>, ofGroup group: Int, _ features: borrowing Span<Float>, to start: Float
    ) -> Float {
        var left = InlineArray<128, UInt64>(repeating: .max)
        let questions = questions.span
        let starts = starts.span
        for feature in 0 ..< featureCount {
            let value = features[feature]
            var at = starts[group &* featureCount &+ feature]
            var question = questions[at]
            while question.threshold < value {
                left[Int(question.tree & 127)] &= question.leaves
                at &+= 1
                question = questions[at]
            }
        }
        var sum = start
        let values = values.span
        var base = trees.lowerBound &* leavesPerTree
        for tree in 0 ..< trees.count {
            sum += values[base &+ (left[tree & 127].trailingZeroBitCount & 63)]
            base &+= leavesPerTree
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
