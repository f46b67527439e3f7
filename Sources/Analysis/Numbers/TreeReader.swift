/// Reads trees out of their text.
struct TreeReader {
    struct Tree {
        struct Inner {
            var feature: UInt8
            var below: Int
            var above: Int
            var threshold: Float
        }

        var inner: [Inner] = []
        var leaves: [Float] = []

        /// Questions on the longest way from the root to a leaf.
        var levels: Int {
            var most = 0
            visit { _, _, _ in
            } leaf: { _, level, _ in
                most = max(most, level)
            }
            return most
        }

        /// Every question and every leaf, with its place as it is counted in a full tree: the root is 1, and below
        /// `n` are `2 * n` and the next.
        func visit(
            question: (_ place: Int, _ level: Int, _ inner: Inner) -> Void,
            leaf: (_ place: Int, _ level: Int, _ value: Float) -> Void
        ) {
            var waiting = [(reference: leaves.count > 1 ? 0 : ~0, place: 1, level: 0)]
            while let (reference, place, level) = waiting.popLast() {
                precondition(level < 32 && waiting.count < 64, "a tree goes in circles")
                if reference < 0 {
                    leaf(place, level, leaves[~reference])
                } else {
                    let inner = inner[reference]
                    question(place, level, inner)
                    waiting.append((inner.above, 2 * place + 1, level + 1))
                    waiting.append((inner.below, 2 * place, level + 1))
                }
            }
        }
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
        precondition(leafCount > 0 && leafCount <= 64, "a tree has 1 to 64 leaves")
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
            tree.inner.append(Tree.Inner(feature: feature, below: below, above: above, threshold: threshold))
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
