/// What stands above every drawing: what it shows, when, of whom, by what device.
public struct Heading: Hashable, Sendable {
    public var title: String
    /// Pseudonyms only; `nil`: the device belongs to nobody.
    public var patient: String?
    public var device: String
    /// As a person reads it, with its zone: `2026-01-02 03:04 UTC`.
    public var time: String
    /// What must be known before the picture is believed: a trial, a doubtful clock, a bad signal.
    public var warnings: [String]

    public init(title: String, patient: String?, device: String, time: String, warnings: [String] = []) {
        self.title = title
        self.patient = patient
        self.device = device
        self.time = time
        self.warnings = warnings
    }

    static let height = 13.0

    func draw(on drawing: inout Drawing, margin: Double) {
        drawing.text(title, at: .init(margin, 8), size: 5, isBold: true)
        let whose = patient.map { "patient \($0)" } ?? "not assigned to a patient"
        drawing.text(
            "\(whose)  ·  device \(device)  ·  \(time)", at: .init(drawing.widthMillimetres - margin, 8), size: 3,
            anchor: .end, colour: Palette.faint)
        if !warnings.isEmpty {
            drawing.text(
                warnings.joined(separator: "; "), at: .init(margin, 12.5), size: 3, colour: Palette.alarm)
        }
        drawing.line(
            from: .init(margin, Self.height + 1), to: .init(drawing.widthMillimetres - margin, Self.height + 1),
            .init(Palette.frame, 0.25))
    }
}
