//! Homes: premises, who lives there, whom to ring for them, and their devices. The first is the README's example.

use std::fmt::Write;

use super::chance::Chance;
use super::people::{self, Phones};
use super::towns::{Spot, Village};
use super::{DISTRICT, quoted, quoted_list};

/// Homes of the project in a village: about 2,000 over 236 villages.
const HOMES_URBAN: (i64, i64) = (9, 12);
const HOMES_RURAL: (i64, i64) = (6, 8);
/// How far homes lie from the middle of their village.
const SPREAD_URBAN_M: i64 = 220;
const SPREAD_RURAL_M: i64 = 550;

const COUPLE_PERCENT: i64 = 13;
/// Watches speak about every five minutes; silent for two rounds is a fault.
const WATCH_SUPERVISION_S: u32 = 600;

/// The example of the README and of the contract.
const FIRST: &str = r#"
[[premises]]
id = "P-0001"
district = "330481"
village = "330481001003"
class = "urban"
address = "硖石街道东山社区1幢101室"
lat = 30.5312
lon = 120.6881

[[subject]]
id = "S-0001"
premises = "P-0001"
name = "沈阿婆"
phones = ["+8657387000001"]
birth = "1941-03-02"
languages = ["海宁话"]
risks = ["lives_alone", "dementia"]
conditions = ["hypertension"]
access = "钥匙在门卫处"
elder_code = "ZJ330481-000123"
[[subject.contact]]
name = "沈建国"
phone = "+8613900000001"
relation = "son"
keyholder = true

[[device]]
id = "D-0001"
subject = "S-0001"
protocol = "watch"
identity = "8800000015"
supervision_s = 600
"#;

/// Sensors of a home, with the silence that is a fault.
const SENSORS: &[(&str, u32)] = &[("smoke", 86_400), ("gas", 86_400), ("door", 14_400), ("radar", 3_600)];

/// Counts what was written; what it counted last is the newest id.
struct Counted<'a> {
    file: &'a mut String,
    chance: &'a mut Chance,
    phones: Phones,
    premises: usize,
    subjects: usize,
    devices: usize,
}

pub fn write(file: &mut String, villages: &[Village], chance: &mut Chance) {
    file.push_str(FIRST);
    let mut counted = Counted { file, chance, phones: Phones::new(), premises: 1, subjects: 1, devices: 1 };
    for village in villages {
        let (low, high) = if village.urban { HOMES_URBAN } else { HOMES_RURAL };
        for _ in 0..counted.chance.between(low, high) {
            counted.home(village);
        }
    }
}

