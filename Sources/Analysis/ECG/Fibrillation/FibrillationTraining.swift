/// What the training reads: the features of every second of a signal, as the program computes them.
public struct FibrillationFeatureStream: Sendable {
    private var window = FibrillationWindow()
    private var spectrum = SmallSpectrum()

    public init() {}

    /// In the order of the weights.
    public static var names: [String] { FibrillationFeature.allCases.map { "\($0)" } }

    /// The features of the five seconds that end with this one; `nil` when there are not five yet.
    public mutating func add(second: Int, clean: borrowing SignalRing) -> [Float]? {
        window.append(second: second, of: clean)
        return window.isFull ? FibrillationFeature.compute(window, &spectrum) : nil
    }
}
