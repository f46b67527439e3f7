/// The shortest decimal that is right to `fractionDigits` places: `98`, `97.5`, `-0.02`.
///
/// - Parameter fractionDigits: 0–6.
public func decimal(_ value: Double, fractionDigits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "-" }
    var scale: Int64 = 1
    for _ in 0 ..< min(max(0, fractionDigits), 6) { scale *= 10 }
    let scaled = Int64((value * Double(scale)).rounded())
    var text = String(scaled.magnitude / UInt64(scale))
    if scale > 1 {
        var fraction = String(scaled.magnitude % UInt64(scale) + UInt64(scale)).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        if !fraction.isEmpty { text += "." + fraction }
    }
    return scaled < 0 ? "-" + text : text
}
