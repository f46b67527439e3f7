import Numbers

/// From what a spirometer measures to body temperature, ambient pressure, saturated with water vapour (BTPS).
///
/// ATS/ERS 2019 (Graham et al., doi 10.1164/rccm.201908-1590ST), section "BTPS correction": all values are BTPS,
/// and what is breathed in and what is breathed out have factors of their own.
public struct BTPS: Hashable, Sendable {
    public var ambientCelsius: Double
    /// Barometric pressure.
    public var ambientMillimetresOfMercury: Double
    /// Relative humidity of the room, 0–100 %.
    public var relativeHumidityPercent: Double

    static let bodyCelsius = 37.0
    /// Water vapour in saturated air of 37 °C.
    static let bodyVapourMillimetresOfMercury = 47.07
    static let absoluteZeroCelsius = -273.15
    /// Where spirometry may be done: ATS/ERS 2019 asks for 17 to 40 °C; the factor holds a little beyond it.
    public static let temperatures = 5.0 ... 45.0
    /// From the highest villages to the deepest valleys.
    public static let pressures = 400.0 ... 820.0

    public init?(
        ambientCelsius: Double, ambientMillimetresOfMercury: Double = 760, relativeHumidityPercent: Double = 50
    ) {
        guard Self.temperatures.contains(ambientCelsius), Self.pressures.contains(ambientMillimetresOfMercury),
            (0.0 ... 100.0).contains(relativeHumidityPercent)
        else { return nil }
        self.ambientCelsius = ambientCelsius
        self.ambientMillimetresOfMercury = ambientMillimetresOfMercury
        self.relativeHumidityPercent = relativeHumidityPercent
    }

    /// Of water vapour in saturated air, mmHg (Magnus formula, coefficients of Sonntag 1990).
    public static func saturatedVapourMillimetresOfMercury(celsius: Double) -> Double {
        4.584 * Mathematics.exp(17.62 * celsius / (243.12 + celsius))
    }

    /// For room air that is breathed in through the sensor.
    public var inspiredFactor: Double {
        let vapour =
            Self.saturatedVapourMillimetresOfMercury(celsius: ambientCelsius) * relativeHumidityPercent / 100
        return factor(celsius: ambientCelsius, vapour: vapour)
    }

    /// For saturated breath that has cooled down to `sensorCelsius` where it is measured; a heated sensor, or one
    /// at the lips, has 33 to 37 °C.
    public func expiredFactor(sensorCelsius: Double) -> Double {
        let celsius = sensorCelsius.isFinite ? min(max(sensorCelsius, 0), Self.bodyCelsius) : ambientCelsius
        return factor(
            celsius: celsius, vapour: Self.saturatedVapourMillimetresOfMercury(celsius: celsius))
    }

    /// The flow in BTPS: each direction with its factor.
    public func corrected(flow: [Double], sensorCelsius: Double) -> [Double] {
        let (out, into) = (expiredFactor(sensorCelsius: sensorCelsius), inspiredFactor)
        return flow.map { $0 < 0 ? $0 * into : $0 * out }
    }

    private func factor(celsius: Double, vapour: Double) -> Double {
        (ambientMillimetresOfMercury - vapour)
            / (ambientMillimetresOfMercury - Self.bodyVapourMillimetresOfMercury)
            * (Self.bodyCelsius - Self.absoluteZeroCelsius) / (celsius - Self.absoluteZeroCelsius)
    }
}
