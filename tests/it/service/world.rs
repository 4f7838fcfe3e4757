//! Small invented worlds.

use std::fmt::Write;

pub const DISTRICT: &str = "990101";
pub const OTHER: &str = "990102";

/// A district with so many homes (each with one person, a watch and a bracelet) and responders close by.
pub fn world(district: &str, homes: usize, responders: usize) -> String {
    let mut text = format!("[[district]]\ncode = \"{district}\"\nname = \"潮头{district}\"\nhotline = \"967890\"\n");
    (0..homes).for_each(|n| home(&mut text, district, n));
    (0..responders).for_each(|n| responder(&mut text, district, n));
    text
}

fn home(text: &mut String, district: &str, n: usize) {
    let (lat, lon) = (30.5 + 0.001 * (n % 40) as f64, 120.6 + 0.001 * (n / 40) as f64);
    let (watch, bracelet) = (watch_of(district, n), bracelet_of(district, n));
    write!(
        text,
        r#"
[[premises]]
id = "P-{district}-{n}"
district = "{district}"
class = "urban"
address = "潮头街{n}号"
lat = {lat:.4}
lon = {lon:.4}
[[subject]]
id = "S-{district}-{n}"
premises = "P-{district}-{n}"
name = "试甲{n}"
phones = ["+86990{district}{n:04}"]
[[device]]
id = "W-{district}-{n}"
subject = "S-{district}-{n}"
protocol = "watch"
identity = "{watch}"
[[device]]
id = "B-{district}-{n}"
subject = "S-{district}-{n}"
protocol = "http"
identity = "{bracelet}"
"#
    )
    .unwrap();
}

fn responder(text: &mut String, district: &str, n: usize) {
    let (lat, lon) = (30.5 + 0.0011 * n as f64, 120.6005);
    write!(
        text,
        r#"
[[responder]]
id = "{}"
district = "{district}"
name = "护理乙{n}"
phone = "+86991{district}{n:04}"
tier = "staff"
travel = "ebike"
base_lat = {lat:.4}
base_lon = {lon:.4}
"#,
        responder_of(district, n)
    )
    .unwrap();
}

/// What the watch of the nth home says on the wire.
pub fn watch_of(district: &str, n: usize) -> String {
    format!("{district}{n:04}")
}

/// The identity of the bracelet of the nth home.
pub fn bracelet_of(district: &str, n: usize) -> String {
    format!("bracelet-{district}-{n}")
}

/// `PROTOCOL:IDENTITY` of that bracelet.
pub fn bracelet(district: &str, n: usize) -> String {
    format!("http:{}", bracelet_of(district, n))
}

pub fn responder_of(district: &str, n: usize) -> String {
    format!("R-{district}-{n}")
}
