import Numbers
import Testing
import Vitals

@testable import ECG

/// What an array holds on the heap; told by arrays of all types alike.
private protocol Holding {
    var ownBytes: Int { get }
    var contents: [Any] { get }
}

extension Array: Holding {
    fileprivate var ownBytes: Int { capacity == 0 ? 0 : Self.header + capacity * MemoryLayout<Element>.stride }
    fileprivate var contents: [Any] { Element.self is any Numeric.Type ? [] : map { $0 } }
    /// In front of the elements of every array.
    private static var header: Int { 32 }
}

@Suite struct `The state of a lead` {
    /// All arrays inside of a value, at any depth. The weights are all leads' together.
    private func heapBytes(of value: Any) -> Int {
        if value is BoostedTrees { return 0 }
        if let array = value as? any Holding {
            return array.contents.reduce(array.ownBytes) { $0 + heapBytes(of: $1) }
        }
        return Mirror(reflecting: value).children.reduce(0) { $0 + heapBytes(of: $1.value) }
    }

    /// Five minutes of 75 beats a minute, pieces of a quarter of a second.
    private func analyzer(leads: Int, strips: StripSettings?) throws -> ECGAnalyzer {
        let rate = 360.0
        let described = [LeadDescription](
            repeating: LeadDescription(.ecgLeadII, sampleRateHz: rate), count: leads)
        var analyzer = try #require(ECGAnalyzer(leads: described, strips: strips))
        var output = ECGOutput()
        let beat: [Float] = (0 ..< 288).map { place in
            let distance = Float(place - 144) / 6
            return max(0, 1 - distance * distance) + Float(place % 7) * 0.002
        }
        for piece in stride(from: 0, to: 300 * 360, by: 90) {
            let samples = (piece ..< piece + 90).map { beat[$0 % beat.count] }
            for lead in 0 ..< leads { analyzer.append(lead: lead, samples, &output) }
        }
        #expect(output.beats.count > 300)
        return analyzer
    }

    @Test func `is at most 64 KiB`() throws {
        let one = try heapBytes(of: analyzer(leads: 1, strips: nil))
        let five = try heapBytes(of: analyzer(leads: 5, strips: nil))
        let each = (five - one) / 4
        #expect(each > 16 * 1024, "nothing was counted")
        #expect(each <= 64 * 1024, "\(each) bytes")
    }

    @Test func `is kept apart from what strips are cut from`() throws {
        let without = try heapBytes(of: analyzer(leads: 1, strips: nil))
        let with = try heapBytes(of: analyzer(leads: 1, strips: StripSettings()))
        #expect(with - without <= 64 * 1024, "\(with - without) bytes")
    }
}
