import Delivery

/// What the analyses of a home remember beyond one device, one connection and one start of the program.
///
/// Used on the device loop only.
final class AnalysisBook {
    let nights = ToldNights()
    let trends: TrendBook
    let sittings = SittingBook()

    static let prefixes = [ToldNights.prefix, TrendBook.prefix, SittingBook.prefix]

    init(_ settings: AnalysisSettings) { trends = TrendBook(settings.trendsByPatient) }

    func remember(_ keepsakes: [Keepsake]) {
        nights.remember(keepsakes)
        trends.remember(keepsakes)
        sittings.remember(keepsakes)
    }
}
