public import ECG
public import Spirometry
public import Trends
public import Vitals

/// What the box makes of the signals by itself.
public struct AnalysisSettings: Hashable, Sendable {
    public var isECGOn: Bool
    /// Of ECG findings.
    public var strips: StripSettings
    public var isOximetryOn: Bool
    public var isTrendsOn: Bool
    /// What clinicians decided for single patients; the others have ``TrendSettings`` as they are.
    public var trendsByPatient: [Identifier: TrendSettings]
    public var isSpirometryOn = true
    /// A sitting at the spirometer that is worth nothing is an alarm of low priority.
    public var alarmsAtSpirometryTechnique = false
    /// Whose measurements are compared with what is expected of them. Never told to anybody.
    public var people: [Identifier: Person] = [:]

    /// Whom a patient's lungs are compared with, and by which equations.
    public struct Person: Hashable, Sendable {
        public var subject: ReferenceSubject
        public var equation: ReferenceEquation
        /// Two good sittings shortly after each other are before and after a bronchodilator.
        public var isTestedWithBronchodilator = false

        public init(subject: ReferenceSubject, equation: ReferenceEquation = .gliGlobal2022) {
            self.subject = subject
            self.equation = equation
        }
    }

    public init(
        isECGOn: Bool = true, strips: StripSettings = StripSettings(), isOximetryOn: Bool = true,
        isTrendsOn: Bool = true, trendsByPatient: [Identifier: TrendSettings] = [:]
    ) {
        self.isECGOn = isECGOn
        self.strips = strips
        self.isOximetryOn = isOximetryOn
        self.isTrendsOn = isTrendsOn
        self.trendsByPatient = trendsByPatient
    }
}
