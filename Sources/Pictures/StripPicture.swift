import Vitals

/// A strip of ECG on its grid: 25 mm for a second, 10 mm for a millivolt, as cardiologists read it.
public struct StripPicture: Sendable {
    public var heading: Heading
    public var leads: [Lead]
    public var beats: [Beat]
    /// What was found, with its span.
    public var findings: [Finding]
    public var summary: [(name: String, value: String)]

    /// One lead of the strip.
    public struct Lead: Sendable {
        public var name: String
        public var sampleRateHz: Double
        /// `nil` where nothing was received.
        public var millivolts: [Double?]

        public init(name: String, sampleRateHz: Double, millivolts: [Double?]) {
            self.name = name
            self.sampleRateHz = sampleRateHz > 0 ? min(max(sampleRateHz, 0.01), 100_000) : 1
            self.millivolts = millivolts
        }

        var lengthSeconds: Double { Double(millivolts.count) / sampleRateHz }
    }

    /// A beat: the letter of its class stands above it.
    public struct Beat: Sendable {
        public var seconds: Double
        public var letter: String

        public init(seconds: Double, letter: String) {
            self.seconds = seconds
            self.letter = letter
        }
    }

    /// What was found, in words, and from when to when.
    public struct Finding: Sendable {
        public var startSeconds: Double
        public var endSeconds: Double
        public var words: String

        public init(startSeconds: Double, endSeconds: Double, words: String) {
            self.startSeconds = startSeconds
            self.endSeconds = endSeconds
            self.words = words
        }
    }

    public init(
        heading: Heading, leads: [Lead], beats: [Beat], findings: [Finding],
        summary: [(name: String, value: String)] = []
    ) {
        self.heading = heading
        self.leads = leads
        self.beats = beats
        self.findings = findings
        self.summary = summary
    }

    static let secondMillimetres = 25.0
    static let millivoltMillimetres = 10.0
    static let rowSeconds = 10.0
    static let margin = 12.0
    /// No more rows than a few pages hold.
    public static let rowsMax = 24
    /// A lead gets at least 25 mm and, if it is larger, what it needs up to 60 mm.
    static let leadHeight = 25.0 ... 60.0

    public func drawing() -> Drawing {
        let length = max(1, leads.map(\.lengthSeconds).max() ?? 1)
        let rows = min(Self.rowsMax, Int((min(length, 1e6) / Self.rowSeconds).rounded(.up)))
        let heights = leads.map(height)
        let rowHeight = heights.reduce(0, +) + 10
        let top = 20.0
        var drawing = Drawing(
            widthMillimetres: Self.rowSeconds * Self.secondMillimetres + 27,
            heightMillimetres: top + Double(rows) * rowHeight + Summary(entries: summary).height + 8)
        heading.draw(on: &drawing, margin: Self.margin)
        for row in 0 ..< rows {
            drawRow(
                from: Double(row) * Self.rowSeconds, at: top + Double(row) * rowHeight, heights: heights,
                on: &drawing)
        }
        let bottom = top + Double(rows) * rowHeight
        drawing.text(
            "25 mm/s   10 mm/mV", at: .init(drawing.widthMillimetres - Self.margin, bottom + 2), size: 2.8,
            anchor: .end, colour: Palette.faint)
        Summary(entries: summary).draw(on: &drawing, at: .init(Self.margin, bottom + 7))
        return drawing
    }

    private func spread(_ lead: Lead) -> (low: Double, high: Double) {
        let values = lead.millivolts.compactMap(\.self).filter(\.isFinite)
        guard let low = values.min(), let high = values.max() else { return (-1, 1) }
        return (low, high)
    }

    /// In whole large boxes of 5 mm.
    private func height(_ lead: Lead) -> Double {
        let (low, high) = spread(lead)
        let needed = ((high - low) * Self.millivoltMillimetres / 5).rounded(.up) * 5 + 5
        return min(max(needed, Self.leadHeight.lowerBound), Self.leadHeight.upperBound)
    }

