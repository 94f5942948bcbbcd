//! A chart of horizontal bars as SVG, written by hand.

use std::fmt::Write;

const ROW: usize = 26;
const BAR: usize = 16;
const TOP: usize = 44;
const LABELS: usize = 220;
const BARS: usize = 420;
const VALUES: usize = 200;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What stands before it.
    pub label: String,
    /// How long it is.
    pub value: f64,
    /// What stands behind it.
    pub note: String,
    /// Whether a wider gap stands above it: another group begins.
    pub first: bool,
}

/// Draws the bars, each group against its own longest.
#[must_use]
pub fn svg(title: &str, bars: &[Bar]) -> String {
    let gaps = bars.iter().skip(1).filter(|bar| bar.first).count();
    let height = TOP + (bars.len() + gaps) * ROW + ROW / 2;
    let width = LABELS + BARS + VALUES;
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#222222\">{}</text>",
        escaped(title)
    );
    let (mut y, mut longest) = (TOP, 1.0);
    for (n, bar) in bars.iter().enumerate() {
        if bar.first || n == 0 {
            y += if n == 0 { 0 } else { ROW };
            let group = bars.iter().enumerate().skip(n);
            let group = group.take_while(|(at, bar)| *at == n || !bar.first);
            longest = group
                .map(|(_, bar)| bar.value)
                .fold(f64::MIN_POSITIVE, f64::max);
        }
        let length = (bar.value / longest * BARS as f64).max(0.0);
        let (text_y, label_x) = (y + 13, LABELS - 10);
        let note_x = LABELS as f64 + length + 8.0;
        let colour = if bar.first { "#1f4e79" } else { "#7aa6cf" };
        let _ = writeln!(
            out,
            "<text x=\"{label_x}\" y=\"{text_y}\" text-anchor=\"end\" fill=\"#222222\">{}</text>\n\
             <rect x=\"{LABELS}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\n\
             <text x=\"{note_x:.1}\" y=\"{text_y}\" fill=\"#444444\">{}</text>",
            escaped(&bar.label),
            escaped(&bar.note)
        );
        y += ROW;
    }
    out.push_str("</svg>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_drawn_against_the_longest_of_their_group() {
        let bar = |label: &str, value, first| Bar {
            label: label.to_owned(),
            value,
            note: format!("{value}/s"),
            first,
        };
        let bars = [
            bar("W1", 50.0, true),
            bar("without <a> & b", 100.0, false),
            bar("W3", 4.0, true),
            bar("without c", 1.0, false),
        ];
        let text = svg("Costs", &bars);
        let widths = [210.0, 420.0, 420.0, 105.0];
        for width in widths {
            assert!(
                text.contains(&format!("width=\"{width:.1}\" height=\"16\"")),
                "{text}"
            );
        }
        assert!(text.contains("without &lt;a&gt; &amp; b") && !text.contains("<a>"));
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        assert_eq!(text.matches("<rect").count(), 1 + bars.len());
        assert_eq!(
            text.matches("<text").count(),
            text.matches("</text>").count()
        );
        assert!(svg("Nothing", &[]).contains("</svg>"));
    }
}
