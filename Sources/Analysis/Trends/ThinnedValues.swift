import Numbers

/// Evenly spaced values of a stream of any length: when it is full, every second one goes.
struct ThinnedValues: Hashable, Sendable {
    private(set) var values: [Double] = []
    private(set) var stride = 1
    private var skipped = 0

    static let countMax = 64
    /// Four hours at 200 values a second.
    static let strideMax = 1 << 20

    init() {}

    init(values: [Double], stride: Int) {
        self.values = Array(values.prefix(Self.countMax))
        self.stride = min(max(1, stride), Self.strideMax)
    }

    mutating func add(_ value: Double) {
        skipped += 1
        guard skipped >= stride else { return }
        skipped = 0
        values.append(value)
        guard values.count >= Self.countMax else { return }
        values = Swift.stride(from: 0, to: values.count, by: 2).map { values[$0] }
        stride = min(stride * 2, Self.strideMax)
    }

    var median: Double? { Numbers.median(values) }
}
