//! What somebody reads who starts the demo: where to look, with which secret, and how to press a button.
//! Text only; it goes to stderr, because stdout has the one line that programs read.

use std::net::SocketAddr;

use super::Stage;
use super::cast::watch_of;
use super::watches::{Press, bits, frame};
use crate::domain::{SignalKind, Timestamp};

/// Where the service listens, and what becomes of the folder.
#[derive(Debug, Clone)]
pub struct Doors {
    pub http: SocketAddr,
    pub watch: SocketAddr,
    pub folder: String,
    /// Stays when the demo ends.
    pub kept: bool,
}

pub fn welcome(stage: &Stage, doors: &Doors) -> String {
    let mut text =
        String::from("\n潮安 Tidewatch, a demo: all people, phones, addresses and positions are invented.\n\n");
    let mut line = |what: &str, it: String| text.push_str(&format!("  {what:<12}{it}\n"));
    line("console", format!("http://{}/", doors.http));
    for (name, secret) in [&stage.operator, &stage.supervisor, &stage.ops] {
        line(name.as_str(), format!("account {name}, secret {secret}"));
    }
    if let Some((id, secret)) = stage.keys.responders.first_key_value() {
        line("responder", format!("account {}, secret {secret}", id.as_str().to_lowercase()));
    }
    let kept = if doors.kept { "kept" } else { "removed at the end" };
    line("data", format!("{} ({kept})", doors.folder));
    text.push_str(&press(stage, doors));
    text.push_str(&format!(
        "\nResponders come faster than they would. The account `{}` plays an operator: it answers most alarms and closes\n\
         what is finished; what you claim or open it leaves to you. Ctrl-C ends the evening.\n\n",
        stage.keys.evening.0
    ));
    text
}

/// How to press the visitor's button, where the world has one.
fn press(stage: &Stage, doors: &Doors) -> String {
    let Some((_, home)) = &stage.cast.visitor else { return String::new() };
    let Some(watch) = watch_of(home) else { return String::new() };
    format!(
        "\nPress the button of {} (watch {watch}), which the evening leaves to you; each second is a press of its own:\n\n  {}\n",
        home.subject,
        command(watch, doors.watch)
    )
}

/// The time is written by the shell: the same bytes again would be a retransmission.
fn command(watch: &str, to: SocketAddr) -> String {
    let bits = bits(SignalKind::Sos).unwrap_or_default();
    let press = Press { identity: watch.to_owned(), at: Timestamp::EPOCH, bits, fix: None, battery_pct: 58 };
    let frame = String::from_utf8_lossy(&frame(&press)).replace("010170,000000", "%s");
    format!("printf '{frame}' \"$(date -u +%d%m%y,%H%M%S)\" | nc -w 2 {} {}", to.ip(), to.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::watch::{Ended, Framed, Framer};

    #[test]
    fn the_command_presses_what_a_watch_would() {
        let command = command("8800000015", "127.0.0.1:5093".parse().unwrap());
        assert!(command.ends_with("| nc -w 2 127.0.0.1 5093"), "{command}");
        let frame = command.split('\'').nth(1).unwrap().replace("%s", "211126,193851");
        let mut framer = Framer::default();
        framer.push(frame.as_bytes());
        let Some(Framed::Frame(frame)) = framer.next() else { panic!("no frame in {command}") };
        assert_eq!((frame.id.as_str(), frame.ended), ("8800000015", Ended::AtLength));
    }
}
