//! What no setting alone can tell: whether they hold together.

use super::Fault;
use super::build::targets;
use super::layers::Layers;

/// A shorter one could be found by trying.
const GATEWAY_SECRET_MIN: usize = 32;

/// What no setting alone can tell.
pub(super) fn check_together(layers: &mut Layers) {
    let mut faults = Vec::new();
    let mut fault = |path: &str, found: String, expected: &str, mend: &str| {
        if let Some(place) = layers.place(path) {
            faults.push(Fault { place: place.clone(), found, expected: expected.to_owned(), mend: mend.to_owned() });
        }
    };
    if targets(layers).is_none() {
        let found =
            format!("sla.preset = `{}`, which has no [sla.presets.…] with three targets", layers.text("sla.preset"));
        fault("sla.preset", found, "the name of a preset", "write haining, tsa-qsf or nena-020, or add that preset");
    }
    if !layers.text("bus.url").is_empty() && layers.text("store.url").is_empty() {
        let mend = "give store.url (--store postgres://…) too, or leave the bus out";
        fault("bus.url", "a bus without a store".to_owned(), "a PostgreSQL that all processes share", mend);
    }
    if layers.text("bus.url").is_empty() && layers.text("bus.role") != "all" {
        let found = format!("bus.role = `{}` without a bus", layers.text("bus.role"));
        fault("bus.role", found, "all, where one process does everything", "give bus.url (--bus redis://…) too");
    }
    if layers.whole("offers.deliver_s") > layers.whole("offers.ttl_s") {
        let found = format!("offers.deliver_s = {}", layers.whole("offers.deliver_s"));
        fault("offers.deliver_s", found, "at most offers.ttl_s", "lower it, or raise offers.ttl_s");
    }
    if let Some(text) = layers.iter().find_map(|(path, _)| bad_parallel(layers, path)) {
        fault(
            &text,
            format!("{text} above offers.parallel_max"),
            "at most offers.parallel_max",
            "lower it, or raise the other",
        );
    }
    if !layers.text("gateway.url").is_empty() && layers.text("gateway.secret").len() < GATEWAY_SECRET_MIN {
        fault(
            "gateway.secret",
            "gateway.url without a gateway.secret of 32 letters or more".to_owned(),
            "the secret with which the hook is signed",
            "set TIDEWATCH_GATEWAY_SECRET, or empty gateway.url",
        );
    }
    let known = ["sms", "voice"];
    if let Some(found) = layers.texts("gateway.channels").iter().find(|it| !known.contains(&it.as_str())) {
        fault("gateway.channels", format!("gateway.channels with `{found}`"), "sms, voice or both", "correct it");
    }
    let filter = layers.text("log.filter");
    if let Err(error) = filter.parse::<tracing_subscriber::EnvFilter>() {
        fault(
            "log.filter",
            format!("log.filter that cannot be read ({error})"),
            "directives such as info",
            "correct it",
        );
    }
    if layers.ladder.is_empty() {
        fault("data", "no [[ladder]]".to_owned(), "one rung at least", "add a [[ladder]], or remove `ladder`");
    }
    layers.faults.extend(faults);
}

fn bad_parallel(layers: &Layers, path: &str) -> Option<String> {
    let is_one = path.starts_with("plans.") && path.ends_with(".parallel");
    (is_one && layers.whole(path) > layers.whole("offers.parallel_max")).then(|| path.to_owned())
}
