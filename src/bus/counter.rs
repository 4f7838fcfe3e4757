//! The owner's end of the bus: takes what gateways ask of its districts, in order, and answers once it is committed. An
//! entry is deleted when it is answered, so whoever owns the district next begins with what is left. Decides nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::pipe;
use tokio::sync::mpsc;
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::crowd::Crowd;
use super::keys;
use super::line::Line;
use super::seal::Sealer;
use super::switchboard::{FIRST, read, unavailable};
use super::url::BusUrl;
use super::wire::{Answered, FIELD, Heard, Moved, Number, Parcel, Present, Said, open, seal};
use crate::clock::Clock;
use crate::domain::{DistrictCode, Fix};
use crate::engine::{Handle, Hint};

/// Answers that may wait to be told: as many as there is room in the lanes of some districts.
const ANSWERS_MAX: usize = 131_072;

/// Answers told in one go.
const AT_ONCE: usize = 512;

/// Answers kept for a gateway that does not read: it asks again.
const ANSWERS_KEPT: usize = 16_384;

/// Between two looks at who is connected to which gateway.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Entries older than this are of nobody who still waits; forgotten in so many looks.
const FORGET_AFTER_MS: i64 = 120_000;
const FORGET_EVERY: u32 = 10;

struct Answer {
    gateway: String,
    district: DistrictCode,
    entry: String,
    answered: Answered,
}

/// One district that is owned here, and how far its streams were read.
struct Seat {
    handle: Handle,
    crowd: Crowd,
    asked: String,
    moved: String,
    heard: String,
}

pub struct Counter {
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    line: Line,
    seats: Mutex<BTreeMap<DistrictCode, Seat>>,
    answers: mpsc::Sender<Answer>,
    /// Answers on their way to the bus.
    untold: Arc<AtomicUsize>,
}

