//! Who is connected, as the owner of a district knows it from the gateways: an engine hears of the first link of a
//! responder and of the last one's end, at whichever gateways they are. Pure: whoever asks brings the time.

use std::collections::BTreeMap;

use super::wire::Present;
use crate::domain::{AccountName, ResponderId};
use crate::engine::Hint;

/// A gateway whose beat stands still for so long is gone, and so are its connections. Their phones and browsers come
/// back through another one within that time.
const GONE_MS: u64 = 8_000;

struct Known {
    present: Present,
    beaten_ms: u64,
}

/// Of one district.
#[derive(Default)]
pub(super) struct Crowd {
    gateways: BTreeMap<String, Known>,
}

impl Crowd {
    /// What a gateway says of itself; what follows from it for the engine.
    pub fn hear(&mut self, present: Present, now_ms: u64) -> Vec<Hint> {
        let before = self.gateways.get(&present.gateway);
        if before.is_some_and(|it| it.present.beat >= present.beat) {
            return Vec::new();
        }
        let nobody = Present::default();
        let hints = changes(before.map_or(&nobody, |it| &it.present), &present);
        self.gateways.insert(present.gateway.clone(), Known { present, beaten_ms: now_ms });
        hints
    }

    /// Nobody can be heard just now: no gateway is taken to be gone for it.
    pub fn pause(&mut self, now_ms: u64) {
        self.gateways.values_mut().for_each(|it| it.beaten_ms = now_ms);
    }

    /// Gateways that are gone take their connections along. Tells which they are, too.
    pub fn sweep(&mut self, now_ms: u64) -> (Vec<Hint>, Vec<String>) {
        let gone: Vec<String> = self
            .gateways
            .iter()
            .filter(|(_, it)| it.beaten_ms + GONE_MS <= now_ms)
            .map(|(gateway, _)| gateway.clone())
            .collect();
        let mut hints = Vec::new();
        for gateway in &gone {
            let known = self.gateways.remove(gateway).expect("it was just listed");
            tracing::warn!(gateway, "A gateway has said nothing for {} s: its links are gone", GONE_MS / 1000);
            hints.extend(changes(&known.present, &Present::default()));
        }
        (hints, gone)
    }
}

/// Openings before closings: whoever has changed their socket was never gone.
fn changes(before: &Present, after: &Present) -> Vec<Hint> {
    let (opened, closed) = counted(&before.links, &after.links);
    let (appeared, left) = counted(&before.consoles, &after.consoles);
    let opened = opened.into_iter().map(|it: ResponderId| Hint::LinkOpened(it));
    let appeared = appeared.into_iter().map(|it: AccountName| Hint::ConsoleOpened(it));
    let closed = closed.into_iter().map(Hint::LinkClosed);
    opened.chain(appeared).chain(closed).chain(left.into_iter().map(Hint::ConsoleClosed)).collect()
}

/// Those of whom there are more, and of whom there are fewer, each as often as that.
fn counted<K: Ord + Clone>(before: &BTreeMap<K, u32>, after: &BTreeMap<K, u32>) -> (Vec<K>, Vec<K>) {
    let more = |from: &BTreeMap<K, u32>, to: &BTreeMap<K, u32>| {
        let each = to.iter().flat_map(|(key, count)| {
            let known = from.get(key).copied().unwrap_or(0);
            std::iter::repeat_n(key.clone(), count.saturating_sub(known) as usize)
        });
        each.collect()
    };
    (more(before, after), more(after, before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present(gateway: &str, beat: u64, links: &[(&str, u32)]) -> Present {
        let links = links.iter().map(|(id, count)| (id.parse().unwrap(), *count)).collect();
        Present { gateway: gateway.to_owned(), beat, links, consoles: BTreeMap::new() }
    }

    fn opened(id: &str) -> Hint {
        Hint::LinkOpened(id.parse().unwrap())
    }

    fn closed(id: &str) -> Hint {
        Hint::LinkClosed(id.parse().unwrap())
    }

    #[test]
    fn what_has_changed_is_told_and_nothing_twice() {
        let mut crowd = Crowd::default();
        assert_eq!(crowd.hear(present("a", 1, &[("R-1", 2)]), 0), [opened("R-1"), opened("R-1")]);
        assert_eq!(crowd.hear(present("a", 1, &[]), 10), [], "an old word, come late");
        assert_eq!(crowd.hear(present("a", 2, &[("R-1", 1), ("R-2", 1)]), 20), [opened("R-2"), closed("R-1")]);
        assert_eq!(crowd.hear(present("a", 3, &[("R-1", 1), ("R-2", 1)]), 30), []);
    }

    #[test]
    fn a_gateway_that_is_gone_takes_its_links_along_and_no_others() {
        let mut crowd = Crowd::default();
        crowd.hear(present("a", 1, &[("R-1", 1)]), 0);
        crowd.hear(present("b", 1, &[("R-1", 1)]), 0);
        crowd.hear(present("b", 2, &[("R-1", 1)]), GONE_MS - 1);
        assert_eq!(crowd.sweep(GONE_MS - 1), (vec![], vec![]));
        let gone = (vec![closed("R-1")], vec!["a".to_owned()]);
        assert_eq!(crowd.sweep(GONE_MS), gone, "the engine counts: R-1 is still at gateway b");
        assert_eq!(crowd.sweep(GONE_MS + 1), (vec![], vec![]));
    }

    #[test]
    fn while_nobody_can_be_heard_nobody_is_gone() {
        let mut crowd = Crowd::default();
        crowd.hear(present("a", 1, &[("R-1", 1)]), 0);
        crowd.pause(GONE_MS);
        assert_eq!(crowd.sweep(GONE_MS + 1), (vec![], vec![]));
    }
}
