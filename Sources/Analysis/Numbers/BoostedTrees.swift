/// Gradient-boosted decision trees: weights that were learnt elsewhere (`Training/`), and the way through them.
///
/// Every tree asks of one feature at a time whether it is greater than a threshold, and ends in a leaf with a
/// number; the score is the sum of the numbers. The order of the sum is that of the trees, so that a score is
/// the same on every machine. Nothing is allocated and nothing is decided by a jump: every tree is walked to
/// the depth of the deepest, and a leaf leads to itself.
public struct BoostedTrees: Sendable {
    /// Features that a sample must have.
    public let featureCount: Int
    /// Scores that a sample gets: 1 for yes or no, else one for each class.
    public let outputCount: Int
    public let treeCount: Int

    /// The children of a node stand side by side at `child` and `child + 1`.
    private struct Node {
        var threshold: Float
        var feature: UInt8
        /// 1, but 0 in a leaf, which is its own child.
        var step: UInt8
        var child: UInt16
    }

    private let nodes: [Node]
    /// Zero for a node that is no leaf.
    private let values: [Float]
    private let roots: [UInt16]
    private let depth: Int

    /// From the text that `Training/export.py` writes: base64 of, for each tree, the number of its leaves (a
    /// byte), its inner nodes (feature: a byte; what follows when the feature is not above the threshold, and
    /// when it is: a signed byte each, an inner node, or the complement of a leaf; threshold: a float) and its
    /// leaves (floats). Floats are little-endian. White space is passed over. Tree `t` counts for output `t %
    /// outputCount`.
    public init(encoded text: String, featureCount: Int, outputCount: Int = 1) {
        var reader = TreeReader(text, featureCount: featureCount)
        var nodes: [Node] = []
        var values: [Float] = []
        var roots: [UInt16] = []
        var depth = 0
        while let tree = reader.next() {
            roots.append(UInt16(nodes.count))
            nodes.append(Node(threshold: 0, feature: 0, step: 0, child: 0))
            values.append(0)
            // Node to fill, what it stands for, and how deep it is.
            var open = [(at: nodes.count - 1, reference: tree.leaves.count > 1 ? 0 : ~0, depth: 0)]
            while let (at, reference, level) = open.popLast() {
                depth = max(depth, level)
                guard reference >= 0 else {
                    nodes[at] = Node(threshold: 0, feature: 0, step: 0, child: UInt16(at))
                    values[at] = tree.leaves[~reference]
                    continue
                }
                let inner = tree.inner[reference]
                let child = nodes.count
                precondition(child + 2 <= Int(UInt16.max) && level < 64, "the trees are too many, or go in circles")
                nodes[at] = Node(
                    threshold: inner.threshold, feature: inner.feature, step: 1, child: UInt16(child))
                for _ in 0 ..< 2 {
                    nodes.append(Node(threshold: 0, feature: 0, step: 0, child: 0))
                    values.append(0)
                }
                open.append((child, inner.below, level + 1))
                open.append((child + 1, inner.above, level + 1))
            }
        }
        precondition(outputCount > 0 && roots.count.isMultiple(of: outputCount), "every output has as many trees")
        self.featureCount = featureCount
        self.outputCount = outputCount
        self.treeCount = roots.count
        self.nodes = nodes
        self.values = values
        self.roots = roots
        self.depth = depth
    }

    /// The raw score (for yes or no: log odds). A feature that is not a number leads to some leaf.
    public func score(_ features: borrowing Span<Float>, output: Int = 0) -> Float {
        precondition(
            features.count >= featureCount && output >= 0 && output < outputCount, "the features are too few")
        let nodes = nodes.span
        var sum: Float = 0
        var tree = output
        while tree < roots.count {
            var at = Int(roots[tree])
            var level = 0
            while level < depth {
                let node = nodes[at]
                // The sign of the difference, as a number: a jump here would be guessed wrong half of the time.
                let above = (node.threshold - features[Int(node.feature)]).bitPattern >> 31
                at = Int(node.child) &+ Int(above & UInt32(node.step))
                level &+= 1
            }
            sum += values[at]
            tree &+= outputCount
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

/// Reads trees out of their text.
struct TreeReader {
    struct Tree {
        var inner: [(feature: UInt8, below: Int, above: Int, threshold: Float)] = []
        var leaves: [Float] = []
    }

    private var bytes: [UInt8]
    private var position = 0
    private let featureCount: Int

    init(_ text: String, featureCount: Int) {
        precondition(featureCount > 0 && featureCount <= 256, "a feature is a byte")
        bytes = Self.decodeBase64(text)
        self.featureCount = featureCount
    }

    /// `nil` at the end.
    mutating func next() -> Tree? {
        guard position < bytes.count else { return nil }
        var tree = Tree()
        let leafCount = Int(byte())
        precondition(leafCount > 0 && leafCount <= 128, "a tree has 1 to 128 leaves")
        for _ in 1 ..< leafCount {
            let feature = byte()
            let below = Int(Int8(bitPattern: byte()))
            let above = Int(Int8(bitPattern: byte()))
            for reference in [below, above] {
                let isKnown = reference >= 0 ? reference < leafCount - 1 : ~reference < leafCount
                precondition(isKnown, "a tree leads out of itself")
            }
            let threshold = float()
            precondition(Int(feature) < featureCount && !threshold.isNaN, "a tree asks what is not there")
            tree.inner.append((feature, below, above, threshold))
        }
        for _ in 0 ..< leafCount { tree.leaves.append(float()) }
        return tree
    }

    private mutating func byte() -> UInt8 {
        precondition(position < bytes.count, "the text of the trees ends too early")
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func float() -> Float {
        var bits: UInt32 = 0
        for index in 0 ..< 4 { bits |= UInt32(byte()) << UInt32(8 * index) }
        return Float(bitPattern: bits)
    }

    private static func decodeBase64(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for letter in text.utf8 {
            let six: UInt8
            switch letter {
            case UInt8(ascii: "A") ... UInt8(ascii: "Z"): six = letter - UInt8(ascii: "A")
            case UInt8(ascii: "a") ... UInt8(ascii: "z"): six = letter - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0") ... UInt8(ascii: "9"): six = letter - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): six = 62
            case UInt8(ascii: "/"): six = 63
            default: continue
            }
            bits = bits << 6 | UInt32(six)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
