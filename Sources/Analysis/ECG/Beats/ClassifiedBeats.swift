/// What a ``BeatClassifier`` has decided since it was last asked.
public struct ClassifiedBeats: Sendable {
    /// Ventricular or normal, as soon as the beat's own signal is there.
    public var provisional: [Beat] = []
    /// The class is settled. In order, each beat once.
    public var final: [Beat] = []
    /// The model inputs beside each beat, where training asks for them.
    package var provisionalFeatures: [[Float]] = []
    package var finalFeatures: [[Float]] = []
    /// The number of the shape that each beat was learnt by, and that it fits in the end.
    package var provisionalClusters: [Int] = []
    package var finalClusters: [Int] = []
    private var collectsFeatures = false

    public init() {}

    package init(collectsFeatures: Bool) { self.collectsFeatures = collectsFeatures }

    /// Forgets what has been read, and keeps the room.
    public mutating func removeAll() {
        provisional.removeAll(keepingCapacity: true)
        final.removeAll(keepingCapacity: true)
        provisionalFeatures.removeAll(keepingCapacity: true)
        finalFeatures.removeAll(keepingCapacity: true)
        provisionalClusters.removeAll(keepingCapacity: true)
        finalClusters.removeAll(keepingCapacity: true)
    }

    mutating func collectProvisional(_ features: BeatFeatures, cluster: Int) {
        guard collectsFeatures else { return }
        provisionalFeatures.append(features.array)
        provisionalClusters.append(cluster)
    }

    mutating func collectFinal(_ features: BeatFeatures, cluster: Int) {
        guard collectsFeatures else { return }
        finalFeatures.append(features.array)
        finalClusters.append(cluster)
    }
}
