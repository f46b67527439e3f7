/// What the box makes of the signals by itself.
public struct AnalysisSettings: Hashable, Sendable {
    public var isECGOn: Bool

    public init(isECGOn: Bool = true) { self.isECGOn = isECGOn }
}
