import Agent

/// Reads what the box makes of the signals by itself.
enum AnalysisReader {
    static func settings(_ root: inout ConfigurationSection) -> AnalysisSettings {
        var settings = AnalysisSettings()
        guard var section = root.section("analysis") else { return settings }
        settings.isECGOn = section.boolean("ecg", or: settings.isECGOn)
        section.finish()
        return settings
    }
}
