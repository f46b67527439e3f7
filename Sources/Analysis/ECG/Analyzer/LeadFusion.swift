import Vitals

/// Makes one series of beats of what several leads saw: the leading lead decides where its signal is as good as
/// any, the others where theirs is better.
struct LeadFusion: Sendable {
    /// R peaks of one beat lie that close together in all leads, in working samples: 120 ms.
    static let clusterSamples = 24
    /// No heart beats twice in 200 ms.
    static let refractorySamples = 40
    /// What a lead's word counts for by the grade of its signal.
    static let weights: [Double] = [0.1, 0.4, 1]
    /// How fast the distance between the R peaks of two leads is learnt.
    static let offsetShare = 0.1

    private(set) var lastIndex: Int?

    /// The next beat all of whose witnesses have spoken: none of them is to come before `settled`.
    mutating func next(_ leads: inout [LeadChannel], leader: Int, settled: Int) -> Fused? {
        while true {
            let firsts = leads.compactMap { $0.waiting.first?.index }
            guard let earliest = firsts.min(), earliest < settled - Self.clusterSamples else { return nil }
            var witnesses: [(lead: Int, beat: Beat)] = []
            for index in leads.indices {
                guard let beat = leads[index].waiting.first, beat.index - earliest <= Self.clusterSamples else {
                    continue
                }
                witnesses.append((index, beat))
                leads[index].waiting.removeFirst()
            }
            if let last = lastIndex, earliest - last < Self.refractorySamples { continue }
            guard isBelieved(witnesses.map(\.lead), leads, leader: leader, at: earliest) else { continue }
            let fused = join(witnesses, &leads, leader: leader)
            lastIndex = fused.beat.index
            return fused
        }
    }

    /// A beat, and where each lead has it.
    struct Fused {
        var beat: Beat
        var witnesses: [(lead: Int, beat: Beat)]
    }

    private func isBelieved(_ witnesses: [Int], _ leads: [LeadChannel], leader: Int, at index: Int) -> Bool {
        var total = 0.0
        var sum = 0.0
        for lead in leads.indices {
            let weight = Self.weights[leads[lead].grade(at: index).rawValue]
            total += weight
            if witnesses.contains(lead) { sum += weight }
        }
        let isHalf = abs(2 * sum - total) < 1e-9
        return isHalf ? witnesses.contains(leader) : 2 * sum > total
    }

    private func join(_ witnesses: [(lead: Int, beat: Beat)], _ leads: inout [LeadChannel], leader: Int) -> Fused {
        let best =
            witnesses.first { $0.lead == leader }
            ?? witnesses.max {
                leads[$0.lead].grade(at: $0.beat.index) < leads[$1.lead].grade(at: $1.beat.index)
            } ?? witnesses[0]
        let place = Double(best.beat.index) + Double(best.beat.fraction) - leads[best.lead].offset
        for (lead, beat) in witnesses {
            let distance = Double(beat.index) + Double(beat.fraction) - place
            leads[lead].offset += Self.offsetShare * (distance - leads[lead].offset)
        }
        var beat = best.beat
        let whole = place.rounded()
        beat.index = max(0, Int(whole))
        beat.fraction = Float(place - whole)
        beat.score = witnesses.map(\.beat.score).max() ?? beat.score
        return Fused(beat: beat, witnesses: witnesses)
    }
}
