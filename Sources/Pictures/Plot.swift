import Vitals

/// A rectangle of the paper with an axis below and one at its left, and the values they stand for.
public struct Plot: Sendable {
    public let frame: Drawing.Frame
    public let x: Axis
    public let y: Axis

    /// The span of values along one side, with round numbers to write beside it.
    public struct Axis: Sendable {
        public let low: Double
        public let high: Double
        public let ticks: [Double]
        public let fractionDigits: Int

        /// Steps of 1, 2, 2.5 or 5 times a power of ten, the finest that give no more than `ticksMax` ticks;
        /// the ends move outwards to a tick.
        public init(covering low: Double, _ high: Double, ticksMax: Int = 8) {
            let low = low.isFinite ? min(max(low, -1e9), 1e9) : 0
            let span = high.isFinite && high > low ? min(high - low, 1e9) : 1
            let step = Self.step(for: span, ticksMax: max(2, ticksMax))
            let first = (low / step.size).rounded(.down)
            let last = ((low + span) / step.size).rounded(.up)
            self.low = first * step.size
            self.high = last * step.size
            ticks = stride(from: first, through: last, by: 1).prefix(64).map { $0 * step.size }
            fractionDigits = step.fractionDigits
        }

        /// Exactly that span, with ticks where the caller wants them.
        public init(from low: Double, to high: Double, ticks: [Double], fractionDigits: Int = 0) {
            self.low = low
            self.high = high > low ? high : low + 1
            self.ticks = ticks
            self.fractionDigits = fractionDigits
        }

        private static func step(for span: Double, ticksMax: Int) -> (size: Double, fractionDigits: Int) {
            var size = 1e-3
            var digits = 3
            while size < 1e9 {
                for (factor, isFractional) in [(1.0, false), (2, false), (2.5, true), (5, false)]
                where span / (size * factor) <= Double(ticksMax - 1) {
                    return (size * factor, max(0, isFractional ? digits + 1 : digits))
                }
                size *= 10
                digits -= 1
            }
            return (span, 0)
        }
    }

    public init(_ frame: Drawing.Frame, x: Axis, y: Axis) {
        self.frame = frame
        self.x = x
        self.y = y
    }

    /// Where a pair of values is on the paper; what is beyond the axes stands at their end.
    public func point(_ xValue: Double, _ yValue: Double) -> Drawing.Point {
        Drawing.Point(horizontal(xValue), vertical(yValue))
    }

    public func horizontal(_ value: Double) -> Double {
        frame.x + frame.width * Self.share(value, x)
    }

    public func vertical(_ value: Double) -> Double {
        frame.bottom - frame.height * Self.share(value, y)
    }

    private static func share(_ value: Double, _ axis: Axis) -> Double {
        guard value.isFinite else { return 0 }
        return min(max((value - axis.low) / (axis.high - axis.low), 0), 1)
    }

    /// Rules, frame, numbers and the names of both axes.
    public func draw(
        on drawing: inout Drawing, xName: String, yName: String, size: Double = 2.6,
        xText: ((Double) -> String)? = nil
    ) {
        for tick in x.ticks where tick >= x.low - 1e-9 && tick <= x.high + 1e-9 {
            let place = horizontal(tick)
            drawing.line(
                from: .init(place, frame.y), to: .init(place, frame.bottom), .init(Palette.rule, 0.15))
            let words = xText?(tick) ?? decimal(tick, fractionDigits: x.fractionDigits)
            drawing.text(words, at: .init(place, frame.bottom + size * 1.3), size: size, anchor: .middle)
        }
        for tick in y.ticks where tick >= y.low - 1e-9 && tick <= y.high + 1e-9 {
            let place = vertical(tick)
            drawing.line(
                from: .init(frame.x, place), to: .init(frame.right, place), .init(Palette.rule, 0.15))
            let words = decimal(tick, fractionDigits: y.fractionDigits)
            drawing.text(words, at: .init(frame.x - 1.2, place + size * 0.35), size: size, anchor: .end)
        }
        drawing.rectangle(frame, pen: .init(Palette.frame, 0.25))
        let middle = frame.x + frame.width / 2
        drawing.text(
            xName, at: .init(middle, frame.bottom + size * 2.8), size: size, anchor: .middle, colour: Palette.faint)
        drawing.text(
            yName, at: .init(frame.x - 9.5, frame.y + frame.height / 2), size: size, anchor: .middle,
            colour: Palette.faint, isUpright: false)
    }
}
