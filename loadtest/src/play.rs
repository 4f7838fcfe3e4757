//! One run from the beginning to the verdict: everybody connects, the plan is played, what is still unanswered is
//! waited for, and the service's record is read again and held against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tidewatch::demo::{Cast, Evening, Pace, operator};
use tidewatch::scenario::{Heartbeats, MishapKind, Scenario};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::audit::Record;
use crate::book::{Book, read};
use crate::consoles::{self, Seen, Wall};
use crate::dispatcher::Dispatcher;
use crate::failure::Failure;
use crate::figures::{ConsoleFigures, Counts, Floors, Outcome, Stages};
use crate::floor;
use crate::gateway::Gateway;
use crate::heartbeats::{self, Living};
use crate::lines::Lines;
use crate::moment::{Clock, Us};
use crate::phones::{self, Bells};
use crate::plan::{Deed, Plan};
use crate::progress::Progress;
use crate::record;
use crate::service::{Service, Target};

/// Between looking whether something has come about.
const LOOK: Duration = Duration::from_millis(50);

/// Until everybody is connected and on duty.
const CONNECTED: Duration = Duration::from_secs(120);

/// For what is unanswered when the plan is over, and for consoles to come to the end.
const DRAINED: Duration = Duration::from_secs(120);

/// What a run is told.
pub struct Run {
    pub scenario: Arc<Scenario>,
    pub seed: u64,
    /// Cut here.
    pub length: Us,
    pub consoles: usize,
    /// Connections of watches, at most.
    pub connections: usize,
}

/// A service of our own, or somebody else's.
pub enum Subject {
    Own(Box<Service>),
    Elsewhere(Box<Target>),
}

impl Subject {
    pub fn target(&self) -> &Target {
        match self {
            Self::Own(service) => &service.target,
            Self::Elsewhere(target) => target,
        }
    }

    fn kill(&mut self) -> Result<(), Failure> {
        match self {
            Self::Own(service) => service.kill(),
            Self::Elsewhere(_) => {
                Err(Failure::Unusable("only a service that was started with --spawn is killed".into()))
            }
        }
    }

    async fn restart(&mut self) -> Result<(), Failure> {
        match self {
            Self::Own(service) => service.restart().await,
            Self::Elsewhere(_) => Ok(()),
        }
    }
}

/// Everybody who is connected, and what they note.
struct Company {
    clock: Clock,
    book: Arc<Book>,
    wall: Arc<Wall>,
    bells: Arc<Bells>,
    dispatcher: Arc<Dispatcher>,
    /// Ended with the run.
    tasks: JoinSet<()>,
}

impl Run {
    /// Plays it on `subject`, and says what it came to.
    pub async fn on(&self, subject: &mut Subject, progress: &Progress) -> Result<Outcome, Failure> {
        self.play_through(Plan::of(&self.scenario, self.seed, self.length), subject, progress).await
    }

    /// The same with a plan of one's own in place of the scenario's arrivals.
    pub async fn play_through(
        &self,
        mut plan: Plan,
        subject: &mut Subject,
        progress: &Progress,
    ) -> Result<Outcome, Failure> {
        let floors = Floors { fdatasync_ms: disk(subject)?, echo_ms: floor::echo().await? };
        let deeds = std::mem::take(&mut plan.deeds);
        progress.phase("everybody connects");
        let (mut company, start) = self.gather(subject.target(), plan).await?;
        progress.count(&company.book);
        if let Some(heartbeats) = self.scenario.heartbeats {
            company.begin(heartbeats);
        }
        let behind = self.play(&company, subject, deeds).await?;
        progress.phase("what is unanswered is waited for");
        until(DRAINED, async || company.book.unanswered() == 0).await;
        progress.phase("the record is read again");
        self.judge(company, subject, start, floors, behind).await
    }

    async fn gather(&self, target: &Target, plan: Plan) -> Result<(Company, BTreeMap<String, u64>), Failure> {
        let (clock, mut tasks) = (Clock::start(), JoinSet::new());
        let book = Arc::new(Book::of(plan.entries));
        let codes: Vec<String> = self.scenario.population.districts().iter().map(ToString::to_string).collect();
        let evening = self.evening(target);
        let bells = phones::open(&evening, clock, &mut tasks);
        let wall = consoles::open(self.consoles, target.http, &target.console, &codes, clock, &mut tasks);
        let (watches, a_line) = (plan.watches.len(), self.watches_a_line(plan.watches.len()));
        let lines = Arc::new(Lines::open(watches, a_line, target.watch, &book, clock, &mut tasks));
        let gateway = Gateway::new(target.http, &target.keys.gateway, &book, clock)?;
        let phones = target.keys.responders.len();
        let everybody = async || {
            read(&wall.looking) >= self.consoles as u64
                && read(&book.lines) >= lines.count() as u64
                && on_duty(&gateway, target).await >= phones
        };
        if !until(CONNECTED, everybody).await {
            return Err(Failure::Check(format!(
                "{} of {} consoles, {} of {} watches' connections and {} of {phones} responders are there after {} s, \
                 expected all",
                read(&wall.looking),
                self.consoles,
                read(&book.lines),
                lines.count(),
                on_duty(&gateway, target).await,
                CONNECTED.as_secs()
            )));
        }
        tasks.spawn(operator::run(Arc::new(evening)));
        let start = record::heads(target, &codes).await?;
        let dispatcher = Arc::new(Dispatcher {
            lines,
            living: Arc::new(Living::of(&plan.watches[..plan.known], &plan.sensors)),
            watches: plan.watches,
            gateway,
            book: Arc::clone(&book),
            operators: self.scenario.operators.clone(),
            operator: target.keys.evening.0.to_string(),
            run: format!("load-{}-{:x}", self.seed, std::process::id()),
            seed: self.seed,
            clock,
        });
        Ok((Company { clock, book, wall, bells, dispatcher, tasks }, start))
    }

