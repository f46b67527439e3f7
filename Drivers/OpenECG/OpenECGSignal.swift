import Vitals

/// What the numbers of the samples mean: the header of the open ECG format.
///
///     0      version, 1                       8      battery in percent, FF: not known
///     1      leads, 1–8                       9…     each lead's code, none twice
///     2–3    samples in a second              then   model, serial number, firmware, each behind its length
///     4–7    nanovolts in one count
struct OpenECGSignal: Hashable, Sendable {
    var leads: [Metric]
    var samplesPerSecond: Int
    /// Millivolts in one count.
    var scale: Double

    static let version: UInt8 = 1
    static let leadsMax = 8
    /// What a diagnostic or a monitoring ECG is sampled with.
    static let rates = 125 ... 1000
    /// One count of 24 bits is below a nanovolt on no board; above 100 µV nothing would be left of an ECG.
    static let nanovoltsInOneCount: ClosedRange<UInt32> = 1 ... 100_000
    static let batteryPlace = 8
    static let leadsPlace = 9

    /// By its code.
    static let metrics: [Metric] = [
        .ecgLead, .ecgLeadI, .ecgLeadII, .ecgLeadIII, .ecgLeadAVR, .ecgLeadAVL, .ecgLeadAVF, .ecgLeadV1, .ecgLeadV2,
        .ecgLeadV3, .ecgLeadV4, .ecgLeadV5, .ecgLeadV6,
    ]

    /// `nil`: something in it cannot be.
    init?(_ packet: OpenECGPacket) {
        let count = Int(packet[1])
        guard packet[0] == Self.version, (1 ... Self.leadsMax).contains(count),
            packet.count >= Self.leadsPlace + count, Self.rates.contains(packet.number16(2)),
            Self.nanovoltsInOneCount.contains(packet.number32(4))
        else { return nil }
        leads = (0 ..< count).compactMap { lead in
            let code = Int(packet[Self.leadsPlace + lead])
            return code < Self.metrics.count ? Self.metrics[code] : nil
        }
        guard leads.count == count, Set(leads).count == count else { return nil }
        samplesPerSecond = packet.number16(2)
        scale = Double(packet.number32(4)) / 1_000_000
    }
}
