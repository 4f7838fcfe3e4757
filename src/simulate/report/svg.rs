//! Pictures as text: the few shapes that the report draws with. Classes carry the colours; the page has them.

use std::fmt::Write;

/// A picture of a width and height of its own units; the page scales it.
#[derive(Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// `label` is what is read out to whoever does not see it.
    pub fn new(width: f64, height: f64, label: &str) -> Self {
        Self { width, height, body: format!("<title>{}</title>", escaped(label)) }
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.put(&format!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
    }

    pub fn rect(&mut self, class: &str, at: (f64, f64), size: (f64, f64)) {
        let ((x, y), (width, height)) = (at, (size.0.max(0.0), size.1.max(0.0)));
        self.put(&format!(r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#));
    }

    pub fn circle(&mut self, class: &str, at: (f64, f64), radius: f64) {
        let (x, y) = at;
        self.put(&format!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius:.1}"/>"#));
    }

    pub fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        self.put(&format!(r#"<polyline class="{class}" points="{}"/>"#, listed(points)));
    }

    /// `opacity` from 0 to 1; `tip` is shown where somebody points.
    pub fn shape(&mut self, class: &str, points: &[(f64, f64)], opacity: f64, tip: &str) {
        let (points, tip) = (listed(points), escaped(tip));
        self.put(&format!(
            r#"<polygon class="{class}" fill-opacity="{opacity:.2}" points="{points}"><title>{tip}</title></polygon>"#
        ));
    }

    /// `anchor`: start, middle or end.
    pub fn text(&mut self, class: &str, anchor: &str, at: (f64, f64), text: &str) {
        let (x, y) = at;
        let text = escaped(text);
        self.put(&format!(r#"<text class="{class}" text-anchor="{anchor}" x="{x:.1}" y="{y:.1}">{text}</text>"#));
    }

    pub fn done(self) -> String {
        let Self { width, height, body } = self;
        format!(r#"<svg viewBox="0 0 {width:.0} {height:.0}" role="img">{body}</svg>"#)
    }

    fn put(&mut self, shape: &str) {
        self.body.push_str(shape);
    }
}

/// Text as it may stand between tags and in quotes.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

fn listed(points: &[(f64, f64)]) -> String {
    let mut list = String::new();
    for (x, y) in points {
        write!(list, "{x:.1},{y:.1} ").expect("a string takes all");
    }
    list
}

/// A round step that parts `span` into at most `most` parts.
pub fn step(span: f64, most: usize) -> f64 {
    let rough = (span / most.max(1) as f64).max(1e-9);
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * power).find(|it| *it >= rough).unwrap_or(10.0 * power)
}