    private func drawRow(from start: Double, at top: Double, heights: [Double], on drawing: inout Drawing) {
        let left = Self.margin
        let width = Self.rowSeconds * Self.secondMillimetres
        let height = heights.reduce(0, +)
        let frame = Drawing.Frame(x: left, y: top + 6, width: width, height: height)
        drawGrid(frame, on: &drawing)
        drawFindings(from: start, frame, on: &drawing)
        var y = frame.y
        for (lead, leadHeight) in zip(leads, heights) {
            let place = Drawing.Frame(x: left, y: y, width: width, height: leadHeight)
            drawLead(lead, from: start, place, on: &drawing)
            y += leadHeight
        }
        for beat in beats where beat.seconds >= start && beat.seconds < start + Self.rowSeconds {
            let x = left + (beat.seconds - start) * Self.secondMillimetres
            let isNormal = beat.letter == "N"
            drawing.text(
                beat.letter, at: .init(x, frame.y - 1), size: 2.6, anchor: .middle,
                colour: isNormal ? Palette.faint : Palette.alarm, isBold: !isNormal)
        }
        for second in 0 ..< Int(Self.rowSeconds) where second % 5 == 0 {
            drawing.text(
                "\(Int(start) + second) s", at: .init(left + Double(second) * 25 + 0.6, frame.bottom + 2.8),
                size: 2.4,
                colour: Palette.faint)
        }
    }

    private func drawGrid(_ frame: Drawing.Frame, on drawing: inout Drawing) {
        var minor: [(Drawing.Point, Drawing.Point)] = []
        var major: [(Drawing.Point, Drawing.Point)] = []
        for step in 0 ... Int(frame.width.rounded()) {
            let x = frame.x + Double(step)
            let pair = (Drawing.Point(x, frame.y), Drawing.Point(x, frame.bottom))
            if step % 5 == 0 { major.append(pair) } else { minor.append(pair) }
        }
        for step in 0 ... Int(frame.height.rounded()) {
            let y = frame.y + Double(step)
            let pair = (Drawing.Point(frame.x, y), Drawing.Point(frame.right, y))
            if step % 5 == 0 { major.append(pair) } else { minor.append(pair) }
        }
        drawing.lines(minor, .init(Palette.ecgMinor, 0.1))
        drawing.lines(major, .init(Palette.ecgMajor, 0.16))
    }

    private func drawFindings(from start: Double, _ frame: Drawing.Frame, on drawing: inout Drawing) {
        var lastWords = -Double.infinity
        for finding in findings {
            let begin = max(finding.startSeconds, start)
            let end = min(finding.endSeconds, start + Self.rowSeconds)
            guard begin < end || finding.startSeconds >= start && begin < start + Self.rowSeconds else { continue }
            let left = frame.x + (begin - start) * Self.secondMillimetres
            let right = frame.x + (end - start) * Self.secondMillimetres
            drawing.line(
                from: .init(left, frame.y), to: .init(max(right, left + 0.8), frame.y), .init(Palette.alarm, 0.9))
            let isContinued = finding.startSeconds < start
            guard left > lastWords else { continue }
            let words = isContinued ? "… \(finding.words)" : finding.words
            let length = Double(words.count) * 1.9
            let isNearEnd = left + length > frame.right
            drawing.text(
                words, at: .init(isNearEnd ? frame.right : left, frame.y - 3.6), size: 2.9,
                anchor: isNearEnd ? .end : .start, colour: Palette.alarm, isBold: true)
            lastWords = left + length
        }
    }

    /// The middle of what the lead shows stands in the middle of its place; what is larger is cut off at its edges.
    private func drawLead(_ lead: Lead, from start: Double, _ place: Drawing.Frame, on drawing: inout Drawing) {
        let (low, high) = spread(lead)
        let middle = (low + high) / 2
        let first = max(0, Int((start * lead.sampleRateHz).rounded()))
        let last = min(lead.millivolts.count, Int(((start + Self.rowSeconds) * lead.sampleRateHz).rounded()))
        let pen = Drawing.Pen(Palette.ink, 0.28)
        var points: [Drawing.Point] = []
        for index in first ..< max(first, last) {
            guard let value = lead.millivolts[index], value.isFinite else {
                drawing.path(points, pen)
                points = []
                continue
            }
            let x = place.x + (Double(index) / lead.sampleRateHz - start) * Self.secondMillimetres
            let y = place.y + place.height / 2 - (value - middle) * Self.millivoltMillimetres
            points.append(.init(x, min(max(y, place.y), place.bottom)))
        }
        drawing.path(points, pen)
        drawing.rectangle(
            .init(x: place.x + 0.6, y: place.y + 1, width: Double(lead.name.count) * 1.9 + 1.4, height: 4),
            fill: "#ffffff")
        drawing.text(lead.name, at: .init(place.x + 1.2, place.y + 4), size: 3, isBold: true)
    }
}
