import Vitals

/// A drawing in millimetres of paper, put together as SVG text.
///
/// Colours and strokes stand in the elements themselves, so that the drawing looks the same in a browser, in a
/// document and on paper. Numbers have two decimals: a hundredth of a millimetre.
public struct Drawing: Sendable {
    public let widthMillimetres: Double
    public let heightMillimetres: Double
    private var body = ""

    public init(widthMillimetres: Double, heightMillimetres: Double) {
        self.widthMillimetres = widthMillimetres
        self.heightMillimetres = heightMillimetres
    }

    /// A place on the paper, from its upper left corner.
    public struct Point: Hashable, Sendable {
        public var x: Double
        public var y: Double

        public init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A rectangle of the paper.
    public struct Frame: Hashable, Sendable {
        public var x: Double
        public var y: Double
        public var width: Double
        public var height: Double

        public init(x: Double, y: Double, width: Double, height: Double) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
        }

        public var right: Double { x + width }
        public var bottom: Double { y + height }
    }

    /// How a line is drawn.
    public struct Pen: Hashable, Sendable {
        public var colour: String
        public var width: Double
        /// Lengths of stroke and gap; empty: unbroken.
        public var dashes: [Double]

        public init(_ colour: String, _ width: Double, dashes: [Double] = []) {
            self.colour = colour
            self.width = width
            self.dashes = dashes
        }
    }

    /// Where a text stands relative to its place.
    public enum Anchor: String, Hashable, Sendable { case start, middle, end }

    public mutating func line(from start: Point, to end: Point, _ pen: Pen) {
        body += "<line x1=\"\(Self.text(start.x))\" y1=\"\(Self.text(start.y))\" x2=\"\(Self.text(end.x))\""
        body += " y2=\"\(Self.text(end.y))\"\(Self.stroke(pen))/>\n"
    }

    public mutating func rectangle(_ frame: Frame, fill: String = "none", pen: Pen? = nil) {
        body += "<rect x=\"\(Self.text(frame.x))\" y=\"\(Self.text(frame.y))\" width=\"\(Self.text(frame.width))\""
        body += " height=\"\(Self.text(frame.height))\" fill=\"\(fill)\"\(pen.map(Self.stroke) ?? "")/>\n"
    }

    public mutating func circle(at centre: Point, radius: Double, fill: String) {
        body += "<circle cx=\"\(Self.text(centre.x))\" cy=\"\(Self.text(centre.y))\" r=\"\(Self.text(radius))\""
        body += " fill=\"\(fill)\"/>\n"
    }

    /// A line through the points; of fewer than two, nothing.
    public mutating func path(_ points: [Point], _ pen: Pen) {
        guard points.count > 1 else { return }
        var text = ""
        for point in points { text += "\(text.isEmpty ? "M" : "L")\(Self.text(point.x)) \(Self.text(point.y))" }
        body += "<path d=\"\(text)\" fill=\"none\"\(Self.stroke(pen)) stroke-linejoin=\"round\"/>\n"
    }

    /// Many straight lines with one pen, as one element: the grid of an ECG.
    public mutating func lines(_ pairs: [(Point, Point)], _ pen: Pen) {
        guard !pairs.isEmpty else { return }
        var text = ""
        for (start, end) in pairs {
            text += "M\(Self.text(start.x)) \(Self.text(start.y))L\(Self.text(end.x)) \(Self.text(end.y))"
        }
        body += "<path d=\"\(text)\" fill=\"none\"\(Self.stroke(pen))/>\n"
    }

    /// - Parameter size: the height of the letters' line, in millimetres.
    public mutating func text(
        _ words: String, at place: Point, size: Double = 3, anchor: Anchor = .start, colour: String = Palette.ink,
        isBold: Bool = false, isUpright: Bool = true
    ) {
        let turn = isUpright ? "" : " transform=\"rotate(-90 \(Self.text(place.x)) \(Self.text(place.y)))\""
        body += "<text x=\"\(Self.text(place.x))\" y=\"\(Self.text(place.y))\" font-size=\"\(Self.text(size))\""
        body +=
            " text-anchor=\"\(anchor.rawValue)\" fill=\"\(colour)\"\(isBold ? " font-weight=\"bold\"" : "")\(turn)>"
        body += "\(Self.escaped(words))</text>\n"
    }

    /// The whole of it as a file of its own, with a title for those who cannot see it.
    public func svg(title: String) -> String {
        let width = Self.text(widthMillimetres)
        let height = Self.text(heightMillimetres)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)mm" height="\(height)mm" \
            viewBox="0 0 \(width) \(height)" role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
            <title>\(Self.escaped(title))</title>
            <rect width="\(width)" height="\(height)" fill="#ffffff"/>
            \(body)</svg>

            """
    }

    /// Letters that mean something to XML are written as what they are.
    public static func escaped(_ words: String) -> String {
        var text = ""
        for scalar in words.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            // XML knows no other control characters.
            case "\u{0}" ... "\u{8}", "\u{B}", "\u{C}", "\u{E}" ... "\u{1F}": text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func stroke(_ pen: Pen) -> String {
        let dashes =
            pen.dashes.isEmpty ? "" : " stroke-dasharray=\"\(pen.dashes.map(text).joined(separator: " "))\""
        return " stroke=\"\(pen.colour)\" stroke-width=\"\(text(pen.width))\"\(dashes)"
    }

    private static func text(_ number: Double) -> String {
        decimal(number.isFinite ? min(max(number, -1e6), 1e6) : 0, fractionDigits: 2)
    }
}

/// The colours of all drawings: told apart in grey print and by those who cannot tell red from green.
public enum Palette {
    public static let ink = "#1a1a1a"
    public static let faint = "#6b6b6b"
    public static let rule = "#d9d9d9"
    public static let frame = "#8c8c8c"
    /// Okabe and Ito's colours, in the order in which curves take them.
    public static let curves = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#000000",
    ]
    public static let alarm = "#c1121f"
    public static let shade = "#fbe3d6"
    public static let missing = "#ececec"
    public static let ecgMinor = "#f6d5d5"
    public static let ecgMajor = "#e9a5a5"
}
