public import Vitals

// What a capture says about how it was made, so that playing it again gives the same conversation.
extension Capture {
    /// `# settings: fetch-stored set-clock no-waveforms format=7`, each word only where it is wanted. Other
    /// words are an error, because a capture that is played otherwise than meant proves nothing.
    public var settings: DriverSettings {
        get throws(CaptureError) {
            var settings = DriverSettings()
            for word in (self["settings"] ?? "").split(separator: " ") {
                switch word {
                case "fetch-stored": settings.fetchesStored = true
                case "set-clock": settings.setsClock = true
                case "no-waveforms": settings.reportsWaveforms = false
                default:
                    guard word.hasPrefix("format=") else {
                        throw CaptureError(line: 0, reason: "has an unknown setting '\(word)'")
                    }
                    settings.format = String(word.dropFirst("format=".count))
                }
            }
            return settings
        }
    }

    /// What ``settings`` reads; empty where nothing differs.
    public static func text(of settings: DriverSettings) -> String {
        var words: [String] = []
        if settings.fetchesStored { words.append("fetch-stored") }
        if settings.setsClock { words.append("set-clock") }
        if !settings.reportsWaveforms { words.append("no-waveforms") }
        if let format = settings.format { words.append("format=\(format)") }
        return words.joined(separator: " ")
    }

    /// `# local-time: 2026-01-02T03:04:05`: the box's clock at 0 seconds; `nil`: it was not trusted.
    public var localTimeAtStart: CivilTime? { self["local-time"].flatMap { CivilTime($0) } }

    /// `# channels: heart-rate-measurement battery-level`: the characteristics that the device had; `nil`: all that
    /// the driver knows.
    public var channels: [Channel]? {
        self["channels"].map { $0.split(separator: " ").map { Channel(String($0)) } }
    }
}
