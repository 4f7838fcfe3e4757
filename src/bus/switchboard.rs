//! The gateway's end of the bus. What is asked goes to the owner of its district, again until it is answered; answers come
//! back, and are given once the mirror has what they speak of. Who is connected here, and the newest words of responders
//! and devices, go out a few times a second. Decides nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::streams::{StreamReadOptions, StreamReadReply};
use redis::{Pipeline, pipe};
use tokio::sync::{Notify, mpsc};
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::keys;
use super::line::Line;
use super::metrics::{ASKED, SHED};
use super::mirror::Mirror;
use super::pending::{Pending, Waits};
use super::remote::{Image, Remote};
use super::seal::Sealer;
use super::url::BusUrl;
use super::wire::{Answered, FIELD, Heard, Live, Moved, Parcel, Present, Said, Sign, open, seal};
use crate::clock::Clock;
use crate::dispatch::{Asked, State};
use crate::domain::private::PrivateRow;
use crate::domain::{DeviceId, DistrictCode, Fingerprint, Fix, ResponderId, Timestamp};
use crate::engine::supervise::LastHeard;
use crate::engine::{AskError, Give, Handle, Hint, Lane, Look, Show};

/// Parcels on their way out; what is asked waits in `Pending` besides, and is sent again.
const OUTGOING_MAX: usize = 65_536;

/// Parcels sent in one go.
const AT_ONCE: usize = 512;

/// Between two looks at what is to be sent again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Between two tellings of positions, signs of life and who is connected.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Tellings between two beats while nobody comes or goes.
const BEAT_EVERY: u32 = 8;

/// How long a read waits in the server; a district that is added is read of from the next one on, so it is short.
const BLOCK: Duration = Duration::from_millis(100);

/// Beyond that, until a read is given up.
const BLOCK_GRACE: Duration = Duration::from_secs(2);

/// A person is told after so long that nothing was done; then nothing will be.
const PEOPLE_WAIT_MS: u64 = 10_000;

/// A device's word is asked for so long; then the device hears nothing, and says it again.
const DEVICES_WAIT_MS: u64 = 30_000;

/// A list on a screen.
const LOOK_WAIT_MS: u64 = 5_000;

/// Responders whose newest position may wait, and devices whose last sign may; in a quarter of a second.
const MOVED_MAX: usize = 20_000;
const HEARD_MAX: usize = 50_000;

/// Entries kept of what only the newest matters.
const TELEMETRY_KEPT: usize = 256;

/// Before every entry of a stream.
pub(super) const FIRST: &str = "0-0";

/// Seconds after which Redis forgets the answers to a gateway that is gone.
const ANSWERS_KEPT_S: i64 = 60;

/// Where a responder is, for the consoles of this gateway.
pub type OnMoved = Arc<dyn Fn(DistrictCode, &ResponderId, Fix) + Send + Sync>;

/// What waits to be told of a district.
#[derive(Default)]
struct Telling {
    present: Present,
    changed: bool,
    moved: BTreeMap<ResponderId, Fix>,
    heard: BTreeMap<DeviceId, Sign>,
}

pub struct Switchboard {
    gateway: String,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    line: Line,
    pending: Mutex<Pending>,
    outgoing: mpsc::Sender<(DistrictCode, Vec<u8>)>,
    telling: Mutex<BTreeMap<DistrictCode, Telling>>,
    images: Mutex<BTreeMap<DistrictCode, Arc<Image>>>,
    mirror: Mirror,
    came_or_went: Notify,
}

