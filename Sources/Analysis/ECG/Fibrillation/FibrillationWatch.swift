/// Ventricular fibrillation and flutter, from the shape of the last five seconds.
struct FibrillationWatch: Sendable {
    private(set) var score: Float = 0
    private var episode = Episode(.ventricularFibrillation)

    var isOpen: Bool { episode.isOpen }

    mutating func add(_ beat: Beat) {}

    mutating func add(
        _ second: QualitySecond, clean: borrowing SignalRing, now: Double, isTrusted: Bool,
        _ findings: inout [Finding]
    ) {}

    mutating func interrupt(at seconds: Double, _ findings: inout [Finding]) {
        episode.end(at: seconds, now: seconds, &findings)
    }
}
