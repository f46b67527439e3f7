import Agent
import Trends

/// Reads what the box makes of the signals by itself.
enum AnalysisReader {
    static func settings(_ root: inout ConfigurationSection) -> AnalysisSettings {
        var settings = AnalysisSettings()
        guard var section = root.section("analysis") else { return settings }
        settings.isECGOn = section.boolean("ecg", or: settings.isECGOn)
        settings.isOximetryOn = section.boolean("oximetry", or: settings.isOximetryOn)
        settings.isTrendsOn = section.boolean("trends", or: settings.isTrendsOn)
        section.finish()
        return settings
    }

    /// What a clinician decided for one patient; `nil`: nothing.
    static func trends(_ patient: inout ConfigurationSection) -> TrendSettings? {
        guard var section = patient.section("trends") else { return nil }
        var settings = TrendSettings()
        if let scale = section.integer("news2Scale", in: 1 ... 2) {
            settings.scale = NEWS2.Scale(rawValue: scale) ?? .scale1
        }
        if section.value("onOxygen") != nil { settings.isOnOxygen = section.boolean("onOxygen", or: false) }
        settings.saturationLimit = section.number("saturationLimit", in: 70 ... 99, unit: "%")
        settings.personalBestPEF = section.number("personalBestPeakFlow", in: 50 ... 1000, unit: "L/min")
        settings.missedDaysMin = section.integer("missedDays", in: 1 ... 30, unit: "d") ?? settings.missedDaysMin
        section.finish()
        return settings
    }
}