impl Switchboard {
    /// `generation`: of the record, as the mirror reads it.
    pub fn start(
        url: &BusUrl,
        (sealer, clock): (Arc<Sealer>, Arc<dyn Clock>),
        (mirror, generation): (Mirror, String),
        on_moved: OnMoved,
        (tasks, stop): (&TaskTracker, &CancellationToken),
    ) -> Arc<Self> {
        let (outgoing, taken) = mpsc::channel(OUTGOING_MAX);
        let it = Arc::new(Self {
            gateway: format!("{:032x}", rand::random::<u128>()),
            sealer,
            clock,
            line: Line::new(url.clone()),
            pending: Mutex::default(),
            outgoing,
            telling: Mutex::default(),
            images: Mutex::default(),
            mirror,
            came_or_went: Notify::new(),
        });
        let until = |stop: &CancellationToken, work| {
            let stop = stop.clone();
            async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = work => {}
                }
            }
        };
        let boxed: [std::pin::Pin<Box<dyn Future<Output = ()> + Send>>; 5] = [
            Box::pin(it.clone().send(taken)),
            Box::pin(it.clone().send_again()),
            Box::pin(it.clone().tell()),
            Box::pin(it.clone().take_answers(Line::new(url.clone()))),
            Box::pin(it.clone().follow(Line::new(url.clone()), generation, on_moved)),
        ];
        for work in boxed {
            tasks.spawn(until(stop, work));
        }
        it
    }

    /// Takes up a district whose committed fold so far is `state`.
    pub fn join(self: &Arc<Self>, state: State) -> Handle {
        let image = Arc::new(Image::new(state, self.clock.clone()));
        let present = Present { gateway: self.gateway.clone(), ..Present::default() };
        lock(&self.telling).insert(image.district, Telling { present, changed: true, ..Telling::default() });
        lock(&self.images).insert(image.district, image.clone());
        self.mirror.add(image.clone());
        Handle::elsewhere(Arc::new(Remote { image, switchboard: self.clone(), heard: LastHeard::default() }))
    }

    /// The district has another owner, who has heard nothing of what waits, and knows nobody here.
    pub fn owner_changed(&self, district: DistrictCode) {
        lock(&self.pending).hurry(district);
        if let Some(telling) = lock(&self.telling).get_mut(&district) {
            telling.changed = true;
        }
        self.came_or_went.notify_one();
    }

    /// Whether what is asked finds its way; else why not.
    pub(super) fn is_carried(&self) -> Result<(), String> {
        if self.line.answers() { Ok(()) } else { Err("Redis does not answer, expected it to carry alarms".to_owned()) }
    }

    /// Nothing more is asked: whoever still waits is told to ask again.
    pub fn stop(&self) {
        let waiting = lock(&self.pending).all();
        waiting.into_iter().for_each(|it| it.refuse(unavailable("the service is stopping")));
    }

    pub(super) fn ask(
        &self,
        district: DistrictCode,
        now: Timestamp,
        (lane, mut asked, private): (Lane, Asked, Vec<PrivateRow>),
        give: Give,
    ) {
        // Asked twice, because an owner died between its commit and its answer, it gets the first answer.
        asked.request.get_or_insert_with(|| Fingerprint(rand::random()));
        let wait_ms = if lane == Lane::People { PEOPLE_WAIT_MS } else { DEVICES_WAIT_MS };
        let not_after = (lane == Lane::People).then(|| now.after_ms(wait_ms));
        let mut pending = lock(&self.pending);
        if !pending.has_room(district, lane) {
            drop(pending);
            return give(Err(AskError::NoRoom { retry_after_s: lane.retry_after_s() }));
        }
        let (gateway, number) = (self.gateway.clone(), pending.number());
        let parcel = Parcel::Ask { gateway, number, lane, asked, private, not_after };
        let sealed = self.sealed(district, &parcel);
        let now_ms = self.clock.now_monotonic_ms();
        pending.put(
            number,
            (district, Some(lane)),
            sealed.clone(),
            Waits::Reply(give),
            (now_ms.max(1), now_ms + wait_ms),
        );
        // Under the lock, so that what was asked first goes first.
        self.post(district, sealed);
    }

    pub(super) fn look(&self, district: DistrictCode, look: Look, show: Show) {
        let mut pending = lock(&self.pending);
        let (gateway, number) = (self.gateway.clone(), pending.number());
        let sealed = self.sealed(district, &Parcel::Look { gateway, number, look });
        let now_ms = self.clock.now_monotonic_ms();
        let times = (now_ms.max(1), now_ms + LOOK_WAIT_MS);
        pending.put(number, (district, None), sealed.clone(), Waits::Seen(show), times);
        self.post(district, sealed);
    }

    pub(super) fn hint(&self, district: DistrictCode, hint: Hint) {
        let mut all = lock(&self.telling);
        let Some(telling) = all.get_mut(&district) else { return };
        telling.hint(hint);
        if telling.changed {
            self.came_or_went.notify_one();
        }
    }

    fn sealed(&self, district: DistrictCode, parcel: &Parcel) -> Vec<u8> {
        seal(&self.sealer, &keys::asked(district), parcel)
    }

    /// What finds no room here is sent again from `Pending`.
    fn post(&self, district: DistrictCode, sealed: Vec<u8>) {
        metrics::counter!(ASKED, "reason" => "asked").increment(1);
        self.outgoing.try_send((district, sealed)).ok();
    }

    async fn send(self: Arc<Self>, mut outgoing: mpsc::Receiver<(DistrictCode, Vec<u8>)>) {
        let mut taken = Vec::new();
        while outgoing.recv_many(&mut taken, AT_ONCE).await > 0 {
            let mut sent = pipe();
            for (district, sealed) in taken.drain(..) {
                sent.cmd("XADD").arg(keys::asked(district)).arg("*").arg(FIELD).arg(sealed).ignore();
            }
            if let Err(why) = self.line.ask::<()>(&sent).await {
                tracing::warn!("What was asked waits for the bus: {why}");
            }
        }
    }

    async fn send_again(self: Arc<Self>) {
        let mut every = interval(LOOK_EVERY);
        loop {
            every.tick().await;
            let due = lock(&self.pending).due(self.clock.now_monotonic_ms());
            metrics::counter!(ASKED, "reason" => "again").increment(due.again.len() as u64);
            metrics::counter!(ASKED, "reason" => "given_up").increment(due.over.len() as u64);
            for (district, sealed) in due.again {
                self.outgoing.try_send((district, sealed)).ok();
            }
            let why = "the owner of the district did not answer, expected an answer within seconds; ask again";
            due.over.into_iter().for_each(|it| it.refuse(unavailable(why)));
        }
    }

    async fn tell(self: Arc<Self>) {
        let mut every = interval(TELL_EVERY);
        let mut turns: u32 = 0;
        loop {
            tokio::select! {
                _ = every.tick() => turns = turns.wrapping_add(1),
                () = self.came_or_went.notified() => {}
            }
            let told = self.news(turns.is_multiple_of(BEAT_EVERY));
            if !told.is_empty()
                && let Err(why) = self.line.ask::<()>(&told).await
            {
                tracing::warn!("Owners do not hear who is connected here: {why}");
                lock(&self.telling).values_mut().for_each(|it| it.changed = true);
                sleep(TELL_EVERY).await;
            }
        }
    }

    fn news(&self, beat: bool) -> Pipeline {
        let mut told = pipe();
        for (district, telling) in lock(&self.telling).iter_mut() {
            let district = *district;
            if std::mem::take(&mut telling.changed) || beat {
                telling.present.beat += 1;
                let present = telling.present.clone();
                let key = keys::present(district);
                let sealed = seal(&self.sealer, &key, &present);
                told.cmd("HSET").arg(&key).arg(&self.gateway).arg(sealed).ignore();
                self.outgoing.try_send((district, self.sealed(district, &Parcel::Present(present)))).ok();
            }
            if !telling.moved.is_empty() {
                let (key, places) = (keys::moved(district), keys::places(district));
                for (responder, fix) in &telling.moved {
                    let sealed = seal(&self.sealer, &places, fix);
                    told.cmd("HSET").arg(&places).arg(responder.as_str()).arg(sealed).ignore();
                }
                let moved = Moved(std::mem::take(&mut telling.moved).into_iter().collect());
                newest(&mut told, &key, seal(&self.sealer, &key, &moved));
            }
            if !telling.heard.is_empty() {
                let key = keys::heard(district);
                let heard = Heard(std::mem::take(&mut telling.heard).into_iter().collect());
                newest(&mut told, &key, seal(&self.sealer, &key, &heard));
            }
        }
        if beat {
            told.cmd("EXPIRE").arg(keys::answers(&self.gateway)).arg(ANSWERS_KEPT_S).ignore();
        }
        told
    }

    async fn take_answers(self: Arc<Self>, line: Line) {
        let (key, mut last) = (keys::answers(&self.gateway), FIRST.to_owned());
        loop {
            let Some(reply) = read(&line, std::slice::from_ref(&key), std::slice::from_ref(&last)).await else {
                continue;
            };
            for entry in reply.keys.into_iter().flat_map(|it| it.ids) {
                let sealed: Option<Vec<u8>> = entry.get(FIELD);
                let answers: Option<Vec<Answered>> = sealed.and_then(|it| open(&self.sealer, &key, &it));
                answers.into_iter().flatten().for_each(|it| self.answered(it));
                last = entry.id;
            }
        }
    }

    fn answered(&self, it: Answered) {
        let Some((district, waits)) = lock(&self.pending).answered(it.number) else { return };
        metrics::counter!(ASKED, "reason" => "answered").increment(1);
        if let Some(image) = lock(&self.images).get(&district) {
            image.told_time(it.now);
        }
        match (waits, it.said) {
            (Waits::Reply(give), Said::Reply(verdict)) => {
                self.mirror.when(district, it.head, Box::new(move || give(verdict)));
            }
            (Waits::Seen(show), Said::Seen(seen)) => show(seen),
            (waits, Said::Reply(_) | Said::Seen(_)) => waits.refuse(unavailable("the answer is to another question")),
        }
    }

    /// Reads what is committed, and where responders are.
    async fn follow(self: Arc<Self>, line: Line, generation: String, on_moved: OnMoved) {
        let mut moved_last: BTreeMap<DistrictCode, String> = BTreeMap::new();
        loop {
            let images: Vec<Arc<Image>> = lock(&self.images).values().cloned().collect();
            if images.is_empty() {
                sleep(LOOK_EVERY).await;
                continue;
            }
            let mut keys_read: Vec<String> = images.iter().map(|it| keys::live(it.district, &generation)).collect();
            let mut ids: Vec<String> = images.iter().map(|it| format!("{}-0", self.mirror.seen(it))).collect();
            for image in &images {
                keys_read.push(keys::moved(image.district));
                ids.push(moved_last.get(&image.district).cloned().unwrap_or_else(|| FIRST.to_owned()));
            }
            let Some(reply) = read(&line, &keys_read, &ids).await else { continue };
            for stream in reply.keys {
                let place = keys_read.iter().position(|it| *it == stream.key);
                let Some(place) = place else { continue };
                let image = &images[place % images.len()];
                for entry in stream.ids {
                    let sealed: Option<Vec<u8>> = entry.get(FIELD);
                    if place < images.len() {
                        let live: Option<Live> = sealed.and_then(|it| open(&self.sealer, &stream.key, &it));
                        live.into_iter().for_each(|it| self.mirror.live(image, it));
                    } else {
                        let moved: Option<Moved> = sealed.and_then(|it| open(&self.sealer, &stream.key, &it));
                        for (responder, fix) in moved.into_iter().flat_map(|it| it.0) {
                            on_moved(image.district, &responder, fix);
                        }
                        moved_last.insert(image.district, entry.id);
                    }
                }
            }
        }
    }
}

