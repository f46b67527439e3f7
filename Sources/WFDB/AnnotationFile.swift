/// An annotation file in the MIT format (annot(5) of the WFDB Applications Guide).
///
/// Words of 16 bits, low byte first: six bits of code, ten of ticks since the last annotation. Codes above 58 say
/// more of the annotation before them, or that the interval is long.
public struct AnnotationFile: Hashable, Sendable {
    /// Ticks a second, when the file says so; else it is the record's rate.
    public var ticksPerSecond: Double?
    public var annotations: [Annotation]

    public init(annotations: [Annotation], ticksPerSecond: Double? = nil) {
        self.annotations = annotations
        self.ticksPerSecond = ticksPerSecond
    }

    private enum Word {
        static let skip: UInt8 = 59
        static let number: UInt8 = 60
        static let subtype: UInt8 = 61
        static let channel: UInt8 = 62
        static let text: UInt8 = 63
        static let intervalMax = 0x3FF
    }

    /// Notes in front that the tools write for themselves.
    private static let resolutionPrefix = "## time resolution: "
    private static let notePrefix = "## "

    /// - Parameter file: what an error calls it.
    public init(parsing bytes: [UInt8], file: String) throws(WFDBError) {
        annotations = []
        ticksPerSecond = nil
        var at = 0
        var time = 0
        var number: Int8 = 0
        var channel: UInt8 = 0
        while at + 1 < bytes.count {
            let word = Int(bytes[at]) | Int(bytes[at + 1]) << 8
            let code = UInt8(truncatingIfNeeded: word >> 10)
            let rest = word & Word.intervalMax
            at += 2
            if word == 0 { break }
            switch code {
            case Word.skip:
                guard at + 4 <= bytes.count else { throw Self.cut(file, at, "an interval of four bytes") }
                let high = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
                let low = UInt32(bytes[at + 2]) | UInt32(bytes[at + 3]) << 8
                time += Int(Int32(bitPattern: high << 16 | low))
                at += 4
            case Word.number:
                number = Int8(truncatingIfNeeded: rest)
                last?.number = number
            case Word.subtype: last?.subtype = Int8(truncatingIfNeeded: rest)
            case Word.channel:
                channel = UInt8(truncatingIfNeeded: rest)
                last?.channel = channel
            case Word.text:
                guard at + rest <= bytes.count else { throw Self.cut(file, at, "a text of \(rest) bytes") }
                last?.text = Self.text(bytes[at ..< at + rest])
                at += rest + rest % 2
            default:
                time += rest
                // Code 0 says nothing: some programs pass time with it.
                guard code > 0 else { break }
                annotations.append(
                    Annotation(sample: time, code: .init(rawValue: code), channel: channel, number: number))
            }
        }
        if at == bytes.count - 1 { throw Self.cut(file, at, "a word of two bytes") }
        takeNotes()
    }

    private var last: Annotation? {
        get { annotations.last }
        set {
            guard let newValue, !annotations.isEmpty else { return }
            annotations[annotations.count - 1] = newValue
        }
    }

    private static func cut(_ file: String, _ at: Int, _ what: String) -> WFDBError {
        WFDBError(file: file, problem: "byte \(at): it ends within \(what): fetch it again")
    }

    /// Up to the byte of zero that some programs write behind it.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private mutating func takeNotes() {
        while let first = annotations.first, first.code == .note, first.sample == 0,
            first.text.hasPrefix(Self.notePrefix)
        {
            if first.text.hasPrefix(Self.resolutionPrefix),
                let ticks = Double(first.text.dropFirst(Self.resolutionPrefix.count).prefix { $0 != " " }),
                ticks.isFinite, ticks > 0
            {
                ticksPerSecond = ticks
            }
            // Definitions of letters stand between two such notes.
            let isDefinition = first.text.hasPrefix("## annotation type definitions")
            annotations.removeFirst()
            guard isDefinition,
                let end = annotations.firstIndex(where: { $0.text.hasPrefix("## end of definitions") })
            else { continue }
            annotations.removeSubrange(...end)
        }
    }

    /// The file's bytes. Annotations are sorted by time; a text is cut at 255 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func word(_ code: UInt8, _ rest: Int) {
            let word = Int(code & 0x3F) << 10 | rest & Word.intervalMax
            bytes += [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8)]
        }
        func text(_ text: String) {
            let units = Array(text.utf8.prefix(255))
            word(Word.text, units.count)
            bytes += units
            if units.count % 2 == 1 { bytes.append(0) }
        }
        if let ticksPerSecond {
            word(AnnotationCode.note.rawValue, 0)
            text(Self.resolutionPrefix + RecordHeader.plain(ticksPerSecond))
        }
        var time = 0
        var number: Int8 = 0
        var channel: UInt8 = 0
        for annotation in annotations.sorted(by: { $0.sample < $1.sample }) {
            let code = annotation.code.rawValue
            guard code < Word.skip, code > 0 else { continue }
            var interval = annotation.sample &- time
            while interval > Word.intervalMax || interval < 0 {
                let step = Int32(clamping: interval)
                word(Word.skip, 0)
                let high = UInt32(bitPattern: step) >> 16
                let low = UInt32(bitPattern: step) & 0xFFFF
                for half in [high, low] {
                    bytes += [UInt8(truncatingIfNeeded: half), UInt8(truncatingIfNeeded: half >> 8)]
                }
                interval &-= Int(step)
            }
            word(code, interval)
            time = annotation.sample
            if annotation.subtype != 0 { word(Word.subtype, Int(UInt8(bitPattern: annotation.subtype))) }
            if annotation.channel != channel {
                channel = annotation.channel
                word(Word.channel, Int(channel))
            }
            if annotation.number != number {
                number = annotation.number
                word(Word.number, Int(UInt8(bitPattern: number)))
            }
            if !annotation.text.isEmpty { text(annotation.text) }
        }
        word(0, 0)
        return bytes
    }
}
