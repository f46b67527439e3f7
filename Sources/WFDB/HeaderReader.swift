/// Reads the text of a header file.
///
/// Its grammar: header(5) of the WFDB Applications Guide.
struct HeaderReader {
    private let file: String
    private var line = 0

    static let signalsMax = 4096
    static let samplesPerFrameMax = 65_536
    /// Keeps sums and products of what a header says far from the limits of `Int`.
    static let numberMax = 1 << 40

    init(file: String) { self.file = file }

    mutating func read(_ bytes: [UInt8]) throws(WFDBError) -> RecordHeader {
        var header: RecordHeader?
        var signalCount = 0
        var comments: [String] = []
        for text in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            let text = String(decoding: text, as: UTF8.self).trimmed
            if text.isEmpty { continue }
            if text.hasPrefix("#") {
                comments.append(String(text.dropFirst()).trimmed)
            } else if header == nil {
                (header, signalCount) = try record(text)
            } else if let count = header?.signals.count, count < signalCount {
                header?.signals.append(try signal(text))
            }
        }
        guard var header else {
            throw problem("there is no record line; a header begins with 'name signals rate samples'")
        }
        guard header.signals.count == signalCount else {
            throw problem("\(signalCount) signals are promised and \(header.signals.count) described")
        }
        header.comments = comments
        return header
    }

    /// `name[/segments] signals [rate[/counter[(base)]] [frames [time [date]]]]`
    private func record(_ text: String) throws(WFDBError) -> (RecordHeader, Int) {
        let words = text.words
        guard words.count >= 2 else { throw problem("the record line needs a name and the number of signals") }
        let name = words[0].split(separator: "/", omittingEmptySubsequences: false)
        guard name.count == 1 else {
            throw problem(
                "a record of several segments is not read: name its segments one by one, "
                    + "or join them with WFDB's 'xform'")
        }
        let count = try integer(words[1], "number of signals", 0 ... Self.signalsMax)
        var header = RecordHeader(name: words[0], sampleRateHz: RecordHeader.sampleRateHzDefault)
        if words.count > 2 { try rates(words[2], &header) }
        if words.count > 3 {
            let frames = try integer(words[3], "number of samples", 0 ... Self.numberMax)
            header.frameCount = frames > 0 ? frames : nil
        }
        if words.count > 4 { header.baseTime = words[4] }
        if words.count > 5 { header.baseDate = words[5] }
        return (header, count)
    }

    private func rates(_ word: String, _ header: inout RecordHeader) throws(WFDBError) {
        let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        header.sampleRateHz = try number(parts[0], "sample rate", above: 0)
        header.counterFrequencyHz = header.sampleRateHz
        guard parts.count > 1 else { return }
        let (rate, base) = try parenthesis(parts[1])
        let counter = try number(rate, "counter frequency", above: -1)
        if counter > 0 { header.counterFrequencyHz = counter }
        if let base { header.baseCounter = try number(base, "base counter") }
    }

    /// `file format[xN][:skew][+offset] [gain[(baseline)][/unit]
    /// [bits [zero [initial [checksum [block [text]]]]]]]`
    private func signal(_ text: String) throws(WFDBError) -> SignalSpecification {
        let words = text.split(maxSplits: 8) { $0 == " " || $0 == "\t" }.map { String($0).trimmed }
        guard words.count >= 2 else { throw problem("a signal's line needs a file and a format") }
        guard !words[0].contains("/"), words[0] != ".", words[0] != ".." else {
            throw problem("the signal file '\(words[0])' is not in the folder of the header: move it there")
        }
        var signal = try format(words[1], file: words[0])
        var baseline: Int?
        if words.count > 2 { baseline = try gain(words[2], &signal) }
        if words.count > 3 { signal.resolutionBits = try integer(words[3], "resolution", 0 ... 64) }
        if words.count > 4 { signal.converterZero = try integer(words[4], "ADC zero") }
        signal.baseline = baseline ?? signal.converterZero
        signal.initialValue = words.count > 5 ? try integer(words[5], "initial value") : signal.converterZero
        if words.count > 6 { signal.checksum = Int16(truncatingIfNeeded: try integer(words[6], "checksum")) }
        if words.count > 7 { signal.blockSize = try integer(words[7], "block size") }
        if words.count > 8 { signal.description = words[8] }
        return signal
    }

    private func format(_ word: String, file: String) throws(WFDBError) -> SignalSpecification {
        var digits = ""
        var parts: [(mark: Character, text: String)] = []
        for character in word {
            if character == "x" || character == ":" || character == "+" {
                parts.append((character, ""))
            } else if parts.isEmpty {
                digits.append(character)
            } else {
                parts[parts.count - 1].text.append(character)
            }
        }
        let number = try integer(digits, "format", 0 ... 1000)
        guard let format = SignalFormat(rawValue: number) else {
            let known = SignalFormat.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
            throw problem("format \(number) is not read, but \(known) are: convert the record with WFDB's 'xform'")
        }
        var signal = SignalSpecification(file: file, format: format)
        for part in parts {
            switch part.mark {
            case "x":
                signal.samplesPerFrame = try integer(part.text, "samples a frame", 1 ... Self.samplesPerFrameMax)
            case ":": signal.skewFrames = try integer(part.text, "skew", 0 ... Self.numberMax)
            default: signal.byteOffset = try integer(part.text, "byte offset", 0 ... Self.numberMax)
            }
        }
        return signal
    }

    /// - Returns: the baseline, when there is one.
    private func gain(_ word: String, _ signal: inout SignalSpecification) throws(WFDBError) -> Int? {
        let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let (text, base) = try parenthesis(parts[0])
        let gain = try number(text, "gain")
        signal.isCalibrated = gain != 0
        signal.gain = gain == 0 ? SignalSpecification.gainDefault : gain
        if parts.count > 1, !parts[1].isEmpty { signal.unit = parts[1] }
        return if let base { try integer(base, "baseline") } else { nil }
    }

    /// `200(1024)` is 200 and 1024.
    private func parenthesis(_ text: String) throws(WFDBError) -> (String, String?) {
        guard let open = text.firstIndex(of: "(") else { return (text, nil) }
        guard text.hasSuffix(")") else { throw problem("'\(text)' has no closing bracket") }
        return (String(text[..<open]), String(text[text.index(after: open)...].dropLast()))
    }

    private func integer(
        _ word: String, _ name: String, _ range: ClosedRange<Int> = -numberMax ... numberMax
    ) throws(WFDBError) -> Int {
        guard let value = Int(word), range.contains(value) else {
            throw problem(
                "the \(name) is '\(word)': a whole number from \(range.lowerBound) to \(range.upperBound) is needed"
            )
        }
        return value
    }

    private func number(
        _ word: String, _ name: String, above limit: Double = -Double.greatestFiniteMagnitude
    ) throws(WFDBError) -> Double {
        guard let value = Double(word), value.isFinite, value > limit else {
            throw problem("the \(name) is '\(word)': a number is needed")
        }
        return value
    }

    private func problem(_ text: String) -> WFDBError {
        WFDBError(file: file, problem: "line \(line): \(text)")
    }
}

extension RecordHeader {
    /// - Parameter file: what an error calls it.
    public init(parsing bytes: [UInt8], file: String) throws(WFDBError) {
        var reader = HeaderReader(file: file)
        self = try reader.read(bytes)
    }
}

extension String {
    /// Without blanks (and the carriage return of other systems) at its ends.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }

    var words: [String] { split { $0 == " " || $0 == "\t" }.map(String.init) }
}
