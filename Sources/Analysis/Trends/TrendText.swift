// The state of the trends as words, for a keepsake: numbers that read back as they were written.

extension PatientTrends {
    static let version = "2"
    /// Without what NEWS2 was urgent by.
    static let versionBefore = "1"

    /// Reads back with ``init(text:settings:)``.
    public var text: String {
        var words = [Self.version, String(calmDays), lastJudgedDay.map(String.init) ?? "-", String(standing)]
        let urgent = NEWS2.Parameter.allCases.filter(urgentParts.contains)
        words += [String(urgent.count)] + urgent.map(\.rawValue)
        words.append(String(vitals.count))
        for parameter in NEWS2.Parameter.allCases {
            guard let input = vitals[parameter] else { continue }
            words += [parameter.rawValue, "\(input.value)", String(input.utcSeconds)]
        }
        for metric in TrendMetric.allCases { words += metrics[metric]?.words ?? [] }
        return words.joined(separator: " ")
    }

    /// `nil` when it cannot be read.
    public init?(text: some StringProtocol, settings: TrendSettings) {
        var words = Words(text)
        let parameters = 0 ... NEWS2.Parameter.allCases.count
        guard let version = words.next(), [Self.version, Self.versionBefore].contains(version),
            let calm = words.integer(0 ... 1000),
            let judged = words.optional(Int64.init), let standing = words.integer(0 ... 2),
            let urgent = version == Self.version ? words.integer(parameters) : 0
        else { return nil }
        self.init(settings)
        for _ in 0 ..< urgent {
            guard let parameter = words.next().flatMap(NEWS2.Parameter.init) else { return nil }
            urgentParts.insert(parameter)
        }
        guard let inputs = words.integer(parameters) else { return nil }
        calmDays = calm
        lastJudgedDay = judged
        self.standing = standing
        for _ in 0 ..< inputs {
            guard let parameter = words.next().flatMap(NEWS2.Parameter.init), let value = words.number(),
                let time = words.next().flatMap({ Int64($0) })
            else { return nil }
            vitals[parameter] = NEWS2.Input(value, at: time)
        }
        while let name = words.next() {
            guard let metric = TrendMetric(rawValue: name), let trend = MetricTrend(metric, &words) else {
                return nil
            }
            metrics[metric] = trend
        }
    }
}

extension MetricTrend {
    var words: [String] {
        var words = [metric.rawValue, slot.map(String.init) ?? "-", String(slotValues.stride)]
        words += Words.list(slotValues.values)
        words += [String(parts.count)] + parts.flatMap { ["\($0.value)", Words.text($0.distance)] }
        for bin in baseline.bins { words += Words.list(bin) }
        words += ["\(charts.ewma)", "\(charts.cusumHigh)", "\(charts.cusumLow)", isFlagged ? "yes" : "no"]
        words += [String(flaggedDays), String(days.count)]
        for day in days { words += [String(day.day), "\(day.value)", Words.text(day.distance)] }
        return words
    }

    init?(_ metric: TrendMetric, _ words: inout Words) {
        self.init(metric)
        guard let slot = words.optional(Int64.init), let stride = words.integer(1 ... ThinnedValues.strideMax),
            let values = words.list(ThinnedValues.countMax),
            let partCount = words.integer(0 ... PersonalBaseline.binCount)
        else { return nil }
        self.slot = slot
        slotValues = ThinnedValues(values: values, stride: stride)
        for _ in 0 ..< partCount {
            guard let value = words.number(), let distance = words.optional(Double.init) else { return nil }
            parts.append(Part(value: value, distance: distance))
        }
        var bins: [[Double]] = []
        for _ in 0 ..< PersonalBaseline.binCount {
            guard let bin = words.list(PersonalBaseline.valuesPerBinMax) else { return nil }
            bins.append(bin)
        }
        baseline = PersonalBaseline(bins: bins)
        guard let ewma = words.number(), let high = words.number(), let low = words.number(),
            let flag = words.next(), let flagged = words.integer(0 ... Self.relearnDays),
            let dayCount = words.integer(0 ... Self.daysMax)
        else { return nil }
        charts.ewma = ewma
        charts.cusumHigh = high
        charts.cusumLow = low
        isFlagged = flag == "yes"
        flaggedDays = flagged
        for _ in 0 ..< dayCount {
            guard let day = words.next().flatMap({ Int64($0) }), let value = words.number(),
                let distance = words.optional(Double.init)
            else { return nil }
            days.append(Day(day: day, value: value, distance: distance))
        }
    }
}

/// Words of a kept state, taken one after another.
struct Words {
    private var rest: ArraySlice<Substring>

    init(_ text: some StringProtocol) { rest = Substring(text).split(separator: " ")[...] }

    static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "-" }
    static func list(_ values: [Double]) -> [String] { [String(values.count)] + values.map { "\($0)" } }

    mutating func next() -> String? { rest.popFirst().map(String.init) }

    mutating func integer(_ range: ClosedRange<Int>) -> Int? {
        next().flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
    }

    /// A finite number.
    mutating func number() -> Double? { next().flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }

    /// `-` is none; what cannot be read is an error: the outer `nil`.
    mutating func optional<Value>(_ read: (String) -> Value?) -> Value?? {
        guard let word = next() else { return nil }
        guard word != "-" else { return .some(nil) }
        return read(word).map { .some($0) }
    }

    mutating func list(_ countMax: Int) -> [Double]? {
        guard let count = integer(0 ... countMax) else { return nil }
        var values: [Double] = []
        for _ in 0 ..< count {
            guard let value = number() else { return nil }
            values.append(value)
        }
        return values
    }
}
