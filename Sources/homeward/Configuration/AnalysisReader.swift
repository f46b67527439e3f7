import Agent

/// Reads what the box makes of the signals by itself.
enum AnalysisReader {
    static func settings(_ root: inout ConfigurationSection) -> AnalysisSettings {
        var settings = AnalysisSettings()
        guard var section = root.section("analysis") else { return settings }
        settings.isECGOn = section.boolean("ecg", or: settings.isECGOn)
        settings.strips.perHourMax =
            section.integer("stripsPerHourMax", in: 0 ... 60) ?? settings.strips.perHourMax
        settings.strips.perDayMax = section.integer("stripsPerDayMax", in: 0 ... 1000) ?? settings.strips.perDayMax
        section.finish()
        return settings
    }
}
