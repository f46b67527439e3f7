public import Oximetry

/// The analysis of one recording of oximetry, and how its oximeters agree.
public struct OximetryEvaluation: Sendable {
    /// What came of one oximeter.
    public struct Result: Sendable {
        public var name: String
        public var summary: OximetrySummary
        /// Desaturations of 3 % or more, by both definitions.
        public var events: [DesaturationDefinition: [DesaturationEvent]]
    }

    /// One oximeter against the others of the same recording.
    public struct Comparison: Sendable {
        public var name: String
        /// Events of the reference that overlap one of this oximeter; and those that do not, on either side.
        public var matched: Int
        public var missed: Int
        public var extra: Int
        /// Lowest saturation of this one less that of the reference, %.
        public var nadirDifference: Double?
        /// Over the matched events, mean of the amount, %.
        public var eventNadirDifference: Double?
    }

    /// Of all oximeters together: the median of each moment. Of one alone: that one.
    public var reference: Result
    public var columns: [Result]
    /// Each oximeter against the median of the others; empty where there is only one.
    public var comparisons: [Comparison]

    /// - Parameter intervalMilliseconds: of rows that tell no time.
    public init(_ table: OximetryTable, intervalMilliseconds: Int64? = nil) {
        let results = table.columns.map { Self.run($0, intervalMilliseconds) }
        columns = results
        guard table.columns.count > 1 else {
            reference = results[0]
            comparisons = []
            return
        }
        reference = Self.run(Self.median(of: table.columns, name: "median"), intervalMilliseconds)
        comparisons = table.columns.indices.map { index in
            var others = table.columns
            others.remove(at: index)
            let reference = Self.run(Self.median(of: others, name: "others"), intervalMilliseconds)
            return Self.compare(results[index], with: reference)
        }
    }

    static func run(_ column: OximetryTable.Column, _ intervalMilliseconds: Int64?) -> Result {
        var analyzer = OximetryAnalyzer(intervalMilliseconds: intervalMilliseconds)
        var events: [DesaturationDefinition: [DesaturationEvent]] = [.aasm: [], .vendorCompatible: []]
        func hear(_ finding: OximetryAnalyzer.Finding) {
            if case .desaturation(let definition, let event) = finding { events[definition]?.append(event) }
        }
        for sample in column.samples { analyzer.add(sample, hear) }
        analyzer.finish(hear)
        return Result(name: column.name, summary: analyzer.summary, events: events)
    }

    /// The median of what the oximeters show at each moment.
    static func median(of columns: [OximetryTable.Column], name: String) -> OximetryTable.Column {
        let rows = columns.map(\.samples.count).min() ?? 0
        let samples = (0 ..< rows).map { row -> OximetrySample in
            var sample = columns[0].samples[row]
            let values = columns.compactMap { $0.samples[row].saturation }
                .filter { $0 >= possible.lowerBound && $0 <= possible.upperBound }.sorted()
            let middle = values.count / 2
            sample.saturation =
                values.isEmpty
                ? nil : values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
            sample.reasons = []
            return sample
        }
        return OximetryTable.Column(name: name, samples: samples)
    }

    private static let possible = 50.0 ... 100.0

    static func compare(_ result: Result, with reference: Result) -> Comparison {
        let mine = result.events[.aasm] ?? []
        let theirs = reference.events[.aasm] ?? []
        func overlap(_ one: DesaturationEvent, _ other: DesaturationEvent) -> Int {
            max(0, min(one.endSecond, other.endSecond) - max(one.startSecond, other.startSecond))
        }
        let pairs = theirs.compactMap { event in
            mine.filter { overlap($0, event) > 0 }.max { overlap($0, event) < overlap($1, event) }.map {
                (event, $0)
            }
        }
        let differences = pairs.map { Double(abs($0.1.nadir - $0.0.nadir)) / 100 }
        return Comparison(
            name: result.name, matched: pairs.count, missed: theirs.count - pairs.count,
            extra: mine.count { event in !theirs.contains { overlap($0, event) > 0 } },
            nadirDifference: result.summary.nadir.flatMap { own in reference.summary.nadir.map { own - $0 } },
            eventNadirDifference: differences.isEmpty
                ? nil : differences.reduce(0, +) / Double(differences.count))
    }
}
