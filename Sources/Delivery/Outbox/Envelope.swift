/// The members that every message begins with.
enum Envelope {
    /// Before the name of each schema.
    static let version = "homeward/1/"

    /// A draft without a body is an empty payload: it clears what the broker retains for its topic.
    static func payload(
        schema: String, epoch: String, lane: String, seq: Int64, isLive: Bool, body: [UInt8]
    ) -> [UInt8] {
        guard !body.isEmpty else { return [] }
        return JSONText.object { text in
            text.member("schema", version + schema)
            text.member("id", "\(epoch)-\(lane)-\(seq)")
            text.member("epoch", epoch)
            text.member("lane", lane)
            text.member("seq", seq)
            text.member("delivery", isLive ? "live" : "backfill")
            text.members(body)
        }
    }

    /// 16 hexadecimal digits.
    static func randomName(using random: inout some RandomNumberGenerator) -> String {
        let digits = String(UInt64.random(in: 0 ... .max, using: &random), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