impl Telling {
    fn hint(&mut self, hint: Hint) {
        match hint {
            Hint::LinkOpened(it) => self.changed |= open_one(&mut self.present.links, it),
            Hint::LinkClosed(it) => self.changed |= close_one(&mut self.present.links, &it),
            Hint::ConsoleOpened(it) => self.changed |= open_one(&mut self.present.consoles, it),
            Hint::ConsoleClosed(it) => self.changed |= close_one(&mut self.present.consoles, &it),
            Hint::Located { responder, fix } => {
                if self.moved.len() < MOVED_MAX || self.moved.contains_key(&responder) {
                    self.moved.insert(responder, fix);
                } else {
                    metrics::counter!(SHED, "reason" => "moved").increment(1);
                }
            }
            Hint::DeviceHeard(device) => self.heard(device, |_| ()),
            Hint::BatteryTold(device, battery_pct) => self.heard(device, |it| it.battery_pct = Some(battery_pct)),
            Hint::BatteryLow(device) => self.heard(device, |it| it.battery_low = true),
            // Owners read the registry themselves.
            Hint::ReachedOtherwise(..) => {}
        }
    }

    fn heard(&mut self, device: DeviceId, note: impl FnOnce(&mut Sign)) {
        if self.heard.len() >= HEARD_MAX && !self.heard.contains_key(&device) {
            metrics::counter!(SHED, "reason" => "heard").increment(1);
            return;
        }
        note(self.heard.entry(device).or_insert(Sign { battery_pct: None, battery_low: false }));
    }
}

