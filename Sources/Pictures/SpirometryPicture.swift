import Vitals

/// The blows of one sitting: flow over volume, volume over time, and the numbers beneath.
public struct SpirometryPicture: Sendable {
    public var heading: Heading
    public var blows: [Blow]
    /// Rows of name and value that concern the whole session: grades, best values, z-scores.
    public var summary: [(name: String, value: String)]
    /// What to do better at the next blow; `nil`: nothing.
    public var hint: String?

    /// One blow as it is drawn.
    public struct Blow: Sendable {
        public var number: Int
        /// Volume out of the patient (L) and flow out positive (L/s), of the same length, in the order of time.
        public var volumeLitres: [Double]
        public var flowLitresPerSecond: [Double]
        /// Seconds of each sample from the first; empty: the curve tells no time.
        public var seconds: [Double]
        /// As they stand in the table: FEV1, FVC, FEV1/FVC, PEF, BEV, FET.
        public var values: [String]
        /// `acceptable`, `usable`, or what is wrong with it.
        public var verdict: String
        public var isBest: Bool

        public init(
            number: Int, volumeLitres: [Double], flowLitresPerSecond: [Double], seconds: [Double], values: [String],
            verdict: String, isBest: Bool
        ) {
            self.number = number
            self.volumeLitres = volumeLitres
            self.flowLitresPerSecond = flowLitresPerSecond
            self.seconds = seconds
            self.values = values
            self.verdict = verdict
            self.isBest = isBest
        }
    }

    /// The columns that ``Blow/values`` fills.
    public static let valueNames = ["FEV1 (L)", "FVC (L)", "FEV1/FVC (%)", "PEF (L/s)", "BEV (L)", "FET (s)"]

    public init(
        heading: Heading, blows: [Blow], summary: [(name: String, value: String)], hint: String? = nil
    ) {
        self.heading = heading
        self.blows = blows
        self.summary = summary
        self.hint = hint
    }

    static let margin = 12.0
    private static let tableTop = 128.0

    public func drawing() -> Drawing {
        let rows = Double(blows.count + 1) * TextTable.rowHeight + Summary(entries: summary).height
        var drawing = Drawing(
            widthMillimetres: 277, heightMillimetres: Self.tableTop + rows + (hint == nil ? 6 : 14))
        heading.draw(on: &drawing, margin: Self.margin)
        drawLoops(on: &drawing)
        drawVolumes(on: &drawing)
        drawTable(on: &drawing)
        return drawing
    }

    private func colour(_ place: Int) -> String { Palette.curves[place % Palette.curves.count] }

    /// ATS/ERS 2019 asks for an aspect of 2 L/s to 1 L: both axes grow until it holds.
    private func loopPlot() -> Plot {
        let volumes = blows.flatMap(\.volumeLitres).filter(\.isFinite)
        let flows = blows.flatMap(\.flowLitresPerSecond).filter(\.isFinite)
        let frame = Drawing.Frame(x: Self.margin + 14, y: 22, width: 112, height: 90)
        let x = Plot.Axis(covering: min(0, volumes.min() ?? 0), max(1, volumes.max() ?? 1))
        let y = Plot.Axis(covering: min(0, flows.min() ?? 0), max(2, flows.max() ?? 2))
        let litreMillimetres = min(frame.width / (x.high - x.low), 2 * frame.height / (y.high - y.low))
        return Plot(
            frame,
            x: Plot.Axis(
                from: x.low, to: x.low + frame.width / litreMillimetres, ticks: x.ticks,
                fractionDigits: x.fractionDigits),
            y: Plot.Axis(
                from: y.low, to: y.low + 2 * frame.height / litreMillimetres, ticks: y.ticks,
                fractionDigits: y.fractionDigits))
    }

    private func drawLoops(on drawing: inout Drawing) {
        let plot = loopPlot()
        drawing.text("Flow–volume", at: .init(plot.frame.x, 20), size: 3.2, isBold: true)
        plot.draw(on: &drawing, xName: "volume (L, BTPS)", yName: "flow (L/s)")
        drawing.line(
            from: plot.point(plot.x.low, 0), to: plot.point(plot.x.high, 0), .init(Palette.ink, 0.25))
        for (place, blow) in blows.enumerated() where blow.volumeLitres.count == blow.flowLitresPerSecond.count {
            drawing.path(
                zip(blow.volumeLitres, blow.flowLitresPerSecond).map { plot.point($0, $1) },
                .init(colour(place), blow.isBest ? 0.6 : 0.3))
        }
        if blows.allSatisfy(\.volumeLitres.isEmpty) {
            drawing.text("no curve was sent", at: centre(plot), anchor: .middle, colour: Palette.faint)
        }
    }

    private func drawVolumes(on drawing: inout Drawing) {
        let timed = blows.enumerated().filter {
            $0.element.seconds.count == $0.element.volumeLitres.count && !$0.element.seconds.isEmpty
        }
        let last = timed.compactMap { $0.element.seconds.last }.max() ?? 6
        let volumes = timed.flatMap { $0.element.volumeLitres }
        let plot = Plot(
            .init(x: 160, y: 22, width: 105, height: 90), x: .init(covering: 0, max(1, last)),
            y: .init(covering: min(0, volumes.min() ?? 0), max(1, volumes.max() ?? 1)))
        drawing.text("Volume–time", at: .init(plot.frame.x, 20), size: 3.2, isBold: true)
        plot.draw(on: &drawing, xName: "time (s)", yName: "volume (L, BTPS)")
        for (place, blow) in timed {
            drawing.path(
                zip(blow.seconds, blow.volumeLitres).map { plot.point($0, $1) },
                .init(colour(place), blow.isBest ? 0.6 : 0.3))
        }
        if timed.isEmpty {
            drawing.text("no times were sent", at: centre(plot), anchor: .middle, colour: Palette.faint)
        }
    }

    private func centre(_ plot: Plot) -> Drawing.Point {
        .init(plot.frame.x + plot.frame.width / 2, plot.frame.y + plot.frame.height / 2)
    }

    /// The numbers of each blow, and beneath them those of the session.
    private func drawTable(on drawing: inout Drawing) {
        let table = TextTable(
            columns: [.init(name: "blow", width: 16, anchor: .start)]
                + Self.valueNames.map { .init(name: $0, width: 22) }
                + [.init(name: "  verdict", width: 98, anchor: .start)],
            rows: blows.map { blow in
                ["\(blow.number)\(blow.isBest ? " best" : "")"]
                    + (blow.values + Array(repeating: "–", count: 6)).prefix(6)
                    + ["  \(Self.shortened(blow.verdict))"]
            }, bold: Set(blows.indices.filter { blows[$0].isBest }))
        table.draw(
            on: &drawing, at: .init(Self.margin + 6, Self.tableTop), colours: blows.indices.map { colour($0) })
        let top = Self.tableTop + table.height + 3
        Summary(entries: summary).draw(on: &drawing, at: .init(Self.margin, top))
        if let hint {
            drawing.text(hint, at: .init(Self.margin, drawing.heightMillimetres - 4), size: 3.2)
        }
    }

    /// What one line of the table holds.
    private static let verdictLettersMax = 64

    private static func shortened(_ words: String) -> String {
        words.count <= verdictLettersMax ? words : "\(words.prefix(verdictLettersMax - 1))…"
    }
}
