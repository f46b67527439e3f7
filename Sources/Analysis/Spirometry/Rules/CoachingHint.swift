/// What a patient is told before the next blow. A closed vocabulary, each with one sentence; the words that work
/// are those of ATS/ERS 2019, on coaching.
public enum CoachingHint: String, Hashable, Sendable, CaseIterable {
    case begin
    case again
    case enough
    case stop
    case blastAtOnce = "blast-at-once"
    case blowHarder = "blow-harder"
    case doNotWait = "do-not-wait"
    case keepBlowing = "keep-blowing"
    case fillLungs = "fill-lungs"
    case drinkWater = "drink-water"
    case keepThroatOpen = "keep-throat-open"
    case sealLips = "seal-lips"
    case freeMouthpiece = "free-mouthpiece"
    case holdStill = "hold-still"

    /// For the patient.
    public var sentence: String {
        switch self {
        case .begin: "Breathe in as deep as you can, then blow out hard and fast until nothing is left."
        case .again: "That was good. Once more, just like that."
        case .enough: "That was good, and it is enough. Thank you."
        case .stop: "That is enough for today. Please try again another time."
        case .blastAtOnce: "Blast the air out all at once, as hard as you can from the very start."
        case .blowHarder: "Blow harder: put all your strength into the first moment."
        case .doNotWait: "When your lungs are full, do not wait: blow at once."
        case .keepBlowing: "Keep blowing until nothing at all comes out, even when it seems that you are empty."
        case .fillLungs: "Breathe in deeper before you blow, until your lungs are completely full."
        case .drinkWater: "You coughed. Take a sip of water, rest a little, then try again."
        case .keepThroatOpen: "Keep your throat open until the end; do not hold the air back."
        case .sealLips: "Close your lips tightly around the mouthpiece, so that no air escapes beside it."
        case .freeMouthpiece: "Keep tongue and teeth away from the opening of the mouthpiece."
        case .holdStill: "Hold the device still and do not breathe into it until it is ready."
        }
    }

    /// For the fault that matters most; `nil`: there is nothing to be said against it.
    static func hint(for judgement: BlowJudgement) -> CoachingHint? {
        order.first { judgement.faults.contains($0.fault) }?.hint
    }

    /// What spoils most comes first; a hint at a time.
    private static let order: [(fault: BlowFault, hint: CoachingHint)] = [
        (.zeroFlow, .holdStill), (.leak, .sealLips), (.obstruction, .freeMouthpiece),
        (.extrapolatedVolume, .blastAtOnce), (.coughInFirstSecond, .drinkWater),
        (.glotticClosureInFirstSecond, .keepThroatOpen), (.tooShort, .keepBlowing),
        (.inspirationExceeds, .fillLungs),
        (.glotticClosure, .keepThroatOpen), (.noEndOfExpiration, .keepBlowing), (.hesitation, .doNotWait),
        (.submaximal, .blowHarder), (.slowRise, .blastAtOnce), (.coughLater, .drinkWater),
    ]
}
