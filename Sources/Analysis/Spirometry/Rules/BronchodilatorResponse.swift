/// FEV1 or FVC before and after a bronchodilator.
///
/// ERS/ATS 2022 (Stanojevic et al., doi 10.1183/13993003.01499-2021), on bronchodilator responsiveness: a change
/// of more than 10 % of the predicted value counts, in FEV1 or in FVC. It took the place of 12 % and 200 mL of
/// the first value.
public struct BronchodilatorResponse: Hashable, Sendable {
    /// Litres.
    public let before: Double
    public let after: Double
    public let predicted: Double

    /// Of the predicted value; more than that counts.
    public static let percentOfPredictedMin = 10.0

    /// `nil`: values that cannot be.
    public init?(before: Double, after: Double, predicted: Double) {
        guard before > 0, after > 0, predicted > 0, before.isFinite, after.isFinite, predicted.isFinite else {
            return nil
        }
        self.before = before
        self.after = after
        self.predicted = predicted
    }

    public var litres: Double { after - before }
    public var percentOfPredicted: Double { 100 * (after - before) / predicted }
    public var isSignificant: Bool { percentOfPredicted > Self.percentOfPredictedMin }
}
