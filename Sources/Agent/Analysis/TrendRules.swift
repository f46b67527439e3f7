import Alarms
import Trends
import Vitals

/// The alarms of the trends: what they are called, how urgent they are, and what they carry.
enum TrendRules {
    static let all = [exacerbation, earlyWarning, worsening, missed]

    static let exacerbation = FindingRule(
        condition: ConditionDefinition(
            id: "exacerbation-signs", kind: .physiological,
            levels: [.init(priority: .low, onset: .zero), .init(priority: .medium, onset: .zero)],
            clearAfter: .seconds(600), freshness: freshness),
        words: "Signs of an exacerbation", valueWords: "points",
        advice: "Call the patient: breathlessness, cough, sputum; let the measurement be repeated.")
    static let earlyWarning = FindingRule(
        condition: ConditionDefinition(
            id: "early-warning-score-high", kind: .physiological,
            levels: [.init(priority: .medium, onset: .seconds(300))], clearAfter: .seconds(300),
            freshness: freshness),
        words: "NEWS2 of what is known calls for an urgent response", valueWords: "score",
        advice: "Look after the patient, and measure what is missing.")
    static let worsening = FindingRule(
        condition: ConditionDefinition(
            id: "trend-worsening", kind: .physiological, levels: [.init(priority: .low, onset: .zero)],
            clearAfter: .seconds(600), freshness: freshness),
        words: "Slow change for the worse", valueWords: "metrics",
        advice: "See the days behind it at the next contact.")
    static let missed = FindingRule(
        condition: ConditionDefinition(
            id: "measurements-missed", kind: .technical, levels: [.init(priority: .low, onset: .zero)],
            clearAfter: .zero, freshness: freshness),
        words: "Usual measurements were missed", valueWords: "days", advice: "Ask whether help is needed.")

    /// Looks come once a minute.
    private static let freshness = Duration.seconds(600)

    static func looks(_ trends: PatientTrends, at utcSeconds: Int64) -> [FindingLook] {
        [
            exacerbation(trends, utcSeconds), earlyWarning(trends, utcSeconds), worsening(trends),
            missed(trends, utcSeconds),
        ].compactMap(\.self)
    }

    /// `nil`: it stands, and nobody has measured since.
    private static func exacerbation(_ trends: PatientTrends, _ utcSeconds: Int64) -> FindingLook? {
        let level = trends.exacerbationLevel
        var look = FindingLook(exacerbation.condition.id, level: level)
        guard level > 0 else { return look }
        guard trends.isExacerbationSeen(at: utcSeconds) else { return nil }
        let assessment = trends.assessment(at: utcSeconds)
        look.value = Double(assessment.points)
        look.inputs = assessment.indicators.map {
            FindingLook.Input(
                $0.sign.rawValue, value: $0.value, unit: unit($0.metric), limit: $0.limit, level: $0.level,
                points: $0.sign.points)
        }
        return look
    }

    /// `nil`: what gave the points was measured too long ago.
    private static func earlyWarning(_ trends: PatientTrends, _ utcSeconds: Int64) -> FindingLook? {
        guard let isUrgent = trends.isUrgent(at: utcSeconds) else { return nil }
        let score = trends.news2(at: utcSeconds)
        var look = FindingLook(earlyWarning.condition.id, level: isUrgent ? 1 : 0)
        guard look.level > 0 else { return look }
        look.value = Double(score.score)
        look.doubts = score.isComplete ? [] : .incomplete
        look.inputs =
            score.parts.map {
                FindingLook.Input(
                    $0.parameter.rawValue, value: $0.input.value, unit: unit($0.parameter), points: $0.points)
            } + score.missing.map { FindingLook.Input($0.rawValue, value: nil, unit: unit($0)) }
        return look
    }

    private static func worsening(_ trends: PatientTrends) -> FindingLook {
        let metrics = trends.declines
        var look = FindingLook(worsening.condition.id, level: metrics.isEmpty ? 0 : 1)
        guard look.level > 0 else { return look }
        look.value = Double(metrics.count)
        look.inputs = metrics.map { trend in
            FindingLook.Input(
                trend.metric.rawValue, value: trend.days.last?.value, unit: unit(trend.metric),
                level: trend.baseline.level)
        }
        return look
    }

    private static func missed(_ trends: PatientTrends, _ utcSeconds: Int64) -> FindingLook {
        let metrics = trends.missed(at: utcSeconds)
        var look = FindingLook(missed.condition.id, level: metrics.isEmpty ? 0 : 1)
        guard look.level > 0 else { return look }
        look.value = metrics.map { Double($0.days) }.max()
        look.inputs = metrics.map { FindingLook.Input($0.metric.rawValue, value: Double($0.days), unit: "d") }
        return look
    }

    private static func unit(_ metric: TrendMetric) -> String { Metric(rawValue: metric.rawValue)?.unit ?? "1" }

    private static func unit(_ parameter: NEWS2.Parameter) -> String {
        Metric(rawValue: parameter.rawValue)?.unit ?? "1"
    }
}
