extension DriverSettings {
    /// The settings under which a capture was made: `# settings: fetch-stored set-clock no-waveforms format=7`.
    /// Words that mean nothing are passed over.
    public init(capture: Capture) {
        self.init()
        for word in (capture["settings"] ?? "").split(separator: " ") {
            switch word {
            case "fetch-stored": fetchesStored = true
            case "set-clock": setsClock = true
            case "no-waveforms": reportsWaveforms = false
            case _ where word.hasPrefix("format="): format = String(word.dropFirst(7))
            default: break
            }
        }
    }
}
