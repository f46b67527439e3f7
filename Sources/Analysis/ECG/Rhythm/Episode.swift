import Vitals

/// Something that lasts: told once when it begins and once when it ends, under one start.
struct Episode: Sendable {
    let kind: Finding.Kind
    private(set) var startSeconds: Double?
    private var value: Double?
    private var confidence = 1.0
    private var doubts: QualityReasons = []

    init(_ kind: Finding.Kind) { self.kind = kind }

    var isOpen: Bool { startSeconds != nil }

    mutating func begin(
        at seconds: Double, now: Double, value: Double? = nil, confidence: Double = 1, doubts: QualityReasons = [],
        _ findings: inout [Finding]
    ) {
        guard startSeconds == nil else { return }
        startSeconds = max(0, seconds)
        self.value = value
        self.confidence = confidence
        self.doubts = doubts
        findings.append(
            Finding(
                kind, .begin, startSeconds: max(0, seconds), announcedSeconds: now, value: value,
                confidence: confidence, doubts: doubts))
    }

    mutating func end(at seconds: Double, now: Double, value: Double? = nil, _ findings: inout [Finding]) {
        guard let start = startSeconds else { return }
        startSeconds = nil
        findings.append(
            Finding(
                kind, .end, startSeconds: start, endSeconds: max(start, seconds), announcedSeconds: now,
                value: value ?? self.value, confidence: confidence, doubts: doubts))
    }
}
