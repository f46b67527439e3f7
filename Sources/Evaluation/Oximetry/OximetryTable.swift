public import Oximetry
import Vitals

/// A recording of oximetry as text: one row for each moment, one column or several of saturation.
///
/// Columns are told by their headings (`Time`, `SpO2 1`, `Oxygen Level`, `Pulse 1`, `PI 1`, `seconds`). Without a
/// heading one number a line is saturation, two are seconds and saturation, three have the pulse rate besides.
public struct OximetryTable: Sendable {
    /// One oximeter of the recording.
    public struct Column: Sendable {
        public var name: String
        /// One for each row; without a saturation where there was none.
        public var samples: [OximetrySample]

        public init(name: String, samples: [OximetrySample]) {
            self.name = name
            self.samples = samples
        }
    }

    /// Those with any usable value, in the order of the file.
    public private(set) var columns: [Column] = []

    /// Oximeters beside each other in one file.
    public static let columnsMax = 64
    public static let defaultIntervalMilliseconds: Int64 = 1000

    /// - Parameter intervalMilliseconds: between rows that tell no time; `nil`: a second.
    public init(parsing bytes: [UInt8], intervalMilliseconds: Int64? = nil) throws(OximetryTableError) {
        let lines = TextLines(bytes)
        guard let first = lines.first(where: { !$0.isEmpty }) else { throw .empty }
        let layout: Layout
        if first.contains(where: { $0.isHeading }) {
            guard let told = Layout(heading: first) else { throw .noSaturation }
            layout = told
        } else {
            layout = Layout(numbers: first.count)
        }
        read(lines, layout, intervalMilliseconds ?? Self.defaultIntervalMilliseconds)
        columns.removeAll { column in
            !column.samples.contains {
                $0.saturation.map { OximetryParameters.possible.contains(Int(min(max($0, 0), 1000) * 100)) }
                    ?? false
            }
        }
        if columns.isEmpty { throw .noSaturation }
    }

    private mutating func read(_ lines: TextLines, _ layout: Layout, _ interval: Int64) {
        columns = layout.groups.map { Column(name: $0.name, samples: []) }
        var clock = RowClock(layout.time, interval: interval)
        var isHeading = layout.hasHeading
        for fields in lines {
            if isHeading, !fields.isEmpty {
                isHeading = false
                continue
            }
            guard !isHeading, let time = clock.next(fields) else { continue }
            for (index, group) in layout.groups.enumerated() {
                var sample = OximetrySample(
                    milliseconds: time, saturation: fields[number: group.saturation],
                    pulseRate: group.pulse.flatMap { fields[number: $0] },
                    perfusionIndex: group.perfusion.flatMap { fields[number: $0] })
                if let valid = layout.valid, fields[number: valid] == 0 { sample.reasons = .artefact }
                columns[index].samples.append(sample)
            }
        }
    }
}

/// Why a file is no oximetry.
public enum OximetryTableError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty, noSaturation

    public var description: String {
        switch self {
        case .empty: "there is nothing in it"
        case .noSaturation:
            "no column of it is oxygen saturation: one with 'SpO2' or 'Oxygen' in its heading is needed"
        }
    }
}
