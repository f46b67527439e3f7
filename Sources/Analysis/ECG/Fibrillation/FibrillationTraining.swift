/// What the training reads: the features of every second of a signal, as the program computes them, and what else
/// decides beside the trees.
package struct FibrillationFeatureStream: Sendable {
    private var window = FibrillationWindow()
    private var spectrum = SmallSpectrum()
    private var veto = FibrillationVeto()
    private var signal = SignalWatch(RhythmSettings())
    private var findings: [Finding] = []

    package init() {}

    /// A beat, with its provisional class.
    package mutating func add(_ beat: Beat) { veto.add(beat) }

    /// The features of the five seconds that end with this one; `nil` when there are not five yet.
    package mutating func add(_ second: QualitySecond, clean: borrowing SignalRing) -> [Float]? {
        signal.add(second, now: Double(second.second) + 1, &findings)
        findings.removeAll(keepingCapacity: true)
        window.append(second: second.second, of: clean)
        return window.isFull ? FibrillationFeature.compute(window, &spectrum) : nil
    }

    /// How much the patient's usual complexes weigh at its end: 0 nothing, 1 something, 2 all.
    package func vetoWeight(second: Int) -> Int { veto.weight(at: Double(second) + 1).rawValue }

    /// Whether fibrillation may begin in the newest second.
    package var isTrusted: Bool { signal.isTrustedForFibrillation }
}
