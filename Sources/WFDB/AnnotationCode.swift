/// What an annotation says, as WFDB numbers it. Numbers without a letter here are kept as they are.
public struct AnnotationCode: Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// By the letter that WFDB's tools show.
    public init?(symbol: Character) {
        guard symbol != " ", let code = Self.symbols.firstIndex(of: symbol) else { return nil }
        rawValue = UInt8(code)
    }

    /// The letter that WFDB's tools show; `nil` when the number has none.
    public var symbol: Character? {
        let code = Int(rawValue)
        guard code > 0, code < Self.symbols.count, Self.symbols[code] != " " else { return nil }
        return Self.symbols[code]
    }

    /// At the place of their number (ecgcodes.h of the WFDB library).
    private static let symbols: [Character] = Array(" NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r")

    public static let normal = AnnotationCode(rawValue: 1)
    public static let note = AnnotationCode(rawValue: 22)
    public static let rhythm = AnnotationCode(rawValue: 28)
    public static let flutterWave = AnnotationCode(rawValue: 31)
    public static let fibrillationBegin = AnnotationCode(rawValue: 32)
    public static let fibrillationEnd = AnnotationCode(rawValue: 33)

    /// It marks a heart beat.
    public var isBeat: Bool {
        guard let symbol else { return false }
        return Self.beats.contains(symbol)
    }

    private static let beats = Set<Character>("NLRBAaJSVrFejnE/fQ?")
}

/// A mark at a place of a record.
public struct Annotation: Hashable, Sendable {
    /// In ticks of the annotation file's rate: samples of the record, as a rule.
    public var sample: Int
    public var code: AnnotationCode
    public var subtype: Int8
    public var channel: UInt8
    public var number: Int8
    /// For a change of rhythm its name, as `(AFIB`.
    public var text: String

    public init(
        sample: Int, code: AnnotationCode, subtype: Int8 = 0, channel: UInt8 = 0, number: Int8 = 0,
        text: String = ""
    ) {
        self.sample = sample
        self.code = code
        self.subtype = subtype
        self.channel = channel
        self.number = number
        self.text = text
    }
}