impl Counter {
    pub fn start(
        url: &BusUrl,
        (sealer, clock): (Arc<Sealer>, Arc<dyn Clock>),
        (tasks, stop): (&TaskTracker, &CancellationToken),
    ) -> Arc<Self> {
        let (answers, taken) = mpsc::channel(ANSWERS_MAX);
        let it = Arc::new(Self {
            sealer,
            clock,
            line: Line::new(url.clone()),
            seats: Mutex::default(),
            answers,
            untold: Arc::default(),
        });
        let works: [std::pin::Pin<Box<dyn Future<Output = ()> + Send>>; 3] = [
            Box::pin(it.clone().take(Line::new(url.clone()))),
            Box::pin(it.clone().tell(taken)),
            Box::pin(it.clone().watch()),
        ];
        for work in works {
            let stop = stop.clone();
            tasks.spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = work => {}
                }
            });
        }
        it
    }

    /// The district is ours from now on. Who is connected, and where responders were last, is known before anything is
    /// asked: an offer that is due must find somebody to ask.
    pub async fn begin(&self, handle: Handle) {
        let district = handle.district();
        let mut crowd = Crowd::default();
        match self.acquaint(district).await {
            Ok((present, places)) => {
                let now_ms = self.clock.now_monotonic_ms();
                present.into_iter().flat_map(|it| crowd.hear(it, now_ms)).for_each(|it| handle.hint(it));
                places.into_iter().for_each(|it| handle.hint(it));
            }
            Err(why) => tracing::warn!(%district, "Who is connected is not known yet: {why}"),
        }
        let seat = Seat { handle, crowd, asked: FIRST.to_owned(), moved: FIRST.to_owned(), heard: FIRST.to_owned() };
        self.seats().insert(district, seat);
    }

    /// The district is another's, or nobody's.
    pub fn end(&self, district: DistrictCode) {
        self.seats().remove(&district);
    }

    /// Whether Redis answered last, of which it is asked every second.
    pub fn hears(&self) -> bool {
        self.line.answers()
    }

    /// Returns once nothing that was answered waits to be told.
    pub async fn told_all(&self) {
        while self.untold.load(Ordering::Relaxed) > 0 {
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn acquaint(&self, district: DistrictCode) -> Result<(Vec<Present>, Vec<Hint>), super::BusError> {
        let (present, places) = (keys::present(district), keys::places(district));
        let mut asked = pipe();
        asked.hgetall(&present).hgetall(&places);
        let (gateways, fixes): (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<u8>>) = self.line.ask(&asked).await?;
        let gateways = gateways.values().filter_map(|it| open(&self.sealer, &present, it)).collect();
        let located = |(responder, sealed): (&String, &Vec<u8>)| {
            let fix: Fix = open(&self.sealer, &places, sealed)?;
            Some(Hint::Located { responder: responder.parse().ok()?, fix })
        };
        Ok((gateways, fixes.iter().filter_map(located).collect()))
    }

    async fn take(self: Arc<Self>, line: Line) {
        loop {
            let (streams, ids) = self.cursors();
            if streams.is_empty() {
                sleep(Duration::from_millis(50)).await;
                continue;
            }
            let Some(reply) = read(&line, &streams, &ids).await else { continue };
            for stream in reply.keys {
                for entry in stream.ids {
                    let sealed: Option<Vec<u8>> = entry.get(FIELD);
                    self.entry(&stream.key, entry.id, &sealed.unwrap_or_default());
                }
            }
        }
    }

    fn cursors(&self) -> (Vec<String>, Vec<String>) {
        let seats = self.seats();
        let each = seats.iter().flat_map(|(district, seat)| {
            [
                (keys::asked(*district), seat.asked.clone()),
                (keys::moved(*district), seat.moved.clone()),
                (keys::heard(*district), seat.heard.clone()),
            ]
        });
        each.unzip()
    }

    fn entry(&self, stream: &str, entry: String, sealed: &[u8]) {
        let mut seats = self.seats();
        let Some((district, seat)) = seats.iter_mut().find(|(district, _)| stream_of(stream, **district)) else {
            return;
        };
        let district = *district;
        if stream == keys::asked(district) {
            seat.asked.clone_from(&entry);
            let Some(parcel) = open(&self.sealer, stream, sealed) else { return };
            let handle = seat.handle.clone();
            match parcel {
                Parcel::Present(present) => {
                    let now_ms = self.clock.now_monotonic_ms();
                    seat.crowd.hear(present, now_ms).into_iter().for_each(|it| handle.hint(it));
                    drop(seats);
                    self.forget(district, entry);
                }
                Parcel::Ask { .. } | Parcel::Look { .. } => {
                    drop(seats);
                    self.asked(&handle, entry, parcel);
                }
            }
        } else if stream == keys::moved(district) {
            seat.moved = entry;
            let moved: Option<Moved> = open(&self.sealer, stream, sealed);
            for (responder, fix) in moved.into_iter().flat_map(|it| it.0) {
                seat.handle.hint(Hint::Located { responder, fix });
            }
        } else {
            seat.heard = entry;
            let heard: Option<Heard> = open(&self.sealer, stream, sealed);
            for (device, sign) in heard.into_iter().flat_map(|it| it.0) {
                match sign.battery_pct {
                    Some(battery_pct) => seat.handle.hint(Hint::BatteryTold(device.clone(), battery_pct)),
                    None => seat.handle.hint(Hint::DeviceHeard(device.clone())),
                }
                if sign.battery_low {
                    seat.handle.hint(Hint::BatteryLow(device));
                }
            }
        }
    }

    fn asked(&self, handle: &Handle, entry: String, parcel: Parcel) {
        let district = handle.district();
        match parcel {
            Parcel::Ask { gateway, number, lane, asked, private, not_after } => {
                let back = self.back(handle, (gateway, number, entry));
                if not_after.is_some_and(|it| it < handle.now()) {
                    return back(Said::Reply(Err(unavailable("it came too late to be done; ask again"))));
                }
                handle.ask_then(lane, asked, private, Box::new(move |verdict| back(Said::Reply(verdict))));
            }
            Parcel::Look { gateway, number, look } => {
                let back = self.back(handle, (gateway, number, entry));
                handle.look_then(look, Box::new(move |seen| back(Said::Seen(seen))));
            }
            Parcel::Present(_) => self.forget(district, entry),
        }
    }

    /// How an answer goes back, with the end of the fold that has it.
    fn back(
        &self,
        handle: &Handle,
        (gateway, number, entry): (String, Number, String),
    ) -> impl FnOnce(Said) + Send + use<> {
        let (answers, untold, handle) = (self.answers.clone(), self.untold.clone(), handle.clone());
        move |said| {
            let (head, now, district) = (handle.read(|state| state.seq), handle.now(), handle.district());
            let answered = Answered { number, said, head, now };
            // Where it finds no room the gateway asks again, and gets the first answer.
            if answers.try_send(Answer { gateway, district, entry, answered }).is_ok() {
                untold.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// An entry to which nobody waits for an answer.
    fn forget(&self, district: DistrictCode, entry: String) {
        let nobody = Answered { number: 0, said: Said::Seen(Err(unavailable(""))), head: 0, now: self.clock.wall() };
        if self.answers.try_send(Answer { gateway: String::new(), district, entry, answered: nobody }).is_ok() {
            self.untold.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn tell(self: Arc<Self>, mut answers: mpsc::Receiver<Answer>) {
        let mut taken = Vec::new();
        while answers.recv_many(&mut taken, AT_ONCE).await > 0 {
            let count = taken.len();
            let mut by_gateway: BTreeMap<String, Vec<Answered>> = BTreeMap::new();
            let mut done: BTreeMap<DistrictCode, Vec<String>> = BTreeMap::new();
            for it in taken.drain(..) {
                done.entry(it.district).or_default().push(it.entry);
                if !it.gateway.is_empty() {
                    by_gateway.entry(it.gateway).or_default().push(it.answered);
                }
            }
            let mut told = pipe();
            for (gateway, answers) in &by_gateway {
                let key = keys::answers(gateway);
                told.cmd("XADD").arg(&key).arg("MAXLEN").arg("~").arg(ANSWERS_KEPT).arg("*");
                told.arg(FIELD).arg(seal(&self.sealer, &key, answers)).ignore();
            }
            for (district, entries) in &done {
                told.cmd("XDEL").arg(keys::asked(*district)).arg(entries).ignore();
            }
            if let Err(why) = self.line.ask::<()>(&told).await {
                tracing::warn!("Answers are not told, gateways will ask again: {why}");
            }
            self.untold.fetch_sub(count, Ordering::Relaxed);
        }
    }

    /// Who is connected where: as gateways keep it, should a parcel of theirs have been lost.
    async fn watch(self: Arc<Self>) {
        let mut every = interval(LOOK_EVERY);
        let mut turns: u32 = 0;
        loop {
            every.tick().await;
            turns = turns.wrapping_add(1);
            let mut time = pipe();
            time.cmd("TIME");
            // Entries are named by Redis's own clock, and no other tells how old they are.
            let now: Option<((i64, i64),)> = self.line.ask(&time).await.ok();
            let now_ms = now.map(|((s, _),)| s * 1_000);
            let districts: Vec<DistrictCode> = self.seats().keys().copied().collect();
            for district in districts {
                self.look_around(district, now_ms.filter(|_| turns.is_multiple_of(FORGET_EVERY))).await;
            }
        }
    }

    /// `now_ms`: where old entries are to be forgotten.
    async fn look_around(&self, district: DistrictCode, now_ms: Option<i64>) {
        let key = keys::present(district);
        let mut asked = pipe();
        asked.hgetall(&key);
        if let Some(now_ms) = now_ms {
            let before = now_ms - FORGET_AFTER_MS;
            asked.cmd("XTRIM").arg(keys::asked(district)).arg("MINID").arg("~").arg(before).ignore();
        }
        let looked: Result<(BTreeMap<String, Vec<u8>>,), _> = self.line.ask(&asked).await;
        let gone = match looked {
            Ok((gateways,)) => self.looked(district, gateways.values().filter_map(|it| open(&self.sealer, &key, it))),
            Err(_) => self.deaf(district),
        };
        if !gone.is_empty() {
            let mut forgotten = pipe();
            forgotten.cmd("HDEL").arg(&key).arg(gone).ignore();
            self.line.ask::<()>(&forgotten).await.ok();
        }
    }

    /// The gateways that are gone.
    fn looked(&self, district: DistrictCode, present: impl Iterator<Item = Present>) -> Vec<String> {
        let now_ms = self.clock.now_monotonic_ms();
        let mut seats = self.seats();
        let Some(seat) = seats.get_mut(&district) else { return Vec::new() };
        let heard: Vec<Hint> = present.flat_map(|it| seat.crowd.hear(it, now_ms)).collect();
        let (swept, gone) = seat.crowd.sweep(now_ms);
        heard.into_iter().chain(swept).for_each(|it| seat.handle.hint(it));
        gone
    }

    /// Nothing is heard of devices and gateways while the bus is away: nobody is called silent, or gone, for it.
    fn deaf(&self, district: DistrictCode) -> Vec<String> {
        if let Some(seat) = self.seats().get_mut(&district) {
            seat.handle.note_deaf();
            seat.crowd.pause(self.clock.now_monotonic_ms());
        }
        Vec::new()
    }

    fn seats(&self) -> MutexGuard<'_, BTreeMap<DistrictCode, Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stream_of(stream: &str, district: DistrictCode) -> bool {
    [keys::asked(district), keys::moved(district), keys::heard(district)].iter().any(|it| it == stream)
}
