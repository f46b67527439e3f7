import Numbers
import Testing

@Suite struct `A cubic spline` {
    @Test func `goes through its values and bends like a parabola between them`() {
        let values = (0 ..< 41).map { Double(($0 - 20) * ($0 - 20)) }
        let second = CubicSpline.secondDerivatives(of: values)
        let middle = CubicSpline.value(values[20], values[21], second: (second[20], second[21]), fraction: 0.5)
        #expect(abs(middle - 0.25) < 1e-6)
        #expect(abs(second[20] - 2) < 1e-6)
        #expect(CubicSpline.value(3, 7, second: (1, 2), fraction: 0) == 3)
        #expect(CubicSpline.value(3, 7, second: (1, 2), fraction: 1) == 7)
    }

    @Test func `has the integral and the slopes of what it goes through`() {
        // sin(x) in steps of 0.1, whose ends have no curvature.
        let values = (0 ... 31).map { Mathematics.sin(Double($0) * Double.pi / 31) }
        let integral = CubicSpline.integral(of: values)
        #expect(abs((integral.last ?? 0) * Double.pi / 31 - 2) < 1e-6)
        let slopes = CubicSpline.slopes(of: values)
        for (index, slope) in slopes.enumerated() {
            #expect(abs(slope - Mathematics.cos(Double(index) * Double.pi / 31) * Double.pi / 31) < 1e-6)
        }
    }

    @Test func `of few values is straight or nothing`() {
        #expect(CubicSpline.slopes(of: [1, 3]) == [2, 2])
        #expect(CubicSpline.integral(of: [1, 3]) == [0, 2])
        #expect(CubicSpline.integral(of: [5]) == [0] && CubicSpline.slopes(of: []) == [])
    }
}
