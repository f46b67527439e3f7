import ECG
public import WFDB

extension ECGTranscript {
    /// What was found, as an annotation file that WFDB's tools read: beats N S V F Q, changes of rhythm (`+` with
    /// `(N`, `(AFIB`, `(VT`, `(VFL`), and `[` … `]` around ventricular flutter and fibrillation.
    public var annotationFile: AnnotationFile {
        var annotations: [Annotation] = beats.compactMap { told in
            AnnotationCode(symbol: told.beat.beatClass.letter).map {
                Annotation(sample: told.beat.seconds.ticks(sampleRateHz), code: $0)
            }
        }
        for span in spans([.ventricularFibrillation]).list {
            annotations.append(mark(.fibrillationBegin, span.lowerBound))
            annotations.append(mark(.fibrillationEnd, span.upperBound))
        }
        return AnnotationFile(annotations: annotations + rhythms, ticksPerSecond: sampleRateHz)
    }

    private func mark(_ code: AnnotationCode, _ second: Double, _ text: String = "") -> Annotation {
        Annotation(sample: max(0, second.ticks(sampleRateHz)), code: code, text: text)
    }

    /// The gravest that lasts, wherever it changes.
    private var rhythms: [Annotation] {
        let fatal = spans([.ventricularFibrillation])
        let fast = spans([.ventricularTachycardia])
        let irregular = spans([.atrialFibrillation])
        let ends = [fatal, fast, irregular].flatMap { $0.list.flatMap { [$0.lowerBound, $0.upperBound] } }
        var annotations: [Annotation] = []
        var last: String?
        for second in ([0] + ends).sorted() where second < seconds {
            let name =
                fatal.contains(second)
                ? "(VFL" : fast.contains(second) ? "(VT" : irregular.contains(second) ? "(AFIB" : "(N"
            if name != last { annotations.append(mark(.rhythm, second, name)) }
            last = name
        }
        return annotations
    }
}