    /// What the demo's actors need to know; nobody's button is kept for a visitor.
    fn evening(&self, target: &Target) -> Evening {
        Evening {
            http: target.http,
            watch: target.watch,
            keys: target.keys.clone(),
            cast: Cast { visitor: None, ..Cast::of(&self.scenario.population) },
            scenario: Arc::clone(&self.scenario),
            seed: self.seed,
            pace: Pace::new(1),
            silent: Arc::new(Mutex::new(BTreeSet::new())),
        }
    }

    /// As the scenario has it, and so many that there are not more connections than there may be.
    fn watches_a_line(&self, watches: usize) -> usize {
        let wanted = self.scenario.heartbeats.map_or(1, |it| it.watches_a_line);
        usize::try_from(wanted).unwrap_or(usize::MAX).max(watches.div_ceil(self.connections.max(1)))
    }

    fn heartbeats_from(&self) -> Option<Us> {
        self.scenario.heartbeats.map(|it| it.from_ms * 1000)
    }

    /// The plan, with what the scenario has go wrong. How late the latest deed was.
    async fn play(&self, company: &Company, subject: &mut Subject, deeds: Vec<Deed>) -> Result<Us, Failure> {
        let start = company.clock.now();
        company.book.begin(start);
        let playing = tokio::spawn(Arc::clone(&company.dispatcher).play(start, deeds));
        for mishap in self.scenario.mishaps.iter().filter(|it| it.at_ms * 1000 < self.length) {
            if let MishapKind::Kill { down_ms } = mishap.what {
                company.clock.until(start + mishap.at_ms * 1000).await;
                subject.kill()?;
                sleep(Duration::from_millis(down_ms)).await;
                subject.restart().await?;
            }
        }
        company.clock.until(start + self.length).await;
        playing.await.map_err(Failure::unusable)
    }

    async fn judge(
        &self,
        mut company: Company,
        subject: &mut Subject,
        start: BTreeMap<String, u64>,
        floors: Floors,
        behind: Us,
    ) -> Result<Outcome, Failure> {
        let target = subject.target().clone();
        let (code, from) = start.first_key_value().ok_or_else(|| Failure::unusable("a world without a district"))?;
        let codes = [code.clone()];
        let head = record::heads(&target, &codes).await?[code];
        until(DRAINED, async || company.wall.least(code) >= head).await;
        let (used, restarts) = match subject {
            Subject::Own(service) => (service.used(), service.restarts),
            Subject::Elsewhere(_) => (None, 0),
        };
        company.tasks.shutdown().await;
        let empty = Record::after(*from, target.keys.responders.len());
        let record = record::read(&target, code, *from, head, empty).await?;
        let seen: Vec<Seen> = company.wall.of(code);
        let bells = company.bells.first.lock().expect("nothing panics while it holds the bells").clone();
        let played = company.book.start()..company.book.start() + self.length;
        Ok(Outcome {
            findings: record.hold_against(&company.book),
            stages: Stages::of(&company.book, &record, &bells, &seen, self.heartbeats_from()),
            consoles: ConsoleFigures::of(&company.wall, &seen, head, played),
            counts: Counts::of(&company.book, restarts, behind),
            record,
            floors,
            used,
        })
    }
}

impl Company {
    fn begin(&mut self, heartbeats: Heartbeats) {
        let all = &self.dispatcher;
        let (living, lines, gateway) = (Arc::clone(&all.living), Arc::clone(&all.lines), all.gateway.clone());
        let (clock, from) = (self.clock, self.clock.now() + heartbeats.from_ms * 1000);
        self.tasks.spawn(async move {
            clock.until(from).await;
            heartbeats::run(living, heartbeats.every_ms * 1000, lines, gateway, clock).await;
        });
    }
}

fn disk(subject: &Subject) -> Result<Option<floor::Floor>, Failure> {
    match subject {
        Subject::Own(service) => floor::fdatasync(&service.folder).map(Some),
        Subject::Elsewhere(_) => Ok(None),
    }
}

async fn on_duty(gateway: &Gateway, target: &Target) -> usize {
    let answer = gateway.get("/api/v1/responders", &target.console).await.unwrap_or_default();
    let all = answer["responders"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter(|it| it["duty"] == json!(true)).count()
}

/// Whether it came about in time.
pub async fn until(most: Duration, mut came: impl AsyncFnMut() -> bool) -> bool {
    let end = Instant::now() + most;
    loop {
        if came().await {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        sleep(LOOK).await;
    }
}
