/// Which detected beat is which beat of the reference: the walk of WFDB's `bxb`, by the rules of ANSI/AAMI EC57.
///
/// The earlier of the two next marks is paired with the other when they are within the window and no neighbour is
/// nearer; else it is left alone.
enum BeatMatch {
    /// The match window of EC57, 4.3.2.
    static let windowSeconds = 0.150

    /// - Parameters: places of beats in ticks, ascending.
    /// - Returns: indices of pairs, in order; `nil` where a beat has no partner.
    static func pairs(reference: [Int], test: [Int], windowTicks: Int) -> [(reference: Int?, test: Int?)] {
        var pairs: [(reference: Int?, test: Int?)] = []
        pairs.reserveCapacity(max(reference.count, test.count))
        var one = 0
        var two = 0
        while one < reference.count, two < test.count {
            let truth = reference[one]
            let told = test[two]
            let apart = abs(told - truth)
            let isPair: Bool
            if told < truth {
                isPair = apart <= windowTicks && (two + 1 >= test.count || apart <= abs(truth - test[two + 1]))
            } else {
                isPair =
                    apart <= windowTicks && (one + 1 >= reference.count || apart <= abs(told - reference[one + 1]))
            }
            if isPair {
                pairs.append((one, two))
                one += 1
                two += 1
            } else if told < truth {
                pairs.append((nil, two))
                two += 1
            } else {
                pairs.append((one, nil))
                one += 1
            }
        }
        while one < reference.count {
            pairs.append((one, nil))
            one += 1
        }
        while two < test.count {
            pairs.append((nil, two))
            two += 1
        }
        return pairs
    }
}
