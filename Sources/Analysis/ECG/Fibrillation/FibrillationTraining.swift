/// What the training reads: the features of every second of a signal, as the program computes them.
package struct FibrillationFeatureStream: Sendable {
    private var window = FibrillationWindow()
    private var spectrum = SmallSpectrum()
    private var veto = FibrillationVeto()

    package init() {}

    /// A beat, with its provisional class.
    package mutating func add(_ beat: Beat) { veto.add(beat) }

    /// The features of the five seconds that end with this one; `nil` when there are not five yet.
    package mutating func add(second: Int, clean: borrowing SignalRing) -> [Float]? {
        window.append(second: second, of: clean)
        return window.isFull ? FibrillationFeature.compute(window, &spectrum) : nil
    }

    /// Whether complexes like the patient's usual ones go on at its end.
    package func isVetoed(second: Int) -> Bool { veto.holds(at: Double(second) + 1) }
}
