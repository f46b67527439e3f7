public import ECG
public import WFDB

extension BeatClass {
    /// The class of ANSI/AAMI EC57 for a beat's mark in an annotation file; `nil` for what marks no beat.
    ///
    /// Bundle branch block, atrial and nodal escape beats are normal, every premature beat from above the
    /// ventricles is supraventricular; paced beats and what nobody could class are Q.
    public init?(_ code: AnnotationCode) {
        guard code.isBeat, let symbol = code.symbol else { return nil }
        switch symbol {
        case "N", "L", "R", "B", "e", "j", "n": self = .normal
        case "A", "a", "J", "S": self = .supraventricular
        case "V", "E", "r": self = .ventricular
        case "F": self = .fusion
        default: self = .unclassifiable
        }
    }
}

/// What an annotation file says of an ECG: beats, and stretches of rhythm.
public struct ReferenceECG: Sendable {
    /// Outside ventricular flutter and fibrillation, ascending.
    public var beats: [ReferenceBeat] = []
    public var atrialFibrillation = Spans()
    /// Not scored as atrial fibrillation, neither for nor against.
    public var atrialFlutter = Spans()
    /// Flutter and fibrillation, between `[` and `]` or named as a rhythm: set aside when beats are counted.
    public var ventricularFibrillation = Spans()
    /// Named as a rhythm.
    public var ventricularTachycardia = Spans()
    /// Ventricular beats that are no tachycardia.
    public var idioventricularRhythm = Spans()

    public struct ReferenceBeat: Hashable, Sendable {
        public var sample: Int
        public var beatClass: BeatClass
    }

    /// Rhythm marks by WFDB's names.
    private static let fibrillation: Set<String> = ["(VFL", "(VF", "(VFIB"]

    /// - Parameters:
    ///   - sampleRateHz: of the record, whose samples the beats are counted in.
    ///   - seconds: how long the record is: what is open at its end ends there.
    public init(_ file: AnnotationFile, sampleRateHz: Double, seconds: Double) {
        let ticksPerSecond = file.ticksPerSecond ?? sampleRateHz
        var rhythm: (name: String, start: Double)?
        var fibrillation: Double?
        var spans: [String: [Range<Double>]] = [:]
        var marked: [Range<Double>] = []
        func end(at second: Double) {
            if let rhythm, rhythm.start < second {
                spans[rhythm.name, default: []].append(rhythm.start ..< second)
            }
        }
        for annotation in file.annotations.sorted(by: { $0.sample < $1.sample }) {
            let second = Double(annotation.sample) / ticksPerSecond
            switch annotation.code {
            case .rhythm where annotation.text.hasPrefix("("):
                end(at: second)
                rhythm = (annotation.text.trimmingBlanks, second)
            case .fibrillationBegin: if fibrillation == nil { fibrillation = second }
            case .fibrillationEnd:
                if let start = fibrillation, start < second { marked.append(start ..< second) }
                fibrillation = nil
            default:
                guard let beatClass = BeatClass(annotation.code) else { continue }
                let ticks = (second * sampleRateHz).rounded()
                guard let sample = Int(exactly: ticks) else { continue }
                beats.append(.init(sample: sample, beatClass: beatClass))
            }
        }
        end(at: seconds)
        if let start = fibrillation, start < seconds { marked.append(start ..< seconds) }
        atrialFibrillation = Spans(spans["(AFIB"] ?? [])
        atrialFlutter = Spans(spans["(AFL"] ?? [])
        ventricularFibrillation = Spans(marked + Self.fibrillation.flatMap { spans[$0] ?? [] })
        ventricularTachycardia = Spans(spans["(VT"] ?? [])
        idioventricularRhythm = Spans(spans["(IVR"] ?? [])
        let aside = ventricularFibrillation
        beats.removeAll { aside.contains(Double($0.sample) / sampleRateHz) }
    }
}

extension String {
    var trimmingBlanks: String { String(prefix { !$0.isWhitespace && $0 != "\0" }) }
}
