/// Which column of a table of oximetry is what.
struct Layout {
    /// The columns of one oximeter.
    struct Group {
        var name: String
        var saturation: Int
        var pulse: Int?
        var perfusion: Int?
    }

    /// Where the time stands, and what one of it is in milliseconds.
    struct Time {
        var column: Int
        var millisecondsPerUnit: Double
    }

    var groups: [Group] = []
    var time: Time?
    /// 0 where the row does not count.
    var valid: Int?
    var hasHeading: Bool

    /// Without a heading.
    init(numbers count: Int) {
        hasHeading = false
        guard count > 1 else {
            groups = [Group(name: "spo2", saturation: 0)]
            return
        }
        time = Time(column: 0, millisecondsPerUnit: 1000)
        groups = [Group(name: "spo2", saturation: 1, pulse: count > 2 ? 2 : nil)]
    }

    /// `nil`: none of them is saturation.
    init?(heading fields: TextLines.Fields) {
        hasHeading = true
        let names = fields.map { $0.text }
        let words = names.map { $0.lowercased() }
        for (column, word) in words.enumerated() where Self.isSaturation(word) {
            guard groups.count < OximetryTable.columnsMax else { break }
            let number = word.filter { $0.isNumber }.dropFirst(word.contains("o2") ? 1 : 0)
            func partner(_ matches: (String) -> Bool) -> Int? {
                let found = words.indices.filter { matches(words[$0]) }
                return found.first { words[$0].filter { $0.isNumber } == number }
                    ?? (number.isEmpty ? found.first : nil)
            }
            groups.append(
                Group(
                    name: names[column], saturation: column, pulse: partner(Self.isPulse),
                    perfusion: partner(Self.isPerfusion)))
        }
        if groups.isEmpty { return nil }
        valid = words.firstIndex { $0 == "valid" || $0 == "isvalid" }
        time = words.firstIndex { Self.isTime($0) }.map {
            Time(
                column: $0, millisecondsPerUnit: words[$0].contains("ms") || words[$0].contains("milli") ? 1 : 1000)
        }
    }

    private static func isSaturation(_ word: String) -> Bool {
        let isIt = ["spo2", "sao2", "oxygen", "saturation", "o2sat", "sat o2"].contains { word.contains($0) }
        return isIt && !["reminder", "quality", "valid", "alarm"].contains { word.contains($0) }
    }

    private static func isPulse(_ word: String) -> Bool {
        (word.contains("pulse") || word.contains("heart") || word == "hr" || word == "pr" || word.contains("bpm"))
            && !word.contains("reminder")
    }

    private static func isPerfusion(_ word: String) -> Bool {
        word == "pi" || word.hasPrefix("pi ") || word.contains("perfusion")
    }

    private static func isTime(_ word: String) -> Bool {
        word.contains("time") || word.contains("second") || word.contains("elapsed") || word == "t" || word == "s"
            || word == "ms" || word.contains("millis")
    }
}

/// The time of each row: what it says, or its place.
struct RowClock {
    private let time: Layout.Time?
    private let interval: Int64
    private var row: Int64 = 0
    private var last: Int64?
    private var days: Int64 = 0

    private static let dayMilliseconds: Int64 = 86_400_000

    init(_ time: Layout.Time?, interval: Int64) {
        self.time = time
        self.interval = max(1, interval)
    }

    /// `nil`: the row tells no time, and should.
    mutating func next(_ fields: TextLines.Fields) -> Int64? {
        guard let time else {
            defer { row += 1 }
            return row.multipliedReportingOverflow(by: interval).partialValue
        }
        guard time.column < fields.count else { return nil }
        let field = fields[time.column]
        if let number = field.number {
            let milliseconds = number * time.millisecondsPerUnit
            return abs(milliseconds) < 1e15 ? Int64(milliseconds.rounded()) : nil
        }
        guard let ofDay = field.timeOfDayMilliseconds else { return nil }
        // A clock that goes back by half a day has passed midnight.
        if let last, ofDay < last - Self.dayMilliseconds / 2 { days += 1 }
        last = ofDay
        return days * Self.dayMilliseconds + ofDay
    }
}
