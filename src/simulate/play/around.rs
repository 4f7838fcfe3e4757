//! How it stands when an incident is opened: who could come, asked or not. Looked up on the state that the service decides
//! on, for the figures alone.

use std::collections::BTreeSet;

use super::Player;
use super::tally::Around;
use crate::dispatch::rank::Search;
use crate::domain::{IncidentId, ResponderId};

/// Nobody is looked for farther away.
const FAR_S: u64 = 86_400;

impl Player<'_> {
    pub(super) fn look_around(&mut self, incident: IncidentId) {
        let Some(known) = self.service.known() else { return };
        let Some(it) = known.state.incident(incident) else { return };
        let nobody = BTreeSet::new();
        let search = Search::new(&known, it, &nobody, known.state.at);
        let on_duty = |id: &ResponderId| known.state.responder(id).filter(|it| it.duty).map(|_| 0);
        let on_duty = search.nearest_who(1, FAR_S, on_duty);
        // Whoever was asked about this very incident meanwhile was free.
        let asked = it.assignments.first().map(|it| it.eta_s);
        let free = search.ranked(1).first().map(|it| it.eta_s);
        let free_s = asked.into_iter().chain(free).min();
        let around =
            Around { on_duty_ms: on_duty.first().map(|it| it.eta_s * 1000), free_ms: free_s.map(|it| it * 1000) };
        self.tally.stands(incident, around);
    }
}