/// True: something has changed, as it always has.
fn open_one<K: Ord>(counts: &mut BTreeMap<K, u32>, key: K) -> bool {
    *counts.entry(key).or_default() += 1;
    true
}

fn close_one<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) -> bool {
    let Some(count) = counts.get_mut(key) else { return false };
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
    }
    true
}

fn newest(told: &mut Pipeline, key: &str, sealed: Vec<u8>) {
    told.cmd("XADD").arg(key).arg("MAXLEN").arg("~").arg(TELEMETRY_KEPT).arg("*").arg(FIELD).arg(sealed).ignore();
}

/// Waits for entries after `ids`. `None`: nothing came, or the bus is away, which was waited for a little.
pub(super) async fn read(line: &Line, streams: &[String], ids: &[String]) -> Option<StreamReadReply> {
    let block_ms = usize::try_from(BLOCK.as_millis()).expect("a tenth of a second fits");
    let options = StreamReadOptions::default().block(block_ms).count(AT_ONCE);
    let mut asked = pipe();
    asked.xread_options(streams, ids, &options);
    match line.ask_within::<(Option<StreamReadReply>,)>(&asked, BLOCK + BLOCK_GRACE).await {
        Ok((reply,)) => reply,
        Err(why) => {
            tracing::debug!("Nothing was read from the bus: {why}");
            sleep(LOOK_EVERY).await;
            None
        }
    }
}

pub(super) fn unavailable(why: &str) -> AskError {
    AskError::Unavailable { why: why.to_owned() }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}
