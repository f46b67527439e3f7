import Numbers
import Testing

@Suite struct `Boosted trees` {
    /// Trained on random numbers by LightGBM, written by `Training/export.py`; so are the scores below.
    static let yesOrNo = BoostedTrees(
        encoded: """
            BQIBAnMWrjwC//4QvdK+AgP7D2UGPwD9/BMfuD8Os6W+rwvbvXa9Gz5Pv2W+bU+iPgUCAQPnt++9Av8Cu0JQvwD+/fC+e78C/Pui
            EbU+2LCYvjHV7rp1eEO+aWBxPaZKgj4FAgEDZabAPQIC/RC90r4B//7sucE/Avz7Yb0WP1Nbcb63RTM88IBTvUzG6z1XzXY+BQIB
            A0DuCr4BAv2j/la/AP/+r2bavgL8+w9lBj8EGr8+bOWOvsT6Rr4VzmQ9FsNRPgUCAQJlpsA9Av/+u0JQvwH9A58GaT8A/Ps0orC+
            QTtdvk11dL1d7Cw+fCPLvkOWiT4FAgEDK6JevgH/Auy5wT8A/v03GFo+Avz71NpNP58PHL6H4ou+o/7+PrN2Mz1gfkc+
            """, featureCount: 5)
    static let threeClasses = BoostedTrees(
        encoded: """
            BAAB/C6tVAUB/wJFkv4+Af79utcIP8T8Kb9SPpm/UL6fv1C+n78EAAECLq1UBQH//kWS/j4B/fxFkv4+WJ51vx762r6aK9q+3Cd1
            vwQB/wFFkv4+AP4CLq1UBQH9/LrXCD9qtgTAarYEwMU0jL9KUYG/BAAB/C6tVAUB/wJFkv4+Af79utcIP5a+hz7joAK+Mu46vq+K
            O74EAAECLq1UBQH//kWS/j4B/fxFkv4+gzJavoNiXT4Z114+Wy9XvgQB/wFFkv4+AP4CLq1UBQH9/LrXCD84Phu+ms0avoWdtD5S
            DMI+
            """, featureCount: 5, outputCount: 3)

    @Test(
        arguments: [
            ([-1.54, 1.11, 0.6, 0.01, 0.63], 0.6644107), ([1.77, 1.81, -0.5, -2.28, -1.46], -0.2595407),
            ([-0.34, -0.92, 0.27, 0.24, -0.46], 0.5946895), ([0.76, 0.41, -0.34, -0.84, 1.03], -0.7558832),
            ([0.44, 0.25, -0.62, -0.16, 0.77], -1.1566223), ([-0.22, -2.37, 1.25, 0.45, 0.52], 1.3810399),
        ] as [([Float], Float)])
    func `score as the program that learnt them does`(_ features: [Float], _ expected: Float) {
        #expect(abs(Self.yesOrNo.score(features) - expected) < 1e-5)
    }

    @Test(
        arguments: [
            ([-1.54, 1.11, 0.6, 0.01, 0.63], [-1.4305447, -0.2114934, -2.2248087]),
            ([1.77, 1.81, -0.5, -2.28, -1.46], [-1.4311416, -1.1677810, -0.6312930]),
        ] as [([Float], [Float])])
    func `score each class with its own trees`(_ features: [Float], _ expected: [Float]) {
        for output in 0 ..< 3 {
            #expect(abs(Self.threeClasses.score(features, output: output) - expected[output]) < 1e-5)
        }
        #expect(Self.threeClasses.treeCount == 6)
    }

    @Test func `give a score for what is no number, too`() {
        let strange: [Float] = [.nan, .infinity, -.infinity, .nan, .greatestFiniteMagnitude]
        #expect(Self.yesOrNo.score(strange).isFinite)
    }

    @Test func `can be a single leaf`() {
        // One leaf, 1.5.
        #expect(BoostedTrees(encoded: "AQAAwD8=", featureCount: 1).score([7]) == 1.5)
    }

    @Test func `turn scores into probabilities`() {
        #expect(BoostedTrees.probability(logOdds: 0) == 0.5)
        #expect(BoostedTrees.probability(logOdds: -200) < 1e-30)
        var scores: [Float] = [1000, 1000, -1000]
        BoostedTrees.makeProbabilities(ofScores: &scores)
        #expect(scores == [0.5, 0.5, 0])
    }
}
