/// What the seconds of a night sum up to, without the night itself.
struct SaturationStatistics {
    private(set) var seconds = 0
    private(set) var heldSeconds = 0
    private(set) var gapSeconds = 0
    private(set) var nadir: SaturationHundredths?
    private(set) var below90 = 0
    private(set) var below88 = 0
    private var sum = 0
    private var blockSum = 0
    private var blockCount = 0
    private var blockBefore: Int?
    private var deltaSum = 0
    private var deltaCount = 0

    /// The delta index compares means of so many seconds (Pépin et al. 1991).
    private static let deltaSeconds = 12

    mutating func add(_ value: SaturationHundredths, isHeld: Bool) {
        seconds += 1
        if isHeld { heldSeconds += 1 }
        sum += value
        nadir = min(nadir ?? value, value)
        if value < OximetryParameters.limit90 { below90 += 1 }
        if value < OximetryParameters.limit88 { below88 += 1 }
        blockSum += value
        blockCount += 1
        guard blockCount == Self.deltaSeconds else { return }
        if let blockBefore {
            deltaSum += abs(blockSum - blockBefore)
            deltaCount += 1
        }
        blockBefore = blockSum
        blockSum = 0
        blockCount = 0
    }

    mutating func gap(_ missing: Int) {
        gapSeconds += missing
        blockSum = 0
        blockCount = 0
        blockBefore = nil
    }

    /// %.
    var mean: Double? { seconds > 0 ? Double(sum) / Double(seconds) / 100 : nil }

    var deltaIndex: Double? {
        deltaCount > 0 ? Double(deltaSum) / Double(deltaCount * Self.deltaSeconds) / 100 : nil
    }
}
