import Vitals

/// A night of oximetry: saturation and pulse over the hours, with what was found.
public struct NightPicture: Sendable {
    public var heading: Heading
    public var saturation: Trace
    /// `nil`: the device gave none.
    public var pulse: Trace?
    public var events: [Event]
    public var summary: [(name: String, value: String)]
    /// Seconds since midnight UTC at the first sample, to write the hours below; `nil`: hours since the start.
    public var startSecondsOfDay: Int?

    /// Values at a steady pace; `nil` where there was none.
    public struct Trace: Sendable {
        public var sampleSeconds: Double
        public var values: [Double?]

        public init(sampleSeconds: Double, values: [Double?]) {
            self.sampleSeconds = sampleSeconds > 0 ? min(max(sampleSeconds, 0.001), 3600) : 1
            self.values = values
        }

        var lengthSeconds: Double { Double(values.count) * sampleSeconds }
    }

    /// A fall of the saturation.
    public struct Event: Sendable {
        public var startSeconds: Double
        public var durationSeconds: Double
        public var nadirPercent: Double

        public init(startSeconds: Double, durationSeconds: Double, nadirPercent: Double) {
            self.startSeconds = startSeconds
            self.durationSeconds = durationSeconds
            self.nadirPercent = nadirPercent
        }
    }

    public init(
        heading: Heading, saturation: Trace, pulse: Trace? = nil, events: [Event],
        summary: [(name: String, value: String)], startSecondsOfDay: Int? = nil
    ) {
        self.heading = heading
        self.saturation = saturation
        self.pulse = pulse
        self.events = events
        self.summary = summary
        self.startSecondsOfDay = startSecondsOfDay
    }

    static let margin = 12.0
    /// As fine as a printer: 4 columns in a millimetre; of more values in one column, lowest and highest are drawn.
    static let columnMillimetres = 0.25

    public func drawing() -> Drawing {
        let table = Summary(entries: summary)
        var drawing = Drawing(widthMillimetres: 277, heightMillimetres: 150 + table.height + 4)
        heading.draw(on: &drawing, margin: Self.margin)
        drawSaturation(on: &drawing)
        drawPulse(on: &drawing)
        table.draw(on: &drawing, at: .init(Self.margin, 150))
        return drawing
    }

    private func drawSaturation(on drawing: inout Drawing) {
        let lowest = saturation.values.compactMap(\.self).min() ?? 85
        let bottom = min(80, (lowest / 5).rounded(.down) * 5)
        let plot = Plot(
            .init(x: Self.margin + 14, y: 24, width: 239, height: 66), x: timeAxis,
            y: .init(from: bottom, to: 100, ticks: Array(stride(from: bottom, through: 100, by: 5))))
        drawing.text("Oxygen saturation", at: .init(plot.frame.x, 21.5), size: 3.2, isBold: true)
        drawing.text(
            "\(events.count) \(events.count == 1 ? "fall" : "falls") marked; grey: no valid signal",
            at: .init(plot.frame.right, 21.5), size: 2.6, anchor: .end, colour: Palette.faint)
        shadeGaps(of: saturation, on: &drawing, plot)
        for event in events {
            let left = plot.horizontal(event.startSeconds)
            let right = max(left + 0.3, plot.horizontal(event.startSeconds + event.durationSeconds))
            drawing.rectangle(
                .init(x: left, y: plot.frame.y, width: right - left, height: plot.frame.height), fill: Palette.shade
            )
        }
        plot.draw(on: &drawing, xName: xName, yName: "SpO2 (%)", xText: clock)
        drawing.line(
            from: plot.point(plot.x.low, 90), to: plot.point(plot.x.high, 90),
            .init(Palette.alarm, 0.2, dashes: [1.5, 1]))
        draw(saturation, on: &drawing, plot, colour: Palette.curves[0])
        for event in events where event.nadirPercent.isFinite {
            drawing.circle(
                at: plot.point(event.startSeconds + event.durationSeconds / 2, event.nadirPercent), radius: 0.45,
                fill: Palette.curves[1])
        }
    }

    private func drawPulse(on drawing: inout Drawing) {
        guard let pulse else { return }
        let values = pulse.values.compactMap(\.self)
        let plot = Plot(
            .init(x: Self.margin + 14, y: 107, width: 239, height: 28), x: timeAxis,
            y: .init(covering: min(50, values.min() ?? 50), max(100, values.max() ?? 100), ticksMax: 5))
        drawing.text("Pulse rate", at: .init(plot.frame.x, 104.5), size: 3.2, isBold: true)
        shadeGaps(of: pulse, on: &drawing, plot)
        plot.draw(on: &drawing, xName: xName, yName: "pulse (/min)", xText: clock)
        draw(pulse, on: &drawing, plot, colour: Palette.curves[2])
    }

    // MARK: Time

    private var xName: String { startSecondsOfDay == nil ? "hours since the start" : "time (UTC)" }

    private var timeAxis: Plot.Axis {
        let length = max(60, max(saturation.lengthSeconds, pulse?.lengthSeconds ?? 0))
        let step = [300.0, 600, 900, 1800, 3600, 7200].first { length / $0 <= 13 } ?? 14_400
        // Ticks stand on the clock's own round times.
        let offset = Double(startSecondsOfDay ?? 0).truncatingRemainder(dividingBy: step)
        let first = offset > 0 ? step - offset : 0
        return .init(from: 0, to: length, ticks: Array(stride(from: first, through: length, by: step)))
    }

    private func clock(_ seconds: Double) -> String {
        guard let startSecondsOfDay else { return decimal(seconds / 3600, fractionDigits: 2) }
        let minutes = (startSecondsOfDay + Int(seconds.rounded())) / 60
        func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(twoDigits(minutes / 60 % 24)):\(twoDigits(minutes % 60))"
    }

    // MARK: Curves

    /// In each column of the paper the lowest and the highest; the line is broken where nothing was measured.
    private func draw(_ trace: Trace, on drawing: inout Drawing, _ plot: Plot, colour: String) {
        let pen = Drawing.Pen(colour, 0.25)
        let perColumn = max(
            1, Int(Self.columnMillimetres / plot.frame.width * (plot.x.high - plot.x.low) / trace.sampleSeconds))
        var points: [Drawing.Point] = []
        for start in stride(from: 0, to: trace.values.count, by: perColumn) {
            let column = trace.values[start ..< min(start + perColumn, trace.values.count)].compactMap(\.self)
            guard let low = column.min(), let high = column.max(), let first = column.first else {
                drawing.path(points, pen)
                points = []
                continue
            }
            let x = plot.horizontal(Double(start) * trace.sampleSeconds)
            let heights = low == high ? [low] : first == low ? [low, high] : [high, low]
            for value in heights { points.append(.init(x, plot.vertical(value))) }
        }
        drawing.path(points, pen)
    }

    private func shadeGaps(of trace: Trace, on drawing: inout Drawing, _ plot: Plot) {
        var start: Int?
        for index in 0 ... trace.values.count {
            let isMissing = index < trace.values.count && trace.values[index] == nil
            if isMissing {
                start = start ?? index
            } else if let first = start {
                let left = plot.horizontal(Double(first) * trace.sampleSeconds)
                let right = plot.horizontal(Double(index) * trace.sampleSeconds)
                drawing.rectangle(
                    .init(x: left, y: plot.frame.y, width: max(0.1, right - left), height: plot.frame.height),
                    fill: Palette.missing)
                start = nil
            }
        }
    }
}
