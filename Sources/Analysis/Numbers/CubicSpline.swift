/// The natural cubic spline through equally spaced values: smooth to the second derivative, and exact at every
/// value.
///
/// The distance of two values is 1. Cubic splines of samples: de Boor, A Practical Guide to Splines, chapter IV.
public enum CubicSpline {
    /// The second derivative at each value; 0 at both ends. Zeros for fewer than three values.
    public static func secondDerivatives(of values: [Double]) -> [Double] {
        let count = values.count
        var second = [Double](repeating: 0, count: count)
        guard count > 2 else { return second }
        // Tridiagonal with 1, 4, 1: the factor of elimination comes to rest at 2 - sqrt(3) after a few rows.
        var factors = [Double](repeating: 0, count: count)
        for index in 1 ..< count - 1 {
            let right = 6 * (values[index - 1] - 2 * values[index] + values[index + 1])
            let factor = 1 / (4 - factors[index - 1])
            factors[index] = factor
            second[index] = (right - second[index - 1]) * factor
        }
        var index = count - 2
        while index > 0 {
            second[index] -= factors[index] * second[index + 1]
            index -= 1
        }
        return second
    }

    /// The value between two neighbours, `fraction` of the way from `a` to `b`.
    public static func value(
        _ a: Double, _ b: Double, second: (a: Double, b: Double), fraction: Double
    ) -> Double {
        let rest = 1 - fraction
        let curve = (rest * rest * rest - rest) * second.a + (fraction * fraction * fraction - fraction) * second.b
        return rest * a + fraction * b + curve / 6
    }

    /// The integral from each value's predecessor, summed up: as many as there are values, the first 0.
    public static func integral(of values: [Double]) -> [Double] {
        let second = secondDerivatives(of: values)
        var sums = [Double](repeating: 0, count: values.count)
        guard values.count > 1 else { return sums }
        for index in 1 ..< values.count {
            let trapezoid = (values[index - 1] + values[index]) / 2
            sums[index] = sums[index - 1] + trapezoid - (second[index - 1] + second[index]) / 24
        }
        return sums
    }

    /// The first derivative at each value.
    public static func slopes(of values: [Double]) -> [Double] {
        let second = secondDerivatives(of: values)
        var slopes = [Double](repeating: 0, count: values.count)
        guard values.count > 1 else { return slopes }
        for index in 0 ..< values.count - 1 {
            slopes[index] = values[index + 1] - values[index] - (2 * second[index] + second[index + 1]) / 6
        }
        let last = values.count - 1
        slopes[last] = values[last] - values[last - 1] + (second[last - 1] + 2 * second[last]) / 6
        return slopes
    }
}