impl Counted<'_> {
    fn home(&mut self, village: &Village) {
        self.premises(village);
        let couple = self.chance.percent(COUPLE_PERCENT);
        let surname = people::surname(self.chance);
        let woman = couple || self.chance.percent(62);
        self.subject(village, surname, woman, !couple);
        if couple {
            self.subject(village, surname, false, false);
        }
    }

    fn premises(&mut self, village: &Village) {
        self.premises += 1;
        let spot = self.spot(village);
        let address = self.address(village);
        let class = if village.urban { "urban" } else { "rural" };
        self.table("premises", &format!("P-{:04}", self.premises));
        self.line("district", &quoted(DISTRICT));
        self.line("village", &quoted(&village.code));
        self.line("class", &quoted(class));
        self.line("address", &quoted(&address));
        self.line("lat", &spot.lat());
        self.line("lon", &spot.lon());
    }

    fn spot(&mut self, village: &Village) -> Spot {
        let spread = if village.urban { SPREAD_URBAN_M } else { SPREAD_RURAL_M };
        village.spot.moved(self.chance.in_ring(0, spread, spread))
    }

    fn address(&mut self, village: &Village) -> String {
        let (town, name) = (village.town, &village.name);
        if village.urban {
            let room = self.chance.between(1, 6) * 100 + self.chance.between(1, 4);
            format!("{town}{name}{}幢{room}室", self.chance.between(2, 60))
        } else {
            format!("{town}{name}{}组{}号", self.chance.between(1, 18), self.chance.between(1, 80))
        }
    }

    fn subject(&mut self, village: &Village, surname_of_children: &str, woman: bool, alone: bool) {
        self.subjects += 1;
        // A wife keeps her own name, and the children have their father's.
        let surname = if woman { people::surname(self.chance) } else { surname_of_children };
        self.table("subject", &format!("S-{:04}", self.subjects));
        self.line("premises", &quoted(&format!("P-{:04}", self.premises)));
        let name = people::elder(surname, woman, self.chance);
        self.line("name", &quoted(&name));
        let phone = self.phones.home();
        self.line("phones", &quoted_list(&[phone]));
        self.particulars(village, alone);
        for _ in 0..self.chance.between(1, 2) {
            self.contact(surname_of_children);
        }
        self.devices();
    }

    fn particulars(&mut self, village: &Village, alone: bool) {
        let birth = people::birth(self.chance);
        self.line("birth", &quoted(&birth));
        let languages = people::languages(self.chance);
        self.line("languages", &quoted_list(languages));
        for (key, words) in
            [("risks", people::risks(alone, self.chance)), ("conditions", people::conditions(self.chance))]
        {
            if !words.is_empty() {
                self.line(key, &quoted_list(&words));
            }
        }
        if let Some(access) = people::access(village.urban, self.chance) {
            self.line("access", &quoted(&access));
        }
        self.line("elder_code", &quoted(&format!("ZJ{DISTRICT}-{:06}", 1_000 + self.subjects)));
    }

    fn contact(&mut self, surname: &str) {
        let (relation, woman) = match self.chance.between(1, 20) {
            1..=8 => ("son", false),
            9..=16 => ("daughter", true),
            17 => ("nephew", false),
            18 => ("niece", true),
            _ => ("neighbour", self.chance.percent(50)),
        };
        let surname = if relation == "neighbour" { people::surname(self.chance) } else { surname };
        let name = people::younger(surname, woman, self.chance);
        self.file.push_str("[[subject.contact]]\n");
        self.line("name", &quoted(&name));
        let phone = self.phones.contact();
        self.line("phone", &quoted(&phone));
        self.line("relation", &quoted(relation));
        if relation == "neighbour" || self.chance.percent(35) {
            self.line("keyholder", "true");
        }
    }

    /// A watch or a bracelet for everybody, and a sensor in every third home.
    fn devices(&mut self) {
        let supervised = self.chance.percent(92);
        if self.chance.percent(72) {
            let identity = format!("88000{:05}", 1_000 + self.devices);
            self.device("watch", &identity, supervised.then_some(WATCH_SUPERVISION_S));
        } else {
            let identity = format!("bracelet-{:04}", self.subjects);
            self.device("http", &identity, supervised.then_some(3_600));
        }
        if self.chance.percent(33) {
            let (what, silence_s) = SENSORS[self.chance.index(SENSORS.len())];
            let identity = format!("{what}-{:04}", self.subjects);
            let supervised = self.chance.percent(85);
            self.device("http", &identity, supervised.then_some(silence_s));
        }
    }

    fn device(&mut self, protocol: &str, identity: &str, supervision_s: Option<u32>) {
        self.devices += 1;
        self.table("device", &format!("D-{:04}", self.devices));
        self.line("subject", &quoted(&format!("S-{:04}", self.subjects)));
        self.line("protocol", &quoted(protocol));
        self.line("identity", &quoted(identity));
        if let Some(supervision_s) = supervision_s {
            self.line("supervision_s", &supervision_s.to_string());
        }
    }

    fn table(&mut self, name: &str, id: &str) {
        write!(self.file, "\n[[{name}]]\nid = {}\n", quoted(id)).expect("a string takes all");
    }

    fn line(&mut self, key: &str, value: &str) {
        writeln!(self.file, "{key} = {value}").expect("a string takes all");
    }
}
