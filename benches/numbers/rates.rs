//! From an alarm received to its offer handed to the responder's socket, open loop, at three rates, with more free
//! responders than alarms; against the journal's own commit in the same run. Timed from the intended moment.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use tidewatch::domain::SubjectId;
use tidewatch::engine::Lane;

use crate::contest::world::{self, Seen};
use crate::contest::{Processor, ms, quantile, verdict};

pub fn run(folder: &Path, quick: bool) {
    println!("\n== alarm received to offer handed over, more free responders than alarms ==");
    let seconds = if quick { 1 } else { 5 };
    for rate in [100, 1_000, 5_000] {
        let folder = folder.join(format!("rate-{rate}"));
        std::fs::create_dir(&folder).expect("a folder");
        at(&folder, rate, seconds);
    }
}

fn at(folder: &Path, rate: usize, seconds: usize) {
    let alarms = rate * seconds;
    let responders = alarms + alarms / 10 + 10;
    let service = world::start(folder, alarms, responders);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    runtime.block_on(world::on_duty(&service.handle, responders));
    *service.seen.lock().expect("nobody panics holding it") = Seen::default();
    let processor = Processor::now();
    let intended = Instant::now() + Duration::from_millis(50);
    let mut waiting = Vec::new();
    for number in 0..alarms {
        // The system's own sleep: the runtime's timer counts in whole milliseconds.
        let at = intended + Duration::from_nanos(1_000_000_000 * number as u64 / rate as u64);
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        let handle = service.handle.clone();
        waiting.push(runtime.spawn(async move {
            let (asked, private) = world::sos(number, &handle);
            handle.ask(Lane::Alarms, asked, private).await.expect("an alarm is taken");
        }));
    }
    for one in waiting {
        runtime.block_on(one).expect("a task");
    }
    let mut offered: BTreeMap<SubjectId, Instant> = BTreeMap::new();
    while offered.len() < alarms {
        let (subject, at) = service.offers.recv_timeout(Duration::from_secs(10)).expect("every alarm gets an offer");
        offered.entry(subject).or_insert(at);
    }
    let late = |number: usize| {
        let wanted = intended + Duration::from_nanos(1_000_000_000 * number as u64 / rate as u64);
        offered[&world::id::<SubjectId>(&format!("S{number}"))].saturating_duration_since(wanted)
    };
    let mut took: Vec<Duration> = (0..alarms).map(late).collect();
    took.sort_unstable();
    let mut commits = std::mem::take(&mut service.seen.lock().expect("nobody panics holding it").commits);
    commits.sort_unstable();
    let stolen = processor.stolen_since();
    service.shell.shutdown();
    let (p50, p99, floor) = (quantile(&took, 500), quantile(&took, 990), quantile(&commits, 990));
    let times = p99.as_secs_f64() / floor.as_secs_f64();
    println!(
        "{rate:>5} alarms/s: offered p50 {:.2} ms, p99 {:.2} ms; floor: the journal's commit p50 {:.2} ms, p99 {:.2} ms; \
         {times:.1} × (target 5 × at 1,000/s) {}; {stolen:.0} % of the processor taken by other machines",
        ms(p50),
        ms(p99),
        ms(quantile(&commits, 500)),
        ms(floor),
        verdict(times <= 5.0)
    );
}
