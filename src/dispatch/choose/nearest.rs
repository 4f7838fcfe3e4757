//! Nearest: the first to arrive, one incident at a time; then fewer jobs today, then id.

use crate::dispatch::rank::RANKED_KEPT;
use crate::dispatch::state::Incident;

use super::{Choices, Choose, Chosen, Pick, Question};

pub struct Nearest;

impl Choose for Nearest {
    fn choose(&self, question: &Question<'_>, waiting: &[&Incident]) -> Choices {
        waiting.iter().filter_map(|it| first(question, it, it.room_to_ask())).collect()
    }
}

/// The first `wanted` by rank; `None` where there is nobody.
pub fn first(question: &Question<'_>, incident: &Incident, wanted: usize) -> Option<Chosen> {
    let ranked = question.search(incident).ranked(wanted.max(RANKED_KEPT));
    let picks: Vec<Pick> = ranked.iter().take(wanted).map(|it| Pick { candidate: it.clone(), why: None }).collect();
    (!picks.is_empty()).then_some(Chosen { incident: incident.id, ranked, picks, together: None })
}
