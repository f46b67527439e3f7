/// A drawing as a page that a browser shows and prints on one sheet across.
public enum PicturePage {
    public static func html(_ drawing: Drawing, title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Drawing.escaped(title))</title>
        <style>
        @page { size: A4 landscape; margin: 8mm; }
        body { margin: 0 auto; max-width: 297mm; background: #fff; }
        svg { display: block; width: 100%; height: auto; }
        p { font: 10pt sans-serif; color: #444; margin: 2mm 12mm; }
        </style>
        </head>
        <body>
        \(drawing.svg(title: title))\
        <p>Made by Homeward from a session. It supports a clinician's judgement and does not replace it.</p>
        </body>
        </html>

        """
    }
}
