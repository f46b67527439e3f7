import Alarms
import DriverKit
import Vitals

/// All the analyses of one device: none for most.
struct DeviceAnalyses {
    private var all: [any DeviceAnalysis]

    /// The one place where an analysis is entered.
    init(_ setup: DeviceSetup, _ settings: AnalysisSettings, _ book: AnalysisBook) {
        all = []
        let metrics = Set(setup.driver.manifest.metrics)
        if settings.isECGOn, let ecg = ECGAnalysis(metrics: metrics, strips: settings.strips) { all.append(ecg) }
        if settings.isOximetryOn, let oximetry = OximetryAnalysis(setup, book) { all.append(oximetry) }
        if settings.isSpirometryOn, let spirometry = SpirometryAnalysis(setup, settings, book) {
            all.append(spirometry)
        }
        let known = metrics.union(self.metrics)
        if settings.isTrendsOn, let trends = TrendAnalysis(setup, metrics: known, book.trends) {
            all.append(trends)
        }
    }

    var isEmpty: Bool { all.isEmpty }
    var rules: [FindingRule] { all.flatMap(\.rules) }
    var metrics: Set<Metric> { all.reduce(into: []) { $0.formUnion($1.metrics) } }
    var wantsWaveforms: Bool { all.contains(where: \.wantsWaveforms) }

    mutating func hear(_ event: AnalysisEvent, _ turn: inout AnalysisTurn) {
        for index in all.indices { all[index].hear(event, &turn) }
    }

    mutating func complete(_ session: inout Session, _ place: SessionPlace) {
        for index in all.indices { all[index].complete(&session, place) }
    }
}
